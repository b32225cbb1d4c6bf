"""One parameter of a search space: which values it may take, and where they lie in [0, 1].

A dimension maps its values to columns of the unit cube and back. Numbers take one column,
a category takes one column a choice (one-hot). The model sees only values that the
objective can really get: `from_unit` always gives a legal value, `to_unit` its exact place.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from reprlib import repr as shortened
from typing import Any

import numpy as np

from .categorical import Array, Categorical
from .conditional import Conditions, Switchable
from .errors import SpaceError

FEW = 32  # so many values of one parameter are all tried by a search, of more only some


def _number(what: str, value: Any) -> float | int:
    """Return value as a Python int or float; TypeError for text, bool, complex numbers and the like."""
    if isinstance(value, (bool, np.bool_, str, bytes, complex)) or np.ndim(value) != 0:
        raise TypeError(f"{what} must be a number, got {value!r}")
    if isinstance(value, (int, np.integer)):
        return int(value)
    if isinstance(value, (float, np.floating, np.ndarray, Decimal)):
        return float(value)
    raise TypeError(f"{what} must be a number, got {value!r}")


def _finite(what: str, value: Any) -> float | int:
    number = _number(what, value)
    try:
        finite = math.isfinite(number)
    except OverflowError:
        raise SpaceError(f"{what} is too large, got {shortened(number)}; bounds must fit into a float") from None
    if not finite:
        raise SpaceError(f"{what} must be finite, got {number!r}")
    return number


def _whole(what: str, value: Any) -> int:
    number = _finite(what, value)
    if number != int(number):
        raise SpaceError(f"{what} must be a whole number, got {value!r}")
    return int(number)


@dataclass(frozen=True, repr=False)
class Real(Switchable):
    """A number between low and high, both possible; `log=True` searches its logarithm (low must then be > 0).

    >>> Real(1e-4, 0.1, log=True).from_unit(np.array([[0.0], [0.5], [1.0]]))
    [0.0001, 0.003162..., 0.1]
    """

    low: float
    high: float
    log: bool = False
    conditions: Conditions = field(default=(), kw_only=True)

    def __post_init__(self) -> None:
        low, high = float(_finite("Real: low", self.low)), float(_finite("Real: high", self.high))
        object.__setattr__(self, "low", low)
        object.__setattr__(self, "high", high)
        _check_range("Real", low, high, self.log)

    @property
    def width(self) -> int:
        """Columns in the unit cube."""
        return 1

    @property
    def size(self) -> float:
        """How many different values there are."""
        return 1 if self.low == self.high else math.inf

    def check(self, value: Any) -> float:
        """Return value as a float, or raise SpaceError where it is not between low and high."""
        number = _number("it", value)
        if not self.low <= number <= self.high:  # NaN fails too
            raise SpaceError(f"must be between {self.low:g} and {self.high:g}, got {shortened(number)}")
        return float(number)

    def to_unit(self, values: Sequence[Any]) -> Array:
        """Place of each value in [0, 1], (n, 1)."""
        v = np.array(values, dtype=float)[:, None]
        if self.low == self.high:
            return np.full_like(v, 0.5)
        low, high = self._ends()
        v = np.log(v) if self.log else v * self._unit
        return np.clip((v - low) / (high - low), 0.0, 1.0)

    @property
    def _unit(self) -> float:
        """1, but 1/2 for bounds near ±1.8e308, where high - low would overflow."""
        return 1.0 if math.isfinite(self.high - self.low) else 0.5

    def _ends(self) -> tuple[float, float]:
        if self.log:
            return math.log(self.low), math.log(self.high)
        return self.low * self._unit, self.high * self._unit

    def from_unit(self, u: Array) -> list[float]:
        """The value at each place u (n, 1)."""
        share = np.clip(u[:, 0], 0.0, 1.0)
        low, high = self._ends()
        place = low * (1 - share) + high * share
        values = np.exp(place) if self.log else place / self._unit
        values = np.where(share >= 1, self.high, np.where(share <= 0, self.low, values))
        return [float(v) for v in np.clip(values, self.low, self.high)]

    def project(self, u: Array) -> Array:
        """The nearest legal places: every place is one."""
        return np.clip(u, 0.0, 1.0) if self.low < self.high else np.full_like(u, 0.5)


@dataclass(frozen=True, repr=False)
class Integer(Switchable):
    """A whole number low, low + step, ... up to high; each value gets an equal share of [0, 1] and sits at its middle.

    With `log=True` the shares are equal in the logarithm instead. A step that does not divide the range
    makes the last value the largest that is still within it.

    >>> Integer(1, 4).from_unit(np.array([[0.0], [0.3], [1.0]]))
    [1, 2, 4]
    """

    low: int
    high: int
    log: bool = False
    step: int = 1
    conditions: Conditions = field(default=(), kw_only=True)

    def __post_init__(self) -> None:
        low, high = _whole("Integer: low", self.low), _whole("Integer: high", self.high)
        step = _whole("Integer: step", self.step)
        _check_range("Integer", low, high, self.log)
        if step < 1:
            raise SpaceError(f"Integer: step must be at least 1, got {step}")
        if self.log and step != 1:
            raise SpaceError(f"Integer: log and step={step} cannot be combined; use log with step 1")
        object.__setattr__(self, "low", low)
        object.__setattr__(self, "high", low + (high - low) // step * step)
        object.__setattr__(self, "step", step)

    @property
    def width(self) -> int:
        """Columns in the unit cube."""
        return 1

    @property
    def size(self) -> float:
        """How many different values there are."""
        return (self.high - self.low) // self.step + 1

    def check(self, value: Any) -> int:
        """Return value as an int, or raise SpaceError where it is not one of the values."""
        number = _number("it", value)
        if not self.low <= number <= self.high or number != int(number) or (int(number) - self.low) % self.step:
            steps = f" in steps of {self.step}" if self.step > 1 else ""
            raise SpaceError(f"must be a whole number from {self.low} to {self.high}{steps}, got {shortened(value)}")
        return int(number)

    def neighbours(self, value: int) -> list[int]:
        """All other values where there are few; else those 1, 2, 4, 8, ... steps away."""
        if self.size <= FEW:
            return [v for v in range(self.low, self.high + 1, self.step) if v != value]
        reach = [self.step * 2**k for k in range(int(self.size).bit_length())]
        return [v for way in (-1, 1) for d in reach if self.low <= (v := value + way * d) <= self.high]

    def _log_ends(self) -> tuple[float, float]:
        return math.log(self.low - 0.5), math.log(self.high + 0.5)

    def to_unit(self, values: Sequence[Any]) -> Array:
        """Middle of each value's share of [0, 1], (n, 1)."""
        if self.log:
            low, high = self._log_ends()
            return np.array([[(math.log(v) - low) / (high - low)] for v in values]).reshape(-1, 1)
        # Offsets are exact Python integers, so that values beyond 2**53 stay apart.
        return np.array([[((v - self.low) // self.step + 0.5) / self.size] for v in values]).reshape(-1, 1)

    def from_unit(self, u: Array) -> list[int]:
        """The value in whose share each place u (n, 1) lies."""
        share = np.clip(u[:, 0], 0.0, 1.0)
        if self.log:
            low, high = self._log_ends()
            values = [math.floor(math.exp(low + s * (high - low)) + 0.5) for s in share]
            return [min(max(v, self.low), self.high) for v in values]
        count = int(self.size)
        return [self.low + self.step * min(int(s * count), count - 1) for s in share.tolist()]

    def project(self, u: Array) -> Array:
        """The middle of the share that each place lies in."""
        if self.log:
            return self.to_unit(self.from_unit(u))
        count = self.size
        return np.asarray((np.minimum(np.floor(np.clip(u, 0.0, 1.0) * count), count - 1) + 0.5) / count)


Dimension = Real | Integer | Categorical


def _check_range(kind: str, low: float, high: float, log: Any) -> None:
    if not isinstance(log, (bool, np.bool_)):
        raise TypeError(f"{kind}: log must be True or False, got {log!r}")
    if low > high:
        raise SpaceError(f"{kind}: low must not be above high, got low={low!r}, high={high!r}; swap them")
    if log and low <= 0:
        raise SpaceError(f"{kind}: log needs low > 0, got low={low!r}; raise it, or search without log")


def as_dimension(given: Any) -> Dimension:
    """Read a dimension: one of the classes, a pair of numbers, or a list of choices."""
    if isinstance(given, (Real, Integer, Categorical)):
        return given
    if isinstance(given, list):
        return Categorical(given)
    if not isinstance(given, tuple):
        raise SpaceError(f"expected (low, high), a list of choices, Real, Integer or Categorical, got {given!r}")
    if len(given) != 2:
        raise SpaceError(f"a range is a pair (low, high), got {given!r}; for choices use a list")
    low, high = (_number("a bound", bound) for bound in given)
    if isinstance(low, int) and isinstance(high, int):
        return Integer(low, high)
    return Real(low, high)
