"""The record of a run: every trial, every suggestion as it was made, and what came of it.

Nothing is computed twice and nothing is lost: a step holds what the model believed when it
chose its point, so that a picture or an explanation never has to run the objective or a fit again.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from acquisition import (
    Acquisition,
    Constrained,
    Constraint,
    ExpectedImprovement,
    LogExpectedImprovement,
    NotFittedError,
    UpperConfidenceBound,
)
from gp import GaussianPosterior, GaussianProcess, Kernel
from gp.notebook import html_table

from .constraints import ConstraintModel, Limits, is_feasible
from .duration import DurationModel
from .space import Params, Space
from .surrogate import Array, Scaling, believe, standardise

if TYPE_CHECKING:
    import pandas

SHOWN = 20  # trials in a notebook
Reports = tuple[tuple[int, float], ...]  # (step, value), in the order of the steps
DOUBT = 0.003  # of the variance of y: how firmly a failed point is believed to be no good


@dataclass(frozen=True)
class Trial:
    """One evaluation of the objective: where, and what came of it."""

    number: int
    params: Params
    value: float | None = None
    status: str = "running"  # "running" | "complete" | "failed"
    error: str | None = None  # why it failed, or where a complete one was stopped early
    seconds: float | None = None
    source: str = "user"  # "initial" | "model" | "user"
    told: int | None = None  # its place in the order of telling
    constraints: dict[str, float] | None = None  # what was measured of each
    reports: Reports = ()  # what it had come to by some steps

    @property
    def stopped_early(self) -> bool:
        """Whether a pruning rule ended it: its value is what it had come to by then."""
        return self.status == "complete" and self.error is not None


@dataclass
class Record:
    """What an optimizer writes as it goes: trials by number, and the order in which they were told.

    It only ever grows, so steps share it and each looks at the part that it saw.
    """

    space: Space
    direction: str
    trials: dict[int, Trial] = field(default_factory=dict)
    told: list[int] = field(default_factory=list)
    _places: dict[int, tuple[Params, Array]] = field(default_factory=dict, init=False, repr=False, compare=False)

    def placed(self, trial: Trial) -> Trial:
        """The trial with its place in the order of telling, if it has come to an end."""
        ended = trial.status != "running" and trial.told is None
        return replace(trial, told=len(self.told)) if ended else trial

    def add(self, trial: Trial) -> Trial:
        """Write a trial, new or told; return it as written."""
        trial = self.placed(trial)
        self.trials[trial.number] = trial
        if trial.told == len(self.told):
            self.told.append(trial.number)
        return trial

    def complete(self, observed: int | None = None) -> list[Trial]:
        """The trials with a value among the first `observed` told ones, in that order."""
        return [t for t in (self.trials[n] for n in self.told[:observed]) if t.status == "complete"]

    def failed(self, observed: int | None = None) -> list[Trial]:
        """The trials that failed among the first `observed` told ones, in that order."""
        return [t for t in (self.trials[n] for n in self.told[:observed]) if t.status == "failed"]

    def unexplained(self, limits: Limits, observed: int | None = None) -> list[Trial]:
        """The failed trials but those that broke a constraint: of these the model of the constraint knows."""
        return [t for t in self.failed(observed) if t.constraints is None or is_feasible(t.constraints, limits)]

    def measured(self, observed: int | None = None) -> list[Trial]:
        """The trials with measured constraints among the first `observed` told ones, in that order."""
        return [t for t in (self.trials[n] for n in self.told[:observed]) if t.constraints is not None]

    def timed(self, observed: int | None = None) -> list[Trial]:
        """The finished trials that took a known time among the first `observed` told ones, in that order."""
        finished = (t for t in self.complete(observed) if not t.stopped_early)
        return [t for t in finished if t.seconds is not None and t.seconds > 0]

    def pending(self) -> list[Trial]:
        """Asked, and not yet told."""
        return [trial for trial in self.trials.values() if trial.status == "running"]

    def encoded(self, trials: list[Trial]) -> Array:
        """The trials' points in the unit cube, (n, width)."""
        # Every suggestion asks for all of them several times, and each is where it was: it is encoded once.
        new = [t.params for t in trials if id(t.params) not in self._places]
        for params, place in zip(new, self.space.encode(new) if new else (), strict=True):
            self._places[id(params)] = params, place  # kept, so that no other dict can have its id
        return np.array([self._places[id(t.params)][1] for t in trials]).reshape(len(trials), self.space.width)


