"""A run of three and more parameters as a film: what each of them does on average, and each two of them.

One step of the film is one iteration: the new point appears, and the belief moves to the next one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property
from typing import Any

import numpy as np

from bayestuner import History, Trial
from bayestuner.scaling import Scaling
from gp import GaussianPosterior

from .canvas import Image, Stage
from .effects import Averages, Effects, checked_parameters, most_important
from .frames import Cue, Film, checked_pace
from .matrix_layout import SIZE
from .matrix_picture import MatrixPicture, MatrixWords, colour_limits, shown_limits
from .matrix_words import StepWords, start_words, what_matters
from .moment import best_of
from .reading import LAST
from .rounds import Round, rounds, selected, told_trials
from .style import Theme, checked_theme
from .text import Numbers, number, plural

TWEENS, TWEEN_MS = 6, 60
HOLDS = {"lesson": 1600, "brief": 1000, "keys": 1000, "steps": 1000}
START, UPDATE = "Start", "Update"


class MatrixFilm(Film):
    """The matrix film of a run; `parameters` chooses (up to six), else the six that matter most.

    `steps` are places of steps to show, as for `animate`. Raises NotFittedError where no trial has a value.
    """

    def __init__(
        self,
        history: History,
        *,
        theme: str | Theme = "light",
        steps: Any = None,
        parameters: Sequence[str] | None = None,
        scale: float = 1,
        captions: bool = True,
    ) -> None:
        self.history, self.theme, self.size, self.captions = history, checked_theme(theme), SIZE, captions
        self.scale = scale
        self.rounds = rounds(history)
        self.shown = selected(history, self.rounds, steps)
        space = history.space
        names = (
            most_important(space, self.rounds[-1].chosen.posterior, self.rounds[-1].scaling)
            if parameters is None
            else checked_parameters(space, parameters)
        )
        self.averages = Averages(space, names)
        self.told = told_trials(history)
        self.numbers = Numbers.of(*_range(self.told))
        self._sayings = StepWords(self.numbers, names, history.direction)
        self._effects: dict[int, Effects] = {}
        self._said: tuple[int, bool] | None = None
        self.title = f"What matters: {history.direction[:-1]}ing f over {', '.join(names)}"

    # ---- what is believed: state 0 before the first step shown, state i + 1 after the i-th

    def _belief(self, state: int) -> tuple[GaussianPosterior, Scaling]:
        """The model after a step: the next one's, which was fitted to the new value, or else with the value added."""
        if state == 0:
            moment = self.rounds[self.shown[0]].chosen
        elif self.shown[state - 1] + 1 < len(self.rounds):
            moment = self.rounds[self.shown[state - 1] + 1].chosen
        else:
            moment = self.rounds[-1].updating(1.0)
        return moment.posterior, moment.scaling

    @property
    def _states(self) -> int:
        return len(self.shown) + 1

    def effects(self, state: int) -> Effects:
        """The effects that a state believes in; computed once."""
        if state not in self._effects:
            self._effects[state] = self.averages.of(*self._belief(state))
        return self._effects[state]

    @cached_property
    def _limits(self) -> tuple[tuple[float, float], tuple[float, float]]:
        """Ranges of the lines and of the fields that stay for the whole film."""
        lines, fields = [], []
        for state in range(self._states):
            posterior, scaling = self._belief(state)
            lines += [self.averages.line(i, posterior, scaling) for i in range(len(self.averages.names))]
            fields += [self.averages.field(pair, posterior, scaling, coarse=True) for pair in self.averages.pairs]
        low, high = np.percentile(np.concatenate([f.ravel() for f in fields]), [1, 99])
        return shown_limits(lines), colour_limits(low, high)

    # ---- cues

    def cues(self, pace: str) -> list[Cue]:
        hold = HOLDS[checked_pace(pace)]
        moving = pace in ("lesson", "brief")
        cues = [Cue(0, START, 0, 1, hold, self.caption(0), key=True)]
        for step in range(1, self._states):
            of = TWEENS + 1 if moving else 1
            words = self.caption(step)
            cues += [Cue(step, UPDATE, i, of, TWEEN_MS, words, key=False) for i in range(of - 1)]
            cues.append(Cue(step, UPDATE, of - 1, of, hold, words, key=True))
        cues[-1] = replace(cues[-1], ms=LAST)
        return cues

    def caption(self, step: int) -> tuple[str, ...]:
        """What happened, what was expected of it, and what matters now."""
        shares = self.averages.shares(*self._belief(step))
        matters = what_matters(self.averages, shares)
        if step == 0:
            return (*start_words(self._round(0), self.numbers), matters)
        return (*self._sayings.step(self._round(step - 1)), matters)

    def _round(self, index: int) -> Round:
        return self.rounds[self.shown[index]]

    @cached_property
    def alt_text(self) -> str:  # type: ignore[override]
        direction = {"minimize": "minimising", "maximize": "maximising"}[self.history.direction]
        first, last = self._round(0), self._round(len(self.shown) - 1)
        end = [*last.told, *last.arrived]
        best = best_of(end, self.history.direction)
        there = {} if best is None else {n: v for n, v in best.params.items() if n in self.averages.names}
        at = ", ".join(f"{name} = {number(value)}" for name, value in there.items())
        matters = what_matters(self.averages, self.averages.shares(*self._belief(self._states - 1)))
        return (
            f"Animation of {plural(len(self.shown), 'iteration')} of Bayesian optimisation {direction} f over "
            f"{plural(len(self.history.space.names), 'parameter')}: {', '.join(self.history.space.names)}. "
            f"Starts with {plural(len(first.told), 'point')}, best {self._sayings.best(first.told)}; "
            f"ends at {self._sayings.best(end)} at {at} after {plural(len(end), 'evaluation')}. {matters}"
        )

    # ---- drawing

    @cached_property
    def _stage(self) -> Stage:
        return Stage(self.size, self.theme, self.scale)

    @cached_property
    def _picture(self) -> MatrixPicture:
        values, colours = self._limits
        start = len(self.rounds[0].told) if self.rounds[0].steps else len(self.told)
        return MatrixPicture(
            self._stage, self.averages, self.told, self.history.direction, start=start, values=values, colours=colours
        )

    @cached_property
    def _words(self) -> MatrixWords:
        return MatrixWords(self._stage)

    def draw(self, cue: Cue) -> Image:
        self.arrange(cue)
        return self._stage.draw((cue.step, cue.gain >= 1))

    def arrange(self, cue: Cue) -> Stage:
        """Set the stage to a cue without drawing it."""
        effects = self.effects(cue.step)
        if cue.step == 0:
            known, newest = len(self._round(0).told), 0
        else:
            a_round = self._round(cue.step - 1)
            known, newest = len(a_round.told), len(a_round.arrived)
            effects = self.effects(cue.step - 1).toward(effects, cue.gain)
        self._picture.show(effects, known, newest, cue.gain)
        if self._said != (cue.step, cue.gain >= 1):  # measuring words takes longer than drawing all that moves
            self._said = (cue.step, cue.gain >= 1)
            self._say(cue, known, newest)
        return self._stage

    def _say(self, cue: Cue, known: int, newest: int) -> None:
        self._picture.stair.say(known + newest if cue.gain >= 1 else known)
        counter = f"evaluation {known + newest} of {len(self.told)}"
        skipped = -(-len(self.rounds) // len(self.shown)) if len(self.shown) > 1 else 1
        if len(self.rounds) > 60 and skipped > 1:
            counter += f"  ·  every {_ordinal(skipped)} shown"
        self._words.say(cue.caption if self.captions else (), counter)


def _range(told: Sequence[Trial]) -> tuple[float, float]:
    values = [t.value for t in told if t.value is not None and t.status == "complete"]
    return min(values), max(values)


def _ordinal(n: int) -> str:
    ending = "th" if n % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(n % 10, "th")
    return f"{n}{ending}"
