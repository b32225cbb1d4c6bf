"""The record of a run: every trial in the order of telling, and every step (see step.py) beside it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from acquisition import NotFittedError
from gp.notebook import html_table

from .constraints import Limits, is_feasible
from .scaling import Array
from .space import Params, Space

if TYPE_CHECKING:
    import pandas

    from .step import Step

SHOWN = 20  # trials in a notebook
Reports = tuple[tuple[int, float], ...]  # (step, value), in the order of the steps


@dataclass(frozen=True)
class Trial:
    """One evaluation of the objective: where, and what came of it.

    >>> from bayestuner import minimize
    >>> first = minimize(lambda x: (x - 3) ** 2, {"x": (0.0, 4.0)}, n_trials=1, seed=0).trials[0]
    >>> first.status, first.source, first.value == (first.params["x"] - 3) ** 2
    ('complete', 'initial', True)
    """

    number: int
    params: Params
    value: float | None = None
    status: str = "running"  # "running" | "complete" | "failed"
    error: str | None = None
    seconds: float | None = None
    source: str = "user"  # "initial" | "model" | "user"
    told: int | None = None  # its place in the order of telling
    constraints: dict[str, float] | None = None  # what was measured of each
    reports: Reports = ()  # what it had come to by some steps
    stopped_early: bool = False  # whether it failed because a pruning rule ended it


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
        """The complete trials that took a known time among the first `observed` told ones, in that order."""
        return [t for t in self.complete(observed) if t.seconds is not None and t.seconds > 0]

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
class History:
    """All that a run did: trials by number, steps in the order they were made, and why it ended.

    >>> from bayestuner import minimize
    >>> run = minimize(lambda x: (x - 1) ** 2, {"x": (0.0, 4.0)}, 7, seed=0)
    >>> len(run), len(run.steps), run.best.source
    (7, 2, 'model')
    >>> run
    History(minimize: 7 trials, best 6.38391e-06)
    """

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
        failed = [t for t in told if t.status == "failed"]
        return best_trial([t for t in told if t.status == "complete"], self.direction, self.limits, failed)

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

    def __repr__(self) -> str:
        return f"History({self._in_short()})"

    def _in_short(self, last: str = "") -> str:
        found = {trial.status for trial in self.trials}
        best = f", best {self.best_value:.6g}" if "complete" in found else ", all failed" if found == {"failed"} else ""
        early = f"; {self.stopped}" if self.stopped and not self.stopped.startswith("all ") else ""
        return f"{self.direction}: {len(self)} trials{last}{best}{early}"

    def _repr_html_(self) -> str:
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
        return html_table(self._in_short(last), rows, ("trial", *self.space.names, "value", "source"))

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


def best_trial(
    complete: list[Trial], direction: str, limits: Limits | None = None, failed: Sequence[Trial] = ()
) -> Trial:
    """The trial with the smallest value, or largest when maximising, among those that keep the limits."""
    if not complete and failed:
        reason = (failed[0].error or "no reason told").strip().splitlines()[-1]
        raise NotFittedError(f"all {len(failed)} trials that were told failed, the first with: {reason}")
    if not complete:
        raise NotFittedError("no trial has a value yet: run the objective, or tell one")
    if limits:
        complete = [t for t in complete if is_feasible(t.constraints, limits)]
        if not complete:
            raise NotFittedError(f"no trial keeps the constraints {', '.join(limits)} yet: go on, or widen the limits")
    values = np.array([t.value for t in complete], dtype=float)
    return complete[int(np.argmin(values) if direction == "minimize" else np.argmax(values))]
