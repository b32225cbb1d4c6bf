"""Parts that several films are built of: the surrogate with its band, the score below it, fields, legends and captions.

x is always a place in [0, 1] (see axis.py), so a panel looks the same on linear, logarithmic and discrete axes.
Every part puts what moves on the stage's frame layer, and everything else on the static one.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.lines import Line2D
from matplotlib.patches import Polygon
from matplotlib.ticker import MaxNLocator
from numpy.typing import NDArray

from bayestuner.scaling import AS_IT_IS, Scaling

from .axis import Axis
from .canvas import DPI, Box, Stage
from .style import CAPTION, LABEL, SECOND, SMALL, TINY
from .text import LONGEST, AxisUnits, elided

Array = NDArray[np.float64]

MARGIN = 0.012  # of the domain on each side, so that a marker on the edge is seen whole
ROW = 862  # pixels of a caption's line
NAME = 18  # pixels from the left edge to the baseline of a vertical axis' name
STAR, DIAMOND, DOT = 15.0, 9.0, 8.0


class Captions:
    """The two or three lines at the top that say what happens."""

    def __init__(self, stage: Stage, rows: Sequence[float] = (64, 88)) -> None:
        styles: list[dict[str, Any]] = [
            {"fontsize": CAPTION, "fontweight": "bold", "color": stage.theme.ink},
            *[{"fontsize": SECOND}] * 2,
        ]
        self.stage = stage
        self.lines = [stage.text(20, y, layer="phase", **style) for y, style in zip(rows, styles, strict=False)]

    def say(self, lines: Sequence[str]) -> None:
        """Show these lines, smaller where they are long, and cut where they are longer still."""
        for at, text in enumerate(self.lines):
            words = lines[at] if at < len(lines) else ""
            text.set_text(words)
            text.set_fontsize(CAPTION if at == 0 else SECOND)
            self.stage.fit(text, ROW)
            while self.stage.width_of(text) > ROW:
                words = elided(words, len(words) - 4)
                text.set_text(words)


def x_axis(ax: Axes, axis: Axis, *, most: int = 6, label: bool = True, size: float = SMALL) -> None:
    """Limits, ticks and name of a parameter along x."""
    ax.set_xlim(-MARGIN, 1 + MARGIN)
    at, texts = zip(*axis.ticks(most), strict=True)
    ax.set_xticks(at, [elided(t, 12) for t in texts], fontsize=size)
    if label:
        ax.set_xlabel(elided(axis.name, 40), fontsize=LABEL if size == SMALL else SMALL)
    for words in (*ax.get_xticklabels(), ax.xaxis.label):
        words.set_parse_math(False)  # a $ in a name is just that


def y_axis(ax: Axes, low: float, high: float, name: str, *, most: int = 6, size: float = SMALL) -> AxisUnits:
    """Limits, short ticks and name of a quantity along y; its labels' units."""
    ax.set_ylim(low, high)
    units = AxisUnits.of(low, high)
    found = MaxNLocator(most, steps=[1, 2, 5, 10]).tick_values(low, high)
    ticks = [t for t in found if low <= t <= high]
    step = ticks[1] - ticks[0] if len(ticks) > 1 else high - low
    labels = [units.label(t, step) for t in ticks]
    ax.set_yticks(ticks, labels, fontsize=TINY if max(map(len, labels), default=0) >= LONGEST else size)
    if name:
        what, gap, which_way = name.partition("      ")
        ax.set_ylabel(units.title(what) + gap + which_way)
        left = ax.get_position().x0 * ax.figure.bbox.width  # the name stands at one place, however long the ticks
        ax.yaxis.set_label_coords((NAME * ax.figure.dpi / DPI - left) / ax.bbox.width, 0.5)
    return units


