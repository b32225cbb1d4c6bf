"""The matrix of effects on a stage: lines on the diagonal, fields below it, and what matters at the upper right."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle
from matplotlib.text import Text
from numpy.typing import NDArray

from bayestuner import Trial

from .axis import Axis
from .canvas import Box, Stage
from .effects import Averages, Effects
from .field import Field
from .moment import better
from .panel import MARGIN, Band, Marks, limits, observations, panel_title, star, swatch, y_axis
from .stair import Stair
from .style import TINY, Theme, drawing
from .text import AxisUnits, elided

Array = NDArray[np.float64]

SIZE = (900, 720)
CELLS = (62, 106, 854, 662)  # where the matrix is; what lies above its diagonal is free for the rest
GAPS = {2: (24, 20), 3: (24, 20), 4: (24, 20), 5: (18, 16), 6: (14, 14)}
COLOURS = 14
LETTER = 7.0  # pixels that the widest words of a small tick need for each letter
CLOSE = 0.06  # of an axis: nearer to the star than that the new point is drawn open, so that both are seen
STAR, DIAMOND, DOT = 12.0, 7.0, 6.0  # smaller than elsewhere, for the cells are
REST, OTHERS = "interactions", "all else"


@dataclass(frozen=True)
class Layout:
    """Where everything is, in pixels, for a matrix of so many parameters."""

    count: int

    def cell(self, row: int, column: int) -> Box:
        """The box of a cell."""
        (x0, y0, x1, y1), (gap_x, gap_y) = CELLS, GAPS[self.count]
        width = (x1 - x0 - (self.count - 1) * gap_x) / self.count
        height = (y1 - y0 - (self.count - 1) * gap_y) / self.count
        x, y = x0 + column * (width + gap_x), y0 + row * (height + gap_y)
        return x, y, x + width, y + height

    @property
    def legend(self) -> tuple[float, float]:
        """Left and top of the colour bar and the legend below it."""
        return self.cell(0, 1 if self.count <= 4 else 2)[0] + 12, CELLS[1] - 4

    @property
    def stair(self) -> Box:
        """The best so far."""
        left = {2: 640, 3: 540, 4: 440, 5: 580, 6: 540}[self.count]
        return left, CELLS[1], 855, CELLS[1] + {2: 90, 3: 130, 4: 112, 5: 104, 6: 100}[self.count]

    @property
    def bars(self) -> Box:
        """The shares; their names are to the left of it."""
        left, top = {2: (760, 272), 3: (710, 346), 4: (664, 284), 5: (690, 286), 6: (690, 280)}[self.count]
        return left, top, 854, top + (17 if self.count > 4 else 19) * (self.count + 1)

    @property
    def names(self) -> float:
        """How wide the bars' names may be."""
        return self.bars[0] - self.cell(1, {2: 1, 3: 2, 4: 2, 5: 3, 6: 3}[self.count])[0] - 14


def squeeze(stage: Stage, text: Text, width: float) -> None:
    """Make a text no wider: smaller first, then shorter."""
    stage.fit(text, width)
    words = text.get_text()
    while len(words) > 2 and stage.width_of(text) > width:
        words = elided(words, len(words) - 2)
        text.set_text(words)


