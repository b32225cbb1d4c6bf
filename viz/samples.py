"""From prior to posterior: curves that could be the function, and how observations bend them.

Every frame shows exact draws: the curves live (see living.py), and when a point arrives the same curves are
bent through it, first a little, then all the way.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from matplotlib.collections import LineCollection

from bayestuner import Real
from gp import GaussianProcess, Kernel, ParameterError
from gp.data import as_inputs, as_targets

from .animate import checked_scale
from .animation import Animation
from .axis import Array, Axis
from .canvas import Image, Stage
from .frames import Cue, Film, ease
from .living import TURN, Bundle, living, prior_bundle
from .panel import (
    Band,
    Captions,
    dashed_truth,
    diamond,
    guide,
    legend_row,
    limits,
    observations,
    shown_range,
    x_axis,
    y_axis,
)
from .reading import reading_time
from .style import Theme, checked_theme, drawing
from .text import number, plural
from .view import checked_bounds

SIZE = (900, 600)
BOX = (62, 112, 882, 518)
MOST = 12
CURVES = 5
DROP, TWEENS = 3, 8  # a point falls in for so many of these frames, then the curves bend
GRID = 181


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


@dataclass(frozen=True, eq=False)
class SampleStory:
    """The numbers of every frame: the bundle of functions after each observation, and on the way to it."""

    process: GaussianProcess
    axis: Axis
    X: Array
    y: Array
    truth: Array | None
    samples: int
    seed: int
    places: Array = field(default_factory=lambda: np.linspace(0, 1, GRID))

    @cached_property
    def bundles(self) -> list[Bundle]:
        """After 0, 1, ... n observations, on the grid and then at the observations."""
        grid = np.array(self.axis.values(self.places))[:, None]
        bundles = [prior_bundle(self.process, np.vstack([grid, self.X]), len(self.y))]
        for i in range(len(self.y)):
            bundles.append(self._observe(bundles[-1], i, 1.0))
        return bundles

    def _observe(self, bundle: Bundle, i: int, gain: float) -> Bundle:
        noise = max(self.process.noise, 1e-10)  # two points at one place must not divide by 0
        return bundle.observe(GRID + i, float(self.y[i]), noise, i - len(self.y), gain)

    def between(self, i: int, gain: float) -> Bundle:
        """On the way from i to i + 1 observations."""
        return self._observe(self.bundles[i], i, gain)

    def average_std(self, i: int) -> float:
        """Average σ over the shown range after i observations."""
        return float(self.bundles[i].std[:GRID].mean())

    @cached_property
    def _numbers(self) -> tuple[Array, Array]:
        rng = np.random.default_rng(self.seed)
        shape = (self.bundles[0].root.shape[1], self.samples)
        return rng.standard_normal(shape), rng.standard_normal(shape)

    def curves(self, bundle: Bundle, frame: int) -> Array:
        """The living functions on the grid, (samples, m)."""
        return bundle.curves(living(*self._numbers, frame))[:, :GRID]

    @cached_property
    def limits(self) -> tuple[float, float]:
        """Of y, for the whole film: the prior's ±2σ, all data, and nearly all of every curve."""
        start = self.bundles[0]
        band = [start.mean[:GRID] + s * start.std[:GRID] for s in (-2, 2)]
        curves = [self.curves(bundle, f) for bundle in (start, self.bundles[-1]) for f in range(0, TURN, 6)]
        middle = np.quantile(curves, [0.005, 0.995])
        return limits(*band, self.y, middle, *([] if self.truth is None else [self.truth]))


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
    def _scene(self) -> _Scene:
        return _Scene(self.story, self.theme, self.scale)


class _Scene:
    """The artists, and what they show."""

    def __init__(self, story: SampleStory, theme: Theme, scale: float) -> None:
        self.story = story
        self.stage = Stage(SIZE, theme, scale)
        with drawing(theme):
            self._build(theme)

    def _build(self, theme: Theme) -> None:
        story, stage = self.story, self.stage
        self.captions = Captions(stage, (40, 68))
        ax = stage.axes(BOX)
        x_axis(ax, story.axis)
        y_axis(ax, *story.limits, "f(x)")
        self.band = Band(stage, ax, story.axis, story.places)
        ghost: dict[str, Any] = {"color": theme.ghost, "linewidth": 1.3, "dashes": (1, 1.6), "zorder": 2}
        self.ghosts = [ax.plot([], [], **ghost)[0] for _ in range(3)]
        self.curves = LineCollection([], colors=theme.model, linewidths=1.1, alpha=0.6, zorder=2.5)
        ax.add_collection(self.curves, autolim=False)
        stage.on("frame", self.curves, *self.ghosts)
        dashed_truth(stage, ax, story.places, story.truth)
        self.guide = guide(stage, ax)
        self.seen, self.new = observations(stage, ax), diamond(stage, ax)
        truth = {} if story.truth is None else {"truth": "true f (hidden)"}
        legend_row(
            stage,
            {"samples": "samples of the model", "mean": "mean"}
            | {"band1": "±1σ (68 %)", "band2": "±2σ (95 %)", "ghost": "before"}
            | truth
            | {"observed": "observed", "new": "new"},
        )

    def _show(self, bundle: Bundle, frame: int, seen: int) -> None:
        places = self.story.places
        self.band.show(bundle.mean[:GRID], bundle.std[:GRID])
        self.curves.set_segments([np.column_stack([places, f]) for f in self.story.curves(bundle, frame)])
        self.seen.at(self.story.axis.places(self.story.X[:seen, 0].tolist()), self.story.y[:seen])

    def living(self, step: int, frame: int) -> None:
        """The curves of so many observations at a moment of their turn."""
        self._show(self.story.bundles[step], frame, step)
        self.new.clear()
        for artist in (self.guide, *self.ghosts):
            artist.set_visible(False)

    def observing(self, step: int, frame: int, of: int) -> None:
        """The point falls in, then the curves bend."""
        story, drop = self.story, DROP if of > 1 else 0
        gain = ease(max(frame - drop, 0) / (of - drop))
        self._show(story.between(step - 1, gain), 0, step - 1)
        x, y = float(story.axis.places(story.X[step - 1])[0]), float(story.y[step - 1])
        fallen = ease(min(frame / drop, 1.0)) if drop else 1.0
        self.new.at(x, y + (1 - fallen) * (story.limits[1] - y))
        self.guide.set_xdata([x, x])
        before = story.bundles[step - 1]
        for line, wide in zip(self.ghosts, (-2, 0, 2), strict=True):
            line.set_data(story.places, before.mean[:GRID] + wide * before.std[:GRID])
        for artist in (self.guide, *self.ghosts):
            artist.set_visible(True)
