"""The top of an acquisition: many points scored, the best of them climbed from, all at once."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.spatial.distance import cdist

from gp.errors import ParameterError

from .ascent import ascend
from .base import Acquisition, Array, Posterior, Projection, checked_acquisition, checked_count
from .errors import NotFittedError
from .goal import NOTHING_TAKEN, Goal, Taken

STARTS, CANDIDATES = 10, 512
INCUMBENTS = 5  # so many of the best observed points are looked around
HOPE = 4.0  # a start may gain so many times what its model of the hill promises
CLOSE = 1e-5  # so near to the top, in log EI, is as good as there
SPREADS = (0.1, 0.01, 0.001)  # of the box: how far around


def maximize(
    acquisition: Acquisition,
    posterior: Posterior,
    best: float,
    bounds: Any,
    *,
    seed: Any,
    starts: int = STARTS,
    candidates: int = CANDIDATES,
    project: Projection | None = None,
    exclude: Array | None = None,
    seconds: Posterior | None = None,
) -> tuple[Array, float]:
    """Return the point (d,) of the box that the acquisition likes best, and its value there.

    Sobol points and points around the best observed ones are scored; the `starts` best are
    climbed from by `ascend`; the best of all points wins. `project` maps points of the box to
    legal ones (whole numbers, categories); points within 1e-9 of the rows of `exclude` are not
    proposed while there is another. Where every value is the same, or none is a number, the
    candidate farthest from the observed points is taken.

    >>> from acquisition import LogExpectedImprovement
    >>> from gp import GaussianProcess, RBF
    >>> posterior = GaussianProcess(RBF()).condition([[0.0], [1.0]], [0.0, 1.0])
    >>> x, value = maximize(LogExpectedImprovement(), posterior, 1.0, [[0.0, 3.0]], seed=0)
    >>> print(x.round(2), round(value, 3))
    [1.8] -1.488
    """
    checked_acquisition("maximize", acquisition)
    if not callable(getattr(posterior, "predict", None)):
        raise TypeError(f"maximize: a posterior has a method predict(X) -> mean, std; got {posterior!r}")
    X = getattr(posterior, "X", None)
    bounds = _checked_bounds(bounds, None if X is None else X.shape[1])
    starts, candidates = (
        checked_count("maximize", name, count, low)
        for name, count, low in (("starts", starts, 0), ("candidates", candidates, 1))
    )
    if X is not None and not len(X):
        raise NotFittedError("there are no observations yet: the acquisition has nothing to improve on")
    ready = acquisition.among(project, exclude).prepare(posterior, best, bounds, seed=seed, seconds=seconds)
    return find_top(
        Goal(ready, posterior, best), bounds, np.random.default_rng(seed),
        starts=starts, candidates=candidates, project=project, taken=Taken(exclude),
    )  # fmt: skip


def find_top(
    goal: Goal,
    bounds: Array,
    rng: np.random.Generator,
    *,
    starts: int = STARTS,
    candidates: int = CANDIDATES,
    project: Projection | None = None,
    taken: Taken = NOTHING_TAKEN,
    enough: float = 0.0,
) -> tuple[Array, float]:
    """What `maximize` does once the acquisition is prepared: score, climb, choose. Enough: as in `ascend`."""
    legal = project or (lambda points: points)
    pool = legal(np.vstack([sobol(candidates, bounds, rng), around_incumbents(goal.posterior, bounds, rng)]))
    pool, taken = taken.free(pool)
    values = goal.values(pool)
    if (values == values[0]).all():
        return farthest(pool, getattr(goal.posterior, "X", None), bounds), float(values[0])
    begin = pool[np.argsort(-values, kind="stable")[:starts]]
    tops = legal(ascend(goal.value_and_gradient, begin, bounds, enough=enough, hope=HOPE)[0])
    new = ~taken.near(tops)
    pool, values = np.vstack([pool, tops[new]]), np.append(values, goal.values(tops)[new])
    chosen = int(np.argmax(values))
    return pool[chosen], float(values[chosen])


def sobol(n: int, bounds: Array, rng: np.random.Generator) -> Array:
    """n points that fill the box evenly: a scrambled Sobol sequence, (n, d)."""
    from scipy.stats import qmc  # at first use: importing scipy.stats takes longer than all the rest

    sequence = qmc.Sobol(len(bounds), rng=rng)
    unit = sequence.random_base2(max(int(np.ceil(np.log2(max(n, 1)))), 0))[:n]
    return np.asarray(bounds[:, 0] + unit * (bounds[:, 1] - bounds[:, 0]))


def around_incumbents(posterior: Posterior, bounds: Array, rng: np.random.Generator) -> Array:
    """The observed points with the best posterior mean, and normal steps around them of several widths."""
    X = getattr(posterior, "X", None)
    if X is None:
        return np.empty((0, len(bounds)))
    means = getattr(posterior, "observed_mean", None)  # cheaper than to predict there
    means = posterior.predict(X)[0] if means is None else means
    incumbents = X[np.argsort(-means, kind="stable")[:INCUMBENTS]]
    box = bounds[:, 1] - bounds[:, 0]
    steps = [rng.normal(0.0, spread, (4, *incumbents.shape)) * box for spread in SPREADS]
    moved = (incumbents + np.concatenate(steps)).reshape(-1, len(bounds))
    return np.clip(np.vstack([incumbents, moved]), *bounds.T)


def farthest(pool: Array, X: Array | None, bounds: Array) -> Array:
    """The point of the pool that is farthest from its nearest neighbour in X: the largest hole is looked into."""
    if X is None:
        return np.asarray(pool[0])
    box = np.maximum(bounds[:, 1] - bounds[:, 0], np.finfo(float).tiny)
    return np.asarray(pool[int(np.argmax(cdist(pool / box, X / box).min(axis=1)))])


def _checked_bounds(bounds: Any, columns: int | None) -> Array:
    bounds = np.asarray(bounds, dtype=float)
    if bounds.ndim != 2 or bounds.shape[1] != 2 or not len(bounds):
        raise ParameterError(f"bounds must be (d, 2), a row (low, high) for each dimension, got {bounds.shape}")
    if not np.isfinite(bounds).all() or (bounds[:, 0] > bounds[:, 1]).any():
        raise ParameterError(f"bounds must be finite with low <= high, got {bounds.tolist()}")
    if columns is not None and len(bounds) != columns:
        raise ParameterError(f"bounds have {len(bounds)} rows, the observed points {columns} columns")
    return bounds
