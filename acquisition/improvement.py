"""How much, and how probably, a point would beat the best: EI, log EI, PI, log PI.

z = (mean - best - ξ) / std,  h(z) = φ(z) + z Φ(z); ξ asks for more than just beating the best.
"""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass

import numpy as np
from scipy.special import log_ndtr

from .base import Acquisition, Array, checked_moments, checked_setting
from .normal import Phi, h, inverse_mills, log_h_and_slope, phi

SMALLEST_STD = 1e-6  # of log EI
VANISHING = 1e-100  # a std below counts as 0 in EI and PI; z would overflow


@dataclass(frozen=True)
class _Improvement(Acquisition):
    xi: float = 0.0

    def __post_init__(self) -> None:
        object.__setattr__(self, "xi", checked_setting(type(self).__name__, "xi", self.xi))

    @abstractmethod
    def score(self, mean: Array, std: Array, best: float) -> Array: ...

    def _gap(self, mean: Array, std: Array, best: float) -> Array:
        checked_moments(mean, std, best)
        return np.asarray(mean, dtype=float) - best - self.xi

    def _gap_and_std(self, mean: Array, std: Array, best: float) -> tuple[Array, Array, Array]:
        """mean - best - ξ; where std is as good as 0; and std, with 1 in these places."""
        certain = np.less(std, VANISHING)
        return self._gap(mean, std, best), certain, np.where(certain, 1.0, std)


@dataclass(frozen=True)
class ExpectedImprovement(_Improvement):
    """The average gain over the best, no gain counting 0 (Jones, Schonlau & Welch 1998).

        EI = E max(f - best - ξ, 0) = std h(z),   ∂EI/∂mean = Φ(z),   ∂EI/∂std = φ(z)

    Where std is 0 it is the gain itself. Far below the best it falls under the smallest
    float and gives a search nothing to climb: then use LogExpectedImprovement.

    >>> ExpectedImprovement().score(np.array([-0.5]), np.array([1.0]), best=0.0).round(4)
    array([0.1978])
    """

    label = "EI"

    def score(self, mean: Array, std: Array, best: float) -> Array:
        gap, certain, safe = self._gap_and_std(mean, std, best)
        return np.where(certain, np.maximum(gap, 0.0), safe * h(gap / safe))

    def partials(self, mean: Array, std: Array, best: float) -> tuple[Array, Array]:
        gap, certain, safe = self._gap_and_std(mean, std, best)
        z = gap / safe
        return np.where(certain, gap > 0, Phi(z)), np.where(certain, 0.0, phi(z))


@dataclass(frozen=True)
class LogExpectedImprovement(_Improvement):
    """The logarithm of EI: the same favourite point, and a slope to climb even where EI is 1e-300.

        log EI = log std + log h(z),   ∂/∂mean = g / std,   ∂/∂std = (1 - z g) / std,   g = Φ/h

    (Ament et al. 2023, arXiv 2310.20708). A std below 1e-6 counts as 1e-6.

    >>> LogExpectedImprovement().score(np.array([0.0]), np.array([1e-3]), best=1.0).round(2)
    array([-500021.64])
    """

    label = "log EI"

    def score(self, mean: Array, std: Array, best: float) -> Array:
        gap, std = self._gap(mean, std, best), np.maximum(std, SMALLEST_STD)
        return np.log(std) + log_h_and_slope(gap / std)[0]

    def partials(self, mean: Array, std: Array, best: float) -> tuple[Array, Array]:
        gap, clamped = self._gap(mean, std, best), np.maximum(std, SMALLEST_STD)
        z = gap / clamped
        g = log_h_and_slope(z)[1]
        return g / clamped, np.where(std >= SMALLEST_STD, (1 - z * g) / clamped, 0.0)


@dataclass(frozen=True)
class ProbabilityOfImprovement(_Improvement):
    """The chance of any gain at all, however small (Kushner 1964).

        PI = Φ(z),   ∂PI/∂mean = φ(z) / std,   ∂PI/∂std = -z φ(z) / std

    Where std is 0 it is 1 above the best and 0 elsewhere.

    >>> ProbabilityOfImprovement().score(np.array([0.0]), np.array([1.0]), best=0.0)
    array([0.5])
    """

    label = "PI"

    def score(self, mean: Array, std: Array, best: float) -> Array:
        gap, certain, safe = self._gap_and_std(mean, std, best)
        return np.where(certain, gap > 0, Phi(gap / safe))

    def partials(self, mean: Array, std: Array, best: float) -> tuple[Array, Array]:
        gap, certain, safe = self._gap_and_std(mean, std, best)
        z = gap / safe
        by_mean = np.where(certain, 0.0, phi(z) / safe)
        return by_mean, -z * by_mean


@dataclass(frozen=True)
class LogProbabilityOfImprovement(_Improvement):
    """The logarithm of PI: the same favourite point, and a slope to climb even where PI is 1e-300.

        log PI = log Φ(z),   ∂/∂mean = r / std,   ∂/∂std = -z r / std,   r = φ/Φ

    A std below 1e-6 counts as 1e-6.

    >>> LogProbabilityOfImprovement().score(np.array([0.0]), np.array([1.0]), best=40.0).round(2)
    array([-804.61])
    """

    label = "log PI"

    def score(self, mean: Array, std: Array, best: float) -> Array:
        return np.asarray(log_ndtr(self._gap(mean, std, best) / np.maximum(std, SMALLEST_STD)))

    def partials(self, mean: Array, std: Array, best: float) -> tuple[Array, Array]:
        gap, clamped = self._gap(mean, std, best), np.maximum(std, SMALLEST_STD)
        z = gap / clamped
        by_mean = inverse_mills(z) / clamped
        return by_mean, np.where(std >= SMALLEST_STD, -z * by_mean, 0.0)
