"""Figures that look the same wherever they are drawn: with our settings, and with no trace of when and by what."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import Any

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from bayestuner import ParameterError

from .style import Theme, checked_theme, drawing

SINGLE = (640, 400)  # pixels of a figure of one panel
NO_TRACE: dict[str, dict[str, Any]] = {
    "png": {"Software": None},
    "svg": {"Date": None, "Creator": None},
    "pdf": {"CreationDate": None, "Creator": None, "Producer": None},
}


class Picture(Figure):
    """A figure that heeds its theme's settings alone, also when it is drawn and saved later on."""

    def __init__(self, theme: Theme, **options: Any) -> None:
        self.theme = theme
        with drawing(theme):
            super().__init__(**options)
        FigureCanvasAgg(self)

    def draw(self, renderer: Any) -> None:
        """Draw it with the theme's settings, not the user's."""
        with drawing(self.theme):
            super().draw(renderer)

    def savefig(self, fname: Any, *, transparent: bool | None = None, **options: Any) -> None:
        """Save as matplotlib does, without date or software; .png, .svg and .pdf give the same bytes each time."""
        kind = str(options.get("format") or (Path(fname).suffix[1:] if isinstance(fname, (str, Path)) else "png"))
        options.setdefault("metadata", NO_TRACE.get(kind.lower()))
        with drawing(self.theme):
            super().savefig(fname, transparent=transparent, **options)

    def _repr_png_(self) -> bytes:
        out = BytesIO()
        self.savefig(out, format="png")
        return out.getvalue()


class PictureAxes(Axes):
    """Axes of a picture of ours, which a notebook shows as that picture (pyplot, which would, knows nothing of it)."""

    def _repr_png_(self) -> bytes:
        figure = self.figure
        assert isinstance(figure, Picture)
        return figure._repr_png_()


@contextmanager
def panel(ax: Axes | None, theme: str | Theme, size: tuple[int, int] = SINGLE) -> Iterator[tuple[Axes, Theme]]:
    """The given axes, or those of a new figure of so many pixels, to draw into with the theme's settings."""
    checked = checked_theme(theme)
    if ax is not None and not isinstance(ax, Axes):
        raise TypeError(f"ax must be matplotlib Axes, got {type(ax).__name__}")
    with drawing(checked):
        if ax is None:
            picture = Picture(checked, figsize=(size[0] / 100, size[1] / 100), layout="constrained")
            ax = picture.add_subplot(axes_class=PictureAxes)
        yield ax, checked


def checked_figure(figure: Any) -> Figure | None:
    """A figure to draw into, or None; ParameterError where it has axes already."""
    if figure is None:
        return None
    if not hasattr(figure, "add_axes"):
        raise TypeError(f"figure must be a matplotlib Figure, got {type(figure).__name__}")
    if figure.axes:
        raise ParameterError("the figure has axes already; give an empty one, or a subfigure of yours")
    return figure