class MatrixPicture:
    """Everything that is seen, built once; `show` sets it to a belief and to what was tried.

    `told` are the trials in the order told, `start` of them before the first model; `values` (low, high) is the
    range of the lines' axis, `colours` that of the fields; `moving` tells of new points.
    """

    def __init__(
        self,
        stage: Stage,
        averages: Averages,
        told: Sequence[Trial],
        direction: str,
        *,
        start: int,
        values: tuple[float, float],
        colours: tuple[float, float],
        moving: bool = True,
    ) -> None:
        self.stage, self.averages, self.told, self.direction, self.moving = stage, averages, told, direction, moving
        self.layout = Layout(len(averages.names))
        self.failed = np.array([t.status == "failed" for t in told], dtype=bool)
        self.points = np.column_stack([a.places([t.params[a.name] for t in told]) for a in averages.axes])
        self.levels = np.linspace(*colours, COLOURS + 1)
        with drawing(stage.theme):
            self.effects = [_Effect(self, i, values) for i in range(len(averages.names))]
            self.fields = {pair: _Pair(self, *pair) for pair in averages.pairs}
            self.stair = Stair(stage, self.layout.stair, told, direction, start)
            self.bars = _Bars(self)
            self._legend(colours)

    def _legend(self, colours: tuple[float, float]) -> None:
        stage, theme = self.stage, self.stage.theme
        left, top = self.layout.legend
        width, maximize = 116, self.direction == "maximize"
        ax = stage.axes((left, top + 10, left + width, top + 20))
        ax.imshow(np.arange(COLOURS)[None], aspect="auto", cmap=_ramp(theme, maximize), interpolation="nearest")
        ax.set_xticks([])
        ax.set_yticks([])
        for side in ax.spines.values():
            side.set_visible(False)
        units = AxisUnits.of(*colours)
        stage.text(left, top, units.title("f on average"), color=theme.ink)
        low, high = (units.label(v, (colours[1] - colours[0]) / COLOURS) for v in colours)
        low, high = (low, f"{high} better") if maximize else (f"better {low}", high)
        stage.text(left, top + 28, low, fontsize=TINY)
        stage.text(left + width, top + 28, high, fontsize=TINY, ha="right")
        entries = (
            {
                "mean": "average effect",
                "band1": "±1σ, ±2σ of it",
                "observed": "tried",
                "best": "best so far",
            }
            | ({"new": "new"} if self.moving else {})
            | ({"failed": "failed"} if self.failed.any() else {})
        )
        legend = stage.figure.legend(
            [swatch(theme, what) for what in entries], list(entries.values()),
            loc="upper left", bbox_to_anchor=(left / stage.size[0], 1 - (top + 34) / stage.size[1]),
            fontsize=TINY + 0.5, labelcolor=theme.mute, borderpad=0.2, borderaxespad=0,
            labelspacing=0.35, handlelength=1.8,
        )  # fmt: skip
        stage.on("static", legend)

    def show(self, effects: Effects, known: int, newest: int = 0, gain: float = 1.0) -> None:
        """Show a belief; the first `known` trials as tried and the `newest` after them as new."""
        tried, new = np.arange(known), np.arange(known, known + newest)
        best = self._best(known + newest)
        marks = {
            "tried": self.points[tried[~self.failed[:known]]],
            "failed": self.points[: known + newest][self.failed[: known + newest]],
            "new": self.points[new[(new != best) & ~self.failed[new]]],
            "best": self.points[[best]] if best is not None else self.points[:0],
        }
        edge = self.stage.theme.new if best is not None and best >= known else self.stage.theme.best_edge
        for i, effect in enumerate(self.effects):
            effect.show(effects.lines[i], effects.variances[i], marks, edge)
        for pair, cell in self.fields.items():
            cell.show(effects.fields[pair], marks, edge)
        self.bars.show(effects.shares)
        self.stair.show(known, newest, gain)

    def _best(self, count: int) -> int | None:
        best: int | None = None
        for at, trial in enumerate(self.told[:count]):
            if trial.value is None or trial.status != "complete":
                continue
            record = None if best is None else self.told[best].value
            if record is None or better(trial.value, record, self.direction):
                best = at
        return best

    def axes(self, row: int, column: int) -> Axes:
        """A cell with the names and ticks that it shows: those on the outside."""
        box, last, axes = self.layout.cell(row, column), self.layout.count - 1, self.averages.axes
        ax = self.stage.axes(box)
        _ticks_below(ax, axes[column], row == last, box[2] - box[0])
        if row == last:
            middle = (box[0] + box[2]) / 2
            name = self.stage.text(middle, box[3] + 31, axes[column].name, color=self.stage.theme.ink, ha="center")
            squeeze(self.stage, name, box[2] - box[0] + 8)
        return ax


