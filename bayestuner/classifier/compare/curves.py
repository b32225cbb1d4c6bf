"""What a search had found after each trial, and what that had cost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ...history import History

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Curve:
    """One search: after each trial its value, the best so far and the seconds spent, (n,) each; NaN where it failed.

    A trial that was stopped early has seconds and no value: its network was not trained to the end, so it is no
    result that one could take, whatever it had come to.
    """

    values: Floats
    best: Floats
    seconds: Floats
    searching: float  # of the seconds, those for choosing points

    def reach(self, target: float) -> tuple[float, float]:
        """Trials and seconds until the best is at most the target; infinite where it never is.

        >>> nothing = np.array([])
        >>> Curve(nothing, np.array([3.0, 2.0, 2.0]), np.array([1.0, 2.0, 3.0]), 0.0).reach(2.5)
        (2.0, 2.0)
        """
        reached = np.flatnonzero(self.best <= target)
        return (float(reached[0] + 1), float(self.seconds[reached[0]])) if len(reached) else (np.inf, np.inf)


def first_trials(history: History, n: int) -> History:
    """The history as it was when n trials had been told: a run may have been made longer for another comparison."""
    trials = tuple(sorted((t for t in history.trials if t.told is not None and t.told < n), key=lambda t: t.told or 0))
    numbers = {trial.number for trial in trials}
    steps = tuple(step for step in history.steps if step.number in numbers)
    return replace(history, trials=trials, steps=steps)


def curve_of(history: History) -> Curve:
    """The curve of a history that minimises, in the order of telling; a step's seconds count to its trial."""
    trials = sorted((t for t in history.trials if t.told is not None), key=lambda t: t.told or 0)
    choosing = {step.number: sum(step.seconds.values()) for step in history.steps}
    values = np.array([t.value if t.status == "complete" else np.nan for t in trials], dtype=float)
    spent = np.array([(t.seconds or 0.0) + choosing.get(t.number, 0.0) for t in trials])
    return Curve(values, np.fmin.accumulate(values), np.cumsum(spent), sum(choosing.values()))


def quartiles(rows: Sequence[Floats] | Floats) -> Floats:
    """Lower quartile, median and upper quartile over rows (seeds, n): (3, n)."""
    return np.quantile(np.asarray(rows, dtype=float), (0.25, 0.5, 0.75), axis=0)
