"""The top of an acquisition where some coordinates take only a few values: whole numbers and choices.

    u (d,)    a legal point           move    the same point with another value in one of the discrete coordinates

A gradient says nothing of such coordinates. So they are held while the others climb, then every neighbour is
looked at and the best one moved to, by turns, until neither helps (as Optuna's optimize_acqf_mixed does).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from .ascent import ascend
from .base import Array
from .goal import NOTHING_TAKEN, Goal, Taken
from .search import CANDIDATES, HOPE, STARTS, around_incumbents, farthest, sobol

CLIMBERS = 4  # so many of the starts go on by turns; the others climb once
TURNS = 3
MOVES = 12  # of each climber in one turn, at most


class Lattice(Protocol):
    """What the search must know of the legal points of a box."""

    def project(self, U: Array, /) -> Array:
        """The legal point at each row (n, d)."""

    def movable(self, U: Array, /) -> NDArray[np.bool_]:
        """Which coordinates of legal points can be moved a little, (n, d)."""

    def neighbours(self, u: Array, rng: np.random.Generator, /) -> Array:
        """Legal points (k, d) that differ from u in one discrete coordinate."""


def find_top_mixed(
    goal: Goal,
    bounds: Array,
    lattice: Lattice,
    rng: np.random.Generator,
    *,
    starts: int = STARTS,
    candidates: int = CANDIDATES,
    taken: Taken = NOTHING_TAKEN,
    enough: float = 0.0,
) -> tuple[Array, float]:
    """Return the legal point (d,) where the goal is highest, and its value there.

    What is taken is not proposed while the search meets another point. Enough: as in `ascend`.
    """
    search = _Search(goal, bounds, lattice, taken, enough)
    incumbents = around_incumbents(goal.posterior, bounds, rng)
    pool = lattice.project(np.vstack([sobol(candidates, bounds, rng), incumbents]))
    beside = [lattice.neighbours(u, rng) for u in lattice.project(incumbents[:CLIMBERS])]
    pool = search.new(search.inside(np.unique(np.vstack([pool, *beside]), axis=0)))
    if not len(pool):
        pool = lattice.project(bounds[:, 0] + rng.random((candidates, len(bounds))) * (bounds[:, 1] - bounds[:, 0]))
    values = goal.values(pool)
    if (values == values[0]).all():
        return farthest(pool, getattr(goal.posterior, "X", None), bounds), float(values[0])
    order = np.argsort(-values, kind="stable")[:starts]
    tops, heights = search.climb(pool[order], values[order])
    for _ in range(TURNS):
        order = np.argsort(-heights, kind="stable")[:CLIMBERS]
        moved, higher = search.move(tops[order], heights[order], rng)
        if (higher <= heights[order]).all():
            break
        tops, heights = search.climb(moved, higher)
    chosen = int(np.argmax(heights))
    return tops[chosen], float(heights[chosen])


@dataclass(frozen=True)
class _Search:
    """The two ways up: climbing along the coordinates that can be moved, and moving along the others."""

    goal: Goal
    bounds: Array
    lattice: Lattice
    taken: Taken
    enough: float

    def new(self, points: Array) -> Array:
        """The points that are not taken."""
        return points[~self.taken.near(points)]

    def inside(self, points: Array) -> Array:
        """The points in the box, a hair outside counting as in."""
        low, high = self.bounds.T
        return points[((points >= low - 1e-9) & (points <= high + 1e-9)).all(axis=1)]

    def climb(self, points: Array, values: Array) -> tuple[Array, Array]:
        """Climb along the coordinates that can be moved; a top that is taken is left for where it began."""
        if not self.lattice.movable(points).any():
            return points, values

        def uphill(x: Array) -> tuple[Array, Array]:
            value, gradient = self.goal.value_and_gradient(x)
            return value, gradient * self.lattice.movable(x)

        tops = self.lattice.project(ascend(uphill, points, self.bounds, enough=self.enough, hope=HOPE)[0])
        heights = self.goal.values(tops)
        better = (heights > values) & ~self.taken.near(tops)
        return np.where(better[:, None], tops, points), np.where(better, heights, values)

    def move(self, points: Array, values: Array, rng: np.random.Generator) -> tuple[Array, Array]:
        """Move each point to its best neighbour, again and again while that is higher."""
        points, values = points.copy(), values.copy()
        rising = list(range(len(points)))
        for _ in range(MOVES):
            around = [self.new(self.inside(self.lattice.neighbours(points[i], rng))) for i in rising]
            ends = np.cumsum([len(a) for a in around])
            if not len(ends) or ends[-1] == 0:
                break
            around_each = np.split(self.goal.values(np.vstack(around)), ends[:-1])
            rose = []
            for i, moves, score in zip(rising, around, around_each, strict=True):
                if len(moves) and score.max() > values[i]:
                    points[i], values[i] = moves[int(np.argmax(score))], score.max()
                    rose.append(i)
            rising = rose
        return points, values
