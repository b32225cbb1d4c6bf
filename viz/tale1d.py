"""The numbers behind the 1-D story that stay for all of it: grid, limits, truth and captions, from the record alone."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from bayestuner import Categorical, History, ParameterError

from .axis import Array, Axis, axes_of
from .moment import Moment, best_of
from .rounds import Round, rounds, told_trials
from .text import Numbers
from .words import Caption, Words

GRID = 241
Curves = tuple[Array, Array]


class Tale:
    """A run along one parameter: grid, limits, truth, and what is said in each phase."""

    def __init__(self, history: History, objective: Callable[..., Any] | None = None) -> None:
        [self.axis] = axes_of(history.space)
        self.history, self.direction = history, history.direction
        self.rounds = rounds(history)
        self.told = told_trials(history)
        self.places, self.U = _grid(self.axis, history)
        self.truth = None if objective is None else _truth(objective, self.axis, self.places)
        self.y_limits = self._y_limits()
        self.words = Words([self.axis], Numbers.of(*self.y_limits), self.direction)

    # ---- over the whole run

    def _y_limits(self) -> tuple[float, float]:
        """2nd to 98th percentile of all mean ± 2σ, and all of the truth and the data, with 6 % of room."""
        edges = np.concatenate([r.scaling.interval(*r.chosen.predict(self.U), 2) for r in self.rounds], axis=None)
        known = [np.percentile(edges, [2, 98]), [t.value for t in self.told if t.status == "complete"]]
        every = np.concatenate([*known, [] if self.truth is None else self.truth[np.isfinite(self.truth)]], axis=None)
        low, high = float(np.min(every)), float(np.max(every))
        room = 0.06 * (high - low) if high - low > 1e-12 * max(abs(high), abs(low)) else max(abs(high), 1.0) / 2
        return low - room, high + room

    @property
    def optimum(self) -> float | None:
        """The best value of the true function, where it is known."""
        if self.truth is None:
            return None
        return float(np.nanmin(self.truth) if self.direction == "minimize" else np.nanmax(self.truth))

    def round(self, number: int) -> Round:
        """The round of that number (a run without steps has the number 0 alone)."""
        return self.rounds[max(number - 1, 0)]

    def before(self, number: int) -> Round | None:
        """The round before it."""
        return self.rounds[number - 2] if number > 1 else None

    def place(self, params: Any) -> float:
        """Where a point lies on the axis."""
        return float(self.axis.places([params[self.axis.name]])[0])

    def phases(self, number: int) -> list[str]:
        """The phases that there are: a point that is still being evaluated ends the story at Choose."""
        a_round = self.round(number)
        if not a_round.steps:
            return ["Fit"]
        return ["Fit", "Score", "Choose", *(["Evaluate", "Update"] if a_round.arrived else [])]

    def caption(self, number: int, phase: str) -> Caption:
        """What is said in a phase."""
        a_round = self.round(number)
        if phase == "Fit":
            return self.words.fit(a_round, self.before(number))
        if phase == "Score":
            return self.words.score(a_round)
        if phase == "Choose":
            return self.words.choose(a_round)
        if phase == "Evaluate":
            return self.words.evaluate(a_round, best_of(a_round.told, self.direction))
        averages = [self.average_std(a_round.updating(g)) for g in (0.0, 1.0)]
        return self.words.update(a_round, *averages)

    def average_std(self, moment: Moment) -> float:
        """Average of σ over all x."""
        std = moment.predict(self.U)[1]
        if len(std) == 1 or self.axis.discrete:
            return float(std.mean())
        return float(np.trapezoid(std, self.places) / (self.places[-1] - self.places[0]))


def _grid(axis: Axis, history: History) -> Curves:
    """Places (m,) and the same points in the unit cube (m, width); every point of the run is one of them."""
    if axis.discrete:
        values = axis.values((np.arange(axis.dimension.size) + 0.5) / axis.dimension.size)
        if not isinstance(axis.dimension, Categorical):
            low, step = axis.dimension.low, getattr(axis.dimension, "step", 1)
            values = [low + step * i for i in range(int(axis.dimension.size))]
        return axis.places(values), history.space.encode([{axis.name: value} for value in values])
    tried = axis.places([t.params[axis.name] for t in history.trials])
    places = np.union1d(np.linspace(0.0, 1.0, GRID), tried)
    return places, places[:, None]


def _truth(objective: Callable[..., Any], axis: Axis, places: Array) -> Array:
    """The objective along the axis; NaN where it fails."""
    if not callable(objective):
        raise TypeError(f"objective must be the function that was searched, or None, got {objective!r}")
    values, error = [], None
    for value in axis.values(places):
        try:
            values.append(float(objective(**{axis.name: value})))
        except Exception as failure:
            values.append(math.nan)
            error = failure
    truth = np.array(values)
    if not np.isfinite(truth).any():
        raise ParameterError(
            f"objective gives no value for any {axis.name}: {error or 'all are NaN or infinite'}; "
            "it is called with the parameters by name, as in minimize"
        )
    return np.where(np.isfinite(truth), truth, math.nan)
