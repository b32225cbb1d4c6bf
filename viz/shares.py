"""An acquisition on a scale from 0 to 1: how good a point is, compared with the best one when the choice was made."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from acquisition import (
    Acquisition,
    ExpectedImprovement,
    ExpectedImprovementPerSecond,
    KnowledgeGradient,
    LogExpectedImprovement,
    LogProbabilityOfImprovement,
    MaxValueEntropySearch,
    ProbabilityOfImprovement,
)

from .axis import Array

LOGARITHMS = (LogExpectedImprovement, LogProbabilityOfImprovement)
GAINS = (
    ExpectedImprovement,
    ProbabilityOfImprovement,
    KnowledgeGradient,
    MaxValueEntropySearch,
    ExpectedImprovementPerSecond,
)


@dataclass(frozen=True)
class Shares:
    """The map from scores to [0, 1]: 1 is the best score there was, 0 no gain at all, or else the worst score."""

    low: float
    high: float
    logarithm: bool
    gain: bool

    @staticmethod
    def of(acquisition: Acquisition, score: Array) -> Shares:
        """The scale on which these scores fill [0, 1]."""
        logarithm, gain = isinstance(acquisition, LOGARITHMS), isinstance(acquisition, (*LOGARITHMS, *GAINS))
        finite = score[np.isfinite(score)]
        if not len(finite):
            return Shares(0.0, 0.0, logarithm, gain)
        low = 0.0 if gain and not logarithm else float(finite.min())
        return Shares(low, float(finite.max()), logarithm, gain)

    def __call__(self, score: Array) -> Array:
        """Each score on this scale, and within it."""
        if self.logarithm:
            return np.exp(np.minimum(np.nan_to_num(score, nan=-np.inf) - self.high, 0.0))
        if not self.high > self.low:
            return np.zeros(np.shape(score))
        return np.clip((np.nan_to_num(score, nan=self.low) - self.low) / (self.high - self.low), 0.0, 1.0)