def value_name(direction: str, name: str = "f(x)") -> str:
    """The objective's name and which way is better; turned by 90 degrees the arrow points up or down.

    >>> value_name("maximize")
    'f(x)      higher is better →'
    """
    return f"{name}      ← lower is better" if direction == "minimize" else f"{name}      higher is better →"


def limits(*values: Any, margin: float = 0.06) -> tuple[float, float]:
    """The range of all values and a margin on each side."""
    every = np.concatenate([np.ravel(np.asarray(v, dtype=float)) for v in values])
    low, high = float(every.min()), float(every.max())
    room = margin * (high - low) if high > low else max(abs(high), 1.0) * 0.5
    return low - room, high + room


class Marks:
    """Points of one kind on an axes: set where they are, or clear them."""

    def __init__(self, stage: Stage, ax: Axes, marker: str, size: float, colour: str, **options: Any) -> None:
        style: dict[str, Any] = {
            "linestyle": "none",
            "markeredgewidth": 1.3,
            "markeredgecolor": stage.theme.obs_edge,
            "zorder": 6,
        }
        [self.line] = ax.plot([], [], marker=marker, markersize=size, color=colour, clip_on=False, **(style | options))
        stage.on("frame", self.line)

    def at(self, x: Any, y: Any) -> None:
        """Show the marks at these places."""
        self.line.set_data(np.atleast_1d(x), np.atleast_1d(y))

    def clear(self) -> None:
        """Show none."""
        self.line.set_data([], [])


def observations(stage: Stage, ax: Axes, size: float = DOT) -> Marks:
    """What was seen: dark circles with a light edge."""
    return Marks(stage, ax, "o", size, stage.theme.obs, zorder=5)


def star(stage: Stage, ax: Axes, size: float = STAR) -> Marks:
    """The best: a gold star with a dark edge."""
    edge = {"markeredgecolor": stage.theme.best_edge, "markeredgewidth": 0.9}
    return Marks(stage, ax, "*", size, stage.theme.best, zorder=7, **edge)


def diamond(stage: Stage, ax: Axes, size: float = DIAMOND, **options: Any) -> Marks:
    """The new or next point: a vermillion diamond."""
    return Marks(stage, ax, "D", size, stage.theme.new, **({"zorder": 8} | options))


class Band:
    """Mean, ±1σ and ±2σ of a model along an axis; on a discrete one, points with two-tone error bars."""

    def __init__(self, stage: Stage, ax: Axes, axis: Axis, places: Array) -> None:
        theme = stage.theme
        self.places = places
        self.discrete = axis.discrete
        colours = (theme.band2, theme.band1)
        self.bands: list[Any]
        if self.discrete:
            width = min(9.0, 200.0 / max(len(places), 1))
            self.bands = [LineCollection([], colors=c, linewidths=width, capstyle="butt", zorder=1) for c in colours]
            for band in self.bands:
                ax.add_collection(band)
        else:
            self.bands = [Polygon(np.zeros((3, 2)), facecolor=c, edgecolor="none", zorder=1) for c in colours]
            for band in self.bands:
                ax.add_patch(band)
        style: dict[str, Any] = {"color": theme.model, "linewidth": 2.4, "zorder": 3}
        if self.discrete:
            style |= {"linestyle": "none", "marker": "_", "markersize": 9, "markeredgewidth": 2.4}
        [self.mean] = ax.plot([], [], **style)
        stage.on("frame", *self.bands, self.mean)

    def show(self, mean: Array, std: Array, scaling: Scaling = AS_IT_IS) -> None:
        """Show a posterior, (m,) each, of a model that sees the values by this scaling."""
        self.mean.set_data(self.places, mean)
        for band, wide in zip(self.bands, (2, 1), strict=True):
            low, high = scaling.interval(mean, std, wide)
            if self.discrete:
                band.set_segments([[(x, a), (x, b)] for x, a, b in zip(self.places, low, high, strict=True)])
            else:
                band.set_xy(outline(self.places, low, high))