class _Marks:
    """Tried, failed, new and best points of one cell."""

    def __init__(self, stage: Stage, ax: Axes, *, rug: bool) -> None:
        self.ax, self.rug, theme = ax, rug, stage.theme
        self.colour = theme.new
        if rug:
            self.tried = Marks(stage, ax, "|", 7, theme.obs, zorder=5, markeredgecolor=theme.obs)
            self.line = ax.axvline(0, color=theme.best, linewidth=1.6, zorder=4)
            stage.on("frame", self.line)
        else:
            self.tried = observations(stage, ax, DOT)
            self.tried.line.set_markeredgewidth(1.0)
        self.failed = Marks(stage, ax, "x", 5, theme.mute, zorder=5, markeredgecolor=theme.mute)
        self.new = Marks(stage, ax, "D", DIAMOND, theme.new, zorder=8, markeredgewidth=1.0)
        self.best = star(stage, ax, STAR)

    def show(self, marks: dict[str, Array], columns: Sequence[int], edge: str) -> None:
        floor = self.ax.get_ylim()[0]
        for name, points in marks.items():
            x = points[:, columns[0]]
            getattr(self, name).at(x, np.full(len(x), floor) if self.rug else points[:, columns[1]])
        self.best.line.set_markeredgecolor(edge)
        apart = np.abs(marks["new"][:, columns] - marks["best"][:1, columns]) if len(marks["best"]) else np.ones((1, 1))
        self._open_new(bool(len(apart)) and bool((apart < CLOSE).all(axis=1).any()))
        if self.rug and len(marks["best"]):
            self.line.set_xdata([marks["best"][0, columns[0]]] * 2)

    def _open_new(self, opened: bool) -> None:
        """Draw the new points as open diamonds around the star, or filled ones."""
        line, colour = self.new.line, self.ax.get_facecolor()
        line.set_markersize(DIAMOND + 4 if opened else DIAMOND)
        line.set_markerfacecolor("none" if opened else self.colour)
        line.set_markeredgecolor(self.colour if opened else colour)
        line.set_markeredgewidth(2.0 if opened else 1.0)


class _Effect:
    """A cell on the diagonal: the average effect of one parameter."""

    def __init__(self, picture: MatrixPicture, index: int, values: tuple[float, float]) -> None:
        stage, axis = picture.stage, picture.averages.axes[index]
        self.index, self.ax = index, picture.axes(index, index)
        box = picture.layout.cell(index, index)
        arrow = "f   ← better" if picture.direction == "minimize" else "f   better →"
        units = y_axis(self.ax, *values, "", most=4, size=TINY)
        if index == 0:
            name = stage.text(12, (box[1] + box[3]) / 2, units.title("f") + arrow[1:], **_upright(stage))
            _squeeze_upright(stage, name, box[3] - box[1] + 12)
        else:
            self.ax.set_yticks(self.ax.get_yticks(), [""] * len(self.ax.get_yticks()))
        title = panel_title(stage, (box[0], box[1] + 3, *box[2:]), axis.name, fontweight="bold")
        squeeze(stage, title, box[2] - box[0])
        self.band = Band(stage, self.ax, axis, picture.averages.places(index))
        self.marks = _Marks(stage, self.ax, rug=True)

    def show(self, mean: Array, variance: Array, marks: dict[str, Array], edge: str) -> None:
        self.band.show(mean, np.sqrt(variance))
        self.marks.show(marks, [self.index], edge)


class _Pair:
    """A cell below the diagonal: the average effect of two parameters."""

    def __init__(self, picture: MatrixPicture, column: int, row: int) -> None:
        stage, axes = picture.stage, picture.averages.axes
        self.columns, self.levels = (column, row), picture.levels
        ax = picture.axes(row, column)
        ax.grid(False)
        for side in ax.spines.values():
            side.set_visible(True)
        box = picture.layout.cell(row, column)
        _ticks_left(ax, axes[row], column == 0)
        if column == 0:
            name = stage.text(12, (box[1] + box[3]) / 2, axes[row].name, **_upright(stage))
            _squeeze_upright(stage, name, box[3] - box[1] + 12)
        detail = picture.averages.detail
        self.x, self.y = (picture.averages.places(i, detail) for i in self.columns)
        colours = stage.theme.ramp("mean", maximize=picture.direction == "maximize", steps=COLOURS)
        self.field = Field(ax, colours, discrete=(axes[column].discrete, axes[row].discrete), stage=stage)
        self.marks = _Marks(stage, ax, rug=False)

    def show(self, values: Array, marks: dict[str, Array], edge: str) -> None:
        self.field.show(self.x, self.y, values, self.levels)
        self.marks.show(marks, self.columns, edge)


