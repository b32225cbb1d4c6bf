"""Optimism: judge a point by the upper edge of what it may be."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .base import Acquisition, Array, checked_moments, checked_setting


@dataclass(frozen=True)
class UpperConfidenceBound(Acquisition):
    """The optimistic edge of the band: UCB = mean + κ std (Srinivas et al. 2010).

    κ = 0 only exploits; the larger κ, the more it explores.

    >>> UpperConfidenceBound(kappa=2.0).score(np.array([1.0]), np.array([0.5]), best=0.0)
    array([2.])
    """

    kappa: float = 2.0

    label = "UCB"

    def __post_init__(self) -> None:
        object.__setattr__(self, "kappa", checked_setting(type(self).__name__, "kappa", self.kappa))

    def score(self, mean: Array, std: Array, best: float) -> Array:
        checked_moments(mean, std, best)
        return mean + self.kappa * std

    def partials(self, mean: Array, std: Array, best: float) -> tuple[Array, Array]:
        return np.ones(np.shape(mean)), np.full(np.shape(std), self.kappa)
