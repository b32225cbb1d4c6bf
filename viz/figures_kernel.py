"""Static figures of what a kernel means: how likely its lengthscale is, how alike two points are, what it draws."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.ticker import NullFormatter, NullLocator

from bayestuner import History, ParameterError
from gp import GaussianPosterior, GaussianProcess, Kernel

from .chart import Array, belief_of, legend, value_axis
from .picture import panel
from .style import Theme
from .sweep import evidence, swept, value_of
from .text import significant

REACH = 30.0  # a parameter is tried from a thirtieth of its value to thirty times it
VALUES = 121
DEPTH = 25.0  # of log likelihood below the best: what is less likely is cut off


def plot_lengthscale(
    model: GaussianPosterior | History,
    ax: Axes | None = None,
    parameter: str = "lengthscale",
    *,
    theme: str | Theme = "light",
) -> Axes:
    """Draw the log marginal likelihood against one parameter, and the two parts it is made of.

    log p(y | X) = data fit + simplicity + constant. All other parameters stay; an ARD lengthscale keeps its
    proportions. `parameter` may also be "noise" or "amplitude"; a history stands for its last step's model.

    >>> from gp import GaussianProcess, Matern52
    >>> model = GaussianProcess(Matern52()).fit([[0.0], [1.0], [2.5], [3.0]], [0.0, 1.0, 0.2, 0.1])
    >>> plot_lengthscale(model).get_xlabel()
    'lengthscale'
    """
    posterior = _posterior(model)
    now = value_of(posterior.prior, parameter)
    values = np.geomspace(now / REACH, now * REACH, VALUES)
    parts = [evidence(p) for p in swept(posterior, parameter, values.tolist())]
    total = np.array([p.total for p in parts])
    fit, simple = np.array([p.data_fit for p in parts]), np.array([p.simplicity for p in parts])
    best = int(total.argmax())
    here = evidence(posterior).total
    with panel(ax, theme) as (ax, checked):
        _draw_parts(ax, values, fit, simple, total, checked)
        _mark(ax, (now, here), (float(values[best]), float(total[best])), checked)
        ax.set_xlim(values[0], values[-1])
        _log_values(ax, values[0], values[-1])
        ax.set_xlabel(parameter)
        low, high = total[best] - DEPTH, max(total[best], fit.max(), min(simple.max(), total[best] + DEPTH))
        value_axis(ax, low, high + 0.06 * (high - low), "log marginal likelihood")
        _lengthscale_legend(ax, checked, significant(now, 2), significant(float(values[best]), 2))
    return ax


def _draw_parts(ax: Axes, values: Array, fit: Array, simple: Array, total: Array, theme: Theme) -> None:
    style: dict[str, Any] = {"color": theme.ghost, "linewidth": 1.8}
    ax.plot(values, fit, dashes=(5, 2.5), zorder=2, **style)
    ax.plot(values, simple, dashes=(1, 1.6), zorder=2, **style)
    ax.plot(values, total, color=theme.model, linewidth=2.4, zorder=3)


def _mark(ax: Axes, now: tuple[float, float], best: tuple[float, float], theme: Theme) -> None:
    """The most likely value as a star, the present one as a diamond, which is open around the star where it is near."""
    edge: dict[str, Any] = {"zorder": 6, "clip_on": False}
    opened: dict[str, Any] = {"markerfacecolor": "none", "markeredgecolor": theme.new, "mew": 2.0, "ms": 15}
    filled: dict[str, Any] = {"color": theme.new, "markeredgecolor": theme.bg, "ms": 8}
    near = abs(math.log(now[0] / best[0])) < 0.08 * math.log(REACH)
    ax.axvline(now[0], color=theme.new, linewidth=1.2, zorder=2.5)
    ax.plot(*best, "*", color=theme.best, markeredgecolor=theme.best_edge, ms=15, **edge)
    ax.plot(*now, "D", **(opened if near else filled), **edge)


def _lengthscale_legend(ax: Axes, theme: Theme, now: str, best: str) -> None:
    handles = [
        Line2D([], [], color=theme.model, linewidth=2.4),
        Line2D([], [], color=theme.ghost, linewidth=1.8, dashes=(5, 2.5)),
        Line2D([], [], color=theme.ghost, linewidth=1.8, dashes=(1, 1.6)),
        Line2D([], [], linestyle="none", marker="D", color=theme.new, markeredgecolor=theme.bg, markersize=8),
        Line2D([], [], linestyle="none", marker="*", color=theme.best, markeredgecolor=theme.best_edge, markersize=13),
    ]
    words = ["their sum", "data fit", "simplicity", f"now {now}", f"best {best}"]
    legend(ax, theme, handles, words, own=hasattr(ax.figure, "theme"))


def _posterior(model: Any) -> GaussianPosterior:
    if isinstance(model, History):
        return belief_of(model, -1).posterior
    if not isinstance(model, GaussianPosterior):
        raise TypeError(f"plot_lengthscale needs a posterior or a History, got {type(model).__name__}")
    if not len(model.X):
        raise ParameterError("plot_lengthscale needs a model with observations; this one has none")
    return model


def _log_values(ax: Axes, low: float, high: float) -> None:
    """A logarithmic axis with ticks at 1, 2 and 5, at most seven of them."""
    powers = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    round_ones = [m * 10.0**p for p in powers for m in (1, 2, 5) if low <= m * 10.0**p <= high]
    ticks = round_ones if len(round_ones) <= 7 else [t for t in round_ones if f"{t:e}"[0] == "1"]
    ax.set_xscale("log")
    ax.xaxis.set_minor_locator(NullLocator())
    ax.xaxis.set_minor_formatter(NullFormatter())
    ax.set_xticks(ticks, [significant(float(f"{t:.3g}"), 3) for t in ticks])


# ---- a kernel

CURVE, PATHS = (0.62, 0.97), (0.05, 0.5)  # heights of the two parts, in shares of the axes


def plot_kernel(
    kernel: Kernel, ax: Axes | None = None, samples: int = 3, *, seed: int = 0, theme: str | Theme = "light"
) -> Axes:
    """Draw how alike f is at two points, against their distance, and below it functions drawn with this kernel.

    The kernel is looked at from x = 0 along its first input; both parts share the axis.

    >>> from gp import Matern52
    >>> plot_kernel(Matern52(lengthscale=0.5)).get_xlabel()
    'distance from 0; ...'
    """
    if not isinstance(kernel, Kernel):
        raise TypeError(f"plot_kernel needs a gp.Kernel such as Matern52(), got {type(kernel).__name__}")
    if isinstance(samples, bool) or not isinstance(samples, (int, np.integer)) or samples < 0:
        raise ParameterError(f"samples must be a whole number, 0 or more, got {samples!r}")
    x = np.linspace(0.0, reach_of(kernel), 241)
    X = np.zeros((len(x), inputs_of(kernel)))
    X[:, 0] = x
    alike = kernel(X[:1], X)[0]
    drawn = GaussianProcess(kernel).sample(X, samples, np.random.default_rng(seed))
    with panel(ax, theme, (640, 460)) as (ax, checked):
        low, high = min(float(alike.min()), 0.0), float(alike.max()) or 1.0
        spread = float(np.abs(drawn).max()) if samples else 1.0
        ax.plot(x, _placed(alike, low, high, CURVE), color=checked.model, linewidth=2.4, zorder=3)
        for path in drawn:
            ax.plot(x, _placed(path, -spread, spread, PATHS), color=checked.model, linewidth=1.1, alpha=0.7, zorder=2)
        ticks = {
            _at(0.0, low, high, CURVE): "0",
            _at(high, low, high, CURVE): significant(high, 2),
        } | ({
            _at(-spread, -spread, spread, PATHS): significant(-spread, 2),
            _at(0.0, -spread, spread, PATHS): "0",
            _at(spread, -spread, spread, PATHS): significant(spread, 2),
        } if samples else {})  # fmt: skip
        ax.set_ylim(0, 1)
        ax.set_yticks(list(ticks), list(ticks.values()))
        ax.set_xlim(0, x[-1])
        ax.set_xlabel("distance from 0; x of the functions below" if samples else "distance")
        named: dict[str, Any] = {"xycoords": "axes fraction", "ha": "right", "va": "bottom", "color": checked.ink}
        ax.annotate("covariance of f(0) and f(x)", (0.99, CURVE[1] - 0.03), **named)
        if samples:
            ax.annotate("functions with this kernel", (0.99, PATHS[1] + 0.01), **named)
            ax.axhline((CURVE[0] + PATHS[1]) / 2, color=checked.axis, linewidth=0.8, zorder=1)
    return ax


def _at(value: float, low: float, high: float, part: tuple[float, float]) -> float:
    return part[0] + (value - low) / (high - low) * (part[1] - part[0])


def _placed(values: Array, low: float, high: float, part: tuple[float, float]) -> Array:
    return np.asarray(part[0] + (values - low) / (high - low) * (part[1] - part[0]))


def inputs_of(kernel: Kernel) -> int:
    """How many inputs a kernel needs: as many as its longest lengthscale, or the last column it looks at."""
    sizes = [len(v) for v in kernel.parameters.values() if isinstance(v, tuple)]
    columns = [c for part in _parts(kernel) for c in getattr(part, "columns", ())]
    return max([1, *sizes, *(int(c) + 1 for c in columns)])


def _parts(kernel: Any) -> list[Any]:
    """The kernel and all that it is made of."""
    return [kernel, *(part for _, nested in kernel._parts() for part in _parts(nested))]


def reach_of(kernel: Kernel) -> float:
    """How far to look: until nothing is alike any more, or four periods or lengthscales."""
    lengths = [
        (value if isinstance(value, float) else value[0])
        for name, value in kernel.parameters.items()
        if name.rsplit(".")[-1] in ("lengthscale", "period")
    ]
    return 4 * max(lengths, default=1.0)
