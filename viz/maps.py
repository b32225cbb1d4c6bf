"""Maps: a field over two parameters with points on it, numbered or plain, and what ties one map to another."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from itertools import pairwise
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection, PathCollection
from matplotlib.colors import to_rgba
from matplotlib.font_manager import FontProperties
from matplotlib.patches import Rectangle
from matplotlib.path import Path
from matplotlib.textpath import TextPath
from matplotlib.transforms import Affine2D, IdentityTransform

from .axis import Array, Axis
from .canvas import Box, Stage
from .field import Field
from .panel import Marks
from .style import LABEL, SMALL, TINY, drawing
from .text import elided
from .words2d import pretty

EDGE = 0.025  # of the domain around a map
STEPS = 14  # colours of a field
LETTER = 6.5  # pixels of a letter at the size of tick labels


class Map:
    """A square of the two parameters, a field in it, and the cross-hair through the point in question."""

    def __init__(self, stage: Stage, box: Box, axes: Sequence[Axis], ramp: str, *, maximize: bool = False) -> None:
        self.stage, self.box = stage, box
        self.ax = stage.axes(box)
        self.ax.set_xlim(-EDGE, 1 + EDGE)
        self.ax.set_ylim(-EDGE, 1 + EDGE)
        self.ax.grid(False)
        self.colours = stage.theme.ramp(ramp, maximize=maximize, steps=STEPS)
        discrete = axes[0].discrete, axes[1].discrete
        dark = stage.theme.name == "dark"
        self.field = Field(self.ax, self.colours, discrete=discrete, line=stage.theme.bg, stage=stage)
        self.field.lines.set_alpha(0.35 if dark else 0.55)
        for side in self.ax.spines.values():
            side.set_visible(True)
        self._window = Rectangle((0, 0), 1, 1, transform=self.ax.transData)
        self.cross = LineCollection([], colors=stage.theme.new, linewidths=1.4, zorder=4)
        self.ax.add_collection(self.cross, autolim=False)
        stage.on("frame", self.cross)

    def ticks(self, axes: Sequence[Axis], *, labels: bool) -> None:
        """Round values along both sides; without labels just where they are."""
        (x, y), width, height = axes, self.box[2] - self.box[0], self.box[3] - self.box[1]
        for axis, along, set_ticks in ((x, width, self.ax.set_xticks), (y, height, self.ax.set_yticks)):
            at, texts = zip(*axis.ticks(5 if labels else 4), strict=True)
            if labels:
                room = max(int(along / max(len(at), 2) / LETTER), 3)
                set_ticks(at, [elided(t, room) for t in texts], fontsize=SMALL)
            else:
                set_ticks(at, [""] * len(at))
        if not labels:
            return
        if max(len(t.get_text()) for t in self.ax.get_yticklabels()) > 4:
            self.ax.tick_params(axis="y", labelrotation=90)
            for label in self.ax.get_yticklabels():
                label.set_verticalalignment("center")
        self.ax.set_xlabel(pretty(x.name, int(width / 9)), fontsize=LABEL, labelpad=2)
        self.stage.text(
            self.box[0] - 46, (self.box[1] + self.box[3]) / 2, pretty(y.name, int(height / 9)), rotation=90,
            fontsize=LABEL, color=self.stage.theme.ink, ha="center", va="center",
        )  # fmt: skip

    def reveal(self, share: float) -> None:
        """Show the left part of the field only."""
        self._window.set_width(share)
        for artist in (self.field.bands, self.field.lines):
            artist.set_clip_path(None if share >= 1 else self._window)
            if share >= 1:
                artist.set_clip_box(self.ax.bbox)

    def aim(self, places: Array, gain: float = 1.0) -> None:
        """Draw a cross-hair through each place, growing from it."""
        low, high = -EDGE, 1 + EDGE
        segments = []
        for x, y in places:
            segments.append([(x + gain * (low - x), y), (x + gain * (high - x), y)])
            segments.append([(x, y + gain * (low - y)), (x, y + gain * (high - y))])
        self.cross.set_segments(segments)


class Bar:
    """A slim colour bar with what its ends mean."""

    def __init__(self, stage: Stage, box: Box, colours: Sequence[str]) -> None:
        ax = stage.axes(box)
        ax.set_axis_off()
        rgb = np.array([to_rgba(c) for c in colours])[None]
        ax.imshow(rgb, aspect="auto", interpolation="nearest", extent=(0, 1, 0, 1))
        ax.add_patch(Rectangle((0, 0), 1, 1, fill=False, edgecolor=stage.theme.axis, linewidth=0.6, clip_on=False))


class Numbered:
    """Observations in the order they were made: white numbers in dark circles, later ones on top; or in diamonds.

    The numbers are shapes, not text: text would cost more than all the rest of a frame.
    """

    def __init__(self, stage: Stage, ax: Axes, size: float = 12, corners: int = 0) -> None:
        self.theme = stage.theme
        self.shape, self.colour = _disc(size, corners), stage.theme.new if corners else stage.theme.obs
        self.points = PathCollection(
            [], sizes=[1.0], offsets=np.empty((0, 2)), offset_transform=ax.transData, zorder=5, clip_on=False
        )
        self.points.set_transform(IdentityTransform())  # sizes in points, whatever the axes
        ax.add_collection(self.points, autolim=False)
        stage.on("frame", self.points)

    def show(self, places: Array, numbers: Sequence[int], new: int = 0) -> None:
        """Show points with their numbers, the last `new` of them with a vermillion edge."""
        theme = self.theme
        edges = [theme.obs_edge] * (len(numbers) - new) + [theme.new] * new
        paths = [part for n in numbers for part in (self.shape, _digits(n))]
        self.points.set_paths(paths)
        self.points.set_offsets(np.repeat(places, 2, axis=0))
        self.points.set_facecolor([c for _ in numbers for c in (self.colour, theme.obs_edge)])
        self.points.set_edgecolor([c for edge in edges for c in (edge, "none")])
        widths = [1.3] * (len(numbers) - new) + [2.0] * new
        self.points.set_linewidth([w for width in widths for w in (width, 0.0)])


@cache
def _disc(size: float, corners: int) -> Path:
    outline = Path.unit_regular_polygon(corners) if corners else Path.unit_circle()
    return outline.transformed(Affine2D().scale(size / 2))


@cache
def _digits(number: int) -> Path:
    text = str(number)
    font = FontProperties(family="DejaVu Sans", weight="bold")
    path = TextPath((0, 0), text, size=7.5 if len(text) < 3 else 5.5, prop=font)
    box = path.get_extents()
    return path.transformed(Affine2D().translate(-(box.x0 + box.x1) / 2, -(box.y0 + box.y1) / 2))


class Moves:
    """The last three moves from one observation to the next, fading."""

    ALPHAS = (0.16, 0.34, 0.60)

    def __init__(self, stage: Stage, ax: Axes) -> None:
        self.ink = stage.theme.ink
        self.lines = LineCollection([], linewidths=1.3, zorder=3)
        ax.add_collection(self.lines, autolim=False)
        stage.on("frame", self.lines)

    def show(self, places: Array) -> None:
        """Show the moves between the last four of these places, (n, 2)."""
        last = places[-4:]
        segments = list(pairwise(last))
        self.lines.set_segments(segments)
        self.lines.set_color([to_rgba(self.ink, a) for a in self.ALPHAS[len(self.ALPHAS) - len(segments) :]])


def plain_points(stage: Stage, ax: Axes) -> Marks:
    """Observations on a small map."""
    return Marks(stage, ax, "o", 5.5, stage.theme.obs, markeredgewidth=0.9, zorder=5)


def true_minimum(stage: Stage, ax: Axes, places: Array) -> None:
    """Open crosses where the truth is best."""
    style: dict[str, Any] = {"markeredgecolor": stage.theme.mute, "markeredgewidth": 1.1, "zorder": 4.5}
    marks = Marks(stage, ax, "P", 8.5, stage.theme.obs_edge, **style)
    marks.at(places[:, 0], places[:, 1])


def ends(stage: Stage, box: Box, left: str, right: str, *, layer: str = "static") -> tuple[Any, Any]:
    """Words below a colour bar at its two ends."""
    with drawing(stage.theme):
        y = box[3] + 8
        return (
            stage.text(box[0], y, left, fontsize=TINY, layer=layer),
            stage.text(box[2], y, right, fontsize=TINY, ha="right", layer=layer),
        )
