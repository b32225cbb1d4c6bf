"""Optimism: judge a point by the upper edge of what it may be."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np

from gp.errors import ParameterError

from .base import Acquisition, Array, Posterior, checked_moments, checked_setting


def scheduled_kappa(t: int, d: int, delta: float = 0.1, nu: float = 1.0) -> float:
    """κ_t = √(ν 2 log(t^(d/2 + 2) π² / (3 δ)))        (Srinivas et al. 2010; Brochu et al. 2010, section 2.3.1)

    >>> round(scheduled_kappa(1, 2), 4)
    2.6433
    """
    return math.sqrt(nu * 2 * ((d / 2 + 2) * math.log(t) + math.log(math.pi**2 / (3 * delta))))


@dataclass(frozen=True)
class UpperConfidenceBound(Acquisition):
    """The optimistic edge of the band: UCB = mean + κ std (Srinivas et al. 2010).

    κ = 0 only exploits; the larger κ, the more it explores. With `delta` given, `prepare` sets κ by the
    GP-UCB schedule at t = the number of observations, so that for a function of this kernel the mean regret goes to 0
    with probability 1 - delta.

    >>> UpperConfidenceBound(kappa=2.0).score(np.array([1.0]), np.array([0.5]), best=0.0)
    array([2.])
    """

    kappa: float = 2.0
    delta: float | None = None
    nu: float = 1.0

    label = "UCB"

    def __post_init__(self) -> None:
        object.__setattr__(self, "kappa", checked_setting(type(self).__name__, "kappa", self.kappa))
        object.__setattr__(self, "nu", checked_setting(type(self).__name__, "nu", self.nu))
        if self.delta is None:
            return
        object.__setattr__(self, "delta", checked_setting(type(self).__name__, "delta", self.delta))
        if not 0 < self.delta < 1:
            raise ParameterError(f"UpperConfidenceBound: delta is a probability in (0, 1), got {self.delta!r}")

    def prepare(
        self, posterior: Posterior, best: float, bounds: Array, *, seed: Any, seconds: Posterior | None = None
    ) -> Self:
        """Set κ by the schedule, where `delta` asks for it."""
        if self.delta is None:
            return self
        t = len(getattr(posterior, "X", ())) or 1
        return replace(self, kappa=scheduled_kappa(t, len(bounds), self.delta, self.nu), delta=None)

    def score(self, mean: Array, std: Array, best: float) -> Array:
        checked_moments(mean, std, best)
        return mean + self.kappa * std

    def partials(self, mean: Array, std: Array, best: float) -> tuple[Array, Array]:
        return np.ones(np.shape(mean)), np.full(np.shape(std), self.kappa)
