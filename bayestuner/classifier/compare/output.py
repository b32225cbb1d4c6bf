"""What a comparison leaves in its folder: compare.json, compare.csv and pictures."""

from __future__ import annotations

import csv
import io
import math
from pathlib import Path
from typing import Any

from . import files
from .methods import METHODS
from .results import Results

LOSS = "validation log loss"
WRITTEN = ("compare.json", "compare.csv", "convergence.png", "race.gif")


def write_results(results: Results, summary: dict[str, Any]) -> None:
    """Write it all, each file whole."""
    folder = results.plan.folder
    files.write(folder / "compare.json", summary)
    files.write_text(folder / "compare.csv", trials_csv(results))
    draw(results, folder)


def trials_csv(results: Results) -> str:
    """One row a trial: method, seed, trial (from 1), its value, the best so far, the seconds spent so far."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(("method", "seed", "trial", "value", "best", "seconds"))
    for method, curves in results.curves.items():
        for seed, curve in zip(results.plan.seeds, curves, strict=True):
            for at, row in enumerate(zip(curve.values, curve.best, curve.seconds, strict=True), start=1):
                writer.writerow((method, seed, at, *("" if math.isnan(x) else float(x) for x in row)))
    return text.getvalue()


def draw(results: Results, folder: Path) -> None:
    """The best so far by method, medians over the seeds with the middle half of them: still, and trial by trial."""
    from viz import animate_convergence, plot_convergence
    from viz.files import draft

    groups = {METHODS[method].label: some for method, some in results.histories.items()}
    figure: Any = plot_convergence(groups, name=LOSS).figure
    with draft(folder / "convergence.png") as place:
        figure.savefig(place, dpi=200)
    animate_convergence(groups, name=LOSS).save(folder / "race.gif")
