"""Grid and random search with the same record as the Bayesian one: what every comparison is made against."""

from __future__ import annotations

import itertools
import math
import os
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from .arguments import checked_count
from .history import History, Trial
from .loop import run_to
from .optimizer import Optimizer
from .space import Categorical, Integer, Params, Real, Space
from .step import Step

if TYPE_CHECKING:
    from .runfile import RunFile


class Guided(Optimizer):
    """An optimizer whose points are chosen elsewhere, `point(place)` being the next; it never fits a model."""

    def __init__(
        self,
        space: Mapping[str, Any] | Space,
        search: str,
        *,
        direction: str,
        seed: int | None,
        storage: str | os.PathLike[str] | RunFile | None,
        constraints: Mapping[str, tuple[float | None, float | None]] | None,
    ) -> None:
        self._search = search
        super().__init__(space, direction=direction, seed=seed, storage=storage, constraints=constraints)
        self.point: Callable[[int], Params]

    def _next(self, number: int) -> tuple[Trial, Step | None]:
        place = sum(trial.source == "initial" for trial in self.ledger.record.trials.values())
        return Trial(number, self.point(place), source="initial"), None

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
    storage: str | os.PathLike[str] | RunFile | None = None,
    constraints: Mapping[str, tuple[float | None, float | None]] | None = None,
    **options: Any,
) -> History:
    """Evaluate points drawn uniformly in the unit cube (log-uniformly where a parameter is `log`).

    >>> random_search(lambda x: x**2, {"x": (-1.0, 1.0)}, 20, seed=0).best_value < 0.05
    True
    """
    optimizer = Guided(space, "random", direction=direction, seed=seed, storage=storage, constraints=constraints)
    rng, drawn = np.random.default_rng(optimizer.seed), list[Params]()

    def point(place: int) -> Params:
        while len(drawn) <= place:
            drawn.extend(optimizer.space.sample(1, rng))
        return drawn[place]

    optimizer.point = point
    return run_to(optimizer, objective, n_trials, **options)


def grid_search(
    objective: Callable[..., Any],
    space: Mapping[str, Any] | Space,
    n_trials: int = 30,
    *,
    direction: str = "minimize",
    seed: int | None = None,
    storage: str | os.PathLike[str] | RunFile | None = None,
    constraints: Mapping[str, tuple[float | None, float | None]] | None = None,
    **options: Any,
) -> History:
    """Evaluate the smallest regular grid of at least n_trials points, or the whole space where that is smaller.

    Every parameter gets about the same number of levels, the ends of its range among them. All of the grid
    is evaluated, in an order shuffled by the seed, so that the curve of the best so far is a fair one.

    >>> len(grid_search(lambda x, y: x + y, {"x": (0.0, 1.0), "y": [1, 2]}, 7))
    8
    """
    wanted = checked_count("n_trials", n_trials)
    size = len(grid_points(Space(space), wanted)) if wanted else 0
    optimizer = Guided(
        space, f"grid of {size}", direction=direction, seed=seed, storage=storage, constraints=constraints
    )
    grid = grid_points(optimizer.space, wanted) if wanted else []
    order = np.random.default_rng(optimizer.seed).permutation(size)
    optimizer.point = lambda place: grid[order[place]]
    return run_to(optimizer, objective, size, **options)


def grid_points(space: Space, n: int) -> list[Params]:
    """The points of the smallest grid with at least n points."""
    most = [d.size for d in space.dimensions.values()]
    levels = [len(d.choices) if isinstance(d, Categorical) else 1 for d in space.dimensions.values()]
    # The parameter with the fewest levels gets one more, until there are enough points.
    while _count(space, levels, n) < n and any(level < limit for level, limit in zip(levels, most, strict=True)):
        growing = [i for i, level in enumerate(levels) if level < most[i]]
        levels[min(growing, key=lambda i: levels[i])] += 1
    return _points(space, levels)


def _points(space: Space, levels: list[int]) -> list[Params]:
    """The points of a grid; those that differ only in parameters that are not there are one."""
    columns = [level_values(d, k) for d, k in zip(space.dimensions.values(), levels, strict=True)]
    points = (space.without_absent(dict(zip(space.names, row, strict=True))) for row in itertools.product(*columns))
    return list({repr(point): point for point in points}.values()) if space.conditional else list(points)


def _count(space: Space, levels: list[int], enough: int) -> int:
    product = math.prod(levels)
    return len(_points(space, levels)) if space.conditional and product >= enough else product


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
