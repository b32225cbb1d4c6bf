"""Grid and random search with the same record as the Bayesian one: what every comparison is made against."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np

from .arguments import checked_count, checked_seed
from .history import History, Trial
from .loop import run
from .optimizer import Optimizer, Suggestion
from .space import Categorical, Integer, Params, Real, Space


class _Listed(Optimizer):
    """An optimizer that asks for given points, one after the other, and never fits a model."""

    def __init__(self, space: Space, points: Iterator[Params], direction: str, seed: int) -> None:
        super().__init__(space, direction=direction, seed=seed)
        self._points = points

    def _ask_one(self) -> Suggestion:
        with self._lock:
            number = len(self._record.trials)
            params = next(self._points)
            self._record.add(Trial(number, params, source="initial"))
            return Suggestion(params, number)

    @property
    def exhausted(self) -> bool:
        return False


def random_search(
    objective: Callable[..., Any],
    space: Mapping[str, Any] | Space,
    n_trials: int = 30,
    *,
    direction: str = "minimize",
    seed: int | None = None,
    **options: Any,
) -> History:
    """Evaluate points drawn uniformly in the unit cube (log-uniformly where a parameter is `log`).

    >>> random_search(lambda x: x**2, {"x": (-1.0, 1.0)}, 20, seed=0).best_value < 0.05
    True
    """
    space, seed = Space(space), checked_seed(seed)
    rng = np.random.default_rng(seed)
    points = (space.sample(1, rng)[0] for _ in itertools.count())
    return run(_Listed(space, points, direction, seed), objective, n_trials, **options)


def grid_search(
    objective: Callable[..., Any],
    space: Mapping[str, Any] | Space,
    n_trials: int = 30,
    *,
    direction: str = "minimize",
    seed: int | None = None,
    **options: Any,
) -> History:
    """Evaluate the smallest regular grid of at least n_trials points, or the whole space where that is smaller.

    Every parameter gets about the same number of levels, the ends of its range among them. All of the grid
    is evaluated, in an order shuffled by the seed, so that the curve of the best so far is a fair one.

    >>> len(grid_search(lambda x, y: x + y, {"x": (0.0, 1.0), "y": [1, 2]}, 7))
    8
    """
    space, seed = Space(space), checked_seed(seed)
    grid = grid_points(space, n_trials) if checked_count("n_trials", n_trials) else []
    order = np.random.default_rng(seed).permutation(len(grid))
    points = (grid[i] for i in order)
    return run(_Listed(space, points, direction, seed), objective, len(grid), **options)


def grid_points(space: Space, n: int) -> list[Params]:
    """The points of the smallest grid with at least n points."""
    most = [d.size for d in space.dimensions.values()]
    levels = [len(d.choices) if isinstance(d, Categorical) else 1 for d in space.dimensions.values()]
    # The parameter with the fewest levels gets one more, until there are enough points.
    while math.prod(levels) < n and any(level < limit for level, limit in zip(levels, most, strict=True)):
        growing = [i for i, level in enumerate(levels) if level < most[i]]
        levels[min(growing, key=lambda i: levels[i])] += 1
    columns = [level_values(d, k) for d, k in zip(space.dimensions.values(), levels, strict=True)]
    return [dict(zip(space.names, row, strict=True)) for row in itertools.product(*columns)]


def level_values(dimension: Real | Integer | Categorical, levels: int) -> list[Any]:
    """`levels` values spread evenly over a dimension, its ends among them; a single one is in the middle."""
    if isinstance(dimension, Categorical):
        return list(dimension.choices)
    ends = np.array([[0.5]]) if levels == 1 else np.linspace(0.0, 1.0, levels)[:, None]
    values = dimension.from_unit(ends)
    if isinstance(dimension, Integer) and len(set(values)) < levels:
        count = int(dimension.size)
        return [
            dimension.low + dimension.step * i for i in np.linspace(0, count - 1, levels).round().astype(int).tolist()
        ]
    return list(values)
