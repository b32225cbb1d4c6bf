"""What an acquisition's taste for exploring does: one frozen model, and the point that would be picked from it."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import Any

import numpy as np

from bayestuner import History, ParameterError, Real
from gp.data import as_number

from .animate import checked_scale
from .animation import Animation
from .canvas import Image, Stage
from .exploration_scene import SIZE, Scene
from .exploration_story import Exploration
from .frames import Cue, Film
from .reading import reading_time
from .style import Theme, checked_theme
from .text import shown_range, significant
from .view import only_step, view_of_step

FRAMES = 60
GRID = 601
SYMBOLS = {"kappa": "κ", "xi": "ξ"}
RANGES = {"kappa": (0.05, 20.0), "xi": (1e-3, 3.0)}  # ξ in standard deviations of y, as the model counts it


def animate_exploration(
    history: History,
    step: int = -1,
    parameter: str = "kappa",
    *,
    low: float | None = None,
    high: float | None = None,
    objective: Callable[..., Any] | None = None,
    pace: str = "lesson",
    theme: str | Theme = "light",
    scale: float = 1,
    captions: bool = True,
) -> Animation:
    """Show which point would be picked as κ of the confidence bound ("kappa") or ξ of EI and PI ("xi") grows.

    The model is that of a step of a run with one parameter; ξ counts in standard deviations of y, as in the
    acquisitions, and goes from `low` to `high` like κ. ParameterError for another parameter or range, or no such step.

    >>> from bayestuner import minimize
    >>> run = minimize(lambda x: (x - 1) ** 2, {"x": (0.0, 4.0)}, n_trials=7, seed=0)
    >>> animation = animate_exploration(run)
    """
    if parameter not in SYMBOLS:
        raise ParameterError(f"parameter must be 'kappa' or 'xi', got {parameter!r}")
    chosen = only_step("animate_exploration", history, step)
    first, last = RANGES[parameter]
    first = first if low is None else as_number("low", low)
    last = last if high is None else as_number("high", high)
    if not 0 < first < last:
        raise ParameterError(f"low and high must be 0 < low < high, got {first:g} and {last:g}")
    view = view_of_step(history, chosen, GRID)
    story = Exploration(view, chosen, parameter, np.geomspace(first, last, FRAMES), view.truth(objective))
    return Animation(ExplorationFilm(story, checked_theme(theme), checked_scale(scale), captions), pace)


class ExplorationFilm(Film):
    """The setting grows; where it would pick is traced below."""

    def __init__(self, story: Exploration, theme: Theme, scale: float = 1, captions: bool = True) -> None:
        self.story, self.theme, self.scale, self.captions = story, theme, scale, captions
        self.size = round(SIZE[0] * scale), round(SIZE[1] * scale)
        self.symbol = SYMBOLS[story.parameter]
        self.title = f"What {self.symbol} does"
        first, last = (self._where(i) for i in (0, FRAMES - 1))
        jump = "" if story.jump is None else f" At {self._setting(story.jump)} the choice jumps."
        self.alt_text = (
            f"Animation of {story.name} on one frozen model while {self.symbol} grows from {self._setting(0)[4:]} to "
            f"{self._setting(FRAMES - 1)[4:]}. It picks {first} at first and {last} in the end.{jump}"
        )

    # ---- what is shown when

    def cues(self, pace: str) -> list[Cue]:
        """Up to the jump, the jump, and on to the end; one phase where nothing jumps."""
        jump = self.story.jump
        parts = [("Sweep", 0, FRAMES)]
        if jump is not None:
            parts = [("Exploit", 0, jump), ("Jump", jump, jump + 1), ("Explore", jump + 1, FRAMES)]
        parts = [part for part in parts if part[2] > part[1]]
        stride = {"lesson": 1, "brief": 2}.get(pace, FRAMES)
        cues: list[Cue] = []
        for step, (phase, start, end) in enumerate(parts):
            indices = list(range(end - 1, start - 1, -stride))[::-1]
            for tween, index in enumerate(indices):
                lines = self.caption(index)
                last = tween == len(indices) - 1
                ending = last and step == len(parts) - 1
                hold = reading_time(lines, pace, slow=False, last=ending) if last else 50
                cues.append(Cue(step, phase, index, FRAMES, hold, lines, last))
        return cues[-1:] if pace == "steps" else cues

    def _setting(self, index: int) -> str:
        return f"{self.symbol} = {significant(float(self.story.settings[index]), 2)}"

    def _where(self, index: int) -> str:
        axis = self.story.view.axis
        place = self.story.picks[index]
        value = axis.values(np.array([place]))[0]
        if isinstance(axis.dimension, Real) and not axis.log:
            shown = shown_range([axis.dimension.low, axis.dimension.high])(value)
            return f"{axis.name[:16]} = {shown}"
        text = significant(value, 3) if isinstance(value, float) else str(value)
        return f"{axis.name[:16]} = {text}"

    def caption(self, index: int) -> tuple[str, ...]:
        """What is said of a setting, with its numbers."""
        story = self.story
        if index == story.jump:
            place = self._where(index)
            line = f"{self._setting(index)}: the choice jumps from {self._where(index - 1)} to {place}."
        else:
            mean, std = (float(v[story.traced[1][index]]) for v in story.view.line())
            shown = shown_range(story.limits)
            line = f"{self._setting(index)}: {story.name} picks {self._where(index)}, "
            line += f"where the model expects {shown.spread(mean, std)}."
        return line, self._meaning(index)

    def _meaning(self, index: int) -> str:
        story = self.story
        minimize = story.view.direction == "minimize"
        if story.parameter == "kappa":
            sign = "−" if minimize else "+"
            taste = "A small κ exploits: it trusts the mean.  A large one explores: it looks for σ."
            return f"{story.name} = mean {sign} κσ.  {taste}"
        gain = significant(story.beyond(float(story.settings[index])), 2)
        side = "below" if minimize else "above"
        what = "any" if story.name == "PI" else "the average"
        return f"{story.name} counts {what} gain beyond ξ: values that lie {gain} or more {side} the best."

    # ---- pixels

    def draw(self, cue: Cue) -> Image:
        return self.arrange(cue).draw((cue.caption, cue.tween))

    def arrange(self, cue: Cue) -> Stage:
        """Set the stage to a cue without drawing it."""
        self._scene.show(cue.tween)
        self._scene.captions.say(cue.caption if self.captions else ())
        return self._scene.stage

    @cached_property
    def _scene(self) -> Scene:
        return Scene(self.story, self.symbol, self.theme, self.scale)
