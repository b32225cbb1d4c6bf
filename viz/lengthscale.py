"""What a hyperparameter does: the model under every value of it, and which value the data find most likely."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from matplotlib.collections import LineCollection

from bayestuner import History, ParameterError, Real
from gp import GaussianPosterior, linalg
from gp.likelihood import with_noise

from .animate import checked_scale
from .animation import Animation
from .axis import Array, Axis
from .canvas import Image, Stage
from .frames import Cue, Film, ease
from .panel import (
    Band,
    Captions,
    LengthBar,
    dashed_truth,
    diamond,
    guide,
    legend_row,
    limits,
    observations,
    panel_title,
    star,
    x_axis,
    y_axis,
)
from .reading import reading_time
from .style import SMALL, TINY, Theme, checked_theme, drawing
from .sweep import Evidence, evidence, full_name, swept, value_of, verdict
from .text import fixed, significant
from .view import View, only_step, view_of_model, view_of_step

SIZE = (900, 600)
SURROGATE, LIKELIHOOD, KERNEL = (62, 112, 570, 500), (640, 136, 882, 310), (640, 384, 882, 500)
VALUES = 241
FRAMES = 60
NEARBY = 0.65  # of the axis: distances that the kernel is shown for
DEEP = 24.0  # so far below the best log likelihood the curve is shown
HIGH = 34.0  # and its parts so far above
KINDS = {"lengthscale": "length-scale", "noise": "noise", "amplitude": "amplitude"}
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


@dataclass(frozen=True, eq=False)
class Sweep:
    """The numbers: values from the smallest to the largest, the model under each, and its evidence."""

    view: View
    parameter: str
    truth: Array | None = None

    def __post_init__(self) -> None:
        self.name  # noqa: B018 - a name that means nothing is refused before anything is drawn
        if len(self.view.y) < 2:
            raise ParameterError(f"a sweep needs at least 2 observations, the model has {len(self.view.y)}")

    @property
    def name(self) -> str:
        """The parameter's full name."""
        return full_name(self.view.posterior.prior, self.parameter)

    @property
    def kind(self) -> str:
        """Which of the three it is: "lengthscale", "noise" or "amplitude"."""
        last = self.name.rsplit(".")[-1]
        kind = "amplitude" if last == "value" else last
        if kind not in KINDS:
            raise ParameterError(f"parameter must be a lengthscale, the noise or an amplitude, got {self.parameter!r}")
        return kind

    @cached_property
    def values(self) -> Array:
        """In the model's units, evenly spread on a log scale; the model's own value lies within."""
        now = value_of(self.view.posterior.prior, self.name)
        variance = float(np.var(self.view.posterior.y)) or 1.0
        reach = self.view.reach
        low, high = {
            "lengthscale": (0.02 / reach, 2.0 / reach),
            "noise": (1e-6 * variance, 2.0 * variance),
            "amplitude": (0.03 * variance, 12.0 * variance),
        }[self.kind]
        return np.geomspace(min(low, now / 1.5), max(high, now * 1.5), VALUES)

    @cached_property
    def posteriors(self) -> list[GaussianPosterior]:
        """Under each value, all else as it is."""
        return swept(self.view.posterior, self.name, self.values.tolist())

    @cached_property
    def evidences(self) -> list[Evidence]:
        """Under each value, for the data in the user's units."""
        return [evidence(posterior, self.view.scaling.scale) for posterior in self.posteriors]

    @cached_property
    def totals(self) -> Array:
        """Log marginal likelihood under each value."""
        return np.array([e.total for e in self.evidences])

    @property
    def best(self) -> int:
        """The index of the most likely value."""
        return int(self.totals.argmax())

    def verdict(self, index: int) -> str:
        """Whether a value is "short", "right" or "long"."""
        best = self.best
        return verdict(self.values[index], self.totals[index], self.values[best], self.totals[best])

    def shown(self, value: float) -> float:
        """A value in the user's units; noise and amplitude as standard deviations."""
        return self.view.length(value) if self.kind == "lengthscale" else float(self.view.scaling.std(math.sqrt(value)))

    def words(self, value: float) -> str:
        """A value in words."""
        return self.view.length_words(value) if self.kind == "lengthscale" else f"±{significant(self.shown(value), 2)}"

    # ---- curves

    def line(self, index: int) -> tuple[Array, Array]:
        """Mean and std under a value."""
        return self.view.line(self.posteriors[index])

    def samples(self, index: int, count: int = 3, seed: int = 0) -> Array:
        """Functions drawn under a value, (count, m): the same random numbers for all, so that they only stretch."""
        posterior = self.posteriors[index]
        process, U, X = posterior.prior, self.view.U, posterior.X
        points = np.vstack([U, X])
        K = process.kernel(points, points)
        L = linalg.cholesky(with_noise(K, 1e-8 * float(np.mean(np.diagonal(K)))))
        rng = np.random.default_rng(seed)
        prior = process.mean + L @ rng.standard_normal((len(points), count))
        extra = np.zeros(len(X)) if posterior.extra_noise is None else posterior.extra_noise
        seen = prior[len(U) :] + np.sqrt(process.noise + extra)[:, None] * rng.standard_normal((len(X), count))
        weights = linalg.solve(posterior.cholesky, posterior.y[:, None] - seen)
        return self.view.scaling.mean((prior[: len(U)] + K[: len(U), len(U) :] @ weights).T)

    @cached_property
    def limits(self) -> tuple[float, float]:
        """Of y, for all values: nearly all of every band, all data and the truth."""
        bands = [mean + s * std for mean, std in map(self.line, range(0, VALUES, 6)) for s in (-2, 2)]
        return limits(np.quantile(bands, [0.02, 0.98]), self.view.y, *([] if self.truth is None else [self.truth]))

    def likeness(self, index: int) -> Array:
        """The kernel against distance: from one end of the axis; of y where the noise is swept."""
        process, U = self.posteriors[index].prior, self.view.U
        k = process.kernel(U[:1], U)[0]
        if self.kind == "amplitude":
            return k * self.view.scaling.scale**2
        return k / (k[0] + (process.noise if self.kind == "noise" else 0.0))


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
    def _scene(self) -> _Scene:
        return _Scene(self.sweep, self.what, self.theme, self.scale)


