"""Learn where the top is: the information that a value would give about the height of the maximum."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np
from scipy.special import log_ndtr

from .base import Acquisition, Array, Posterior, checked_count, checked_moments
from .errors import AcquisitionError
from .normal import LOG_SQRT_2PI, inverse_mills, log_h_and_slope
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
        object.__setattr__(self, "size", checked_count("MaxValueEntropySearch", "size", self.size, 1))
        object.__setattr__(self, "maxima", tuple(float(m) for m in self.maxima))

    def prepare(
        self, posterior: Posterior, best: float, bounds: Array, *, seed: Any, seconds: Posterior | None = None
    ) -> Self:
        """Draw the maxima, each at least the value to beat, unless they are given."""
        if self.maxima:
            return self
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
        above, below = np.maximum(gamma, 0.0), np.minimum(gamma, 0.0)
        # Below 0 both terms grow like γ² and cancel; with r = φ/Φ, -log Φ = γ²/2 + log √2π + log r and r + γ = h/Φ.
        near = 0.5 * above * inverse_mills(above) - log_ndtr(above)
        far = 0.5 * below / log_h_and_slope(below)[1] + np.log(inverse_mills(below)) + LOG_SQRT_2PI
        return np.asarray(np.where(gamma < 0, far, near).mean(axis=0))

    def partials(self, mean: Array, std: Array, best: float) -> tuple[Array, Array]:
        gamma, clamped = self._gamma(mean, std, best)
        ratio, below = inverse_mills(gamma), np.minimum(gamma, 0.0)
        # 1 + γ² + γ r = 1 + γ h/Φ, which is > 0
        factor = np.where(gamma < 0, 1 + below / log_h_and_slope(below)[1], 1 + gamma**2 + gamma * ratio)
        by_gamma = -0.5 * ratio * np.maximum(factor, 0.0)
        by_std = -(by_gamma * gamma).mean(axis=0) / clamped
        return -by_gamma.mean(axis=0) / clamped, np.where(std >= SMALLEST_STD, by_std, 0.0)


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
