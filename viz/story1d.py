"""The story of a search along one parameter: fit, score, choose, evaluate, update, iteration after iteration."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import Any

import numpy as np

from bayestuner import History

from .alt import alt_text
from .canvas import Box, Image, Stage
from .frames import Cue, Film
from .header import Header
from .legends import legend_row
from .look1d import Look
from .pacing import PHASES, SLOW_STEPS, story_cues
from .rounds import selected
from .score1d import Score
from .shots1d import Shots
from .shrink import Shrink
from .stair import Stair
from .style import Theme, drawing
from .surrogate1d import Surrogate
from .tale1d import Tale
from .text import plural

SIZE = (900, 600)
ENDINGS = {2: "nd", 3: "rd"}
SLOW_TWEENS = dict(zip(PHASES, (6, 14, 3, 5, 8), strict=True))
TWEENS = dict(zip(PHASES, (4, 4, 2, 3, 6), strict=True))


class Story1D(Film):
    """The film of a run along one parameter."""

    def __init__(
        self,
        history: History,
        *,
        theme: Theme,
        objective: Callable[..., Any] | None = None,
        steps: Any = None,
        size: tuple[int, int] | None = None,
        scale: float = 1,
        captions: bool = True,
    ) -> None:
        self.history, self.theme, self.scale, self.captions = history, theme, scale, captions
        self.layout = size or SIZE
        self.size = round(self.layout[0] * scale), round(self.layout[1] * scale)
        self.tale = Tale(history, objective)
        self.shown = [self.tale.rounds[i].number for i in selected(history, self.tale.rounds, steps)]
        self.title = f"Search along {self.tale.axis.name}"

    @cached_property
    def alt_text(self) -> str:  # type: ignore[override]
        """The whole story in words."""
        return alt_text(self.history, self.tale.rounds, self.tale.words)

    def cues(self, pace: str) -> list[Cue]:
        return story_cues(pace, self.shown, self.tale.phases, self.tale.caption, SLOW_TWEENS, TWEENS)

    def draw(self, cue: Cue) -> Image:
        stage = self.arrange(cue)
        return stage.draw(self._set.said)

    def arrange(self, cue: Cue) -> Stage:
        """Set the stage to a cue without drawing it."""
        return self._set.show(cue, slow=cue.step in self.shown[:SLOW_STEPS])

    @cached_property
    def _set(self) -> Set1D:
        return Set1D(self)


class Set1D:
    """All that stands on the stage, built once and set for every cue."""

    def __init__(self, film: Story1D) -> None:
        self.film, self.tale, self.shots = film, film.tale, Shots(film.tale)
        self.stage = stage = Stage(film.layout, film.theme, film.scale)
        tale = film.tale
        look = Look.of(tale.rounds, film.theme)
        box = boxes(film.layout)
        with drawing(film.theme):
            self.header = Header(stage)
            self.surrogate = Surrogate(stage, box["surrogate"], tale.axis, tale.places, tale.y_limits, look)
            self.score = Score(stage, box["score"], tale.axis, tale.places, look)
            start = len(tale.rounds[0].told)
            self.stair = Stair(stage, box["stair"], tale.told, tale.direction, start, tale.optimum)
            self.shrink = Shrink(stage, box["shrink"], tale.rounds) if tale.rounds[0].steps else None
            legend_row(stage, self._legend(look), y=film.layout[1] - 23)
        self.said: tuple[int, str, bool] | None = None

    def _legend(self, look: Look) -> dict[str, str]:
        entries = {"mean": "posterior mean", "band1": "±1σ (68 %)", "band2": "±2σ (95 %)"}
        if self.tale.truth is not None:
            entries["truth"] = "true f (hidden)"
        entries |= {"observed": "observed", "best": "best"}
        if look.name:
            entries |= {"new": "next", look.swatch: look.meaning}
        return entries

    def show(self, cue: Cue, slow: bool) -> Stage:
        """Set everything to a cue."""
        with drawing(self.film.theme):
            a_round, shot = self.tale.round(cue.step), self.shots.shot(cue, slow)
            known = len(a_round.told)
            arrives = len(a_round.arrived) if cue.phase in ("Evaluate", "Update") else 0
            gain = cue.gain if cue.phase == "Evaluate" else 1.0
            self.surrogate.show(shot)
            self.score.show(shot)
            self.stair.show(known, arrives, gain)
            words = (cue.step, cue.phase, gain >= 1)
            if words != self.said:  # what stays for a whole phase: words take most of the time of a frame
                self._say(cue, known, arrives if gain >= 1 else 0)
                self.said = words
        return self.stage

    def _say(self, cue: Cue, known: int, arrived: int) -> None:
        """Set the words."""
        self.stair.say(known + arrived)
        if self.shrink is not None:
            self.shrink.show(cue.step - (cue.phase in ("Fit", "Score")))
        counted = known + (arrived if cue.phase == "Update" else 0)
        self.header.show(cue.phase, self._counter(cue.step, counted), cue.caption if self.film.captions else ())

    def _counter(self, step: int, evaluations: int) -> str:
        made = plural(evaluations, "evaluation")
        if not step:
            return f"start design  ·  {made}"
        shown, count = self.film.shown, len(self.tale.rounds)
        k = int(np.diff(shown).min()) if len(shown) > 1 else 1
        every = f" (every {k}{ENDINGS.get(k, 'th')} shown)" if k > 1 else ""
        return f"iteration {step} of {count}{every}  ·  {made}"


def boxes(size: tuple[int, int]) -> dict[str, Box]:
    """Where the parts stand; a larger picture gives its room to the surrogate."""
    right, down = size[0] - SIZE[0], size[1] - SIZE[1]
    return {
        "surrogate": (62, 112, 672 + right, 392 + down),
        "score": (62, 414 + down, 672 + right, 518 + down),
        "stair": (742 + right, 136, 882 + right, 352 + down),
        "shrink": (742 + right, 414 + down, 882 + right, 518 + down),
    }
