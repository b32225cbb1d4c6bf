"""The static figure of a model along each parameter, through one point."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from bayestuner import History, NotFittedError, ParameterError

from .chart import Along, Array, Belief, belief_of, checked_history, still, value_axis
from .legends import swatch
from .panel import Band, limits
from .picture import Picture, checked_figure
from .style import LABEL, TINY, Theme, checked_theme, drawing
from .text import elided, number


def plot_slices(
    history: History,
    step: int | None = -1,
    at: str | dict[str, Any] = "best",
    figure: Figure | None = None,
    *,
    theme: str | Theme = "light",
) -> Figure:
    """Draw the model along each parameter through one point: the best, the "chosen" one of the step, or any dict.

    Observations are the stronger the more they say about the slice: by their prior correlation with the point of the
    slice nearest to them.

    >>> from bayestuner import minimize
    >>> run = minimize(lambda x, y: x**2 + y, {"x": (-1.0, 1.0), "y": (0.0, 1.0)}, 8, seed=0)
    >>> [axes.get_xlabel() for axes in plot_slices(run).axes]
    ['x', 'y']
    """
    checked_history("plot_slices", history)
    checked, figure = checked_theme(theme), checked_figure(figure)
    belief = belief_of(history, step)
    point = _slice_point(belief, at)
    count = len(belief.axes)
    columns = min(count, 3)
    rows = -(-count // columns)
    with drawing(checked):
        if figure is None:
            figure = Picture(checked, figsize=(3 * columns, 2.4 * rows + 0.5), layout="constrained")
        places = figure.subplots(rows, columns, squeeze=False).ravel()
        for ax in places[count:]:
            ax.set_axis_off()
        _draw_slices(figure, places[:count], belief, point, checked)
    return figure


def _slice_point(belief: Belief, at: str | dict[str, Any]) -> dict[str, Any]:
    if at == "best":
        return dict(belief.best.params)
    if at == "chosen":
        if belief.step is None:
            raise NotFittedError("at='chosen' needs a step; this run has none, or step=None was given")
        return dict(belief.step.params)
    if isinstance(at, str):
        raise ParameterError(f"at must be 'best', 'chosen' or a point as a dict, got {at!r}")
    return belief.history.space.check(at)


def _draw_slices(figure: Figure, places: Any, belief: Belief, point: dict[str, Any], theme: Theme) -> None:
    slices = [_slice(belief, Along(axis), point) for axis in belief.axes]
    near = [_reach(belief, along, point) for along in map(Along, belief.axes)]
    seen = belief.values[(np.array(near) > 0.1).any(axis=0)]
    bands = [end for _, mean, std in slices for end in belief.scaling.interval(mean, std, 2)]
    low, high = limits(*bands, seen)
    for index, (ax, axis, (x, mean, std)) in enumerate(zip(places, belief.axes, slices, strict=True)):
        along = Along(axis)
        Band(still(ax, theme), ax, axis, x).show(mean, std, belief.scaling)
        ax.axvline(along.at([point[axis.name]])[0], color=theme.best, linewidth=1.6, zorder=2.5)
        _draw_near(ax, belief, along, near[index], theme)
        along.dress(ax, most=4)
        first = index % 3 == 0
        value_axis(ax, low, high, "f(x)", direction=belief.history.direction, most=5, short=True)
        if not first:
            ax.set_ylabel("")
            ax.set_yticklabels([])
    words = {"mean": "model along this parameter", "band1": "±1σ", "band2": "±2σ", "observed": "observed near by"}
    handles = [swatch(theme, what) for what in words] + [Line2D([], [], color=theme.best, linewidth=1.6)]
    through = ", ".join(f"{elided(n, 14)} {elided(number(v), 14)}" for n, v in point.items())
    figure.suptitle(elided(f"Through {through}", 32 * len(places)), x=0.01, ha="left", fontsize=LABEL, color=theme.ink)
    figure.legend(
        handles, [*words.values(), "that point"], loc="outside lower left", ncols=3 if len(places) < 3 else 5,
        fontsize=TINY, labelcolor=theme.mute, frameon=False, handlelength=1.8, columnspacing=1.2,
    )  # fmt: skip


def _slice(belief: Belief, along: Along, point: dict[str, Any]) -> tuple[Array, Array, Array]:
    grid = along.grid(121)
    U = belief.history.space.encode([{**point, along.axis.name: value} for value in grid])
    return along.at(grid), *belief.predict(U)


def _reach(belief: Belief, along: Along, point: dict[str, Any]) -> Array:
    """What each observation says about the slice: its prior correlation with the nearest point of it, (n,)."""
    name, space = along.axis.name, belief.history.space
    own = [t.params for t in belief.trials]
    U, V = space.encode(own), space.encode([{**point, name: p[name]} for p in own])
    kernel = belief.posterior.prior.kernel
    scale = np.sqrt(kernel.diagonal(U) * kernel.diagonal(V))
    across = np.array([kernel(u[None], v[None])[0, 0] for u, v in zip(U, V, strict=True)])
    return np.clip(np.divide(across, scale, out=np.zeros(len(scale)), where=scale > 0), 0.0, 1.0)


def _draw_near(ax: Axes, belief: Belief, along: Along, reach: Array, theme: Theme) -> None:
    """The observations, each as strong as its reach."""
    x, seen = along.at([t.params[along.axis.name] for t in belief.trials]), reach > 0.02
    strength: Any = reach[seen]
    ax.scatter(
        x[seen], belief.values[seen], s=36, c=theme.obs, alpha=strength, edgecolors=theme.obs_edge,
        linewidths=0.9, zorder=5,
    )  # fmt: skip
