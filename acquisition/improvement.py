"""How much, and how probably, a point would beat the best: EI, log EI, PI, log PI.

z = (mean - best - ξ) / std,  h(z) = φ(z) + z Φ(z); ξ asks for more than just beating the best.

A noisy measurement does not end all doubt. What it is worth is how far the mean may move by it, and before it is made
that move has the standard deviation std² / √(std² + noise): all of std without noise, next to nothing where the
point is known better than it can be measured. EI and log EI count that gain where they are told the noise
(expected quantile improvement with the median as quantile: Picheny, Ginsbourger, Richet & Caplin 2013).
"""

from __future__ import annotations

import math
from abc import abstractmethod
from dataclasses import dataclass, replace
from typing import Any, Literal, Self

import numpy as np
from scipy.special import log_ndtr

from .base import Acquisition, Array, Posterior, checked_moments, checked_setting
from .errors import AcquisitionError
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
class _Gain(_Improvement):
    noise: float | Literal["learned"] = 0.0

    def __post_init__(self) -> None:
        super().__post_init__()
        name = type(self).__name__
        if not isinstance(self.noise, str):
            object.__setattr__(self, "noise", checked_setting(name, "noise", self.noise))
        elif self.noise != "learned":
            raise TypeError(f"{name}: noise must be a number >= 0, or 'learned' for the model's; got {self.noise!r}")

    def prepare(
        self, posterior: Posterior, best: float, bounds: Array, *, seed: Any, seconds: Posterior | None = None
    ) -> Self:
        """Return the acquisition with the noise that the model has learned, where that is asked for."""
        if self.noise != "learned":
            return self
        prior = getattr(posterior, "prior", None)
        return replace(self, noise=float(getattr(prior, "noise", 0.0)))

    def _moves(self, std: Array) -> tuple[Array, Array | float]:
        """How far the mean may move by a measurement, and the derivative of that by std."""
        if self.noise == "learned":
            name = type(self).__name__
            raise AcquisitionError(f"{name}: the noise is not known yet; call prepare first, as maximize does")
        return (std, 1.0) if self.noise == 0 else mean_moves(std, self.noise)


def mean_moves(std: Array | float, noise: float) -> tuple[Array, Array]:
    """How far the mean of a point may move by one measurement of it, and the derivative of that by std.

        std' = std² / √(std² + noise),   ∂std'/∂std = std (std² + 2 noise) / (std² + noise)^1.5

    >>> mean_moves(1.0, noise=3.0)[0]
    array(0.5)
    """
    measured = np.maximum(np.hypot(std, math.sqrt(noise)), VANISHING)
    share = np.asarray(std / measured)
    return np.asarray(std * share), share * (1 + noise / measured**2)


@dataclass(frozen=True)
class ExpectedImprovement(_Gain):
    """The average gain over the best, no gain counting 0 (Jones, Schonlau & Welch 1998).

        EI = E max(f - best - ξ, 0) = std h(z),   ∂EI/∂mean = Φ(z),   ∂EI/∂std = φ(z)

    Where std is 0 it is the gain itself. Far below the best it falls under the smallest
    float and gives a search nothing to climb: then use LogExpectedImprovement. With a `noise`,
    the variance of a measurement, std is that of the mean after it, std² / √(std² + noise);
    "learned" takes the model's.

    >>> ExpectedImprovement().score(np.array([-0.5]), np.array([1.0]), best=0.0).round(4)
    array([0.1978])
    """

    label = "EI"

    def score(self, mean: Array, std: Array, best: float) -> Array:
        gap, certain, safe = self._gap_and_std(mean, self._moves(std)[0], best)
        return np.where(certain, np.maximum(gap, 0.0), safe * h(gap / safe))

    def partials(self, mean: Array, std: Array, best: float) -> tuple[Array, Array]:
        moves, slope = self._moves(std)
        gap, certain, safe = self._gap_and_std(mean, moves, best)
        z = gap / safe
        return np.where(certain, gap > 0, Phi(z)), np.where(certain, 0.0, phi(z)) * slope


@dataclass(frozen=True)
class LogExpectedImprovement(_Gain):
    """The logarithm of EI: the same favourite point, and a slope to climb even where EI is 1e-300.

        log EI = log std + log h(z),   ∂/∂mean = g / std,   ∂/∂std = (1 - z g) / std,   g = Φ/h

    (Ament et al. 2023, arXiv 2310.20708). A std below 1e-6 counts as 1e-6. `noise` as in
    ExpectedImprovement; the optimizer's default is LogExpectedImprovement(noise="learned").

    >>> LogExpectedImprovement().score(np.array([0.0]), np.array([1e-3]), best=1.0).round(2)
    array([-500021.64])
    """

    label = "log EI"

    def score(self, mean: Array, std: Array, best: float) -> Array:
        gap, std = self._gap(mean, std, best), np.maximum(self._moves(std)[0], SMALLEST_STD)
        return np.log(std) + log_h_and_slope(gap / std)[0]

    def partials(self, mean: Array, std: Array, best: float) -> tuple[Array, Array]:
        moves, slope = self._moves(std)
        gap, clamped = self._gap(mean, std, best), np.maximum(moves, SMALLEST_STD)
        z = gap / clamped
        g = log_h_and_slope(z)[1]
        return g / clamped, np.where(moves >= SMALLEST_STD, (1 - z * g) / clamped, 0.0) * slope


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
