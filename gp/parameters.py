"""Positive parameters of a kernel: declared once, found by name, searched on a log scale.

p       number of learned values
theta   (p,) natural logarithms of the learned values, in the order of the fields
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, fields, replace
from functools import cache
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from .errors import ParameterError

Array = NDArray[np.float64]
Value = float | tuple[float, ...]
Bounds = tuple[float, float]

SMALLEST = float(np.finfo(float).tiny)  # below it a division overflows


def positive(default: float | Sequence[float], bounds: Bounds = (1e-5, 1e5), *, single: bool = False) -> Any:
    """Declare a field that is learned: a number above 0, or (not if single) a tuple of such, searched within bounds.

    >>> @dataclass(frozen=True)
    ... class Scale(Parameterized):
    ...     width: float = positive(2.0)
    >>> Scale().parameters
    {'width': 2.0}
    """
    low, high = checked_bounds("bounds", bounds)
    value = default if isinstance(default, (int, float)) else tuple(default)
    if not all(low <= v <= high for v in (value if isinstance(value, tuple) else (value,))):
        raise ParameterError(f"the default {default!r} lies outside of bounds={bounds!r}; a fit could not stay there")
    return field(default=value, metadata={"bounds": (low, high), "single": single})


def checked_bounds(name: str, bounds: Any) -> Bounds:
    """Return (low, high) as finite floats with 0 < low <= high."""
    try:
        low, high = map(float, bounds)
    except (TypeError, ValueError):
        raise TypeError(f"{name} must be two numbers (low, high), got {bounds!r}") from None
    if not 0 < low <= high < math.inf:
        raise ParameterError(f"{name} must be two finite numbers with 0 < low <= high, got {bounds!r}")
    return low, high


def checked_positive(owner: str, name: str, value: Any) -> Value:
    """Give back value as a float or a tuple of floats; refuse what is not a finite number above 0."""
    if type(value) is tuple and value and all(type(v) is float and SMALLEST <= v < math.inf for v in value):
        return value  # what a fit sets a thousand times
    if isinstance(value, (list, tuple, np.ndarray)) and np.ndim(value) == 1 and len(value) > 0:
        return tuple(_checked_number(owner, f"{name}[{i}]", v) for i, v in enumerate(value))
    return _checked_number(owner, name, value)


def _checked_number(owner: str, name: str, value: Any) -> float:
    if type(value) is float and SMALLEST <= value < math.inf:
        return value
    if isinstance(value, (bool, str)) or np.ndim(value) != 0:
        raise TypeError(f"{owner}: {name} must be a number or a sequence of numbers, got {value!r}")
    try:
        number = float(value)
    except (TypeError, ValueError):
        raise TypeError(f"{owner}: {name} must be a number or a sequence of numbers, got {value!r}") from None
    except OverflowError:
        number = math.inf
    if not (math.isfinite(number) and number > 0):
        raise ParameterError(f"{owner}: {name} must be > 0 and finite, got {number!r}")
    if number < SMALLEST:
        raise ParameterError(f"{owner}: {name} is too close to 0 to divide by, got {number!r}")
    return number


@cache
def _own_fields(cls: Any) -> tuple[tuple[str, Bounds], ...]:
    return tuple((f.name, f.metadata["bounds"]) for f in fields(cls) if "bounds" in f.metadata)


@cache
def _single_fields(cls: Any) -> frozenset[str]:
    return frozenset(f.name for f in fields(cls) if f.metadata.get("single"))


@cache
def _other_fields(cls: Any) -> tuple[str, ...]:
    return tuple(f.name for f in fields(cls) if "bounds" not in f.metadata)


def _entries(value: Value) -> tuple[float, ...]:
    return value if isinstance(value, tuple) else (value,)


def _size(value: Value) -> int:
    return len(_entries(value))


@dataclass(frozen=True)
class Parameterized:
    """Something whose fields declared with `positive` are learned; parts nested in it are found by dotted names."""

    def __post_init__(self) -> None:
        cls: Any = type(self)
        for name, _ in _own_fields(cls):
            value = checked_positive(cls.__name__, name, getattr(self, name))
            if isinstance(value, tuple) and name in _single_fields(cls):
                raise TypeError(f"{cls.__name__}: {name} must be one number, got {value!r}")
            object.__setattr__(self, name, value)

    def _own(self) -> tuple[tuple[str, Bounds], ...]:
        cls: Any = type(self)
        return _own_fields(cls)

    def _parts(self) -> list[tuple[str, Parameterized]]:
        cls: Any = type(self)
        others = [(name, getattr(self, name)) for name in _other_fields(cls)]
        return [(name, part) for name, part in others if isinstance(part, Parameterized)]

    def _named_bounds(self) -> dict[str, Bounds]:
        """Name and search bounds of every learned parameter, in the order of theta."""
        own = dict(self._own())
        nested = {f"{at}.{name}": b for at, part in self._parts() for name, b in part._named_bounds().items()}
        return own | nested

    @property
    def parameters(self) -> dict[str, Value]:
        """Every parameter, fixed ones too, by its dotted name."""
        own: dict[str, Value] = {name: getattr(self, name) for name, _ in self._own()}
        return own | {f"{at}.{name}": value for at, part in self._parts() for name, value in part.parameters.items()}

    @property
    def learned(self) -> tuple[str, ...]:
        """Names of the parameters in theta, one for each entry: an ARD lengthscale is named d times."""
        values = self.parameters
        return tuple(name for name in self._named_bounds() for _ in range(_size(values[name])))

    @property
    def theta(self) -> Array:
        """Logarithms of all learned parameters, (p,)."""
        return np.log(np.array(self._values(), dtype=float))

    def _values(self) -> list[float]:
        """All learned parameters in the order of theta."""
        values = self.parameters
        return [v for name in self._named_bounds() for v in _entries(values[name])]

    @property
    def log_bounds(self) -> Array:
        """Lower and upper bound of each entry of theta, (p, 2)."""
        values = self.parameters
        rows = [bounds for name, bounds in self._named_bounds().items() for _ in range(_size(values[name]))]
        return np.log(np.array(rows, dtype=float).reshape(-1, 2))

    def with_theta(self, theta: Array) -> Self:
        """Return the same thing with the learned parameters exp(theta), each entry kept within the floats.

        Raises ParameterError where theta does not have p entries.
        """
        values = np.exp(np.maximum(np.minimum(theta, 700.0), -700.0)).tolist()
        new, rest = self._take(values)
        if rest:
            raise ParameterError(f"theta has {len(values)} entries, {self!r} learns {len(values) - len(rest)}")
        return new

    def _take(self, values: list[float]) -> tuple[Self, list[float]]:
        """Set own fields, then the parts, from the front of the values; return the rest of them."""
        changes: dict[str, Any] = {}
        for name, _ in self._own():
            old = getattr(self, name)
            size = _size(old)
            if len(values) < size:
                raise ParameterError(f"theta is too short for {self!r}")
            changes[name] = tuple(values[:size]) if isinstance(old, tuple) else values[0]
            values = values[size:]
        for name, part in self._parts():
            changes[name], values = part._take(values)
        return (replace(self, **changes) if changes else self), values
