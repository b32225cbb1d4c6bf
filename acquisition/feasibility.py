"""Constraints: how probable it is that a measured quantity stays within its limits."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from typing import Any, Self

import numpy as np
from scipy.special import log_ndtr, ndtr

from gp.errors import ParameterError

from .base import Acquisition, Array, Posterior, Projection, checked_acquisition, predict_with_gradient
from .improvement import LogExpectedImprovement
from .normal import LOG_SQRT_2PI

SMALLEST_STD = 1e-6  # a smaller one would make a cliff of the limit, which nobody can climb
LARGEST_LOG = 300.0
FARTHEST = 1e150  # standard deviations; the square of a larger number overflows


@dataclass(frozen=True)
class Constraint:
    """A quantity with a posterior of its own and limits, either of them None; feasible is low <= c(x) <= high.

    >>> from gp import RBF, GaussianProcess
    >>> weight = GaussianProcess(RBF()).condition([[0.0]], [1.0])
    >>> Constraint(weight, low=0.0).log_probability(np.array([[9.0]])).round(4)  # far away: log ½
    array([-0.6931])
    """

    posterior: Posterior
    low: float | None = None
    high: float | None = None

    def __post_init__(self) -> None:
        for name, limit in (("low", self.low), ("high", self.high)):
            if isinstance(limit, (bool, str, complex)) or np.ndim(limit) != 0:  # type: ignore[arg-type]
                raise TypeError(f"Constraint: {name} must be a number or None, got {limit!r}")
        low = -math.inf if self.low is None else float(self.low)
        high = math.inf if self.high is None else float(self.high)
        if math.isnan(low) or math.isnan(high) or low >= high:
            raise ParameterError(f"a constraint needs low < high, got low={self.low!r}, high={self.high!r}")
        object.__setattr__(self, "low", low)
        object.__setattr__(self, "high", high)

    def log_probability(self, X: Array) -> Array:
        """log P(low <= c(x) <= high) at each row of X, (m,)."""
        assert self.low is not None
        assert self.high is not None
        mean, std = self.posterior.predict(X)
        return log_probability_between(mean, np.maximum(std, SMALLEST_STD), self.low, self.high)

    def log_probability_and_gradient(self, X: Array) -> tuple[Array, Array]:
        """log P at each row of X (m,), and its gradient (m, d).

        ∂/∂mean = (φ(a) - φ(b)) / (P std),   ∂/∂std = (a φ(a) - b φ(b)) / (P std)
        """
        assert self.low is not None
        assert self.high is not None
        mean, std, dmean, dstd = predict_with_gradient(self.posterior, X)
        std = np.maximum(std, SMALLEST_STD)
        log_p = log_probability_between(mean, std, self.low, self.high)
        by_mean, by_std = np.zeros_like(mean), np.zeros_like(mean)
        for limit, sign in ((self.low, 1.0), (self.high, -1.0)):
            if math.isfinite(limit):
                z = (limit - mean) / std
                # In logarithms, so that a density and a probability of 1e-400 still have a ratio.
                ratio = sign * np.exp(np.minimum(-0.5 * z**2 - LOG_SQRT_2PI - log_p, LARGEST_LOG)) / std
                by_mean += ratio
                by_std += z * ratio
        return log_p, by_mean[:, None] * dmean + by_std[:, None] * dstd


def log_probability_between(mean: Array, std: Array, low: float, high: float) -> Array:
    """log(Φ(b) - Φ(a)), a = (low - mean) / std, b = (high - mean) / std, without loss in either tail.

    Where both ends lie above 0 they are mirrored; where both lie below,
    log P = log Φ(b) + log(1 - exp(log Φ(a) - log Φ(b))).
    """
    std = np.maximum(std, 1e-300)
    with np.errstate(over="ignore"):
        a, b = (np.clip((limit - mean) / std, -FARTHEST, FARTHEST) for limit in (low, high))
    a, b = np.where(a > 0, -b, a), np.where(a > 0, -a, b)
    tail = np.minimum(log_ndtr(a) - log_ndtr(b), -1e-300)
    far = log_ndtr(b) + np.log(-np.expm1(tail))
    with np.errstate(divide="ignore"):
        near = np.log(ndtr(b) - ndtr(a))
    return np.asarray(np.where(b < 0, far, near))


@dataclass(frozen=True)
class Constrained(Acquisition):
    """An acquisition weighed by the probability that all constraints hold (Gardner et al. 2014).

        log EI(x) + Σⱼ log Pⱼ(x)

    `acquisition` must be on a logarithmic scale, as LogExpectedImprovement is; None searches for a feasible
    point alone, which is right until there is one.

    >>> from gp import GaussianProcess, RBF
    >>> gain = GaussianProcess(RBF()).condition([[0.0], [1.0]], [0.0, 1.0])
    >>> memory = GaussianProcess(RBF()).condition([[0.0], [2.0]], [0.0, 9.0])
    >>> within = Constrained([Constraint(memory, high=8.0)])
    >>> within(gain, np.array([[1.5], [2.0]]), best=1.0).round(1)  # at 2 it is known to take 9
    array([-1.9000e+00, -4.9984e+03])
    """

    constraints: tuple[Constraint, ...]
    acquisition: Acquisition | None = field(default_factory=LogExpectedImprovement)

    label = "constrained EI"

    def __post_init__(self) -> None:
        given: Any = self.constraints
        if not isinstance(given, (list, tuple)) or not all(isinstance(c, Constraint) for c in given):
            raise TypeError(f"Constrained: expected a list of constraints, got {given!r:.200}")
        if not given:
            raise ParameterError("Constrained: expected at least one constraint, got an empty list")
        object.__setattr__(self, "constraints", tuple(given))
        if self.acquisition is not None:
            checked_acquisition("Constrained", self.acquisition)

    @property
    def needs_seconds(self) -> bool:
        return self.acquisition is not None and self.acquisition.needs_seconds

    def follow(self, previous: Acquisition) -> Self:
        """Let the acquisition inside go on from the one inside before."""
        inside = previous.acquisition if isinstance(previous, Constrained) else None
        if self.acquisition is None or inside is None:
            return self
        return replace(self, acquisition=self.acquisition.follow(inside))

    def among(self, project: Projection | None, exclude: Array | None) -> Self:
        """Tell the acquisition inside."""
        return self if self.acquisition is None else replace(self, acquisition=self.acquisition.among(project, exclude))

    def prepare(
        self, posterior: Posterior, best: float, bounds: Array, *, seed: Any, seconds: Posterior | None = None
    ) -> Self:
        """Prepare the acquisition inside."""
        if self.acquisition is None:
            return self
        inner = self.acquisition.prepare(posterior, best, bounds, seed=seed, seconds=seconds)
        return replace(self, acquisition=inner)

    def __call__(self, posterior: Posterior, X: Array, best: float) -> Array:
        feasible = np.sum([c.log_probability(X) for c in self.constraints], axis=0)
        return feasible if self.acquisition is None else self.acquisition(posterior, X, best) + feasible

    def value_and_gradient(self, posterior: Posterior, X: Array, best: float) -> tuple[Array, Array]:
        """The sum of the values and gradients of the parts, by differences where a posterior has no gradient."""
        if not all(hasattr(c.posterior, "predict_gradient") for c in self.constraints):
            return super().value_and_gradient(posterior, X, best)
        parts = [c.log_probability_and_gradient(X) for c in self.constraints]
        if self.acquisition is not None:
            parts.append(self.acquisition.value_and_gradient(posterior, X, best))
        return np.sum([value for value, _ in parts], axis=0), np.sum([slope for _, slope in parts], axis=0)
