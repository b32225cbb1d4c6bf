"""A figure that is drawn in three layers, so that a frame costs only what moves in it.

static   axes, ticks, titles, legend: drawn once
phase    words that stay for a while: drawn again when they change
frame    curves, bands, markers: drawn for every frame; words among them are kept as stamps while they stay the same

Most of the time of a plain draw goes into text; keeping it makes a frame some ten times faster.
Boxes are in pixels of the 100 dpi layout, (x0, y0, x1, y1) with y downwards; `scale` only adds pixels.
"""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import RendererAgg
from matplotlib.collections import Collection
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.text import Text
from numpy.typing import NDArray

from .picture import Picture
from .style import SMALL, TINY, Theme, drawing

Box = tuple[float, float, float, float]
Image = NDArray[np.uint8]
DPI = 100


class Stage:
    """A figure of some size in pixels, its axes by pixel boxes, and a quick way to draw it again and again."""

    def __init__(self, size: tuple[int, int], theme: Theme, scale: float = 1) -> None:
        self.size, self.theme = size, theme
        self.figure: Figure = Picture(theme, figsize=(size[0] / DPI, size[1] / DPI), dpi=DPI * scale)
        self.canvas: Any = self.figure.canvas
        self._phase: list[Artist] = []
        self._frame: list[Artist] = []
        self._backgrounds: dict[str, Any] = {}
        self._stamps: dict[Text, Any] = {}
        self._key: Hashable = None

    # ---- building

    def axes(self, box: Box, **options: Any) -> Axes:
        """Axes whose plotting area is the box."""
        with drawing(self.theme):
            return self.figure.add_axes(self.fraction(box), **options)

    def fraction(self, box: Box) -> Box:
        """A pixel box as matplotlib's left, bottom, width, height in shares of the figure."""
        (x0, y0, x1, y1), (width, height) = box, self.size
        return x0 / width, 1 - y1 / height, (x1 - x0) / width, (y1 - y0) / height

    def text(self, x: float, y: float, words: str = "", *, layer: str = "static", **options: Any) -> Text:
        """Text at a pixel, centred on its line; `layer` "static", "phase" or "frame"."""
        style: dict[str, Any] = {
            "fontsize": SMALL,
            "color": self.theme.mute,
            "va": "center_baseline",
            "parse_math": False,
        } | options
        with drawing(self.theme):
            text = self.figure.text(x / self.size[0], 1 - y / self.size[1], words, **style)
        return self.on(layer, text)[0]

    def on(self, layer: str, *artists: Any) -> tuple[Any, ...]:
        """Put artists on the "phase" or "frame" layer (what is on none is static); return them."""
        if layer != "static":
            for artist in artists:
                artist.set_animated(True)
            (self._phase if layer == "phase" else self._frame).extend(artists)
            self._backgrounds.clear()
        return artists

    # ---- drawing

    def draw(self, key: Hashable = None) -> Image:
        """The picture as it stands, (h, w, 3); the phase layer is drawn again only when `key` changes."""
        with drawing(self.theme):
            self._draw_phase(key)
            self.canvas.restore_region(self._backgrounds["phase"])
            self._draw_layer(self._frame)
            return np.asarray(self.canvas.buffer_rgba())[..., :3].copy()

    def _draw_phase(self, key: Hashable) -> None:
        if "static" not in self._backgrounds:
            self.canvas.draw()
            self._backgrounds = {"static": self.canvas.copy_from_bbox(self.figure.bbox)}
        elif "phase" in self._backgrounds and key == self._key:
            return
        self.canvas.restore_region(self._backgrounds["static"])
        self._draw_layer(self._phase)
        self._backgrounds["phase"] = self.canvas.copy_from_bbox(self.figure.bbox)
        self._key = key

    def _draw_layer(self, artists: list[Artist]) -> None:
        renderer = self.canvas.get_renderer()
        for artist in sorted(artists, key=lambda a: a.get_zorder()):
            if not artist.get_visible() or _empty(artist):
                continue
            if isinstance(artist, Text) and artists is self._frame:
                self._stamp(artist, renderer)
            else:
                artist.draw(renderer)

    def _stamp(self, text: Text, renderer: RendererAgg) -> None:
        """Draw a text from its pixels, which are kept for as long as it says the same at the same place."""
        state = _state(text)
        if state != self._stamps.get(text, (None,))[0]:
            blank: Any = RendererAgg(renderer.width, renderer.height, renderer.dpi)  # type: ignore[no-untyped-call]
            text.draw(blank)
            pixels = np.asarray(blank.buffer_rgba())
            rows, columns = (np.flatnonzero(pixels[..., 3].any(axis=axis)) for axis in (1, 0))
            if not len(rows):
                return
            top, bottom, left, right = rows[0], rows[-1] + 1, columns[0], columns[-1] + 1
            self._stamps[text] = state, left, renderer.height - bottom, pixels[top:bottom, left:right][::-1].copy()
        _, x, y, image = self._stamps[text]
        renderer.draw_image(renderer.new_gc(), x, y, image)

    def complete(self) -> Figure:
        """The figure as an ordinary one, every layer part of it: for saving as PNG, SVG or PDF."""
        for artist in [*self._phase, *self._frame]:
            artist.set_animated(False)
        return self.figure

    # ---- measuring

    def width_of(self, text: Text) -> float:
        """Width of a text in pixels of the layout."""
        with drawing(self.theme):
            return float(text.get_window_extent().width) * DPI / self.figure.dpi

    def fit(self, text: Text, width: float) -> None:
        """Make a text smaller, down to the smallest size, until it is no wider."""
        while (size := float(text.get_fontsize())) > TINY and self.width_of(text) > width:
            text.set_fontsize(max(TINY, size - 0.5))


def _empty(artist: Artist) -> bool:
    """Whether there is nothing to draw."""
    if isinstance(artist, Line2D):
        return not len(np.atleast_1d(artist.get_xdata()))
    if isinstance(artist, Collection):
        return not len(artist.get_paths())
    return isinstance(artist, Text) and not artist.get_text()


def _state(text: Text) -> tuple[Any, ...]:
    """All of a text that changes from frame to frame."""
    where = text.get_transform().transform(text.get_position()).tolist()
    at = getattr(text, "xy", None)
    return text.get_text(), where, at, text.get_horizontalalignment(), text.get_color(), text.get_fontsize()
