"""The columns of inputs: as many in both tables, and a number for each of them."""

from __future__ import annotations

import numpy as np

from .errors import DataError
from .parameters import Array, Value


def check_columns(x1: Array, x2: Array) -> None:
    """Raise DataError unless both are tables with the same columns."""
    if x1.ndim != 2 or x2.ndim != 2 or x1.shape[1] != x2.shape[1]:
        raise DataError(f"a kernel compares rows of two tables with the same columns, got {x1.shape} and {x2.shape}")


def per_dimension(owner: object, value: Value, d: int, name: str = "lengthscale") -> Array:
    """A parameter as one number for each of d dimensions, (d,)."""
    if isinstance(value, tuple) and len(value) != d:
        raise DataError(f"{owner!r} has {len(value)} {name}s, the inputs have {d} columns")
    return np.array(value) if isinstance(value, tuple) else np.full(d, value)


def fold(by_dimension: Array, value: Value) -> Array:
    """Derivatives by dimension (..., d), added up where all dimensions share one number."""
    return by_dimension if isinstance(value, tuple) else by_dimension.sum(axis=-1, keepdims=True)
