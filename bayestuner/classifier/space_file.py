"""The search space from a file: which parameters of the network are tuned, and over which ranges.

TOML or JSON, a table for each parameter:

    [learning_rate]
    low = 0.0001
    high = 0.1
    log = true

    [activation]
    choices = ["prelu", "relu", "tanh"]

A pair [low, high] is short for a range on a linear scale; whole numbers make an Integer.
"""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any

from ..errors import SpaceError
from ..space import Categorical, Integer, Real, Space
from .objective import default_space

TUNABLE = ("dropout", "learning_rate", "neuron_pct", "neuron_shrink", "activation", "batch_size", "weight_decay")


def read_space(path: Path | None) -> Space:
    """Return the space in a file; the four standard parameters in their standard ranges without one."""
    if path is None:
        return Space(default_space())
    readers = {".toml": tomllib.loads, ".json": json.loads}
    if path.suffix not in readers:
        raise SpaceError(f"{path}: a space is a .toml or .json file")
    try:
        content = readers[path.suffix](path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise SpaceError(f"{path} cannot be read: {error}") from None
    if not isinstance(content, dict):
        raise SpaceError(f"{path}: expected a table of parameters, got {content!r}")
    if unknown := sorted(set(content) - set(TUNABLE)):
        raise SpaceError(f"{path}: no parameter {', '.join(unknown)}; the network has {', '.join(TUNABLE)}")
    try:
        return Space({name: _dimension(given) for name, given in content.items()})
    except (SpaceError, TypeError) as error:
        raise SpaceError(f"{path}: {error}") from None


def _dimension(given: Any) -> Any:
    if isinstance(given, list) and len(given) == 2:
        return tuple(given)
    if not isinstance(given, dict):
        raise SpaceError(f"expected [low, high], or a table with low and high or choices, got {given!r}")
    if set(given) == {"choices"}:
        return Categorical(given["choices"])
    if not {"low", "high"} <= set(given) <= {"low", "high", "log", "step"}:
        raise SpaceError(f"expected low and high (and log, step), or choices; got {', '.join(given)}")
    whole = isinstance(given["low"], int) and isinstance(given["high"], int)
    return Integer(**given) if whole else Real(**given)
