"""The lower plot of the 1-D story: the acquisition, and where it is largest."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.collections import LineCollection
from matplotlib.patches import Polygon
from matplotlib.transforms import blended_transform_factory

from .axis import Axis
from .canvas import Box, Stage
from .look1d import Look, ticks_along
from .moment import Array
from .panel import Marks, outline
from .shot import Shot, columns, drawn, revealed, upright
from .style import SMALL, drawing


class Score:
    """The lower plot: the acquisition as a share of its own maximum, and a triangle at its choice."""

    TOP = 1.18

    def __init__(self, stage: Stage, box: Box, axis: Axis, places: Array, look: Look) -> None:
        self.places, self.axis = places, axis
        theme = stage.theme
        self.ax = ax = stage.axes(box)
        with drawing(theme):
            ticks_along(ax, axis, box)
            ax.set_ylim(0, self.TOP)
            ax.set_yticks([0, 1], look.ends)
            ax.set_ylabel(look.name)
            ax.yaxis.set_label_coords((18 - box[0]) / (box[2] - box[0]), 0.5)
            self.fill = Polygon(np.zeros((3, 2)), facecolor=look.fill, edgecolor="none", zorder=1.5)
            ax.add_patch(self.fill)
            [self.line] = ax.plot([], [], color=look.colour, linewidth=2.2, zorder=3)
            [self.before] = ax.plot([], [], color=theme.ghost, linewidth=1.3, dashes=(1, 1.6), zorder=2)
            across = blended_transform_factory(ax.transData, ax.transAxes)
            self.guides = LineCollection([], colors=theme.new, linewidths=1.2, zorder=4, transform=across)
            self.scanner = LineCollection([], colors=look.colour, linewidths=1.6, zorder=4, transform=across)
            for lines in (self.guides, self.scanner):
                ax.add_collection(lines, autolim=False)
            self.picks = Marks(stage, ax, "v", 8, theme.new, zorder=8, markeredgecolor=theme.bg, markeredgewidth=1.0)
            back = {"boxstyle": "square,pad=0", "facecolor": theme.bg, "edgecolor": "none", "alpha": 0.72}
            style: dict[str, Any] = {"fontsize": SMALL, "color": theme.ink, "va": "center_baseline", "bbox": back}
            self.words = ax.annotate(
                "", (0, 0), (0, 0), textcoords="offset points", annotation_clip=False, zorder=9, **style
            )
        stage.on("frame", self.fill, self.line, self.before, self.guides, self.scanner, self.words)

    def show(self, shot: Shot) -> None:
        """Set every artist to the shot."""
        self._curve(self.line, shot.share, shot.until)
        self._curve(self.before, shot.share_before, 1.0)
        x, y = map(np.asarray, self.line.get_data())
        self.fill.set_visible(len(x) > 1 and shot.filled)
        if len(x) > 1:
            self.fill.set_xy(outline(x, np.zeros(len(x)), y))
        upright(self.guides, shot.guides)
        upright(self.scanner, [] if shot.scanner is None else [shot.scanner])
        above = [(x, min(share + 0.09, 1.09)) for x, share in shot.picks]
        self.picks.at(*columns(above))
        self.words.set_text(shot.pick_words)
        if above:
            place = above[0][0]
            self.words.xy = (place, 1.115)
            self.words.set_position((8 if place < 0.72 else -8, 0))
            self.words.set_horizontalalignment("left" if place < 0.72 else "right")

    def _curve(self, line: Any, share: Array | None, until: float) -> None:
        if share is None:
            line.set_data([], [])
            return
        line.set_data(*revealed(*drawn(self.axis, self.places, share), until))
