"""A search of two parameters as numbers: what was believed on a grid, at every moment of the story.

places (nx,), (ny,)   of the grid along the first and the second parameter      fields   (nx, ny)
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from typing import Any

import numpy as np
from scipy.ndimage import minimum_filter
from scipy.optimize import minimize

from acquisition import Acquisition
from bayestuner import History, Trial

from .axis import Array, Axis, axes_of
from .frames import Cue, ease
from .moment import Moment, best_of
from .rounds import Round, told_trials
from .shares import Shares

GRID = 61
APART = 0.02  # of an axis: two descents that end closer than this found the same minimum
CLOSE = 0.01  # of the range of f: a lesser minimum that is so close counts as another true one


@dataclass(frozen=True, eq=False)
class Fields:
    """What is believed at one moment: mean and std in the user's units, and the acquisition from 0 to 1."""

    mean: Array
    std: Array
    share: Array


@dataclass(frozen=True, eq=False)
class Truth:
    """The objective itself: its field, its smallest (or largest) value, and where it has it, places (k, 2)."""

    field: Array
    optimum: float
    places: Array


class Plane:
    """The moments of a run with two parameters, rounds `shown` of it, on a grid."""

    def __init__(
        self, history: History, all_rounds: Sequence[Round], shown: Sequence[int], objective: Callable[..., Any] | None
    ) -> None:
        self.history, self.rounds, self.shown = history, all_rounds, list(shown)
        self.axes = axes_of(history.space)
        self.told = told_trials(history)
        self.objective = objective
        self.places = tuple(grid_places(axis) for axis in self.axes)
        values = [axis.values(places) for axis, places in zip(self.axes, self.places, strict=True)]
        self.points = [dict(zip(history.space.names, point, strict=True)) for point in product(*values)]
        self.U = history.space.encode(self.points)

    @property
    def shape(self) -> tuple[int, int]:
        """Of every field: (nx, ny)."""
        return len(self.places[0]), len(self.places[1])

    def at(self, trials: Sequence[Trial]) -> Array:
        """Places of trials, (n, 2)."""
        columns = [axis.places([t.params[axis.name] for t in trials]) for axis in self.axes]
        return np.column_stack(columns) if trials else np.empty((0, 2))

    # ---- moments

    def moment(self, cue: Cue) -> Moment:
        """What is believed in a frame. The first frame of Fit is the last one of the Update before."""
        a_round = self.round(cue.step)
        if cue.phase == "Fit":
            return a_round.fitting(self.before(cue.step), moved(cue))
        return a_round.updating(cue.gain) if cue.phase == "Update" else a_round.chosen

    def round(self, step: int) -> Round:
        """The round of that number."""
        return self.rounds[max(step - 1, 0)]

    def before(self, step: int) -> Round | None:
        """The round before, if there is one."""
        return self.rounds[step - 2] if step > 1 else None

    def fields(self, step: int, moment: Moment) -> Fields:
        """What a moment of a round believes on the grid."""
        z_mean, z_std = moment.posterior.predict(self.U)
        share = np.zeros(len(self.U))
        if moment.acquisition is not None:
            share = self.scale(step)(_score(moment, self.U, z_mean, z_std))
        mean, std = moment.scaling.moments(z_mean, z_std)
        return Fields(mean.reshape(self.shape), std.reshape(self.shape), share.reshape(self.shape))

    def scale(self, step: int) -> Shares:
        """The scale of a round's acquisition: 1 is the best score when it chose."""
        if step not in self._scales:
            moment = self.round(step).chosen
            assert moment.acquisition is not None
            score = _score(moment, self.U, *moment.posterior.predict(self.U))
            score = np.append(score, self.round(step).step.value)  # the choice lies between the points of the grid
            self._scales[step] = Shares.of(moment.acquisition, score)
        return self._scales[step]

    @cached_property
    def _scales(self) -> dict[int, Shares]:
        return {}

    def average_std(self, moment: Moment) -> float:
        """Average σ over the grid."""
        return float(moment.predict(self.U)[1].mean())

    # ---- once for the whole run

    def moved(self, a_round: Round | None) -> Array:
        """How far a round's new values moved the mean; nothing before the first."""
        if a_round is None:
            return np.zeros(self.shape)
        return np.abs(a_round.updating(1.0).predict(self.U)[0] - a_round.chosen.predict(self.U)[0]).reshape(self.shape)

    @cached_property
    def _run(self) -> tuple[Array, Array, Array]:
        """Means and stds of every shown round, and after the last; and how far each of its updates moves the mean."""
        moments = [self.rounds[i].chosen for i in self.shown] + [self.rounds[self.shown[-1]].updating(1.0)]
        means, stds = zip(*(m.predict(self.U) for m in moments), strict=True)
        return np.array(means), np.array(stds), np.array([self.moved(self.rounds[i]) for i in self.shown])

    @cached_property
    def mean_limits(self) -> tuple[float, float]:
        """Ends of the mean's colours: all but the outermost of it, and the best value."""
        low, high = np.quantile(self._run[0], [0.02, 0.96])
        best = best_of(self.told, self.history.direction)
        known = [] if best is None or best.value is None else [best.value]
        if self.truth is not None:
            known += np.quantile(self.truth.field, [0.02, 0.85]).tolist()
        return _apart(min([float(low), *known]), max([float(high), *known]))

    @cached_property
    def std_limit(self) -> float:
        """The upper end of σ's colours."""
        return _apart(0.0, float(np.quantile(self._run[1], 0.995)))[1]

    @cached_property
    def move_limit(self) -> float:
        """The upper end of the colours for how far the mean moves in a step."""
        return _apart(0.0, float(np.quantile(self._run[2], 0.995)))[1]

    @cached_property
    def truth(self) -> Truth | None:
        """The objective on the grid, if it was given."""
        if self.objective is None:
            return None
        field = np.array([float(self.objective(**p)) for p in self.points]).reshape(self.shape)
        optimum, places = self._optima(field)
        return Truth(field, optimum, places)

    def _optima(self, field: Array) -> tuple[float, Array]:
        """The true minimum and every place of it: valleys of the grid, followed down to their floor."""
        sign = 1.0 if self.history.direction == "minimize" else -1.0
        low = sign * field
        span = float(np.ptp(low))
        valleys = np.argwhere((low == minimum_filter(low, 3, mode="nearest")) & (low <= low.min() + 0.05 * span))
        starts = [np.array([self.places[k][i] for k, i in enumerate(valley)]) for valley in valleys[:12]]
        ends = [self._descend(start, sign) for start in starts]
        floor = min(value for value, _ in ends)
        found: list[Array] = []
        for value, place in ends:
            apart = all(np.abs(place - other).max() > APART for other in found)
            if value <= floor + CLOSE * span and apart:
                found.append(place)
        return sign * floor, np.array(found)

    def _descend(self, start: Array, sign: float) -> tuple[float, Array]:
        def f(u: Array) -> float:
            values = [axis.values(np.array([v]))[0] for axis, v in zip(self.axes, np.clip(u, 0, 1), strict=True)]
            assert self.objective is not None
            return sign * float(self.objective(**dict(zip(self.history.space.names, values, strict=True))))

        if any(axis.discrete for axis in self.axes):
            return f(start), start
        end = minimize(f, start, method="Nelder-Mead", bounds=[(0, 1)] * 2, options={"xatol": 1e-3, "maxfev": 120})
        return float(end.fun), np.asarray(end.x)


def moved(cue: Cue) -> float:
    """How far the hyperparameters have gone in a frame of Fit: from 0 in its first to 1 in its last."""
    return ease(cue.tween / (cue.of - 1)) if cue.of > 1 else 1.0


def grid_places(axis: Axis, size: int = GRID) -> Array:
    """Places of a grid along an axis: evenly spread, or of every value where these are shown one by one."""
    places = np.linspace(0.0, 1.0, size)
    return np.unique(axis.places(axis.values(places))) if axis.discrete else places


def _score(moment: Moment, U: Array, mean: Array, std: Array) -> Array:
    """The acquisition's values at U, where the model has this mean and std; one look at the model if that is enough."""
    acquisition = moment.acquisition
    assert acquisition is not None
    if moment.believing is moment.posterior and type(acquisition).__call__ is Acquisition.__call__:
        return np.asarray(acquisition.score(mean, std, moment.best), dtype=float)
    return moment.score(U)


def _apart(low: float, high: float) -> tuple[float, float]:
    """Two ends of a scale, never the same."""
    return (low, high) if high > low else (low - 0.5 * max(abs(low), 1e-300), low + max(abs(low), 1.0))