@dataclass(frozen=True, eq=False)
class Step:
    """One suggestion as it was made: the model, what it expected of the point, and why it took it.

    `best`, `mean` and `std` are in the user's units; `value` is the acquisition's own score
    at the chosen point; `seconds` has the time for "fit" and "score" ("evaluate" is the trial's).
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

    @property
    def params(self) -> Params:
        """The point that was chosen."""
        return self.record.trials[self.number].params

    @property
    def scaling(self) -> Scaling:
        """Between the user's values and the model's."""
        return Scaling(self.shift, self.scale)

    @cached_property
    def posterior(self) -> GaussianPosterior:
        """The model of the points told so far, rebuilt as it was, nothing refitted."""
        trials = self.record.complete(self.observed)
        z = model_values(trials, self.scaling)
        return GaussianProcess(self.kernel, noise=self.noise).condition(self.record.encoded(trials), z)

    @cached_property
    def _believing(self) -> GaussianPosterior:
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
        return self.acquisition.prepare(self._believing, best, self.record.space.bounds, seed=None, seconds=seconds)

    @property
    def seeks_feasible(self) -> bool:
        """Whether no point was known to keep all constraints, so that one was searched for and nothing else."""
        return not any(is_feasible(t.constraints, self._limits) for t in self.record.complete(self.observed))

    def feasibility(self, points: Any) -> Array:
        """Return how probable it was that points keep all constraints, (m,); 1 where there are none."""
        U = self.record.space.encode(points)
        return np.exp(np.sum([c.log_probability(U) for c in self._constraints], axis=0) * np.ones(len(U)))

    def predict(self, points: Any) -> tuple[Array, Array]:
        """Return mean and standard deviation at points in the user's units, as the model saw them then."""
        mean, std = self.posterior.predict(self.record.space.encode(points))
        return self.scaling.mean(mean), self.scaling.std(std)

    def score(self, points: Any) -> Array:
        """Return what the acquisition thought of points, pending ones believed and failed ones avoided.

        EI and log EI as EI in the units of the objective, UCB as a value of the objective, any other as it is;
        with constraints EI times the probability that they hold, and that alone before a feasible point is known.
        """
        best = float(self.scaling.to_model(self.best))
        target = weighed(self.prepared, self._constraints, self.seeks_feasible)
        score = target(self._believing, self.record.space.encode(points), best)
        if self.seeks_feasible:
            return np.exp(score)
        return in_user_units(self.acquisition, score, self.scaling)


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
    return standardise(y, "maximize" if scaling.scale > 0 else "minimize")[0]


def avoid(posterior: GaussianPosterior, failed: Array) -> GaussianPosterior:
    """The posterior as if each failed point had shown its mean, but no more than an average value.

    Only the acquisition sees this: without it, the most promising point would be asked for again
    and again where it fails every time. A little noise lets success nearby outweigh an accident.
    """
    if not len(failed):
        return posterior
    values = np.minimum(posterior.predict(failed)[0], 0.0)
    return posterior.append(failed, values, noise=np.full(len(failed), DOUBT))


def in_user_units(acquisition: Acquisition, score: Array, scaling: Scaling) -> Array:
    """An acquisition's values in terms that a user can check against the objective."""
    if isinstance(acquisition, LogExpectedImprovement):
        return scaling.std(np.exp(score))
    if isinstance(acquisition, ExpectedImprovement):
        return scaling.std(score)
    if isinstance(acquisition, UpperConfidenceBound):
        return scaling.mean(score)
    return score


