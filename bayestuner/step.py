"""One suggestion as it was made, so that a picture or an explanation never has to run the objective or a fit again."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from acquisition import (
    Acquisition,
    Constrained,
    Constraint,
    ExpectedImprovement,
    LogExpectedImprovement,
    LogProbabilityOfImprovement,
    UpperConfidenceBound,
)
from gp import GaussianPosterior, GaussianProcess, Kernel

from .constraints import ConstraintModel, Limits, is_feasible
from .duration import DurationModel
from .history import Record, Trial
from .scaling import Array, Scaling, standardise
from .space import Params
from .surrogate import believe

DOUBT = 0.003  # of the variance of y: how firmly a failed point is believed to be no good


@dataclass(frozen=True, eq=False)
class Step:
    """One suggestion as it was made: the model, what it expected of the point, and why it took it.

    `best`, `mean` and `std` are in the user's units; `value` is the acquisition's own score
    at the chosen point; `seconds` has the time for "fit" and "score" ("evaluate" is the trial's). The model saw
    the values as (y - shift) / scale, bent around `center` where `bend` is not 0 (see `scaling.py`).

    >>> from bayestuner import minimize
    >>> run = minimize(lambda x: (x - 1) ** 2, {"x": (0.0, 4.0)}, 7, seed=0)
    >>> step = run.steps[-1]
    >>> mean, std = step.predict([step.params])
    >>> bool(abs(mean[0] - step.mean) < 1e-8)
    True
    """

    number: int
    observed: int
    pending: tuple[int, ...]
    kernel: Kernel
    noise: float
    log_marginal_likelihood: float
    refitted: bool
    acquisition: Acquisition
    value: float
    shift: float
    scale: float
    best: float
    mean: float
    std: float
    seconds: dict[str, float]
    record: Record = field(repr=False)
    constraints: tuple[ConstraintModel, ...] = ()
    duration: DurationModel | None = None
    center: float = 0.0
    bend: float = 0.0

    @property
    def params(self) -> Params:
        """The point that was chosen."""
        return self.record.trials[self.number].params

    @property
    def scaling(self) -> Scaling:
        """Between the user's values and the model's."""
        return Scaling(self.shift, self.scale, self.center, self.bend)

    @property
    def standardised(self) -> tuple[float, float, float]:
        """Mean, std and best in the model's units, larger is better."""
        mean = float(self.scaling.to_model(self.mean))
        return mean, self.std / float(self.scaling.slope(mean)), float(self.scaling.to_model(self.best))

    @cached_property
    def posterior(self) -> GaussianPosterior:
        """The model of the points told so far, rebuilt as it was, nothing refitted."""
        trials = self.record.complete(self.observed)
        z = model_values(trials, self.scaling)
        return GaussianProcess(self.kernel, noise=self.noise).condition(self.record.encoded(trials), z)

    @cached_property
    def believing(self) -> GaussianPosterior:
        """The posterior as the acquisition saw it: pending points believed, failed ones avoided."""
        trials = [self.record.trials[number] for number in self.pending]
        believing = believe(self.posterior, self.record.encoded(trials))
        return avoid(believing, self.record.encoded(self.record.unexplained(self._limits, self.observed)))

    @property
    def _limits(self) -> Limits:
        return {model.name: (model.low, model.high) for model in self.constraints}

    @cached_property
    def _constraints(self) -> tuple[Constraint, ...]:
        """The limits and what was believed of them, the pending points believed too."""
        trials = self.record.measured(self.observed)
        U = self.record.encoded(trials)
        waiting = self.record.encoded([self.record.trials[number] for number in self.pending])
        posteriors = (model.posterior(U, measured_values(trials, model.name)) for model in self.constraints)
        return tuple(
            model.constraint(believe(posterior, waiting))
            for model, posterior in zip(self.constraints, posteriors, strict=True)
        )

    @cached_property
    def prepared(self) -> Acquisition:
        """The acquisition with all that it was prepared with: a file keeps the model of the seconds apart from it."""
        if self.duration is None:
            return self.acquisition
        trials = self.record.timed(self.observed)
        seconds = self.duration.log_seconds(self.record.encoded(trials), seconds_of(trials))
        best = float(self.scaling.to_model(self.best))
        return self.acquisition.prepare(self.believing, best, self.record.space.bounds, seed=None, seconds=seconds)

    @property
    def seeks_feasible(self) -> bool:
        """Whether no point was known to keep all constraints, so that one was searched for and nothing else."""
        return not any(is_feasible(t.constraints, self._limits) for t in self.record.complete(self.observed))

    def feasibility(self, points: Any) -> Array:
        """Return how probable it was that points keep all constraints, (m,); 1 where there are none."""
        U = self.record.space.encode(points)
        return np.exp(np.sum([c.log_probability(U) for c in self._constraints], axis=0) * np.ones(len(U)))

    def predict(self, points: Any) -> tuple[Array, Array]:
        """Return mean and standard deviation at points in the user's units, as the model saw them then.

        Where values are bent: the median, and the std as the slope makes it there; `scaling.interval` has the ends.
        """
        return self.scaling.moments(*self.posterior.predict(self.record.space.encode(points)))

    def score(self, points: Any) -> Array:
        """Return what the acquisition thought of points, pending ones believed and failed ones avoided.

        EI and log EI as EI in the units of the objective, PI as a probability, UCB as a value of the objective, any
        other as it is; with constraints EI times the probability that they hold, and that alone before a feasible
        point is known. Where values are bent, EI is the gain over the best that the model's average gain comes to.
        """
        best = float(self.scaling.to_model(self.best))
        target = weighed(self.prepared, self._constraints, self.seeks_feasible)
        score = target(self.believing, self.record.space.encode(points), best)
        if self.seeks_feasible:
            return np.exp(score)
        return in_user_units(self.acquisition, score, self.scaling, best)


def measured_values(trials: list[Trial], name: str) -> Array:
    """What the trials measured of a constraint, (n,)."""
    return np.array([t.constraints[name] for t in trials if t.constraints is not None], dtype=float)


def seconds_of(trials: list[Trial]) -> Array:
    """What the trials took, (n,)."""
    return np.array([t.seconds for t in trials], dtype=float)


def weighed(acquisition: Acquisition, constraints: tuple[Constraint, ...], seeks_feasible: bool) -> Acquisition:
    """The acquisition times the probability that the constraints hold; only that while no point keeps them."""
    if not constraints:
        return acquisition
    return Constrained(constraints, None if seeks_feasible else acquisition)


def model_values(trials: list[Trial], scaling: Scaling) -> Array:
    """The trials' values as the model sees them; the hopeless ones cut off where standardise did."""
    y = np.array([t.value for t in trials], dtype=float)
    return standardise(y, "maximize" if scaling.scale > 0 else "minimize", scaling.bend, scaling.center)[0]


def avoid(posterior: GaussianPosterior, failed: Array) -> GaussianPosterior:
    """The posterior as if each failed point had shown its mean, but no more than an average value.

    Only the acquisition sees this: without it, the most promising point would be asked for again
    and again where it fails every time. A little noise lets success nearby outweigh an accident.
    """
    if not len(failed):
        return posterior
    values = np.minimum(posterior.predict(failed)[0], 0.0)
    return posterior.append(failed, values, noise=np.full(len(failed), DOUBT))


def in_user_units(acquisition: Acquisition, score: Array, scaling: Scaling, best: float) -> Array:
    """An acquisition's values in terms that a user can check against the objective; `best` is the model's."""
    if isinstance(acquisition, LogExpectedImprovement):
        return scaling.gain(best, np.exp(score))
    if isinstance(acquisition, ExpectedImprovement):
        return scaling.gain(best, score)
    if isinstance(acquisition, LogProbabilityOfImprovement):
        return np.exp(score)
    if isinstance(acquisition, UpperConfidenceBound):
        return scaling.mean(score)
    return score
