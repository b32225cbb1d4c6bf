"""The numbers of a sweep of an acquisition's setting: the scores under each, and the points they pick."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from acquisition import (
    Acquisition,
    ExpectedImprovement,
    LogExpectedImprovement,
    ProbabilityOfImprovement,
    UpperConfidenceBound,
)
from bayestuner import Step

from .axis import Array
from .panel import (
    limits,
)
from .shares import Shares
from .sweep import largest_jump, traced
from .view import View


@dataclass(frozen=True, eq=False)
class Exploration:
    """The numbers: settings from the smallest to the largest, the scores under each, and the points they pick."""

    view: View
    step: Step
    parameter: str
    settings: Array
    truth: Array | None = None

    def acquisition(self, setting: float) -> Acquisition:
        """The acquisition with this κ or ξ: the step's own kind, if it has one."""
        if self.parameter == "kappa":
            return UpperConfidenceBound(kappa=setting)
        own = self.step.acquisition
        known = (ExpectedImprovement, LogExpectedImprovement, ProbabilityOfImprovement)
        return replace(own, xi=setting) if isinstance(own, known) else ExpectedImprovement(xi=setting)

    @cached_property
    def name(self) -> str:
        """Of the acquisition, in words."""
        if self.parameter == "kappa":
            return "LCB" if self.view.direction == "minimize" else "UCB"
        return "PI" if isinstance(self.acquisition(1.0), ProbabilityOfImprovement) else "EI"

    @cached_property
    def traced(self) -> tuple[Array, Any]:
        """Scores on the grid under each setting, and the index that each picks."""
        best = float(self.view.scaling.to_model(self.step.best))
        return traced([self.acquisition(float(s)) for s in self.settings], self.view.posterior, self.view.U, best)

    @property
    def picks(self) -> Array:
        """Places that are picked, one for each setting."""
        return self.view.places[self.traced[1]]

    @cached_property
    def jump(self) -> int | None:
        """At which setting the pick jumps furthest, if it does."""
        return largest_jump(self.picks, 1.0)

    def share(self, index: int) -> Array:
        """A setting's scores from 0 to 1."""
        score = self.traced[0][index]
        return Shares.of(self.acquisition(1.0), score)(score)

    def edge(self, setting: float) -> Array:
        """The optimistic edge of the band, in the user's units; with ξ the value that must be beaten."""
        side = -1.0 if self.view.direction == "minimize" else 1.0
        if self.parameter == "kappa":
            return self.view.scaling.above(*self.view.line(), side * setting)
        return np.full(len(self.view.places), self.step.best + side * self.beyond(setting))

    def beyond(self, setting: float) -> float:
        """What a ξ is in the user's units."""
        return float(self.step.scaling.gain(self.step.standardised[2], setting))

    @cached_property
    def limits(self) -> tuple[float, float]:
        """Of y: the band, the data, the truth, and the edge of a κ of 3."""
        band = np.quantile(self.view.scaling.interval(*self.view.line(), 3), [0.02, 0.98])
        return limits(band, self.view.y, *([] if self.truth is None else [self.truth]))
