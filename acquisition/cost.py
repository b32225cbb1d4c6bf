"""Gain for the time it takes: prefer the quick evaluation of two that promise the same."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any, Self

from .base import Acquisition, Array, Posterior, checked_setting
from .improvement import LogExpectedImprovement


@dataclass(frozen=True)
class ExpectedImprovementPerSecond(Acquisition):
    """log EI - expected log seconds: the logarithm of the gain a second (Snoek, Larochelle & Adams 2012).

    `prepare` is given a posterior of log seconds; without one every point costs the same and this is log EI.

    >>> from gp import GaussianProcess, RBF
    >>> gain = GaussianProcess(RBF()).condition([[0.0]], [0.0])
    >>> log_seconds = GaussianProcess(RBF()).condition([[-1.0], [1.0]], [1.0, 3.0])
    >>> ready = ExpectedImprovementPerSecond().prepare(gain, 0.0, [[-1.0, 1.0]], seed=0, seconds=log_seconds)
    >>> ready(gain, [[-1.0], [1.0]], best=0.0).round(1)  # as much to gain, e² times as dear
    array([-2.1, -4.1])
    """

    xi: float = 0.0
    _seconds: Posterior | None = field(default=None, init=False, repr=False, compare=False)

    label = "EI per second"

    def __post_init__(self) -> None:
        object.__setattr__(self, "xi", checked_setting("ExpectedImprovementPerSecond", "xi", self.xi))

    @property
    def needs_seconds(self) -> bool:
        return True

    def prepare(
        self, posterior: Posterior, best: float, bounds: Array, *, seed: Any, seconds: Posterior | None = None
    ) -> Self:
        """Take the model of the seconds."""
        if seconds is None:
            return self
        ready = replace(self)
        object.__setattr__(ready, "_seconds", seconds)
        return ready

    def __call__(self, posterior: Posterior, X: Array, best: float) -> Array:
        gain = LogExpectedImprovement(self.xi)(posterior, X, best)
        return gain if self._seconds is None else gain - self._seconds.predict(X)[0]

    def value_and_gradient(self, posterior: Posterior, X: Array, best: float) -> tuple[Array, Array]:
        if self._seconds is not None and not hasattr(self._seconds, "predict_gradient"):
            return super().value_and_gradient(posterior, X, best)
        gain, slope = LogExpectedImprovement(self.xi).value_and_gradient(posterior, X, best)
        if self._seconds is None:
            return gain, slope
        return gain - self._seconds.predict(X)[0], slope - self._seconds.predict_gradient(X)[0]
