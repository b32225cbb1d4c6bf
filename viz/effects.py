"""What each parameter does on average, and each two of them: numbers for the matrix of a run of many parameters.

line    the average effect of one parameter, and its variance        field   the average effect of two
share   of the variation that a parameter explains alone; the last one is the rest
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bayestuner import ParameterError, Space
from bayestuner.importance import (
    BACKGROUND,
    FIELD,
    LINE,
    POINTS,
    grid_blocks,
    grid_values,
    main_shares,
    means_of,
    spread_points,
    variance_of_average,
)
from bayestuner.scaling import Scaling
from gp import GaussianPosterior

from .axis import Axis

Array = NDArray[np.float64]
Pair = tuple[int, int]

MOST = 6  # parameters in one picture
SMALL_FIELD = 15  # values of each of two parameters where cells are small
COARSE, FEW = 7, 16  # values and places for a first look at how far colours must reach


@dataclass(frozen=True, eq=False)
class Effects:
    """What one model believes: lines and their variances by parameter, fields by pair, in the user's units."""

    lines: tuple[Array, ...]
    variances: tuple[Array, ...]
    fields: dict[Pair, Array]
    shares: Array

    def toward(self, other: Effects, g: float) -> Effects:
        """A share g of the way to another belief: means, variances and shares linearly, as they move with one datum."""
        return Effects(
            tuple(_mix(a, b, g) for a, b in zip(self.lines, other.lines, strict=True)),
            tuple(_mix(a, b, g) for a, b in zip(self.variances, other.variances, strict=True)),
            {pair: _mix(field, other.fields[pair], g) for pair, field in self.fields.items()},
            _mix(self.shares, other.shares, g),
        )


def _mix(a: Array, b: Array, g: float) -> Array:
    return (1 - g) * a + g * b


@dataclass(frozen=True, eq=False)
class Averages:
    """Where effects of some parameters are taken, once and for all: values of each, and places of all others."""

    space: Space
    names: tuple[str, ...]

    @cached_property
    def axes(self) -> list[Axis]:
        """The parameters as axes."""
        return [Axis(name, self.space.dimensions[name]) for name in self.names]

    @property
    def pairs(self) -> list[Pair]:
        """(column, row) of every field below the diagonal."""
        return list(combinations(range(len(self.names)), 2))

    def grid(self, index: int, count: int) -> list[Any]:
        """At most count values of a parameter; of whole numbers or categories shown one by one all."""
        axis = self.axes[index]
        return grid_values(axis.dimension, int(axis.dimension.size) if axis.discrete else count)

    def places(self, index: int, count: int = LINE) -> Array:
        """Where on its axis these values lie."""
        return self.axes[index].places(self.grid(index, count))

    def blocks(self, indices: Sequence[int], count: int, background: int) -> Array:
        """Points of the unit cube: for each combination of values, one for each place of the others."""
        grids = [self.grid(i, count) for i in indices]
        names = [self.names[i] for i in indices]
        return grid_blocks(self.space, names, grids, spread_points(self.space, background))

    @cached_property
    def _line_blocks(self) -> list[Array]:
        return [self.blocks([i], LINE, BACKGROUND) for i in range(len(self.names))]

    @cached_property
    def _cube(self) -> Array:
        return spread_points(self.space, POINTS)

    def shares(self, posterior: GaussianPosterior, scaling: Scaling) -> Array:
        """What each parameter explains of the model's variation alone, and the rest, (d + 1,)."""
        mean = means_of(posterior, self._cube[None])
        every = main_shares(scaling.unbent(mean), self._cube, self.space)[0]
        own = every[[self.space.names.index(name) for name in self.names]]
        return np.append(own, max(every.sum() - own.sum(), 0.0))

    def line(self, index: int, posterior: GaussianPosterior, scaling: Scaling) -> tuple[Array, Array]:
        """The average effect of one parameter and the variance of this average."""
        blocks = self._line_blocks[index]
        means = means_of(posterior, blocks)
        pairs = zip(blocks, means, strict=True)
        return scaling.mean(means).mean(axis=1), np.array([variance_of_average(posterior, scaling, *p) for p in pairs])

    @property
    def detail(self) -> int:
        """Values of each parameter of a field: fewer where there are many fields, and their cells small."""
        return FIELD if len(self.names) <= 4 else SMALL_FIELD

    def field(self, pair: Pair, posterior: GaussianPosterior, scaling: Scaling, coarse: bool = False) -> Array:
        """The average effect of two parameters, (a, b)."""
        count, background = (COARSE, FEW) if coarse else (self.detail, BACKGROUND)
        shape = [len(self.grid(i, count)) for i in pair]
        means = means_of(posterior, self.blocks(pair, count, background))
        return scaling.mean(means).mean(axis=1).reshape(shape)

    def of(self, posterior: GaussianPosterior, scaling: Scaling) -> Effects:
        """All effects that one model believes in."""
        lines = [self.line(i, posterior, scaling) for i in range(len(self.names))]
        fields = {pair: self.field(pair, posterior, scaling) for pair in self.pairs}
        return Effects(
            tuple(mean for mean, _ in lines), tuple(v for _, v in lines), fields, self.shares(posterior, scaling)
        )


def most_important(space: Space, posterior: GaussianPosterior, scaling: Scaling, most: int = MOST) -> tuple[str, ...]:
    """The parameters to show, in the space's order: those that explain most where there are too many."""
    if len(space.names) <= most:
        return space.names
    shares = Averages(space, space.names).shares(posterior, scaling)[:-1]
    chosen = sorted(np.argsort(-shares, kind="stable")[:most].tolist())
    return tuple(space.names[i] for i in chosen)


def checked_parameters(space: Space, parameters: Sequence[str]) -> tuple[str, ...]:
    """Names of two to six different parameters of the space, as given."""
    names = (parameters,) if isinstance(parameters, str) else tuple(parameters)
    for name in names:
        space.columns(name)
    if len(set(names)) < len(names) or not 2 <= len(names) <= MOST:
        raise ParameterError(f"parameters: give 2 to {MOST} different names, got {', '.join(map(str, names))}")
    return names