class _Scene:
    """The artists, and what they show."""

    def __init__(self, sweep: Sweep, what: str, theme: Theme, scale: float) -> None:
        self.sweep, self.what = sweep, what
        self.stage = Stage(SIZE, theme, scale)
        with drawing(theme):
            self.captions = Captions(self.stage, (29, 55, 79))
            self._surrogate(theme)
            self._likelihood(theme)
            self._kernel(theme)
            truth = {} if sweep.truth is None else {"truth": "true f"}
            entries = {"mean": "posterior mean", "band1": "±1σ", "band2": "±2σ", "samples": "3 samples", **truth}
            legend_row(self.stage, entries | {"observed": "observed", "new": f"this {what}", "best": "most likely"})

    def _surrogate(self, theme: Theme) -> None:
        view, stage = self.sweep.view, self.stage
        ax = stage.axes(SURROGATE)
        x_axis(ax, view.axis)
        y_axis(ax, *self.sweep.limits, "f(x)")
        self.band = Band(stage, ax, view.axis, view.places)
        self.curves = LineCollection([], colors=theme.model, linewidths=1.1, alpha=0.6, zorder=2.5)
        ax.add_collection(self.curves, autolim=False)
        stage.on("frame", self.curves)
        dashed_truth(stage, ax, view.places, self.sweep.truth)
        observations(stage, ax).at(view.seen, view.y)
        self.bar = LengthBar(stage, ax) if self.sweep.kind == "lengthscale" else None

    def _likelihood(self, theme: Theme) -> None:
        sweep, stage = self.sweep, self.stage
        ax = stage.axes(LIKELIHOOD)
        name = self.what if sweep.kind == "lengthscale" else f"{self.what} (standard deviation)"
        shown = [sweep.shown(v) for v in sweep.values]
        axis = Axis(name, Real(shown[0], shown[-1], log=True))
        x_axis(ax, axis, most=5, label=False)
        ax.set_xlabel(name, fontsize=SMALL, color=theme.mute, labelpad=1)
        self.at = axis.places(shown)
        parts = {part: np.array([getattr(e, part) for e in sweep.evidences]) for part in ("data_fit", "simplicity")}
        best, low = sweep.totals[sweep.best], max(sweep.totals.min(), sweep.totals[sweep.best] - DEEP)
        near = sweep.totals >= low
        top = min(max(float(p[near].max()) for p in parts.values()), best + HIGH)
        room = 0.08 * (max(top, best) - low)
        y_axis(ax, low - room, max(top, best) + room, "", most=6)
        handles = [
            ax.plot(self.at, sweep.totals, color=theme.model, linewidth=2.4, label="sum (LML)", zorder=3),
            ax.plot(self.at, parts["data_fit"], color=theme.ghost, linewidth=1.6, dashes=(5, 2), label="data fit"),
            ax.plot(
                self.at, parts["simplicity"], color=theme.ghost, linewidth=1.6, dashes=(1, 1.6), label="simplicity"
            ),
        ]
        stage.on("static", *handles)
        ax.legend(
            loc="lower right" if sweep.kind == "amplitude" else "lower left", labelcolor=theme.mute, fontsize=TINY,
            frameon=True, framealpha=0.72, edgecolor="none", facecolor=theme.bg, borderaxespad=0.3, borderpad=0.2,
            handlelength=1.8, labelspacing=0.25,
        )  # fmt: skip
        panel_title(stage, LIKELIHOOD, "log marginal likelihood")
        self.here = guide(stage, ax)
        star(stage, ax).at(self.at[sweep.best], best)
        self.point = diamond(stage, ax, zorder=6.5)  # below the star, which stays to be seen
        self.floor = low - room

    def _kernel(self, theme: Theme) -> None:
        sweep, stage, view = self.sweep, self.stage, self.sweep.view
        ax = stage.axes(KERNEL)
        titles = {
            "lengthscale": "how alike are f at two points?",
            "noise": "how alike are y at two points?",
            "amplitude": "how far f strays: its covariance",
        }
        panel_title(stage, KERNEL, titles[sweep.kind])
        size = NEARBY * view.length(1 / view.reach)
        axis = Axis("distance between the points", Real(0.0, size))
        x_axis(ax, axis, most=5, label=False)
        words = "distance between the points" if view.measured else "distance (share of the axis)"
        ax.set_xlabel(words, fontsize=SMALL, color=theme.mute, labelpad=1)
        top = 1.0
        if sweep.kind == "amplitude":
            top = float(sweep.likeness(VALUES - 1).max())
        low = min(0.0, *(float(sweep.likeness(i).min()) for i in range(0, VALUES, 12)))
        y_axis(ax, low * 1.05, top * 1.06, "", most=4)
        [self.kernel] = ax.plot([], [], color=theme.model, linewidth=2.4, zorder=3)
        stage.on("frame", self.kernel)
        self.distance = guide(stage, ax) if sweep.kind == "lengthscale" else None

    def show(self, index: int) -> None:
        """The model under one value."""
        sweep = self.sweep
        value = sweep.values[index]
        self.band.show(*sweep.line(index))
        self.curves.set_segments([np.column_stack([sweep.view.places, f]) for f in sweep.samples(index)])
        at = self.at[index]
        self.here.set_xdata([at, at])
        self.point.at(at, max(sweep.totals[index], self.floor))
        near = sweep.view.places <= NEARBY + 1e-9
        self.kernel.set_data(sweep.view.places[near] / NEARBY, sweep.likeness(index)[near])
        if self.bar is not None:
            self.bar.show(value * sweep.view.reach, f"{self.what} {sweep.words(value)}")
        if self.distance is not None:
            place = value * sweep.view.reach / NEARBY
            self.distance.set_xdata([place, place])
