"""Around a legal place: those that differ in one whole number or one choice; and all of them where there are few.

u (width,)   one place in the unit cube      a move   other columns for one parameter, (k, its width)
"""

from __future__ import annotations

import itertools
import math

import numpy as np

from .categorical import Array, Categorical
from .dimensions import FEW, Dimension, Integer, Real
from .space import Space

GUESSES = 4  # values tried for parameters that come to be there


def neighbours(space: Space, u: Array, rng: np.random.Generator) -> Array:
    """The legal places (k, width) that differ from u in one Integer or Categorical, and in what depends on it.

    All other values of a parameter where there are few; of a long range of whole numbers those 1, 2, 4, ...
    steps away, of many choices some at random. Parameters that come to be there get random values.
    """
    [point] = space.decode(u[None])
    absent = [space.columns(name) for name in space.names if name not in point]
    bases = np.tile(u, (GUESSES if absent else 1, 1))
    for columns in absent:
        bases[:, columns] = rng.random((len(bases), columns.stop - columns.start))
    around = []
    for name, value in point.items():
        moves = _moves(space.dimensions[name], value, rng)
        rows = np.repeat(bases, len(moves), axis=0)
        rows[:, space.columns(name)] = np.tile(moves, (len(bases), 1))
        around.append(rows)
    return np.unique(space.project(np.vstack(around)), axis=0)


def _moves(dimension: Dimension, value: object, rng: np.random.Generator) -> Array:
    if isinstance(dimension, Real):
        return np.empty((0, 1))
    if isinstance(dimension, Integer):
        assert isinstance(value, int)
        return dimension.to_unit(dimension.neighbours(value))
    choices = np.delete(np.arange(dimension.width), dimension.index(value))
    chosen = choices if len(choices) <= FEW else rng.choice(choices, FEW, replace=False)
    return dimension.to_unit([dimension.choices[i] for i in chosen])


def all_places(space: Space, limit: int) -> Array | None:
    """Every legal place (size, width) of a space with at most `limit` points; None where there are more."""
    if space.size > limit or math.prod(d.size for d in space.dimensions.values()) > 4 * limit:
        return None
    columns = [d.to_unit(_all_values(d)) for d in space.dimensions.values()]
    rows = [np.concatenate(row) for row in itertools.product(*columns)]
    return np.unique(space.project(np.array(rows)), axis=0)


def _all_values(dimension: Dimension) -> list[object]:
    if isinstance(dimension, Categorical):
        return list(dimension.choices)
    if isinstance(dimension, Integer):
        return list(range(dimension.low, dimension.high + 1, dimension.step))
    return [dimension.low]  # a Real of one value: any other has infinitely many
