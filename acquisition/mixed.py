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
from .base import Acquisition, Array, Posterior
from .search import CANDIDATES, HOPE, SAME, STARTS, around_incumbents, farthest, near, scores, sobol

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
    acquisition: Acquisition,
    posterior: Posterior,
    best: float,
    bounds: Array,
    lattice: Lattice,
    rng: np.random.Generator,
    *,
    starts: int = STARTS,
    candidates: int = CANDIDATES,
    exclude: Array | None = None,
    radius: float | Array = SAME,
    enough: float = 0.0,
) -> tuple[Array, float]:
    """Return the legal point (d,) that a prepared acquisition likes best, and its value there.

    Points within the radius (one number, or (n,)) of the rows of `exclude` are not proposed while the search
    meets another. Enough: as in `ascend`.
    """
    search = _Search(acquisition, posterior, best, bounds, lattice, exclude, radius, enough)
    incumbents = around_incumbents(posterior, bounds, rng)
    pool = lattice.project(np.vstack([sobol(candidates, bounds, rng), incumbents]))
    beside = [lattice.neighbours(u, rng) for u in lattice.project(incumbents[:CLIMBERS])]
    pool = search.new(search.inside(np.unique(np.vstack([pool, *beside]), axis=0)))
    if not len(pool):
        pool = lattice.project(bounds[:, 0] + rng.random((candidates, len(bounds))) * (bounds[:, 1] - bounds[:, 0]))
    values = search.values(pool)
    if (values == values[0]).all():
        return farthest(pool, getattr(posterior, "X", None), bounds), float(values[0])
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
    """The acquisition as one function of legal points, and the two ways up."""

    acquisition: Acquisition
    posterior: Posterior
    best: float
    bounds: Array
    lattice: Lattice
    exclude: Array | None
    radius: float | Array
    enough: float

    def values(self, points: Array) -> Array:
        return scores(self.acquisition, self.posterior, points, self.best)

    def new(self, points: Array) -> Array:
        """The points that are not excluded."""
        return points[~near(points, self.exclude, self.radius)]

    def inside(self, points: Array) -> Array:
        """The points in the box, a hair outside counting as in."""
        low, high = self.bounds.T
        return points[((points >= low - 1e-9) & (points <= high + 1e-9)).all(axis=1)]

    def climb(self, points: Array, values: Array) -> tuple[Array, Array]:
        """Climb along the coordinates that can be moved; a top that is excluded is left for where it began."""
        if not self.lattice.movable(points).any():
            return points, values

        def uphill(x: Array) -> tuple[Array, Array]:
            value, gradient = self.acquisition.value_and_gradient(self.posterior, x, self.best)
            return value, gradient * self.lattice.movable(x)

        tops = self.lattice.project(ascend(uphill, points, self.bounds, enough=self.enough, hope=HOPE)[0])
        heights = self.values(tops)
        better = (heights > values) & ~near(tops, self.exclude, self.radius)
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
            around_each = np.split(self.values(np.vstack(around)), ends[:-1])
            rose = []
            for i, moves, score in zip(rising, around, around_each, strict=True):
                if len(moves) and score.max() > values[i]:
                    points[i], values[i] = moves[int(np.argmax(score))], score.max()
                    rose.append(i)
            rising = rose
        return points, values
