"""Learning the kernel: the hyperparameters under which the observations are most probable.

theta (p,)   log parameters of the kernel      point (p + 1,)   theta, then the log of the noise variance
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from scipy.optimize import minimize

from .base import Kernel
from .errors import DataError
from .likelihood import likelihood_and_gradient
from .parameters import Array, Bounds
from .priors import NamedPriors, PriorEntries, join_log_normals

Objective = Callable[[Array], tuple[float, Array]]
LINE_SEARCH = 10  # evaluations along one line: where that many do not climb, rounding hides the top


def prior_of_entries(kernel: Kernel, priors: NamedPriors) -> PriorEntries:
    """Pair each prior with the entries of the point that it speaks of; the last entry is the noise."""
    names = (*kernel.learned, "noise")
    entries = [
        (prior, np.array([i for i, name in enumerate(names) if key in (name, name.rsplit(".")[-1])], dtype=int))
        for key, prior in priors
    ]
    return [(prior, where) for prior, where in entries if len(where)]


def log_posterior(kernel: Kernel, X: Array, y: Array, extra: Array | None, priors: PriorEntries) -> Objective:
    """Return the function that fit maximises: log likelihood plus log priors, with its gradient, at a point."""
    joined = join_log_normals(priors)

    def evaluate(point: Array) -> tuple[float, Array]:
        values = np.exp(point)
        proposed = kernel.with_theta(point[:-1])
        try:
            value, gradient = likelihood_and_gradient(proposed, float(values[-1]), X, y, extra)
        except DataError as error:
            raise DataError(f"learning the kernel came to {proposed}, noise {values[-1]:.3g}: {error}") from None
        for prior, where in joined:
            chosen = values[where]
            value += float(prior.log_density(chosen).sum())
            np.add.at(gradient, where, prior.log_slope(chosen))  # an entry may have two priors
        return value, gradient

    return evaluate


def starting_points(
    start: Array, bounds: Array, priors: PriorEntries, restarts: int, rng: np.random.Generator
) -> list[Array]:
    """The given start, then random ones: drawn from the priors, elsewhere the start times exp(1.5 N(0, 1)).

    The first points of a longer list are those of a shorter one, so more restarts can never do worse.
    """
    points = [start]
    for _ in range(restarts):
        point = start + rng.normal(0.0, 1.5, len(start))
        for prior, where in priors:
            point[where] = np.log(prior.sample(rng, len(where)))
        points.append(point)
    return [np.clip(point, *bounds.T) for point in points]


def most_probable(
    kernel: Kernel,
    noise: float,
    X: Array,
    y: Array,
    *,
    extra: Array | None,
    priors: NamedPriors,
    noise_bounds: Bounds,
    restarts: int,
    seed: Any,
    learn_noise: bool,
    tolerance: float = 1e-5,
) -> tuple[Kernel, float]:
    """Climb log p(y | X, theta) + log p(theta) from several starts by L-BFGS-B; return kernel and noise of the top."""
    start, bounds = _searched(kernel, noise, noise_bounds if learn_noise else None)
    entries = prior_of_entries(kernel, priors)
    evaluate = log_posterior(kernel, X, y, extra, entries)
    starts = starting_points(start, bounds, entries, restarts, np.random.default_rng(seed))
    top = max((_climb(evaluate, begin, bounds, tolerance) for begin in starts), key=lambda found: found[0])[1]
    return kernel.with_theta(top[:-1]), float(np.exp(top[-1])) if learn_noise else noise


def _searched(kernel: Kernel, noise: float, noise_bounds: Bounds | None) -> tuple[Array, Array]:
    """Where a search starts, a point, and its bounds (p + 1, 2); without those of the noise, that stays."""
    log_noise = float(np.log(max(noise, 1e-300)))
    low, high = np.log(noise_bounds) if noise_bounds else (log_noise, log_noise)
    bounds = np.vstack([kernel.log_bounds, (low, high)])
    # A hair inside, so that exp(log(bound)) is not beyond the bound by rounding.
    bounds += np.where(bounds[:, :1] + 1e-12 < bounds[:, 1:], [1e-14, -1e-14], 0.0)
    return np.append(kernel.theta, np.clip(log_noise, low, high)), bounds


def _climb(evaluate: Objective, start: Array, bounds: Array, tolerance: float) -> tuple[float, Array]:
    def downhill(point: Array) -> tuple[float, Array]:
        value, gradient = evaluate(point)
        return -value, -gradient

    options = {"gtol": tolerance, "maxls": LINE_SEARCH}
    result = minimize(downhill, start, jac=True, method="L-BFGS-B", bounds=bounds, options=options)
    return -float(result.fun), np.asarray(result.x)
