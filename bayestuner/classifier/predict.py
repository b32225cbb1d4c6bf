"""The command `bayestuner predict`."""

from __future__ import annotations

import argparse
import os
import sys

from .csv_file import read_texts
from .model import load


def predict(options: argparse.Namespace) -> int:
    """Write the class probabilities of the rows of a file."""
    if options.out is not None and not options.out.resolve().parent.is_dir():
        raise FileNotFoundError(f"the folder {options.out.parent} does not exist; create it first")
    model = load(options.model)
    frame, _ = read_texts(options.data)
    probabilities = model.predict_proba(frame)
    probabilities.insert(0, "prediction", model.predict(frame))
    text = probabilities.to_csv(index=True)
    if options.out is None:
        sys.stdout.write(text)
        return 0
    draft = options.out.with_name(f".{options.out.name}.draft")
    draft.write_text(text, encoding="utf-8")
    os.replace(draft, options.out)
    print(f"{len(probabilities)} rows written to {options.out}")
    return 0
