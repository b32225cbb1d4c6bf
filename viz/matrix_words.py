"""What happens in a matrix film, in words: the new point, what was expected of it, and what matters now."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bayestuner import Trial

from .effects import Averages
from .matrix_cells import OTHERS, REST
from .moment import best_of, better
from .rounds import Round
from .text import Numbers, elided, number, percent, plural


@dataclass(frozen=True)
class StepWords:
    """Two lines for each iteration; `numbers` puts values into words, `names` are the parameters shown."""

    numbers: Numbers
    names: tuple[str, ...]
    direction: str

    def step(self, a_round: Round) -> tuple[str, str]:
        if not a_round.arrived:
            return "Nothing new was told.", f"The best stays {self.best(a_round.told)}."
        first = a_round.arrived[0]
        if len(a_round.arrived) > 1:
            return self._batch(a_round)
        point = ", ".join(f"{name} {number(first.params[name])}" for name in self.names if name in first.params)
        return f"New: {point}", f"{self._outcome(a_round, first)}{self._expected(a_round, first)}"

    def _batch(self, a_round: Round) -> tuple[str, str]:
        values = [t for t in a_round.arrived if t.value is not None and t.status == "complete"]
        failed = len(a_round.arrived) - len(values)
        ending = f", {failed} failed" if failed else ""
        top = best_of(values, self.direction)
        if top is None:
            return (
                f"New: {plural(len(a_round.arrived), 'point')}{ending}.",
                f"The best stays {self.best(a_round.told)}.",
            )
        return (
            f"New: {plural(len(a_round.arrived), 'point')}{ending}.",
            f"The best of them: {self._outcome(a_round, top)}",
        )

    def _outcome(self, a_round: Round, trial: Trial) -> str:
        before = best_of(a_round.told, self.direction)
        best = None if before is None else before.value
        if trial.value is None or trial.status != "complete":
            return f"The evaluation failed (best stays {self.best(a_round.told)})."
        value = f"f = {self.numbers(trial.value)}"
        if best is None:
            return f"{value}, the first value."
        if better(trial.value, best, self.direction):
            return f"{value}, a new best (was {self.numbers(best)})."
        return f"{value} (best stays {self.numbers(best)})."

    def best(self, told: Sequence[Trial]) -> str:
        best = best_of(told, self.direction)
        return "unknown" if best is None or best.value is None else self.numbers(best.value)

    def _expected(self, a_round: Round, trial: Trial) -> str:
        step = next((s for s in a_round.steps if s.number == trial.number), None)
        if step is None:
            return "  It was told, not suggested."
        low, high = map(float, step.scaling.interval(step.mean, step.std, 2))
        shown = self.numbers
        return f"  The model expected {shown(step.mean)}, between {shown(low)} and {shown(high)}."


def what_matters(averages: Averages, shares: NDArray[np.float64]) -> str:
    """The parameter that explains most, and the rest where that is more."""
    if shares.sum() <= 0:
        return "What matters so far: nothing yet, the model sees no variation."
    names = averages.names
    top, rest = int(np.argmax(shares[:-1])), float(shares[-1])
    words = (
        f"What matters so far: {elided(names[top], 24)}, {percent(float(shares[top]))} of the variation the model sees"
    )
    if rest > shares[top]:
        words += f"; {REST if len(names) == len(averages.space.names) else OTHERS}, {percent(rest)}"
    return words + "."


def start_words(first: Round, numbers: Numbers) -> tuple[str, str]:
    """The start design in two lines."""
    best = best_of(first.told, first.direction)
    count = plural(len(first.told), "evaluation")
    line = f"Start: {count}, before the model has its say." if first.steps else f"{count}, none suggested by a model."
    line = line if first.number <= 1 else f"After {count}."
    return line, "" if best is None or best.value is None else f"The best so far is f = {numbers(best.value)}."
