"""Learn where the top is: the information that a value would give about the height of the maximum."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np
from scipy.special import log_ndtr

from gp.errors import ParameterError

from .base import Acquisition, Array, Posterior, checked_moments
from .errors import AcquisitionError
from .normal import inverse_mills
from .search import around_incumbents, sobol

SMALLEST_STD = 1e-9


@dataclass(frozen=True)
class MaxValueEntropySearch(Acquisition):
    """How much, on average, a value here would tell about the largest value anywhere (Wang & Jegelka 2017).

        MES = mean over maxima m of  γ φ(γ) / (2 Φ(γ)) - log Φ(γ),   γ = (m - mean) / std

    `prepare` draws the maxima from the posterior: the maximum of a few thousand points is close to a
    Gumbel variable, whose location and scale are read off its quartiles.

    >>> MaxValueEntropySearch(maxima=(1.0,)).score(np.array([0.0]), np.array([1.0]), best=0.0).round(4)
    array([0.3166])
    """

    size: int = 16
    maxima: tuple[float, ...] = ()

    label = "MES"

    def __post_init__(self) -> None:
        if isinstance(self.size, bool) or self.size != int(self.size) or self.size < 1:
            raise ParameterError(f"MaxValueEntropySearch: size must be a whole number >= 1, got {self.size!r}")

    def prepare(
        self, posterior: Posterior, best: float, bounds: Array, *, seed: Any, seconds: Posterior | None = None
    ) -> Self:
        """Draw the maxima, each at least the value to beat."""
        rng = np.random.default_rng(seed)
        points = np.vstack([sobol(1024, bounds, rng), around_incumbents(posterior, bounds, rng)])
        maxima = gumbel_maxima(*posterior.predict(points), rng.random(self.size))
        return replace(self, maxima=tuple(float(m) for m in np.maximum(maxima, best)))

    def _gamma(self, mean: Array, std: Array, best: float) -> tuple[Array, Array]:
        checked_moments(mean, std, best)
        if not self.maxima:
            raise AcquisitionError("MaxValueEntropySearch: no maxima are drawn; call prepare first, as maximize does")
        std = np.maximum(std, SMALLEST_STD)
        return (np.array(self.maxima)[:, None] - mean) / std, std

    def score(self, mean: Array, std: Array, best: float) -> Array:
        gamma, _ = self._gamma(mean, std, best)
        return np.asarray((0.5 * gamma * inverse_mills(gamma) - log_ndtr(gamma)).mean(axis=0))

    def partials(self, mean: Array, std: Array, best: float) -> tuple[Array, Array]:
        gamma, std = self._gamma(mean, std, best)
        ratio = inverse_mills(gamma)
        by_gamma = -0.5 * ratio * (1 + gamma**2 + gamma * ratio)
        return -by_gamma.mean(axis=0) / std, -(by_gamma * gamma).mean(axis=0) / std


def gumbel_maxima(mean: Array, std: Array, u: Array) -> Array:
    """Maxima of independent normals, one for each uniform number u, by a Gumbel distribution with their quartiles.

    P(max <= m) = Π Φ((m - meanᵢ) / stdᵢ); the quartiles are found by bisection.
    """
    std = np.maximum(std, SMALLEST_STD)
    low, high = float((mean - 5 * std).max()), float((mean + 8 * std).max())

    def quantile(p: float) -> float:
        a, b = low, high
        for _ in range(60):
            middle = 0.5 * (a + b)
            below = float(log_ndtr((middle - mean) / std).sum()) < np.log(p)
            a, b = (middle, b) if below else (a, middle)
        return 0.5 * (a + b)

    q25, q50, q75 = quantile(0.25), quantile(0.5), quantile(0.75)
    scale = (q75 - q25) / (np.log(np.log(4)) - np.log(np.log(4 / 3)))
    location = q50 + scale * np.log(np.log(2))
    return location - scale * np.log(-np.log(np.clip(u, 1e-12, 1 - 1e-12)))
