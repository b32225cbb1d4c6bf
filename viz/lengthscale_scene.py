"""The picture of a sweep: the surrogate under one value, the evidence for all, and the kernel."""

from __future__ import annotations

import numpy as np
from matplotlib.collections import LineCollection

from bayestuner import Real

from .axis import Axis
from .canvas import Stage
from .legends import legend_row
from .lengthscale_story import VALUES, Sweep
from .panel import (
    Band,
    Captions,
    LengthBar,
    dashed_truth,
    diamond,
    guide,
    observations,
    panel_title,
    star,
    x_axis,
    y_axis,
)
from .style import SMALL, TINY, Theme, drawing

SIZE = (900, 600)
SURROGATE, LIKELIHOOD, KERNEL = (62, 112, 570, 500), (640, 136, 882, 310), (640, 384, 882, 500)
NEARBY = 0.65  # of the axis: distances that the kernel is shown for
DEEP = 24.0  # so far below the best log likelihood the curve is shown
HIGH = 34.0  # and its parts so far above


class Scene:
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
        self.band.show(*sweep.line(index), sweep.view.scaling)
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
