"""Gaussian-process regression: a prior over functions, conditioned on observations.

    X (n, d)       observed inputs            noise       variance of y around the function
    y (n,)         observed values            L           lower triangle, k(X, X) + noise I = L Lᵀ

Equations are those of Rasmussen & Williams (2006), Algorithm 2.1. X and y are used as they
are: whoever wants them scaled, as the optimizer does, scales them before.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from . import linalg
from .base import Kernel
from .data import as_count, as_inputs, as_number, as_targets, as_variances
from .errors import DataError, ParameterError
from .fit import most_probable, prior_of_entries
from .memory import keep_freed_memory
from .parameters import Array, Bounds, checked_bounds
from .posterior import GaussianPosterior, draw
from .priors import NamedPriors, Prior, checked_priors
from .threads import one_thread


@dataclass(frozen=True)
class GaussianProcess:
    """A distribution over functions: f ~ GP(mean, kernel), observed as y = f(x) + normal noise.

    `noise` is a variance, `mean` a constant that is not learned. `priors` maps names of
    kernel parameters (or their last part), and "noise", to densities used by `fit`.

    >>> from gp import RBF
    >>> posterior = GaussianProcess(RBF(), noise=1e-6).condition([[0.0], [1.0]], [0.0, 1.0])
    >>> mean, std = posterior.predict([[0.5]])
    >>> f"{mean[0]:.3f} ± {std[0]:.3f}"
    '0.549 ± 0.175'
    """

    kernel: Kernel
    noise: float = 1e-4
    mean: float = 0.0
    priors: Mapping[str, Prior] | NamedPriors | None = None
    noise_bounds: Bounds = (1e-8, 1e4)

    def __post_init__(self) -> None:
        if not isinstance(self.kernel, Kernel):
            raise TypeError(f"GaussianProcess: kernel must be a gp.Kernel, got {self.kernel!r}")
        object.__setattr__(self, "noise", as_number("noise", self.noise))
        object.__setattr__(self, "mean", as_number("mean", self.mean))
        if self.noise < 0:
            raise ParameterError(f"GaussianProcess: noise is a variance and must be >= 0, got {self.noise!r}")
        object.__setattr__(self, "noise_bounds", checked_bounds("noise_bounds", self.noise_bounds))
        object.__setattr__(self, "priors", checked_priors(self.kernel.parameters, self.priors))

    def condition(self, X: Any, y: Any, *, noise: Any = None) -> GaussianPosterior:
        """Return the posterior given y at X, hyperparameters as they are.

        `noise` (n,) adds variances to single points. Raises DataError for inputs that are not finite or do
        not match, ParameterError for a negative noise.
        """
        X = as_inputs(X)
        y = as_targets(y, len(X))
        extra = None if noise is None else as_variances(noise, len(X))
        L = linalg.cholesky(self.kernel(X, X), self.noise if extra is None else self.noise + extra)
        return GaussianPosterior(self, X, y, extra, L, linalg.solve(L, y - self.mean))

    def fit(
        self,
        X: Any,
        y: Any,
        *,
        noise: Any = None,
        restarts: int = 4,
        seed: Any = None,
        learn_noise: bool = True,
        tolerance: float = 1e-5,
    ) -> GaussianPosterior:
        """Return the posterior under the hyperparameters of the largest marginal likelihood (times the priors, if any).

        The search starts from the hyperparameters as they are and from `restarts` random ones; it ends where the
        gradient is below `tolerance`. `noise` (n,) adds known variances to single points; without `learn_noise` the
        noise of all stays. The learned kernel and noise are in `posterior.prior`.
        """
        X = as_inputs(X)
        y = as_targets(y, len(X))
        if not len(X):
            raise DataError("fit needs at least one observation, X has 0 rows; before any data use condition")
        extra = None if noise is None else as_variances(noise, len(X))
        keep_freed_memory()
        with one_thread(len(X)):
            kernel, learned = most_probable(
                self.kernel,
                self.noise,
                X,
                y - self.mean,
                extra=extra,
                priors=tuple(self.priors or ()),  # type: ignore[arg-type]
                noise_bounds=self.noise_bounds,
                restarts=as_count("restarts", restarts),
                seed=seed,
                learn_noise=learn_noise,
                tolerance=tolerance,
            )
            return replace(self, kernel=kernel, noise=learned).condition(X, y, noise=extra)

    @property
    def log_prior(self) -> float:
        """Sum of the log densities that the priors give to the learned hyperparameters, as they are, and the noise."""
        values = np.exp(np.append(self.kernel.theta, math.log(max(self.noise, 1e-300))))
        pairs = prior_of_entries(self.kernel, tuple(self.priors or ()))  # type: ignore[arg-type]
        return sum(float(prior.log_density(values[where]).sum()) for prior, where in pairs)

    def sample(self, X: Any, size: int = 1, seed: Any = None) -> Array:
        """Draw functions from the prior, seen at X: (size, m)."""
        X = as_inputs(X)
        return draw(np.full(len(X), self.mean), self.kernel(X, X), size, seed)
