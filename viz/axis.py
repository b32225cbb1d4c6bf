"""One parameter as an axis of a picture, from 0 to 1: linear, logarithmic, whole numbers or categories alike.

A place is where a value lies on the axis, in [0, 1]; numbers lie where the unit cube has them, the k choices
of a category at (i + ½) / k.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np
from matplotlib.ticker import MaxNLocator
from numpy.typing import NDArray

from bayestuner import Categorical, Integer, Real, Space
from bayestuner.categorical import same
from bayestuner.explain import number

Array = NDArray[np.float64]
Dimension = Real | Integer | Categorical

FEW = 24  # values of a parameter that are shown one by one; more look like a line


@dataclass(frozen=True)
class Axis:
    """A parameter's name and range, with places in [0, 1]."""

    name: str
    dimension: Dimension

    @property
    def discrete(self) -> bool:
        """Whether values are shown one by one: categories, and whole numbers as long as they are few."""
        few = not isinstance(self.dimension, Real) and self.dimension.size <= FEW
        return isinstance(self.dimension, Categorical) or few

    @property
    def log(self) -> bool:
        """Whether equal steps are equal factors."""
        return not isinstance(self.dimension, Categorical) and bool(self.dimension.log)

    def places(self, values: Sequence[Any]) -> Array:
        """Where values lie, (n,)."""
        if isinstance(self.dimension, Categorical):
            choices = self.dimension.choices
            found = [next(i for i, choice in enumerate(choices) if same(choice, v)) for v in values]
            return (np.array(found, dtype=float) + 0.5) / len(choices)
        return self.dimension.to_unit(values)[:, 0]

    def places_of(self, points: Sequence[Mapping[str, Any]]) -> Array:
        """Where points lie, (n,); NaN, which is drawn nowhere, where the parameter is not there."""
        there = np.array([self.name in point for point in points], dtype=bool)
        places = np.full(len(points), np.nan)
        if there.any():
            places[there] = self.places([point[self.name] for point in points if self.name in point])
        return places

    def values(self, places: Array) -> list[Any]:
        """The legal values at places (n,)."""
        if isinstance(self.dimension, Categorical):
            choices = self.dimension.choices
            return [choices[min(int(place * len(choices)), len(choices) - 1)] for place in np.clip(places, 0, 1)]
        return self.dimension.from_unit(np.asarray(places, dtype=float)[:, None])

    def ticks(self, most: int = 5) -> list[tuple[float, str]]:
        """At most so many round values: place and text of each."""
        return list(zip(self.places(values := self._round_values(most)).tolist(), map(number, values), strict=True))

    def _round_values(self, most: int) -> list[Any]:
        dimension = self.dimension
        if isinstance(dimension, Categorical):
            return list(dimension.choices)
        low, high = dimension.low, dimension.high
        if low == high:
            return [low]
        if isinstance(dimension, Integer) and dimension.size <= most:
            return list(range(low, high + 1, dimension.step))  # type: ignore[arg-type]
        if self.log and isinstance(dimension, Integer) and _power_of_two(low) and _power_of_two(high):
            return [low * 2**k for k in range(0, round(math.log2(high / low)) + 1)][:: _stride(low, high, most)]
        if self.log and high / low >= 8:
            inside = _round_factors(low, high)
        else:
            whole = isinstance(dimension, Integer)
            found = MaxNLocator(most - 1, integer=whole, steps=[1, 2, 2.5, 5, 10]).tick_values(low, high)
            inside = [float(v) for v in found if low <= v <= high]
        inside = inside[:: -(-len(inside) // most) or 1] or [low, high]
        if isinstance(dimension, Real):
            return _tidy(inside)
        return [v for v in map(round, inside) if (v - dimension.low) % dimension.step == 0] or [low, high]


def _power_of_two(value: float) -> bool:
    return value == 2 ** round(math.log2(value))


def _stride(low: float, high: float, most: int) -> int:
    """Every so many doublings from low to high, and there are at most so many; all of them for the last to be high."""
    doublings = round(math.log2(high / low))
    fitting = [s for s in range(1, doublings + 1) if doublings // s + 1 <= most]
    return next((s for s in fitting if doublings % s == 0), fitting[0])


def _round_factors(low: float, high: float) -> list[float]:
    """Powers of ten, or 1, 2, 5, 10, 20, ... where these are too few."""
    powers = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    decades = [10.0**k for k in powers if low <= 10.0**k <= high]
    if len(decades) >= 3:
        return decades
    return [m * 10.0**k for k in powers for m in (1, 2, 5) if low <= m * 10.0**k <= high]


def _tidy(values: list[float]) -> list[float | int]:
    """Whole numbers as such, and no 0.30000000000000004."""
    tidy = [float(f"{v:.10g}") for v in values]
    return [int(v) for v in tidy] if all(v == math.floor(v) and abs(v) < 1e6 for v in tidy) else list(tidy)


def thinned(ticks: list[tuple[float, str]], most: float) -> list[tuple[float, str]]:
    """Every so many ticks, that there are at most so many; the names of many categories would lie on each other.

    >>> thinned([(0.1, "a"), (0.5, "b"), (0.9, "c")], 2)
    [(0.1, 'a'), (0.9, 'c')]
    """
    return ticks[:: max(-(-len(ticks) // max(int(most), 1)), 1)]


def axes_of(space: Space) -> list[Axis]:
    """The axes of a space, in its order."""
    return [Axis(name, dimension) for name, dimension in space.dimensions.items()]


def plane(space: Space, size: int) -> tuple[Array, Array]:
    """The places (size,) of each axis of a grid, and the unit cube's rows at size x size points of a space of two.

    Row i * size + j is the point at places[j] of the first and places[i] of the second parameter.
    """
    places = np.linspace(0.0, 1.0, size)
    first, second = (axis.values(places) for axis in axes_of(space))
    names = space.names
    return places, space.encode([{names[0]: a, names[1]: b} for b, a in product(second, first)])
