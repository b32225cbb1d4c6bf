"""Where everything is in a matrix, and words that fit there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from matplotlib.axes import Axes
from matplotlib.text import Text

from .axis import Axis, thinned
from .canvas import DPI, Box, Stage
from .panel import MARGIN
from .style import TINY
from .text import elided

SIZE = (900, 720)
CELLS = (62, 106, 854, 662)  # where the matrix is; what lies above its diagonal is free for the rest
GAPS = {2: (24, 20), 3: (24, 20), 4: (24, 20), 5: (18, 16), 6: (14, 14)}
LETTER = 7.0  # pixels that the widest words of a small tick need for each letter


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


def squeeze_upright(stage: Stage, text: Text, height: float) -> None:
    """Make a turned text no higher."""
    text.set_rotation(0)
    squeeze(stage, text, height)
    text.set_rotation(90)


def upright(stage: Stage) -> dict[str, Any]:
    """How a name at the left of a cell is written."""
    return {"rotation": 90, "ha": "center", "va": "center", "color": stage.theme.ink}


def ticks_below(ax: Axes, axis: Axis, words: bool, width: float) -> None:
    """At most three ticks; the words at the ends stay within the cell, away from those of the neighbours."""
    ax.set_xlim(-MARGIN, 1 + MARGIN)
    at, texts = zip(*thinned(axis.ticks(3), width / 48), strict=True)
    moved = 1.5 if len(at) > 3 else 1.0  # the first of many words begins at its tick, and comes close to the second
    most = max(int(width / len(at) / LETTER / moved), 2)
    ax.set_xticks(at, [elided(t, most) if words else "" for t in texts], fontsize=TINY)
    for place, text in zip(at, ax.get_xticklabels(), strict=True):
        text.set_horizontalalignment("left" if place < 0.1 else "right" if place > 0.9 else "center")


def ticks_left(ax: Axes, axis: Axis, words: bool) -> None:
    """At most three ticks at the left of a cell; their words are as short as the room is."""
    ax.set_ylim(-MARGIN, 1 + MARGIN)
    height = ax.get_window_extent().height * DPI / ax.figure.dpi
    at, texts = zip(*thinned(axis.ticks(3), height / 15), strict=True)
    ax.set_yticks(at, [(t if len(t) <= 5 else elided(t, 4)) if words else "" for t in texts], fontsize=TINY)