class Score:
    """The acquisition scaled to its own maximum, with a fill, and a triangle at the point that it picks."""

    def __init__(self, stage: Stage, ax: Axes, axis: Axis, places: Array, colour: str, fill: Any) -> None:
        self.places, self.discrete = places, axis.discrete
        ax.set_ylim(0, 1.18)
        ax.set_yticks([])
        self.fill = Polygon(np.zeros((3, 2)), facecolor=fill, edgecolor="none", zorder=1)
        ax.add_patch(self.fill)
        style: dict[str, Any] = {"drawstyle": "steps-mid"} if self.discrete else {}
        [self.line] = ax.plot([], [], color=colour, linewidth=2.2, zorder=3, **style)
        self.triangle = Marks(stage, ax, "v", 8, stage.theme.new, zorder=8)
        stage.on("frame", self.fill, self.line)

    def show(self, share: Array) -> None:
        """Show a score between 0 and 1, (m,)."""
        self.line.set_data(self.places, share)
        x, y = (self.places, share) if not self.discrete else stairs(self.places, share)
        self.fill.set_xy(outline(x, np.zeros(len(x)), y))

    def pick(self, place: float | None) -> None:
        """Put the triangle there, or take it away."""
        if place is None:
            self.triangle.clear()
        else:
            self.triangle.at(place, 1.09)


class LengthBar:
    """A bar at the top left as long as the lengthscale, and its value below."""

    def __init__(self, stage: Stage, ax: Axes) -> None:
        ink = stage.theme.ink
        [self.line] = ax.plot(
            [], [], color=ink, linewidth=1.6, marker="|", markersize=8, markeredgewidth=1.6, zorder=6,
            transform=ax.get_xaxis_transform(),
        )  # fmt: skip
        self.words = ax.text(0.02, 0.925, "", transform=ax.transAxes, fontsize=SMALL, color=ink, va="top", zorder=6)
        self.words.set_bbox({"facecolor": stage.theme.bg, "edgecolor": "none", "alpha": 0.72, "pad": 1})
        stage.on("frame", self.line, self.words)

    def show(self, share: float, words: str) -> None:
        """A lengthscale as a share of the axis, and in words."""
        left = 0.02 * (1 + 2 * MARGIN) - MARGIN
        self.line.set_data([left, min(left + share, 1.0)], [0.945, 0.945])
        self.words.set_text(words)


def outline(x: Array, low: Array, high: Array) -> Array:
    """The corners of the area between two curves, (2m, 2)."""
    return np.column_stack([np.append(x, x[::-1]), np.append(high, low[::-1])])


def stairs(x: Array, y: Array) -> tuple[Array, Array]:
    """The corners of steps that change halfway between two x."""
    middle = (x[1:] + x[:-1]) / 2
    edges = np.concatenate([x[:1], np.repeat(middle, 2), x[-1:]])
    return edges, np.repeat(y, 2)


def dashed_truth(stage: Stage, ax: Axes, places: Array, truth: Array | None) -> None:
    """The true function, if it is known: grey and dashed, on top of the band."""
    if truth is not None:
        style: dict[str, Any] = {"color": stage.theme.truth, "linewidth": 1.6, "dashes": (4, 3), "zorder": 2.8}
        stage.on("frame", *ax.plot(places, truth, **style))


def guide(stage: Stage, ax: Axes) -> Line2D:
    """A vertical vermillion line through an axes; move it with set_xdata([x, x])."""
    line = ax.axvline(0, color=stage.theme.new, linewidth=1.2, zorder=4)
    return stage.on("frame", line)[0]


def panel_title(stage: Stage, box: Box, words: str, *, colour: str = "", layer: str = "static", **options: Any) -> Any:
    """The title above a panel, at its left edge."""
    style = {"fontsize": LABEL, "color": colour or stage.theme.ink} | options
    return stage.text(box[0], box[1] - 13, words, layer=layer, **style)
