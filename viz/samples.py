"""From prior to posterior: curves that could be the function, and how observations bend them.

Every frame shows exact draws: the curves live (see living.py), and when a point arrives the same curves are
bent through it, first a little, then all the way.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import Any

import numpy as np

from bayestuner import Real
from gp import GaussianProcess, Kernel, ParameterError
from gp.data import as_inputs, as_targets

from .animate import checked_scale
from .animation import Animation
from .axis import Axis
from .canvas import Image, Stage
from .frames import Cue, Film
from .living import TURN
from .reading import reading_time
from .samples_scene import SIZE, Scene
from .samples_story import CURVES, GRID, SampleStory
from .style import Theme, checked_theme
from .text import number, plural, shown_range
from .view import checked_bounds

MOST = 12
TWEENS = 8  # frames of an observation


def animate_samples(
    kernel: Kernel | GaussianProcess,
    X: Any,
    y: Any,
    *,
    noise: float = 1e-4,
    bounds: tuple[float, float] | None = None,
    objective: Callable[[Any], Any] | None = None,
    samples: int = CURVES,
    seed: int = 0,
    pace: str = "lesson",
    theme: str | Theme = "light",
    scale: float = 1,
    captions: bool = True,
) -> Animation:
    """Show functions drawn from a model before any data, and how each observation bends them.

    X is (n,) or (n, 1) and y (n,), at most 12 points, shown one after the other; `kernel` a kernel or a whole process
    (whose noise and mean then count). `bounds` is the range of x that is shown, `objective` the true f(x), if known.
    Raises ParameterError for more than one input or no point, DataError for numbers that are not finite.

    >>> from gp import Matern52
    >>> animation = animate_samples(Matern52(0.5), [0.2, 1.0, 1.4], [0.5, -0.3, 0.8], pace="keys")
    >>> len(animation)
    5
    """
    process = kernel if isinstance(kernel, GaussianProcess) else GaussianProcess(kernel, noise=noise)
    X = np.asarray(X, dtype=float)
    X = as_inputs(X[:, None] if X.ndim == 1 else X)
    y = as_targets(y, len(X))
    if X.shape[1] != 1:
        raise ParameterError(f"animate_samples shows functions of one input, X has {X.shape[1]} columns")
    if not 1 <= len(X) <= MOST:
        raise ParameterError(f"animate_samples shows 1 to {MOST} observations, got {len(X)}")
    axis = Axis("x", Real(*checked_bounds(bounds, X)))
    truth = None if objective is None else np.array([float(objective(x)) for x in axis.values(np.linspace(0, 1, GRID))])
    story = SampleStory(process, axis, X, y, truth, samples, seed)
    return Animation(SampleFilm(story, checked_theme(theme), checked_scale(scale), captions), pace)


class SampleFilm(Film):
    """Draws the story: the prior lives for a turn, points drop in, the posterior lives for a turn."""

    def __init__(self, story: SampleStory, theme: Theme, scale: float = 1, captions: bool = True) -> None:
        self.story, self.theme, self.scale, self.captions = story, theme, scale, captions
        self.size = round(SIZE[0] * scale), round(SIZE[1] * scale)
        self.title = "From prior to posterior"
        n = len(story.y)
        self.alt_text = (
            f"Animation of {plural(story.samples, 'function')} drawn from a Gaussian process on "
            f"[{number(story.axis.dimension.low)}, {number(story.axis.dimension.high)}]. "  # type: ignore[union-attr]
            f"Before any data they wander freely; {plural(n, 'observation')}, one after the other, bend them until "
            f"only curves {self._through} the points remain. "
            f"The average uncertainty falls from {self._shown(story.average_std(0))} "
            f"to {self._shown(story.average_std(n))}."
        )

    @property
    def _through(self) -> str:
        noise = self.story.process.noise**0.5
        return "near" if noise > 0.02 * self.story.average_std(0) else "through"

    @cached_property
    def _shown(self) -> Any:
        return shown_range(self.story.limits)

    # ---- what is shown when

    def cues(self, pace: str) -> list[Cue]:
        """A living prior, each observation, a living posterior; without the living in the shorter paces."""
        n = len(self.story.y)
        turn = TURN if pace == "lesson" else 1
        tweens = TWEENS if pace in ("lesson", "brief") else 1
        cues = self._phase(0, "Prior", turn, pace)
        for i in range(n):
            cues += self._phase(i + 1, "Observe", tweens, pace)
        return cues + self._phase(n, "Posterior", turn, pace)

    def _phase(self, step: int, phase: str, of: int, pace: str) -> list[Cue]:
        lines = self.caption(step, phase)
        last = phase == "Posterior"
        hold = reading_time(lines, pace, last=last)
        return [Cue(step, phase, t, of, hold if t == of - 1 else 50, lines, t == of - 1) for t in range(of)]

    def caption(self, step: int, phase: str) -> tuple[str, ...]:
        """What is said, with its numbers."""
        story, shown = self.story, self._shown
        if phase == "Prior":
            return (
                "Before any data: any of these curves could be f.",
                f"Average σ: {shown(story.average_std(0))}.  {self._kernel}",
            )
        if phase == "Observe":
            x, y = story.axis.values(story.axis.places(story.X[step - 1]))[0], float(story.y[step - 1])
            return (
                f"Observation {step}: f({number(x)}) = {shown(y)}.",
                f"The same curves, bent to pass {self._through} it.  "
                f"Average σ: {shown(story.average_std(step - 1))} → {shown(story.average_std(step))}.  Dotted: before.",
            )
        return (
            f"{plural(step, 'point')}: only curves {self._through} {'it' if step == 1 else 'them'} remain.",
            f"Close to {'the point' if step == 1 else 'a point'} they agree, far away they are still free.  "
            f"Average σ: {shown(story.average_std(0))} → {shown(story.average_std(step))}.",
        )

    @property
    def _kernel(self) -> str:
        values = {name.rsplit(".")[-1]: value for name, value in self.story.process.kernel.parameters.items()}
        length = values.get("lengthscale")
        length = length[0] if isinstance(length, tuple) and len(length) == 1 else length
        return f"Length-scale {number(length)}: how far a curve runs before it may turn." if length else ""

    # ---- pixels

    def draw(self, cue: Cue) -> Image:
        return self.arrange(cue).draw(cue.caption)

    def arrange(self, cue: Cue) -> Stage:
        """Set the stage to a cue without drawing it."""
        scene = self._scene
        if cue.phase == "Observe":
            scene.observing(cue.step, cue.tween + 1, cue.of)
        else:
            scene.living(cue.step, (cue.tween + 1) % cue.of)
        scene.captions.say(cue.caption if self.captions else ())
        return scene.stage

    @cached_property
    def _scene(self) -> Scene:
        return Scene(self.story, self.theme, self.scale)
