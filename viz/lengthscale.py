"""What a hyperparameter does: the model under every value of it, and which value the data find most likely."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import Any

import numpy as np

from bayestuner import History
from gp import GaussianPosterior

from .animate import checked_scale
from .animation import Animation
from .axis import Array
from .canvas import Image, Stage
from .frames import Cue, Film, ease
from .lengthscale_scene import SIZE, Scene
from .lengthscale_story import KINDS, VALUES, Sweep
from .reading import reading_time
from .style import Theme, checked_theme
from .text import fixed
from .view import View, only_step, view_of_model, view_of_step

FRAMES = 60
VERDICTS = {
    "lengthscale": {
        "short": "too short: every point is an island, the band opens up in between",
        "right": "just right: flexible enough to fit, no more flexible than needed",
        "long": "too long: the curve is too stiff to pass through the points",
    },
    "noise": {
        "short": "too small: every wiggle of the data is taken for the function",
        "right": "just right: what the curve does not explain is noise, and no more",
        "long": "too large: the data are taken for noise, the curve hardly heeds them",
    },
    "amplitude": {
        "short": "too small: the curve may not stray far enough to reach the points",
        "right": "just right: as much room as the points need, no more",
        "long": "too large: between the points almost anything is thought possible",
    },
}


def animate_lengthscale(
    model: GaussianPosterior | History,
    *,
    parameter: str = "lengthscale",
    step: int = -1,
    bounds: tuple[float, float] | None = None,
    objective: Callable[[Any], Any] | None = None,
    pace: str = "lesson",
    theme: str | Theme = "light",
    scale: float = 1,
    captions: bool = True,
) -> Animation:
    """Show the model under every value of a hyperparameter, and how the marginal likelihood picks one.

    `model` is a posterior of one input, or a run with one parameter (then the model of its `step`); `parameter` is
    "lengthscale", "noise", "amplitude" or the dotted name of one of these in the kernel; `bounds` the range of x
    that is shown. Raises ParameterError where there is no such parameter, or more than one input.

    >>> from gp import GaussianProcess, Matern52
    >>> model = GaussianProcess(Matern52()).fit([[0.0], [1.0], [2.5], [3.0]], [0.0, 1.0, 0.2, 0.1])
    >>> len(animate_lengthscale(model, pace="keys"))
    3
    """
    if isinstance(model, History):
        view = view_of_step(model, only_step("animate_lengthscale", model, step))
    else:
        view = view_of_model(model, bounds)
    truth = view.truth(objective) if isinstance(model, History) else _called(objective, view)
    return Animation(
        SweepFilm(Sweep(view, parameter, truth), checked_theme(theme), checked_scale(scale), captions), pace
    )


def _called(objective: Callable[[Any], Any] | None, view: View) -> Array | None:
    return None if objective is None else np.array([float(objective(x)) for x in view.axis.values(view.places)])


class SweepFilm(Film):
    """From the most likely value to the smallest, to the largest, and back: a seamless loop."""

    def __init__(self, sweep: Sweep, theme: Theme, scale: float = 1, captions: bool = True) -> None:
        self.sweep, self.theme, self.scale, self.captions = sweep, theme, scale, captions
        self.size = round(SIZE[0] * scale), round(SIZE[1] * scale)
        self.what = KINDS[sweep.kind]
        self.title = f"How the marginal likelihood picks the {self.what}"
        best = fixed(sweep.totals[sweep.best], 1)
        self.alt_text = (
            f"Animation of a Gaussian process of {len(sweep.view.y)} observations while its {self.what} goes from "
            f"{sweep.words(sweep.values[0])} to {sweep.words(sweep.values[-1])}. "
            f"The log marginal likelihood is largest, {best}, at {sweep.words(sweep.values[sweep.best])}."
        )

    # ---- what is shown when

    def _stops(self) -> list[tuple[str, int, int]]:
        """Phases and the indices that each goes from and to."""
        low, best, high = 0, self.sweep.best, VALUES - 1
        words = {"lengthscale": ("Shorter", "Longer")}.get(self.sweep.kind, ("Smaller", "Larger"))
        stops = [(words[0], best, low), (words[1], low, high), ("Most likely", high, best)]
        return [stop for stop in stops if stop[1] != stop[2]]

    def cues(self, pace: str) -> list[Cue]:
        """60 frames in the lesson, shared out by the way that each of three phases goes; half of them in brief."""
        count = {"lesson": FRAMES, "brief": FRAMES // 2}.get(pace)
        cues = []
        for step, (phase, start, end) in enumerate(self._stops()):
            of = 1 if count is None else max(round(count * abs(end - start) / (2 * (VALUES - 1))), 1)
            for tween in range(of):
                lines = self.caption(self._index(step, tween, of))
                last = tween == of - 1
                hold = max(1500, reading_time(lines, pace, slow=False)) if last else 50
                cues.append(Cue(step, phase, tween, of, hold, lines, last))
        return cues[-1:] if pace == "steps" else cues

    def _index(self, step: int, tween: int, of: int) -> int:
        _, start, end = self._stops()[step]
        return round(start + ease((tween + 1) / of) * (end - start))

    def caption(self, index: int) -> tuple[str, ...]:
        """What is said of a value."""
        sweep = self.sweep
        parts, best = sweep.evidences[index], sweep.best
        words = VERDICTS[sweep.kind][sweep.verdict(index)]
        return (
            self.title,
            f"{self.what.capitalize()} {sweep.words(sweep.values[index])}: {words}.",
            f"Log marginal likelihood {fixed(parts.total, 1)} = data fit {fixed(parts.data_fit, 1)} + simplicity "
            f"{fixed(parts.simplicity, 1)} + constant {fixed(parts.constant, 1)}.   "
            f"Best: {fixed(sweep.totals[best], 1)} at {sweep.words(sweep.values[best])} (★).",
        )

    # ---- pixels

    def draw(self, cue: Cue) -> Image:
        return self.arrange(cue).draw((cue.caption, cue.step, cue.tween))

    def arrange(self, cue: Cue) -> Stage:
        """Set the stage to a cue without drawing it."""
        self._scene.show(self._index(cue.step, cue.tween, cue.of))
        self._scene.captions.say(cue.caption if self.captions else ())
        return self._scene.stage

    @cached_property
    def _scene(self) -> Scene:
        return Scene(self.sweep, self.what, self.theme, self.scale)