@dataclass(frozen=True, eq=False)
class History:
    """All that a run did: trials by number, steps in the order they were made, and why it ended."""

    space: Space
    direction: str
    trials: tuple[Trial, ...] = field(repr=False)
    steps: tuple[Step, ...] = field(default=(), repr=False)
    stopped: str = ""
    settings: dict[str, Any] = field(default_factory=dict, repr=False)
    notes: Any = field(default=None, repr=False)

    @property
    def best(self) -> Trial:
        """The trial with the best value told that keeps all constraints, the first of several.

        NotFittedError before there is one.
        """
        told = sorted(self.trials, key=lambda t: len(self.trials) if t.told is None else t.told)
        return best_trial([t for t in told if t.status == "complete"], self.direction, self.limits)

    @property
    def limits(self) -> Limits:
        """The constraints of the search: {name: (low, high)}."""
        return self.settings.get("constraints") or {}

    def is_feasible(self, trial: Trial) -> bool:
        """Whether a trial kept all constraints; True where there are none, False while nothing is measured."""
        return is_feasible(trial.constraints, self.limits)

    @property
    def best_params(self) -> Params:
        """Where the best value was found."""
        return dict(self.best.params)

    @property
    def best_value(self) -> float:
        """The best value told."""
        value = self.best.value
        assert value is not None
        return value

    def __len__(self) -> int:
        return len(self.trials)

    def _repr_html_(self) -> str:
        complete = [trial for trial in self.trials if trial.status == "complete"]
        best = f", best {self.best_value:.6g}" if complete else ""
        last = f" (the last {SHOWN})" if len(self) > SHOWN else ""
        rows = [
            (
                t.number,
                *(t.params[name] for name in self.space.names),
                t.status if t.value is None else t.value,
                t.source,
            )
            for t in self.trials[-SHOWN:]
        ]
        title = f"{self.direction}: {len(self)} trials{last}{best}"
        return html_table(title, rows, ("trial", *self.space.names, "value", "source"))

    def to_frame(self) -> pandas.DataFrame:
        """The trials as a pandas DataFrame, one row a trial, one column a parameter; NaN where that is not there."""
        import pandas

        rows = [self._row(t) for t in self.trials]
        names = ["number", *self.space.names, "value", *self.limits, *_outcome(Trial(0, {}))]
        return pandas.DataFrame(rows, columns=names)

    def _row(self, trial: Trial) -> dict[str, Any]:
        measured = trial.constraints or {}
        return {"number": trial.number, **trial.params, "value": trial.value, **measured, **_outcome(trial)}

    def save(self, path: str | Path) -> Path:
        """Write the history: .db keeps all and can be loaded, .json and .csv are the trials for other programs."""
        from .storage import save

        return save(self, Path(path))

    @staticmethod
    def load(path: str | Path) -> History:
        """Read a history from a .db file: saved, or the storage of a run that has ended or goes on.

        The classes of kernels and acquisitions that the file names are imported: load only files you trust.
        """
        from .storage import load

        return load(Path(path))


def _outcome(trial: Trial) -> dict[str, Any]:
    return {"status": trial.status, "error": trial.error, "seconds": trial.seconds, "source": trial.source}


def best_trial(complete: list[Trial], direction: str, limits: Limits | None = None) -> Trial:
    """The trial with the smallest value, or largest when maximising, among the finished that keep the limits."""
    complete = [t for t in complete if not t.stopped_early]
    if not complete:
        raise NotFittedError("no trial has a value yet: run the objective, or tell one")
    if limits:
        complete = [t for t in complete if is_feasible(t.constraints, limits)]
        if not complete:
            raise NotFittedError(f"no trial keeps the constraints {', '.join(limits)} yet: go on, or widen the limits")
    values = np.array([t.value for t in complete], dtype=float)
    return complete[int(np.argmin(values) if direction == "minimize" else np.argmax(values))]
