"""The cells of a matrix: average effects on the diagonal, fields below it, and the bars of what matters."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle
from numpy.typing import NDArray

from .canvas import Box, Stage
from .effects import Averages
from .field import Field
from .matrix_layout import Layout, squeeze, squeeze_upright, ticks_below, ticks_left, upright
from .panel import Band, Marks, observations, panel_title, star, y_axis
from .style import TINY

Array = NDArray[np.float64]

COLOURS = 14
CLOSE = 0.06  # of an axis: nearer to the star than that the new point is drawn open, so that both are seen
STAR, DIAMOND, DOT = 12.0, 7.0, 6.0  # smaller than elsewhere, for the cells are
REST, OTHERS = "interactions", "all else"


@dataclass(frozen=True, eq=False)
class Board:
    """What all cells share: the stage, the parameters, the layout, the direction, and the levels of the fields."""

    stage: Stage
    averages: Averages
    layout: Layout
    direction: str
    levels: Array

    def axes(self, row: int, column: int) -> Axes:
        """A cell with the names and ticks that it shows: those on the outside."""
        box, last, axes = self.layout.cell(row, column), self.layout.count - 1, self.averages.axes
        ax = self.stage.axes(box)
        ticks_below(ax, axes[column], row == last, box[2] - box[0])
        if row == last:
            middle = (box[0] + box[2]) / 2
            name = self.stage.text(middle, box[3] + 31, axes[column].name, color=self.stage.theme.ink, ha="center")
            squeeze(self.stage, name, box[2] - box[0] + 8)
        return ax


class CellMarks:
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


class EffectCell:
    """A cell on the diagonal: the average effect of one parameter."""

    def __init__(self, board: Board, index: int, values: tuple[float, float]) -> None:
        stage, axis = board.stage, board.averages.axes[index]
        self.index, self.ax = index, board.axes(index, index)
        box = board.layout.cell(index, index)
        arrow = "f   ← better" if board.direction == "minimize" else "f   better →"
        units = y_axis(self.ax, *values, "", most=4, size=TINY)
        if index == 0:
            name = stage.text(12, (box[1] + box[3]) / 2, units.title("f") + arrow[1:], **upright(stage))
            squeeze_upright(stage, name, box[3] - box[1] + 12)
        else:
            self.ax.set_yticks(self.ax.get_yticks(), [""] * len(self.ax.get_yticks()))
        title = panel_title(stage, (box[0], box[1] + 3, *box[2:]), axis.name, fontweight="bold")
        squeeze(stage, title, box[2] - box[0])
        self.band = Band(stage, self.ax, axis, board.averages.places(index))
        self.marks = CellMarks(stage, self.ax, rug=True)

    def show(self, mean: Array, variance: Array, marks: dict[str, Array], edge: str) -> None:
        self.band.show(mean, np.sqrt(variance))
        self.marks.show(marks, [self.index], edge)


class PairCell:
    """A cell below the diagonal: the average effect of two parameters."""

    def __init__(self, board: Board, column: int, row: int) -> None:
        stage, axes = board.stage, board.averages.axes
        self.columns, self.levels = (column, row), board.levels
        ax = board.axes(row, column)
        ax.grid(False)
        for side in ax.spines.values():
            side.set_visible(True)
        box = board.layout.cell(row, column)
        ticks_left(ax, axes[row], column == 0)
        if column == 0:
            name = stage.text(12, (box[1] + box[3]) / 2, axes[row].name, **upright(stage))
            squeeze_upright(stage, name, box[3] - box[1] + 12)
        detail = board.averages.detail
        self.x, self.y = (board.averages.places(i, detail) for i in self.columns)
        colours = stage.theme.ramp("mean", maximize=board.direction == "maximize", steps=COLOURS)
        self.field = Field(ax, colours, discrete=(axes[column].discrete, axes[row].discrete), stage=stage)
        self.marks = CellMarks(stage, ax, rug=False)

    def show(self, values: Array, marks: dict[str, Array], edge: str) -> None:
        self.field.show(self.x, self.y, values, self.levels)
        self.marks.show(marks, self.columns, edge)


class ShareBars:
    """What each parameter explains alone, and the rest: a bar each, in an order that never changes."""

    def __init__(self, board: Board) -> None:
        stage, averages, box = board.stage, board.averages, board.layout.bars
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
            squeeze(stage, label, board.layout.names)
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
