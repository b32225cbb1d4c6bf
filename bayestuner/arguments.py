"""Arguments at the door: a value, a count, a seed, each as it is meant or refused with what is allowed."""

from __future__ import annotations

import math
from decimal import Decimal
from typing import Any

import numpy as np

from gp import ParameterError


def as_value(value: Any) -> float:
    """Return what an objective gave as a float; TypeError for None, text, complex numbers and arrays."""
    if value is None:
        raise TypeError("the value of a trial must be one real number, got None; does the objective return it?")
    if isinstance(value, (str, bytes, complex, np.complexfloating)) or np.ndim(value) != 0:
        raise TypeError(f"the value of a trial must be one real number, got {_shortened(value)}")
    if not isinstance(value, (int, float, np.number, np.bool_, np.ndarray, Decimal)) and not hasattr(
        value, "__float__"
    ):
        raise TypeError(f"the value of a trial must be one real number, got {_shortened(value)}")
    try:
        return float(value)
    except OverflowError:  # a whole number beyond the floats
        return math.inf if value > 0 else -math.inf


def _shortened(value: Any) -> str:
    text = f"{type(value).__name__} {value!r}"
    return text if len(text) <= 80 else text[:77] + "..."


def checked_seconds(seconds: Any) -> float | None:
    """Return how long an evaluation took, a finite number of seconds >= 0; None, or NaN, where nobody knows."""
    if seconds is None:
        return None
    if isinstance(seconds, (bool, str, complex)) or np.ndim(seconds) != 0:
        raise TypeError(f"seconds must be a number >= 0 or None, got {seconds!r}")
    number = float(seconds)
    if not math.isnan(number) and not 0 <= number < math.inf:
        raise ParameterError(f"seconds must be a finite number >= 0 or None, got {seconds!r}")
    return None if math.isnan(number) else number


def checked_reports(reports: Any) -> tuple[tuple[int, float], ...]:
    """Return what a trial had come to by some steps, pairs (step, value)."""
    try:
        return tuple((checked_count("a step", step), as_value(value)) for step, value in reports)
    except TypeError:
        raise TypeError(f"reports must be pairs (step, value), got {_shortened(reports)}") from None


def checked_count(name: str, value: Any, low: int = 0) -> int:
    """Return a whole number of at least low."""
    if isinstance(value, (bool, np.bool_)) or not isinstance(value, (int, np.integer)):
        raise ParameterError(f"{name} must be a whole number >= {low}, got {value!r}")
    if value < low:
        raise ParameterError(f"{name} must be >= {low}, got {value}")
    return int(value)


def checked_flag(name: str, value: Any) -> bool:
    """Return True or False."""
    if not isinstance(value, (bool, np.bool_)):
        raise TypeError(f"{name} must be True or False, got {value!r}")
    return bool(value)


def checked_seed(seed: Any) -> int:
    """Return the seed as an int; a fresh one from the system where none is given."""
    if seed is None:
        return int(np.random.SeedSequence().generate_state(1)[0])
    if isinstance(seed, (bool, np.bool_)) or not isinstance(seed, (int, np.integer)):
        raise TypeError(f"seed must be a whole number >= 0, got {seed!r}")
    if seed < 0:
        raise ParameterError(f"seed must be >= 0, got {seed}")
    return int(seed)


def seed_of(random_state: Any) -> int:
    """Return the seed that scikit-learn's random_state stands for: a whole number, a generator to draw it from, None.

    None is a fresh seed from the system; NumPy's global generator is neither asked nor moved.

    >>> seed_of(3), seed_of(np.random.RandomState(0)) == seed_of(np.random.RandomState(0))
    (3, True)
    """
    if isinstance(random_state, np.random.RandomState):
        return int(random_state.randint(2**31 - 1))
    if isinstance(random_state, np.random.Generator):
        return int(random_state.integers(2**31 - 1))
    return checked_seed(random_state)
