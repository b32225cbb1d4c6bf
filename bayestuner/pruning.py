"""Early stopping of hopeless trials: what an evaluation has come to so far, against what others had come to by then.

    def train(learning_rate, trial):
        for epoch in range(100):
            ...
            trial.report(best_loss, epoch)      # what would be returned if it ended now

    minimize(train, space, prune=MedianRule())

A trial that is stopped has no value, for what it had come to after a few steps says little of what it would have come
to in the end: to the model 1.2 after 6 epochs, among values of 0.7 after 60, would be a cliff that is not there. It is
a failed trial with `stopped_early`, its reports and its reason, and the model takes the place for no better than
average, which is all that the rule has found out.
"""

from __future__ import annotations

import inspect
import math
from abc import ABC, abstractmethod
from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from gp import ParameterError

from .arguments import as_value, checked_count
from .history import Record, Reports
from .space import Space


class TrialStopped(BaseException):
    """The evaluation is hopeless and was ended. No Exception, lest the objective catch it and go on."""


class PruningRule(ABC):
    """Says what a trial must have reached by each step in order to go on; a new rule writes `bars`.

    >>> from dataclasses import dataclass
    >>> @dataclass(frozen=True)
    ... class Known(PruningRule):
    ...     def bars(self, curves):
    ...         return {5: 0.5}  # 0.5 by step 5, or it is ended
    >>> Known().bars([])
    {5: 0.5}
    """

    @abstractmethod
    def bars(self, curves: Sequence[Reports]) -> dict[int, float]:
        """The lowest value to go on with, by step; one holds until the next.

        `curves` are the reports (step, value) of complete and of stopped trials, turned so that larger is better.
        """


@dataclass(frozen=True)
class MedianRule(PruningRule):
    """Stop a trial whose best report is worse than the median of what the trials before it had come to by that step.

        best of v_1 ... v_s  <  median over trials of v_s        (after Golovin et al. 2017, section 3.2)

    Nothing is stopped in the first `warmup_steps` steps, nor before `warmup_trials` trials have ended. What a trial
    came to last counts for all later steps, also of one that was stopped: were only the survivors counted, the bar
    would rise from trial to trial until nothing passed. Training that begins slowly and ends well needs a longer
    warm-up.

    >>> MedianRule(warmup_steps=1, warmup_trials=3).bars([((1, 0.1), (2, 0.5)), ((1, 0.2), (2, 0.6)), ((1, 0.3),)])
    {2: 0.5}
    """

    warmup_steps: int = 10
    warmup_trials: int = 5

    def __post_init__(self) -> None:
        checked_count("MedianRule: warmup_steps", self.warmup_steps)
        checked_count("MedianRule: warmup_trials", self.warmup_trials, low=1)

    def bars(self, curves: Sequence[Reports]) -> dict[int, float]:
        steps = sorted({step for curve in curves for step, _ in curve})
        if len(curves) < self.warmup_trials:
            return {}
        reached = np.array([_carried(curve, steps) for curve in curves])
        return {
            step: float(np.nanmedian(column))
            for step, column in list(zip(steps, reached.T, strict=True))[self.warmup_steps :]
        }


def _carried(curve: Reports, steps: Sequence[int]) -> list[float]:
    """The last value reported by each step; NaN before the first."""
    own = [step for step, _ in curve]
    places = [bisect_right(own, step) for step in steps]
    return [curve[place - 1][1] if place else math.nan for place in places]


@dataclass
class RunningTrial:
    """What an objective is given that takes `trial`: its number, and where to report what it has come to so far.

    It holds all that the decision needs, so that it works in another process: nothing is asked back.
    """

    number: int
    sign: float = 1.0  # -1 when minimising
    bars: dict[int, float] = field(default_factory=dict)
    judged: bool = False
    reports: list[tuple[int, float]] = field(default_factory=list)

    def report(self, value: Any, step: int) -> None:
        """Report what would be returned if it ended now; with a rule, a hopeless evaluation ends here.

        Steps are whole numbers and grow. NaN and inf are not kept, and end the trial where there is a rule.
        """
        number, step = as_value(value), checked_count("step", step)
        if self.reports and step <= self.reports[-1][0]:
            raise ParameterError(f"step must be above the last one reported, {self.reports[-1][0]}, got {step}")
        if math.isfinite(number):
            self.reports.append((step, number))
        if self.judged and (not math.isfinite(number) or self._is_hopeless(step)):
            raise TrialStopped(f"stopped early at step {step}: {number:.6g}")

    def _is_hopeless(self, step: int) -> bool:
        place = bisect_right(list(self.bars), step)
        if not place:
            return False
        best = max(self.sign * value for _, value in self.reports)
        return best < list(self.bars.values())[place - 1]


def running_trial(number: int, record: Record, rule: PruningRule | None) -> RunningTrial:
    """What the objective of that trial is given, with what the rule makes of all that is known now."""
    sign = 1.0 if record.direction == "maximize" else -1.0
    if rule is None:
        return RunningTrial(number, sign)
    known = [t for t in record.trials.values() if t.status == "complete" or t.stopped_early]
    curves = [tuple((step, sign * value) for step, value in t.reports) for t in known]
    bars = rule.bars([curve for curve in curves if curve])
    return RunningTrial(number, sign, dict(sorted(bars.items())), judged=True)


def takes_trial(objective: Callable[..., Any], space: Space) -> bool:
    """Whether an objective wants to report: it has an argument `trial` that is no parameter of the space."""
    if "trial" in space.names:
        return False
    try:
        return "trial" in inspect.signature(objective).parameters
    except (TypeError, ValueError):  # built in, without a signature to look at
        return False


def checked_pruning(prune: Any, reporting: bool) -> PruningRule | None:
    """Return a pruning rule as it is; a class or a number is none, and an objective that never reports has no use."""
    if prune is not None and not isinstance(prune, PruningRule):
        raise TypeError(f"prune must be a rule such as MedianRule(), got {prune!r}")
    if prune is not None and not reporting:
        raise TypeError("prune needs an objective that takes `trial` and calls trial.report(value, step)")
    return prune
