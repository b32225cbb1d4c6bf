"""A race as numbers: what each of several searches believed, picked and found, iteration by iteration."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from acquisition import ThompsonSampling, UpperConfidenceBound
from bayestuner import History, NotFittedError, ParameterError, Trial

from .axis import Array, axes_of
from .moment import Moment, best_of, best_so_far
from .panel import limits
from .plane import grid_places
from .rounds import Round, rounds, told_trials
from .shares import Shares
from .terms import short_name
from .text import Numbers, significant

GRID = 241
MOST = 4
DIGITS = 3  # powers of ten below the range of f at which a regret counts as none


@dataclass(frozen=True, eq=False)
class Lane:
    """One search: its label, its rounds (none where it has no model, as a random search), and its trials as told."""

    label: str
    history: History
    start: int

    @cached_property
    def rounds(self) -> list[Round]:
        """Its iterations."""
        return rounds(self.history) if self.history.steps else []

    @cached_property
    def told(self) -> list[Trial]:
        """Its trials in the order told."""
        return told_trials(self.history)

    @property
    def length(self) -> int:
        """How many iterations it has after the start."""
        return len(self.rounds) if self.rounds else max(len(self.told) - self.start, 0)

    @property
    def name(self) -> str:
        """Of its acquisition, or "random" or "grid" where it has none but that label."""
        if self.rounds:
            return short_name(self.rounds[0].step)
        return "grid" if "grid" in self.label.lower() else "random"

    @property
    def question(self) -> str:
        """What its acquisition asks."""
        if not self.rounds:
            return "no model at all"
        acquisition = self.rounds[0].step.acquisition
        if isinstance(acquisition, UpperConfidenceBound):
            sign = "−" if self.history.direction == "minimize" else "+"
            return f"optimistic, mean {sign} {significant(acquisition.kappa, 2)}σ"
        if isinstance(acquisition, ThompsonSampling):
            return "trust one sample"
        return {"EI": "how much better, on average?", "PI": "how likely any better?"}.get(self.name, "the best score")

    def known(self, iteration: int, picked: bool = False) -> int:
        """How many trials are known when an iteration begins, or when its own are told."""
        if not self.rounds:
            return min(self.start + iteration - (not picked), len(self.told))
        if iteration > len(self.rounds):
            return len(self.told)
        a_round = self.rounds[iteration - 1]
        return len(a_round.told) + (len(a_round.arrived) if picked else 0)

    def moment(self, iteration: int, gain: float) -> Moment | None:
        """What is believed in an iteration when a share of its new values is known; after the last as it ended."""
        if not self.rounds:
            return None
        if iteration > len(self.rounds):
            return self.rounds[-1].updating(1.0)
        a_round = self.rounds[iteration - 1]
        return a_round.updating(gain) if gain > 0 else a_round.chosen

    def picked(self, iteration: int) -> dict[str, Any] | None:
        """The (first) point that is chosen in an iteration; None when the search is over."""
        if iteration > self.length:
            return None
        if not self.rounds:
            return self.told[self.start + iteration - 1].params
        return self.rounds[iteration - 1].step.params


class Race:
    """Several searches of one parameter, side by side: same space and direction, and what was found when."""

    def __init__(self, histories: Mapping[str, History], objective: Callable[..., Any] | None = None) -> None:
        first = _checked(histories)
        self.direction, self.axis = first.direction, axes_of(first.space)[0]
        starts = [rounds(h)[0].told for h in histories.values() if h.steps]
        start = min((len(told) for told in starts), default=1)
        self.lanes = [Lane(str(label), history, start) for label, history in histories.items()]
        self.start = start
        self.places = grid_places(self.axis, GRID)
        self.values = self.axis.values(self.places)
        self.U = first.space.encode([{self.axis.name: value} for value in self.values])
        self.truth = None
        if objective is not None:
            self.truth = np.array([float(objective(**{self.axis.name: value})) for value in self.values])
        self.length = max(lane.length for lane in self.lanes)

    @property
    def same_start(self) -> bool:
        """Whether all begin with the same points and values."""
        begun = [[(t.params, t.value) for t in lane.told[: self.start]] for lane in self.lanes]
        return all(points == begun[0] for points in begun)

    # ---- beliefs

    def line(self, moment: Moment) -> tuple[Array, Array]:
        """Mean and std on the grid in the user's units."""
        return moment.predict(self.U)

    def share(self, lane: Lane, iteration: int, moment: Moment) -> Array:
        """The acquisition from 0 to 1, on the scale of when it chose."""
        a_round = lane.rounds[min(iteration, len(lane.rounds)) - 1]
        chosen = a_round.chosen
        assert chosen.acquisition is not None
        scale = Shares.of(chosen.acquisition, np.append(chosen.score(self.U), a_round.step.value))
        return scale(moment.score(self.U))

    def extra(self, lane: Lane, moment: Moment) -> Array | None:
        """The curve that this acquisition goes by: an optimistic edge, a drawn function, the value to beat."""
        acquisition = moment.acquisition
        if isinstance(acquisition, (UpperConfidenceBound, ThompsonSampling)):
            return np.asarray(moment.scaling.mean(moment.score(self.U)))
        return None

    # ---- who is ahead

    @cached_property
    def best(self) -> list[Array]:
        """The best value so far of each search after each trial."""
        return [best_so_far(lane.told, self.direction) for lane in self.lanes]

    @cached_property
    def optimum(self) -> float | None:
        """The true minimum (or maximum), as far as the grid and all trials show."""
        if self.truth is None:
            return None
        every = np.concatenate([self.truth, *self.best])
        return float(np.nanmin(every) if self.direction == "minimize" else np.nanmax(every))

    @cached_property
    def floor(self) -> float:
        """The smallest regret that is told apart from none."""
        span = float(np.ptp(self.values_told)) or 1.0
        return 10.0 ** (round(np.log10(span)) - DIGITS)

    @cached_property
    def values_told(self) -> Array:
        """Every value of every search."""
        return np.array([t.value for lane in self.lanes for t in lane.told if t.status == "complete"], dtype=float)

    def standing(self, index: int, known: int) -> float:
        """Regret of a search after so many trials, or its best value where the truth is not known."""
        best = float(self.best[index][min(known, len(self.best[index])) - 1]) if known else np.nan
        return best if self.optimum is None else abs(best - self.optimum)

    def said(self, standing: float) -> str:
        """A regret (or best value) in words."""
        if np.isnan(standing):
            return "–"
        if self.optimum is None:
            return Numbers.of(float(self.values_told.min()), float(self.values_told.max()))(standing)
        return f"<{significant(self.floor, 1)}" if standing < self.floor else significant(standing, 2)

    def ranking(self, iteration: int, picked: bool) -> list[tuple[int, int, str]]:
        """(rank, lane, standing in words), best first; what reads the same shares a rank."""
        sign = 1.0 if self.optimum is not None or self.direction == "minimize" else -1.0
        standings = [self.standing(i, lane.known(iteration, picked)) for i, lane in enumerate(self.lanes)]
        keys = [self._key(sign * s) for s in standings]
        order = sorted(range(len(keys)), key=lambda i: (keys[i], i))
        ranked: list[tuple[int, int, str]] = []
        for at, i in enumerate(order):
            words = self.said(standings[i])
            tie = bool(ranked) and ranked[-1][2] == words
            ranked.append((ranked[-1][0] if tie else at + 1, i, words))
        return ranked

    def _key(self, standing: float) -> float:
        if np.isnan(standing):
            return np.inf
        return max(standing, self.floor) if self.optimum is not None else standing

    # ---- limits

    @cached_property
    def limits(self) -> tuple[float, float]:
        """Of y, for every frame: nearly all of every band, all data and the truth."""
        bands: list[Array] = []
        for lane in self.lanes:
            for iteration in range(1, len(lane.rounds) + 2):
                moment = lane.moment(iteration, 0.0)
                if moment is not None:
                    bands += moment.scaling.interval(*self.line(moment), 2)
        middle = np.quantile(bands, [0.02, 0.98]) if bands else np.empty(0)
        return limits(middle, self.values_told, *([] if self.truth is None else [self.truth]))


def _checked(histories: Any) -> History:
    """The first of 2 to 4 histories of one parameter that search the same space in the same direction."""
    if not isinstance(histories, Mapping):
        raise TypeError(f"a race is a dict of labels and histories, got {histories!r}")
    if not 2 <= len(histories) <= MOST:
        raise ParameterError(f"a race has 2 to {MOST} searches, got {len(histories)}")
    every: Sequence[tuple[Any, Any]] = list(histories.items())
    for label, history in every:
        if not isinstance(history, History):
            raise TypeError(f"{label!r} must be a History, got {history!r}")
    _, first = every[0]
    if len(first.space.names) != 1:
        raise ParameterError(f"a race is shown along one parameter, this search has {', '.join(first.space.names)}")
    for label, history in every:
        if history.space != first.space or history.direction != first.direction:
            raise ParameterError(f"{label!r} searches another space or direction than {every[0][0]!r}")
        if best_of(history.trials, history.direction) is None:
            raise NotFittedError(f"nothing to animate: no trial of {label!r} has a value")
    return first
