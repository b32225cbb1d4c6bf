"""What every picture must keep: whole words, none on top of another, and nothing of the user's session changed."""

import itertools
from contextlib import contextmanager

import matplotlib
import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.text import Text

from viz.style import LIGHT, drawing

HOSTILE = {
    "font.size": 30,
    "font.family": ["serif"],
    "axes.facecolor": "black",
    "axes.linewidth": 5,
    "lines.linewidth": 9,
    "lines.antialiased": False,
    "patch.antialiased": False,
    "text.antialiased": False,
    "text.usetex": True,
    "figure.dpi": 300,
    "savefig.dpi": 300,
    "figure.autolayout": True,
    "axes.grid": False,
    "axes.unicode_minus": False,
    "axes.prop_cycle": matplotlib.cycler(color=["lime"]),
    "errorbar.capsize": 20,
    "xtick.major.size": 30,
    "xtick.minor.visible": True,
    "hatch.linewidth": 7,
}


def texts(figure):
    """Every text that can be seen, with its box in pixels: [(words, bbox)]."""
    hidden = set(_hidden_ticks(figure))
    return [
        (text.get_text(), text.get_window_extent())
        for text in figure.findobj(Text)
        if text.get_visible() and text.get_text().strip() and text.figure is not None
        if text not in hidden and _shown(text)
    ]


def _hidden_ticks(figure):
    """Labels that are not drawn: of ticks outside their axis, and of the ticks that matplotlib keeps in reserve."""
    for axes in figure.findobj(Axes):
        for axis in (axes.xaxis, axes.yaxis):
            low, high = sorted(axis.get_view_interval())
            edge = 1e-9 * (high - low)
            used = {*axis.get_major_ticks(), *axis.get_minor_ticks()} if axes.get_visible() and axes.axison else ()
            for tick in itertools.chain(axis.majorTicks, axis.minorTicks):
                if tick not in used or not low - edge <= tick.get_loc() <= high + edge:
                    yield from (tick.label1, tick.label2)


def _shown(text):
    axes = text.axes
    return axes is None or (axes.get_visible() and (axes.axison or text in axes.texts))


def word_problems(figure, theme=LIGHT, slack=1.0):
    """Texts that are cut by the figure's edge, and pairs of texts that lie on each other, in words."""
    with drawing(theme):
        if not isinstance(figure.canvas, FigureCanvasAgg):
            FigureCanvasAgg(figure)
        figure.draw_without_rendering()
        found = texts(figure)
    width, height = figure.bbox.size
    problems = [
        f"cut: {words!r} {box.extents.round()}"
        for words, box in found
        if box.x0 < -slack or box.y0 < -slack or box.x1 > width + slack or box.y1 > height + slack
    ]
    for (one, a), (other, b) in itertools.combinations(found, 2):
        if min(a.x1, b.x1) - max(a.x0, b.x0) > slack and min(a.y1, b.y1) - max(a.y0, b.y0) > slack:
            problems.append(f"on each other: {one!r} {a.extents.round()} and {other!r} {b.extents.round()}")
    return problems


@contextmanager
def hostile():
    """A session whose settings would spoil any picture that heeds them."""
    with matplotlib.rc_context(HOSTILE):
        yield


@contextmanager
def nothing_global_changes():
    """Settings, open figures, back end and NumPy's global random state are the same afterwards."""
    before = _globals()
    yield
    assert _globals() == before


def _globals():
    state = np.random.get_state(legacy=False)  # noqa: NPY002
    return (
        dict(matplotlib.rcParams),
        plt.get_fignums(),
        matplotlib.get_backend(),
        state["state"]["pos"],
        state["state"]["key"].tobytes(),
    )
