"""The static figure of all points of a run, side by side."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib import patheffects
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.lines import Line2D

from bayestuner import History

from .axis import Axis, thinned
from .chart import Array, checked_history, complete, legend, value_ticks
from .panel import limits
from .picture import panel
from .style import SMALL, TINY, Theme
from .text import elided, plural


def plot_parallel(history: History, ax: Axes | None = None, *, theme: str | Theme = "light") -> Axes:
    """Draw each trial as a line over one axis a parameter and, last, the objective.

    The best tenth is blue, the best gold. Failed trials are left out. Raises NotFittedError where no trial has a value.

    >>> from bayestuner import minimize
    >>> run = minimize(lambda x, y: x**2 + y, {"x": (-1.0, 1.0), "y": (0.0, 1.0)}, 8, seed=0)
    >>> [label.get_text() for label in plot_parallel(run).get_xticklabels()][:2]
    ['x', 'y']
    """
    trials = complete(checked_history("plot_parallel", history))
    axes = [Axis(name, dimension) for name, dimension in history.space.dimensions.items()]
    values = np.array([t.value for t in trials], dtype=float)
    low, high = limits(values, margin=0.0) if np.ptp(values) > 0 else limits(values)
    heights = [axis.places_of([t.params for t in trials]) for axis in axes]
    lines = np.column_stack([*heights, (values - low) / (high - low)])
    order = np.argsort(values if history.direction == "maximize" else -values, kind="stable")  # the best is drawn last
    own = ax is None
    with panel(ax, theme, (max(640, 110 * len(axes) + 200), 400)) as (ax, checked):
        _draw_lines(ax, lines[order], checked)
        for x, axis in enumerate(axes):
            _draw_scale(ax, x, thinned(axis.ticks(5), 16), axis.name, checked)
        ticks, words, units = value_ticks(low, high)
        marks = [((t - low) / (high - low), w) for t, w in zip(ticks, words, strict=True)]
        better = "lower is better" if history.direction == "minimize" else "higher is better"
        _draw_scale(ax, len(axes), marks, f"{units.title('f')}\n({better})", checked, bold=True)
        ax.set_xlim(-0.25, len(axes) + 0.35)
        ax.set_ylim(-0.04, 1.04)
        ax.set_yticks([])
        ax.grid(False)
        if own:
            ax.spines[["left", "bottom"]].set_visible(False)
            ax.tick_params(axis="x", length=0)
        styles = ((checked.ghost, 1.1), (checked.model, 1.8), (checked.best, 2.6))
        handles = [Line2D([], [], color=colour, linewidth=width) for colour, width in styles]
        legend(ax, checked, handles, [plural(len(trials), "evaluation"), "best tenth", "the best"], own=own)
    return ax


def _draw_lines(ax: Axes, lines: Array, theme: Theme) -> None:
    """Trials from the worst to the best: thin, blue from the best tenth on, gold the very best."""
    count = len(lines)
    top = max(count - max(round(count / 10), 1), 0)
    x = np.arange(lines.shape[1])
    strokes = [np.column_stack([x, line]) for line in lines]
    styles: tuple[tuple[Any, dict[str, Any]], ...] = (
        (strokes[:top], {"colors": theme.ghost, "alpha": 0.35, "linewidths": 1.1, "zorder": 2}),
        (strokes[top:-1], {"colors": theme.model, "linewidths": 1.8, "zorder": 3}),
        (strokes[-1:], {"colors": theme.best, "linewidths": 2.6, "zorder": 4}),
    )
    for some, style in styles:
        ax.add_collection(LineCollection(some, **style), autolim=False)


def _draw_scale(
    ax: Axes, x: int, ticks: Sequence[tuple[float, str]], name: str, theme: Theme, *, bold: bool = False
) -> None:
    """A vertical axis at x with its own ticks, readable on top of the lines."""
    halo = [patheffects.withStroke(linewidth=3, foreground=theme.bg)]
    ax.axvline(x, color=theme.axis, linewidth=1.0, zorder=5)
    for place, words in ticks:
        ax.plot([x - 0.025, x], [place, place], color=theme.axis, linewidth=1.0, zorder=5)
        ax.annotate(
            elided(words, 10), (x, place), xytext=(-6, 0), textcoords="offset points", ha="right", va="center",
            fontsize=TINY, color=theme.mute, path_effects=halo, zorder=6, annotation_clip=False,
        )  # fmt: skip
    old = list(zip(ax.get_xticks(), [t.get_text() for t in ax.get_xticklabels()], strict=True)) if x else []
    words_below = [*old, (x, name if bold else wrapped(name))]
    ax.set_xticks([at for at, _ in words_below], [words for _, words in words_below], fontsize=SMALL)


def wrapped(name: str, width: int = 14) -> str:
    r"""A name in lines of at most so many letters, broken at underscores and spaces where there are any.

    >>> wrapped("number_of_hidden_layers")
    'number_of_\nhidden_layers'
    """
    return "\n".join(textwrap.wrap(name.replace("_", "_ "), width)[:3]).replace("_ ", "_")
