"""The matrix of effects on a stage: lines on the diagonal, fields below it, and what matters at the upper right."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bayestuner import Trial

from .canvas import Stage
from .effects import Averages, Effects
from .legends import swatch
from .matrix_cells import COLOURS, Board, EffectCell, PairCell, ShareBars
from .matrix_layout import Layout, squeeze
from .moment import better
from .panel import limits
from .stair import Stair
from .style import CAPTION, LABEL, SECOND, TINY, drawing
from .text import AxisUnits

Array = NDArray[np.float64]


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
        self.points = np.column_stack([a.places_of([t.params for t in told]) for a in averages.axes])
        board = Board(stage, averages, self.layout, direction, np.linspace(*colours, COLOURS + 1))
        with drawing(stage.theme):
            self.effects = [EffectCell(board, i, values) for i in range(len(averages.names))]
            self.fields = {pair: PairCell(board, *pair) for pair in averages.pairs}
            self.stair = Stair(stage, self.layout.stair, told, direction, start)
            self.bars = ShareBars(board)
            self._legend(colours)

    def _legend(self, colours: tuple[float, float]) -> None:
        stage, theme = self.stage, self.stage.theme
        left, top = self.layout.legend
        width, maximize = 116, self.direction == "maximize"
        ax = stage.axes((left, top + 10, left + width, top + 20))
        ramp = theme.ramp("mean", maximize=maximize, steps=COLOURS)
        ax.bar(np.arange(COLOURS), 1.0, width=1.0, color=ramp)
        ax.set_xlim(-0.5, COLOURS - 0.5)
        ax.set_ylim(0, 1)
        ax.grid(False)
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


class MatrixWords:
    """The captions and, at the right of the first, how far the run has come."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.counter = stage.text(882, 27, ha="right", fontsize=LABEL, layer="phase")
        first: dict[str, Any] = {"fontsize": CAPTION, "fontweight": "bold", "color": stage.theme.ink}
        styles: list[dict[str, Any]] = [first, {"fontsize": SECOND}, {"fontsize": SECOND}]
        self.lines = [stage.text(20, y, layer="phase", **style) for y, style in zip((27, 51, 74), styles, strict=True)]

    def say(self, lines: Sequence[str], counter: str) -> None:
        """Show the lines, smaller or shorter where they are long."""
        self.counter.set_text(counter)
        room = 862 - self.stage.width_of(self.counter) - 24
        for text, words, size, width in zip(
            self.lines, [*lines, "", "", ""], (CAPTION, SECOND, SECOND), (room, 862, 862), strict=False
        ):
            text.set_text(words)
            text.set_fontsize(size)
            squeeze(self.stage, text, width)


def shown_limits(lines: Sequence[tuple[Array, Array]]) -> tuple[float, float]:
    """A range that most of all bands mean ± 2σ (pairs of mean and variance) fits into: rare wide ones are cut."""
    ends = np.concatenate([np.concatenate([m - 2 * np.sqrt(v), m + 2 * np.sqrt(v)]) for m, v in lines])
    means = np.concatenate([m for m, _ in lines])
    low, high = np.percentile(ends, [2, 98])
    return limits([min(low, means.min()), max(high, means.max())])


def colour_limits(low: float, high: float) -> tuple[float, float]:
    """The fields' range; never empty."""
    if high - low > 1e-12 * max(abs(low), abs(high), 1e-300):
        return float(low), float(high)
    room = max(abs(low), 1.0) * 0.5
    return float(low) - room, float(high) + room
