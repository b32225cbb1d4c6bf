"""Legends: a row of samples below a picture, each with its words."""

from __future__ import annotations

from typing import Any

from matplotlib.artist import Artist
from matplotlib.legend import Legend
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from .canvas import Stage
from .style import Theme, drawing


def swatch(theme: Theme, what: str, colour: str = "") -> Artist:
    """The legend's sample of something that has a colour of its own; a plain line where a colour is given."""
    if colour:
        return Line2D([], [], color=colour, linewidth=2.2)
    lines: dict[str, dict[str, Any]] = {
        "mean": {"color": theme.model, "linewidth": 2.4},
        "samples": {"color": theme.model, "linewidth": 1.1, "alpha": 0.6},
        "truth": {"color": theme.truth, "linewidth": 1.6, "dashes": (4, 3)},
        "ghost": {"color": theme.ghost, "linewidth": 1.3, "dashes": (1, 1.6)},
    }
    marks = {
        "observed": ("o", 7.0, theme.obs, theme.obs_edge),
        "best": ("*", 13.0, theme.best, theme.best_edge),
        "new": ("D", 8.0, theme.new, theme.obs_edge),
        "pick": ("v", 8.0, theme.new, theme.obs_edge),
        "minimum": ("P", 9.0, theme.obs_edge, theme.mute),
        "failed": ("x", 7.0, theme.mute, theme.mute),
    }
    fills = {"band1": theme.band1, "band2": theme.band2, "acq": theme.acqfill}
    if what in theme.compared:
        colour = theme.compared[what].colour
        return Patch(facecolor=(colour, 0.25), edgecolor=colour)
    if what in marks:
        marker, size, colour, edge = marks[what]
        return Line2D([], [], linestyle="none", marker=marker, markersize=size, color=colour, markeredgecolor=edge)
    if what in fills:
        return Patch(facecolor=fills[what], edgecolor=theme.acq if what == "acq" else "none")
    return Line2D([], [], **lines[what])


def legend_row(
    stage: Stage, entries: dict[str, str], y: float = 577, x: float = 12, colours: dict[str, str] | None = None
) -> None:
    """One row of samples and words, as loose as fits: {what: words}, `what` as in swatch, or a line of that colour."""
    handles = [swatch(stage.theme, what, (colours or {}).get(what, "")) for what in entries]
    for spacing, handle in ((1.6, 2.0), (1.2, 1.8), (0.8, 1.6), (0.4, 1.4)):
        legend = _legend(stage, handles, list(entries.values()), (x, y), spacing, handle)
        with drawing(stage.theme):
            right = legend.get_window_extent(stage.canvas.get_renderer()).x1
        if right <= stage.figure.bbox.width * (1 - x / 2 / stage.size[0]):
            return
        legend.remove()
    _legend(stage, handles, list(entries.values()), (x, y), 0.4, 1.4)


def _legend(
    stage: Stage, handles: list[Artist], words: list[str], place: tuple[float, float], spacing: float, handle: float
) -> Legend:
    x, y = place
    with drawing(stage.theme):
        return stage.figure.legend(
            handles,
            words,
            loc="center left",
            bbox_to_anchor=(x / stage.size[0], 1 - y / stage.size[1]),
            ncols=len(words),
            labelcolor=stage.theme.mute,
            borderpad=0.2,
            columnspacing=spacing,
            handletextpad=0.5,
            handlelength=handle,
            borderaxespad=0.0,
        )
