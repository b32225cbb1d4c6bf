"""Look one step ahead: how much better would the best guess be after seeing a value here?"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any, Self

import numpy as np
from scipy.special import ndtri

from .base import Acquisition, Array, Posterior, checked_count
from .errors import AcquisitionError
from .search import around_incumbents, sobol

OUTCOMES = 64
SMALLEST_STD = 1e-6  # a covariance of 1e-17 that is only rounding must not be divided by a std of 0


@dataclass(frozen=True)
class KnowledgeGradient(Acquisition):
    """The expected rise of the largest posterior mean after one more value at x (Frazier, Powell & Dayanik 2009).

        KG(x) = E max_z (mean(z) + c(x, z) / √(var(x) + noise) N) - max_z mean(z),   N ~ N(0, 1)

    z runs over x and over the `size` points of largest mean that `prepare` finds; the expectation is the average over
    64 equally probable outcomes of N. Unlike EI it values a point for what it teaches about others. Unprepared, z runs
    over the observed points alone.

    >>> from gp import GaussianProcess, RBF
    >>> posterior = GaussianProcess(RBF()).condition([[0.0], [1.0]], [0.0, 1.0])
    >>> ready = KnowledgeGradient().prepare(posterior, 1.0, np.array([[0.0, 3.0]]), seed=0)
    >>> ready(posterior, np.array([[1.0], [2.0]]), best=1.0).round(2)  # what is known teaches nothing
    array([0.  , 0.14])
    """

    size: int = 64
    _points: Array | None = field(default=None, init=False, repr=False, compare=False)

    label = "KG"

    def __post_init__(self) -> None:
        object.__setattr__(self, "size", checked_count("KnowledgeGradient", "size", self.size, 1))

    def prepare(
        self, posterior: Posterior, best: float, bounds: Array, *, seed: Any, seconds: Posterior | None = None
    ) -> Self:
        """Find the points at which the mean is looked at: the best of Sobol points and some around the incumbents."""
        if self._points is not None:
            return self
        rng = np.random.default_rng(seed)
        pool = np.vstack([sobol(8 * self.size, bounds, rng), around_incumbents(posterior, bounds, rng)])
        ready = replace(self)
        best_first = np.argsort(-posterior.predict(pool)[0], kind="stable")[: self.size]
        object.__setattr__(ready, "_points", pool[best_first])
        return ready

    def __call__(self, posterior: Any, X: Array, best: float) -> Array:
        if not hasattr(posterior, "cross_covariance"):
            raise AcquisitionError(f"KnowledgeGradient needs a posterior with cross_covariance, got {posterior!r}")
        Z = posterior.X if self._points is None else self._points
        mean, std = posterior.predict(X)
        noise = float(getattr(getattr(posterior, "prior", None), "noise", 0.0))
        spread = np.maximum(np.sqrt(std**2 + noise), SMALLEST_STD)
        outcomes = ndtri((np.arange(OUTCOMES) + 0.5) / OUTCOMES)
        elsewhere = posterior.predict(Z)[0]
        there = elsewhere[:, None, None] + (posterior.cross_covariance(Z, X) / spread)[..., None] * outcomes
        here = mean[:, None] + (std**2 / spread)[:, None] * outcomes
        top = np.maximum(there.max(axis=0), here).mean(axis=1)
        return np.asarray(top - np.maximum(elsewhere.max(), mean))
