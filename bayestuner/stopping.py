"""When to stop: rules that look at what the suggestions themselves promised."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from gp import ParameterError

from .explain import gain_and_chance
from .step import Step


class StoppingRule(ABC):
    """Says after each trial whether the search has done its work; a new rule writes `reason`.

    A rule that is to be stored with its run is a dataclass of a module.

    >>> @dataclass(frozen=True)
    ... class GoodEnough(StoppingRule):
    ...     value: float = 0.01
    ...     def reason(self, steps):
    ...         return f"reached {self.value}" if steps and steps[-1].best <= self.value else ""
    >>> from bayestuner import minimize
    >>> minimize(lambda x: (x - 3) ** 2, {"x": (0.0, 4.0)}, 30, seed=0, stop=GoodEnough()).stopped
    'reached 0.01'
    """

    @abstractmethod
    def reason(self, steps: Sequence[Step]) -> str:
        """Why to stop, in words for the record; an empty text to go on."""


@dataclass(frozen=True)
class SmallGain(StoppingRule):
    """Stop when `patience` suggestions in a row expected a gain too small to matter.

        E max(f - best, 0) < share · noise + tolerance

    at the point suggested, where `noise` is the learned standard deviation of the objective around its mean and
    `tolerance` the smallest gain worth a trial, in units of the objective. A gain below the noise could not be told
    from luck (compare Nguyen et al. 2017; Makarova et al. 2022).

    >>> from bayestuner import minimize
    >>> minimize(lambda x: (x - 3) ** 2, {"x": (0.0, 4.0)}, 100, seed=0, stop=SmallGain(tolerance=1e-3)).stopped
    'expected gain below 0.001... 3 times in a row'
    """

    share: float = 0.1
    tolerance: float = 0.0
    patience: int = 3

    def __post_init__(self) -> None:
        for name in ("share", "tolerance"):
            value = getattr(self, name)
            if isinstance(value, (bool, str)) or not (math.isfinite(value) and value >= 0):
                raise ParameterError(f"SmallGain: {name} must be a number >= 0, got {value!r}")
        if isinstance(self.patience, bool) or not isinstance(self.patience, int) or self.patience < 1:
            raise ParameterError(f"SmallGain: patience must be a whole number >= 1, got {self.patience!r}")

    def threshold(self, step: Step) -> float:
        """The gain below which a step was not worth its trial, in units of the objective."""
        noise = float(step.scaling.gain(step.standardised[2], math.sqrt(step.noise)))
        return self.share * noise + self.tolerance

    def reason(self, steps: Sequence[Step]) -> str:
        last = steps[-self.patience :]
        if len(last) < self.patience or any(gain_and_chance(step)[0] >= self.threshold(step) for step in last):
            return ""
        return f"expected gain below {self.threshold(last[-1]):.3g} {self.patience} times in a row"


def checked_rule(stop: Any) -> StoppingRule | Literal[False] | None:
    """Return a stopping rule as it is, or False for none; a class or a number is refused."""
    if stop is not None and stop is not False and not isinstance(stop, StoppingRule):
        raise TypeError(f"stop must be a stopping rule such as SmallGain(), got {stop!r}")
    return stop