class _Bars:
    """What each parameter explains alone, and the rest: a bar each, in an order that never changes."""

    def __init__(self, picture: MatrixPicture) -> None:
        stage, averages, box = picture.stage, picture.averages, picture.layout.bars
        theme, names = stage.theme, averages.names
        rest = REST if len(names) == len(averages.space.names) else OTHERS
        self.ax = stage.axes(box)
        self.ax.set_xlim(0, 1)
        self.ax.set_ylim(len(names) + 0.6, -0.6)
        self.ax.set_yticks([])
        self.ax.set_xticks([0, 0.5, 1], ["0", "50 %", "100 %"], fontsize=TINY)
        self.ax.tick_params(axis="x", length=2)
        panel_title(stage, box, "share of the variation explained", ha="left").set_x(self._title_left(stage, box))
        row = (box[3] - box[1]) / (len(names) + 1.2)
        self.bars = []
        for at, name in enumerate([*names, rest]):
            label = stage.text(box[0] - 5, box[1] + (at + 0.6) * row, name, ha="right", color=theme.ink)
            squeeze(stage, label, picture.layout.names)
            self.ax.add_patch(Rectangle((0, at - 0.32), 1, 0.64, facecolor=theme.chip, zorder=1))
            colour = theme.ghost if at == len(names) else theme.model
            bar = self.ax.add_patch(Rectangle((0, at - 0.32), 0, 0.64, facecolor=colour, zorder=2))
            self.bars.append(stage.on("frame", bar)[0])

    @staticmethod
    def _title_left(stage: Stage, box: Box) -> float:
        return min(box[0], stage.size[0] - 20 - 216) / stage.size[0]

    def show(self, shares: Array) -> None:
        for bar, share in zip(self.bars, shares, strict=True):
            bar.set_width(float(share))


def _ramp(theme: Theme, maximize: bool) -> Any:
    from matplotlib.colors import ListedColormap

    return ListedColormap(theme.ramp("mean", maximize=maximize, steps=COLOURS))


def _ticks_below(ax: Axes, axis: Axis, words: bool, width: float) -> None:
    """At most three ticks; the words at the ends stay within the cell, away from those of the neighbours."""
    ax.set_xlim(-MARGIN, 1 + MARGIN)
    at, texts = zip(*axis.ticks(3), strict=True)
    most = max(int(width / len(at) / LETTER), 2)
    ax.set_xticks(at, [elided(t, most) if words else "" for t in texts], fontsize=TINY)
    for place, text in zip(at, ax.get_xticklabels(), strict=True):
        text.set_horizontalalignment("left" if place < 0.1 else "right" if place > 0.9 else "center")


def _ticks_left(ax: Axes, axis: Axis, words: bool) -> None:
    ax.set_ylim(-MARGIN, 1 + MARGIN)
    at, texts = zip(*axis.ticks(3), strict=True)
    ax.set_yticks(at, [(t if len(t) <= 5 else elided(t, 4)) if words else "" for t in texts], fontsize=TINY)


def _upright(stage: Stage) -> dict[str, Any]:
    return {"rotation": 90, "ha": "center", "va": "center", "color": stage.theme.ink}


def _squeeze_upright(stage: Stage, text: Text, height: float) -> None:
    text.set_rotation(0)
    squeeze(stage, text, height)
    text.set_rotation(90)


def shown_limits(lines: Sequence[tuple[Array, Array]]) -> tuple[float, float]:
    """A range that most of all bands mean ± 2σ (pairs of mean and variance) fits into: rare wide ones are cut."""
    ends = np.concatenate([np.concatenate([m - 2 * np.sqrt(v), m + 2 * np.sqrt(v)]) for m, v in lines])
    means = np.concatenate([m for m, _ in lines])
    low, high = np.percentile(ends, [2, 98])
    return limits([min(low, means.min()), max(high, means.max())])
