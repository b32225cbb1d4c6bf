"""The step animation of a search of two parameters: four maps and the best so far."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import Any

import numpy as np

from bayestuner import History

from .alt import alt_text
from .canvas import Image, Stage
from .frames import Cue, Film
from .moment import best_of
from .pacing import story_cues
from .plane import Plane
from .rounds import rounds, selected
from .scene2d import SIZE, Scene
from .style import LIGHT, Theme
from .text import Numbers, plural
from .words import Caption, Words
from .words2d import fit_caption, score_caption

TWEENS = {"Fit": 4, "Score": 4, "Choose": 2, "Evaluate": 2, "Update": 6}
TWEEN_MS = 60


class Story2D(Film):
    """A run of two parameters, step by step, on maps.

    `steps` says which steps are shown (all), `objective` is the true function, if it is known.
    Raises NotFittedError where the run has no value, ParameterError where there is no such step.
    """

    def __init__(
        self,
        history: History,
        *,
        theme: Theme = LIGHT,
        objective: Callable[..., Any] | None = None,
        steps: Any = None,
        scale: float = 1,
        captions: bool = True,
    ) -> None:
        self.history, self.theme, self.scale, self.captions = history, theme, scale, captions
        self.size = round(SIZE[0] * scale), round(SIZE[1] * scale)
        every = rounds(history)
        self.plane = Plane(history, every, selected(history, every, steps), objective)
        values = np.array([t.value for t in self.plane.told if t.value is not None and t.status == "complete"])
        self.words = Words(self.plane.axes, Numbers.of(float(values.min()), float(values.max())), history.direction)
        self.title = "Bayesian optimisation, step by step"
        self.alt_text = alt_text(history, every, self.words)

    # ---- what is shown when

    def cues(self, pace: str) -> list[Cue]:
        """The phases of every shown round; a cue's step is the round's number."""
        shown = [self.plane.rounds[i].number for i in self.plane.shown]
        return story_cues(pace, shown, self.phases, self.caption, TWEENS, TWEENS, TWEEN_MS)

    def phases(self, step: int) -> tuple[str, ...]:
        """Of a round: only Fit where nothing was suggested, no outcome where there is none yet."""
        a_round = self.plane.round(step)
        if not a_round.steps:
            return ("Fit",)
        return tuple(TWEENS) if a_round.arrived else ("Fit", "Score", "Choose")

    def caption(self, step: int, phase: str) -> Caption:
        """Two lines, with the record's numbers."""
        a_round, words = self.plane.round(step), self.words
        if phase == "Fit":
            return fit_caption(words, a_round, self.plane.before(step))
        if phase == "Score":
            return score_caption(words, a_round, "dark" if self.theme.name == "light" else "bright")
        if phase == "Choose":
            return words.choose(a_round)
        if phase == "Evaluate":
            return words.evaluate(a_round, best_of(a_round.told, self.history.direction))
        before, after = (self.plane.average_std(m) for m in (a_round.chosen, a_round.updating(1.0)))
        line, second = words.update(a_round, before, after)
        return line, second.removesuffix("  Dotted: before.")

    def counter(self, step: int, phase: str) -> str:
        """Where in the run a frame is."""
        a_round, plane = self.plane.round(step), self.plane
        known = len(a_round.told) + (len(a_round.arrived) if phase in ("Evaluate", "Update") else 0)
        evaluations = plural(known, "evaluation")
        if not a_round.number:
            return evaluations
        skipped = "" if len(plane.shown) in (1, len(plane.rounds)) else f"  ·  {len(plane.shown)} shown"
        return f"iteration {a_round.number} of {len(plane.rounds)}{skipped}  ·  {evaluations}"

    # ---- pixels

    def draw(self, cue: Cue) -> Image:
        return self.arrange(cue).draw((cue.step, cue.phase, self._scene.stair.value.get_text()))

    def arrange(self, cue: Cue) -> Stage:
        """Set the stage to a cue without drawing it."""
        caption = cue.caption if self.captions else ()
        return self._scene.arrange(cue, self.counter(cue.step, cue.phase), caption)

    @cached_property
    def _scene(self) -> Scene:
        return Scene(self.plane, self.words, self.theme, self.scale)
