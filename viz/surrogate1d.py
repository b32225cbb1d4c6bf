"""The upper plot of the 1-D story: what the model believes, what was seen, and where the next point lies."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.collections import LineCollection
from matplotlib.patches import Polygon
from matplotlib.transforms import blended_transform_factory

from bayestuner.scaling import Scaling

from .axis import Axis
from .canvas import Box, Stage
from .look1d import Look, ticks_along
from .moment import Array
from .panel import Band, Marks, diamond, observations, star, value_name, y_axis
from .shot import Bell, Shot, columns, drawn, revealed, upright
from .style import SMALL, drawing

BELL = 0.075  # width of the bell, as a share of the domain
TURN = 0.88  # from here on the bell opens to the left
BAR_START = 0.03  # left end of the lengthscale's bar


class Surrogate:
    """The upper plot: what the model believes, what was seen, and where the next point lies."""

    def __init__(self, stage: Stage, box: Box, axis: Axis, places: Array, y: tuple[float, float], look: Look) -> None:
        self.stage, self.axis, self.places, self.direction = stage, axis, places, look.direction
        theme = stage.theme
        self.ax = ax = stage.axes(box)
        with drawing(theme):
            ticks_along(ax, axis, box, label=False)
            ax.tick_params(labelbottom=False)
            y_axis(ax, *y, value_name(look.direction))
            self.height = box[3] - box[1]
            self.across = blended_transform_factory(ax.transData, ax.transAxes)
            self._curves(look)
            self._bell()
            self._marks(look)
            self._words()

    def _on(self, *artists: Any) -> Any:
        self.stage.on("frame", *artists)
        return artists[0]

    def _line(self, colour: str, width: float, zorder: float, **style: Any) -> Any:
        [line] = self.ax.plot([], [], color=colour, linewidth=width, zorder=zorder, **style)
        return self._on(line)

    def _curves(self, look: Look) -> None:
        theme = self.stage.theme
        self.band = Band(self.stage, self.ax, self.axis, self.places)
        self.ghosts = [self._line(theme.ghost, width, 2.6, dashes=(1, 1.6)) for width in (1.1, 1.4, 1.1)]
        self.truth = self._line(theme.truth, 1.6, 2.8, dashes=(4, 3))
        self.halo = self._line(theme.bg, 3.6, 3.2, alpha=0.75)
        self.curve = self._line(look.colour, 2.0, 3.3)
        self.level = self._line(theme.best, 1.3, 2.9, dashes=(6, 2, 1, 2))
        self.residuals = LineCollection([], colors=theme.new, linewidths=2.2, zorder=6)
        self.guides = LineCollection([], colors=theme.new, linewidths=1.2, zorder=4, transform=self.across)
        self.scanner = LineCollection([], colors=look.colour, linewidths=1.6, zorder=4, transform=self.across)
        self.rug = LineCollection([], colors=theme.obs, linewidths=1.3, zorder=4, transform=self.across)
        self.noise = LineCollection([], colors=theme.obs, linewidths=1.2, zorder=4.5)
        for lines in (self.residuals, self.guides, self.scanner, self.rug, self.noise):
            self.ax.add_collection(lines, autolim=False)
            self._on(lines)

    def _bell(self) -> None:
        theme = self.stage.theme
        nothing = np.zeros((3, 2))
        self.bell_fill = Polygon(nothing, facecolor=theme.model, edgecolor="none", alpha=0.22, zorder=3.5)
        self.bell_gain = Polygon(nothing, facecolor=theme.acq, edgecolor="none", alpha=0.75, zorder=3.6)
        for part in (self.bell_fill, self.bell_gain):
            self.ax.add_patch(part)
            self._on(part)
        self.bell_line = self._line(theme.model, 1.3, 3.7)

    def _marks(self, look: Look) -> None:
        stage, ax, theme = self.stage, self.ax, self.stage.theme
        self.seen = observations(stage, ax)
        self.best = star(stage, ax)
        self.best_new = Marks(
            stage, ax, "*", 15.0, theme.best, zorder=7.5, markeredgecolor=theme.new, markeredgewidth=1.6
        )
        open_style = {"markerfacecolor": theme.bg, "markeredgecolor": theme.new, "markeredgewidth": 1.4}
        self.waiting = Marks(stage, ax, "D", 7.0, theme.new, zorder=7.6, **open_style)
        self.new = diamond(stage, ax)
        self.numbers = [self._number(i + 1) for i in range(look.most_new if look.most_new > 1 else 0)]
        self.failed = Marks(
            stage, ax, "x", 8.0, theme.mute, markeredgecolor=theme.mute, markeredgewidth=1.8, transform=self.across
        )

    def _number(self, i: int) -> tuple[Marks, Marks]:
        """A diamond with its number, as a path."""
        body = Marks(self.stage, self.ax, "D", 12.0, self.stage.theme.new, zorder=8, markeredgewidth=1.0)
        size = 5.5 if i < 10 else 7.5
        colour = self.stage.theme.bg
        digit = Marks(self.stage, self.ax, f"${i}$", size, colour, zorder=8.1, markeredgewidth=0.0)
        return body, digit

    def _words(self) -> None:
        theme = self.stage.theme
        ink: dict[str, Any] = {"color": theme.ink, "solid_capstyle": "butt", "transform": self.across}
        [self.bar] = self.ax.plot([], [], linewidth=2.0, zorder=9, **ink)
        [self.caps] = self.ax.plot([], [], "|", markersize=8, markeredgewidth=1.8, zorder=9, **ink)
        style: dict[str, Any] = {"fontsize": SMALL, "color": theme.ink, "transform": self.across, "zorder": 9}
        self.bar_words = self.ax.text(BAR_START, 1 - 36 / self.height, "", va="center_baseline", **style)
        box = {"boxstyle": "square,pad=0.15", "facecolor": theme.bg, "edgecolor": "none", "alpha": 0.72}
        words: dict[str, Any] = {
            "fontsize": SMALL,
            "color": theme.besttext,
            "bbox": box,
            "zorder": 4.7,
        }  # below the marks
        self.level_words = self.ax.text(0, 0, "", va="center_baseline", **words)
        style |= {"color": theme.mute, "va": "center_baseline"}
        self.failed_words = self.ax.text(0, 8 / self.height, "", **style)
        self._on(self.bar, self.caps, self.bar_words, self.level_words, self.failed_words)

    # ---- showing

    def show(self, shot: Shot) -> None:
        """Set every artist to the shot."""
        self.band.show(shot.mean, shot.std, shot.scaling)
        self._show_before(shot)
        self._show_curve(shot)
        self._show_level(shot)
        self._show_bell(shot.bell, shot.level, shot.scaling)
        self._show_points(shot)
        self._show_length(shot)
        upright(self.guides, shot.guides)
        upright(self.scanner, [] if shot.scanner is None else [shot.scanner])

    def _show_before(self, shot: Shot) -> None:
        offsets = (-2, 0, 2)
        for line, wide in zip(self.ghosts, offsets, strict=True):
            if shot.before is None:
                line.set_data([], [])
            else:
                mean, std, scaling = shot.before
                line.set_data(*drawn(self.axis, self.places, scaling.above(mean, std, wide)))
        self.truth.set_data(*(([], []) if shot.truth is None else drawn(self.axis, self.places, shot.truth)))

    def _show_curve(self, shot: Shot) -> None:
        x, y = ([], []) if shot.curve is None else revealed(*drawn(self.axis, self.places, shot.curve), shot.until)
        self.curve.set_data(x, y)
        self.halo.set_data(x, y)

    def _show_level(self, shot: Shot) -> None:
        self.level_words.set_visible(shot.level is not None)
        if shot.level is None:
            self.level.set_data([], [])
            return
        self.level.set_data([-1, 2], [shot.level] * 2)
        low, high = self.ax.get_ylim()
        room = 10 / self.height * (high - low)  # half a line: the words stay inside
        self.level_words.set_position(
            (0.01 if shot.level_left else 0.99, float(np.clip(shot.level, low + room, high - room)))
        )
        self.level_words.set_horizontalalignment("left" if shot.level_left else "right")
        self.level_words.set_text(shot.level_words)

    def _show_bell(self, bell: Bell | None, level: float | None, scaling: Scaling) -> None:
        shown = bell is not None and bell.std > 0
        for part in (self.bell_fill, self.bell_gain, self.bell_line):
            part.set_visible(shown)
        if bell is None or not shown:
            return
        u = np.linspace(-3.5, 3.5, 71)
        wide = bell.opening * BELL * (-1 if bell.place > TURN else 1)
        y = scaling.above(bell.mean, bell.std, u)
        x = bell.place + wide * np.exp(-(u**2) / 2)
        self.bell_fill.set_xy(np.column_stack([x, y]))
        self.bell_line.set_data(x, y)
        if level is not None:
            self.bell_gain.set_xy(self._gain(bell, wide, level, scaling))

    def _gain(self, bell: Bell, wide: float, level: float, scaling: Scaling) -> Array:
        """The part of the bell that beats the level."""
        far = -4.0 if self.direction == "minimize" else 4.0
        start = float(scaling.deviations(level, bell.mean, bell.std))
        start = max(start, far) if far < 0 else min(start, far)
        u = np.linspace(start, far, 41)
        x = bell.place + wide * np.exp(-(u**2) / 2)
        y = scaling.above(bell.mean, bell.std, np.append(u, [far, start]))
        return np.column_stack([np.append(x, [bell.place, bell.place]), y])

    def _show_points(self, shot: Shot) -> None:
        self.seen.at(*columns(shot.seen))
        upright(self.rug, [x for x, _ in shot.seen] + ([shot.best[0]] if shot.best else []), 7 / self.height)
        told = [*shot.seen, *([shot.best] if shot.best else [])]
        z = [shot.scaling.to_model(y) for _, y in told] if shot.noise > 0 else []
        ends = [
            [(x, float(shot.scaling.mean(at + s * shot.noise))) for s in (-1, 1)]
            for at, (x, _) in zip(z, told, strict=False)
        ]
        self.noise.set_segments(ends)
        best = [shot.best] if shot.best else []
        self.best.at(*columns([] if shot.best_is_new else best))
        self.best_new.at(*columns(best if shot.best_is_new else []))
        numbered = len(shot.new) > 1
        self.new.at(*columns([] if numbered else shot.new))
        for i, marks in enumerate(self.numbers):
            for mark in marks:
                mark.at(*columns(shot.new[i : i + 1] if numbered else []))
        self.waiting.at(*columns(shot.waiting))
        self.residuals.set_segments([[(x, a), (x, b)] for x, a, b in shot.residuals])
        self.failed.at(*columns([(x, 0.0) for x in shot.failed]))
        now = shot.failed_now
        self.failed_words.set_text("" if now is None else "evaluation failed")
        if now is not None:
            self.failed_words.set_x(now + 0.02 if now < 0.6 else now - 0.02)
            self.failed_words.set_horizontalalignment("left" if now < 0.6 else "right")

    def _show_length(self, shot: Shot) -> None:
        shown = shot.length is not None
        for part in (self.bar, self.caps, self.bar_words):
            part.set_visible(shown)
        if shot.length is None:
            return
        y, end = 1 - 20 / self.height, BAR_START + min(shot.length, 0.94 - BAR_START)
        self.bar.set_data([BAR_START, end], [y, y])
        caps = [BAR_START] if shot.length > end - BAR_START + 1e-9 else [BAR_START, end]  # open where it goes on
        self.caps.set_data(caps, [y] * len(caps))
        self.bar_words.set_text(f"length-scale {shot.length_words}")
