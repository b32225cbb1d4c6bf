"""A function of two parameters as bands of colour with fine lines between them.

Contours are traced by contourpy itself, matplotlib's own tracer: a contour set made anew for each frame would cost ten
times as much.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from contourpy import FillType, LineType, contour_generator
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection, PathCollection
from matplotlib.path import Path
from numpy.typing import NDArray

from .canvas import Stage

Array = NDArray[np.float64]
Ends = tuple[float, float] | None


class Field:
    """Bands of colour over the unit square, one colour between each two levels; what lies beyond has the end's colour.

    `discrete` says of x and y whether the values there stand alone: they fill their share of the axis evenly.
    """

    def __init__(
        self,
        ax: Axes,
        colours: Sequence[str],
        *,
        discrete: tuple[bool, bool] = (False, False),
        line: str = "#FFFFFF",
        stage: Stage | None = None,
    ) -> None:
        self.discrete = discrete
        self.bands = PathCollection([], facecolors=colours, edgecolors="none", linewidths=0, zorder=1)
        self.lines = LineCollection([], colors=line, linewidths=0.5, alpha=0.55, zorder=1.5)
        # Neighbouring bands must not let the background shine through the seam between them.
        self.bands.set_antialiased(False)
        for artist in (self.bands, self.lines):
            ax.add_collection(artist, autolim=False)
        if stage is not None:
            stage.on("frame", self.bands, self.lines)

    def show(self, x: Array, y: Array, values: Array, levels: Array, ends: tuple[Ends, Ends] = (None, None)) -> None:
        """Show values (len(x), len(y)) at x and y; levels has one more entry than there are colours.

        `ends` are those of a discrete axis where they are not 0 and 1.
        """
        x, values = _filling(x, values, self.discrete[0], ends[0] or (0.0, 1.0))
        y, turned = _filling(y, values.T, self.discrete[1], ends[1] or (0.0, 1.0))
        generator = contour_generator(
            x, y, np.clip(turned, levels[0], levels[-1]), fill_type=FillType.OuterCode, line_type=LineType.Separate
        )
        filled: list[Any] = [generator.filled(a, b) for a, b in _closed(levels)]
        self.bands.set_paths([_path(points, codes) for points, codes in filled])
        traced: list[Any] = [generator.lines(level) for level in levels[1:-1]]
        self.lines.set_segments([line for lines in traced for line in lines])


def _closed(levels: Array) -> list[tuple[float, float]]:
    """Lower and upper end of each band, the outermost a little wider, for the values at the very ends."""
    wider = levels.astype(float)
    room = 1e-6 * (levels[-1] - levels[0])
    wider[0] -= room
    wider[-1] += room
    return list(zip(wider[:-1].tolist(), wider[1:].tolist(), strict=True))


def _path(points: list[Array], codes: list[Array]) -> Path:
    """All polygons of one band as a single path, holes and all."""
    if not points:
        return Path(np.zeros((0, 2)))
    return Path(np.concatenate(points), np.concatenate(codes))


def _filling(places: Array, values: Array, discrete: bool, ends: tuple[float, float]) -> tuple[Array, Array]:
    """Places and values along the first axis; each discrete one twice, near both ends of its share of the axis."""
    if not discrete and len(places) > 1:
        return places, values
    middle = (places[1:] + places[:-1]) / 2
    edges = np.concatenate([ends[:1], np.repeat(middle, 2), ends[1:]])
    gap = 1e-6 * (ends[1] - ends[0])
    edges[1:-1:2] -= gap
    edges[2:-1:2] += gap
    return edges, np.repeat(values, 2, axis=0)
