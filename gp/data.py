"""Checks at the door: what comes in leaves as a finite float64 array of the right shape, or not at all."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from .errors import DataError, ParameterError
from .parameters import Array


def as_floats(name: str, values: Any) -> Array:
    """Return values as a float64 array; TypeError for text, objects, complex numbers and sparse matrices."""
    if hasattr(values, "toarray"):
        raise TypeError(f"{name} is a sparse matrix; give a dense one: {name}.toarray()")
    try:
        array = np.asarray(values)
    except ValueError as error:
        raise DataError(f"{name} is not a rectangular table of numbers: {error}") from None
    if array.dtype == object and array.size:
        strangers = [v for v in array.flat if isinstance(v, str) or np.ndim(v) or not hasattr(v, "__float__")]
        if strangers:
            raise TypeError(f"{name} must hold real numbers, got objects such as {strangers[0]!r}")
        try:
            array = array.astype(float)
        except OverflowError:
            raise DataError(f"{name} has numbers too large for a float; scale it to about 1") from None
    if array.dtype.kind not in "fiub" and array.size:
        raise TypeError(f"{name} must hold real numbers, got {array.dtype} values such as {array.flat[0]!r}")
    return array.astype(np.float64)


def as_inputs(X: Any, columns: int | None = None, name: str = "X") -> Array:
    """Return X as a finite (n, d) array.

    Raises DataError that names the shape, or row and column of the first number that is not finite.
    """
    X = as_floats(name, X)
    if X.ndim != 2:
        advice = f"; reshape with {name}[:, None]" if X.ndim == 1 else ""
        raise DataError(f"{name}: expected (n, d), got {X.shape}{advice}")
    if columns is not None and X.shape[1] != columns:
        raise DataError(f"{name} has {X.shape[1]} columns, the model was given {columns}")
    if not np.isfinite(X).all():
        row, column = np.argwhere(~np.isfinite(X))[0]
        raise DataError(
            f"{name} has {_spell(X[row, column])} in row {row}, column {column}; every entry must be finite"
        )
    return X


def as_targets(y: Any, n: int, name: str = "y") -> Array:
    """Return y as a finite (n,) array; a single column (n, 1) is flattened."""
    y = as_floats(name, y)
    if y.ndim == 2 and y.shape[1] == 1:
        y = y[:, 0]
    if y.ndim != 1:
        raise DataError(f"{name}: expected (n,), got {y.shape}")
    if len(y) != n:
        raise DataError(f"X has {n} rows, {name} has {len(y)}; they must be equal")
    if not np.isfinite(y).all():
        rows = np.flatnonzero(~np.isfinite(y))
        some = ", ".join(map(str, rows[:5])) + (", ..." if len(rows) > 5 else "")
        raise DataError(f"{name} has {_spell(y[rows[0]])} in row {some}; leave failed observations out")
    return y


def as_variances(noise: Any, n: int) -> Array:
    """Return extra noise variances of single points as (n,), all finite and >= 0."""
    variances = as_floats("noise", noise)
    if variances.shape != (n,):
        raise ParameterError(f"noise: expected one variance for each of {n} rows, got shape {variances.shape}")
    if not (np.isfinite(variances).all() and (variances >= 0).all()):
        raise ParameterError("noise: every variance must be finite and >= 0")
    return variances


def as_number(name: str, value: Any) -> float:
    """Return value as a finite float."""
    if isinstance(value, (bool, str, complex)) or np.ndim(value) != 0:
        raise TypeError(f"{name} must be a number, got {value!r}")
    try:
        number = float(value)
    except TypeError:
        raise TypeError(f"{name} must be a number, got {value!r}") from None
    except OverflowError:
        number = math.inf
    if not math.isfinite(number):
        raise ParameterError(f"{name} must be finite, got {number!r}")
    return number


def as_count(name: str, value: Any) -> int:
    """Return value as a whole number >= 0."""
    if isinstance(value, bool) or not isinstance(value, (int, np.integer)):
        raise TypeError(f"{name} must be a whole number, got {value!r}")
    if value < 0:
        raise ParameterError(f"{name} must be >= 0, got {value}")
    return int(value)


def _spell(value: float) -> str:
    return "NaN" if np.isnan(value) else str(value)
