"""Static figures that compare runs: the best so far, and the regret."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import FixedLocator, NullLocator

from bayestuner import History, ParameterError

from .chart import Array, checked_choice, count_axis, legend, value_axis
from .compared import Runs, best_curves, grouped, looks_of, settled_limits
from .panel import limits
from .picture import panel
from .rounds import told_trials
from .style import SMALL, Theme
from .text import elided, plural, significant

BANDS = ("iqr", "range", None)
FLOOR = 1e-5  # of the first regret: below it a run counts as there


def plot_convergence(
    runs: Runs,
    ax: Axes | None = None,
    band: str | None = "iqr",
    optimum: float | None = None,
    log: bool = False,
    *,
    trials: bool = False,
    name: str = "value",
    theme: str | Theme = "light",
) -> Axes:
    """Draw the best value so far against the number of evaluations, the median over seeds as a stair.

    `runs` is a history, several of one method, or {label: histories}; `band` "iqr" shades the middle half of the
    seeds, "range" all of them. `optimum` is drawn dashed. All runs must search in the same direction. `trials` draws
    the value of each trial, too, those far worse than the median at the edge; `name` is what the objective returns.

    >>> from bayestuner import minimize
    >>> run = minimize(lambda x: (x - 1) ** 2, {"x": (0.0, 4.0)}, 7, seed=0)
    >>> plot_convergence(run).get_ylabel()
    'best value so far ... lower is better'
    """
    groups = grouped(runs)
    checked_choice("band", band, BANDS)
    curves = {label: best_curves(histories) for label, histories in groups.items()}
    every = np.concatenate([c.ravel() for c in curves.values()])
    every = every[np.isfinite(every)]
    if log and every.min() <= 0:
        raise ParameterError(f"log=True needs values above 0, the smallest is {every.min():g}; try plot_regret")
    direction = next(iter(groups.values()))[0].direction
    with panel(ax, theme) as (ax, checked):
        if optimum is not None:
            ax.axhline(optimum, color=checked.truth, linewidth=1.6, dashes=(4, 3), zorder=2)
            every = np.append(every, optimum)
        low, high = settled_limits(curves, optimum)
        if trials and not log:
            low, high = _with_trials(groups, direction, low, high)
        if log:
            _log_axis(ax, float(every.min()), float(every.max()), f"best {name} so far")
        else:
            value_axis(ax, low, high, f"best {name} so far", direction=direction)
        _draw_curves(ax, curves, groups, band, checked, optimum)
        if trials:
            _draw_trials(ax, groups, checked)
    return ax


def plot_regret(
    runs: Runs, optimum: float, ax: Axes | None = None, *, band: str | None = "iqr", theme: str | Theme = "light"
) -> Axes:
    """Draw how far the best value is from the true optimum, on a logarithmic axis with a floor.

    `runs` and `band` as for plot_convergence. Raises ParameterError where a run beats the optimum given.

    >>> from bayestuner import minimize
    >>> run = minimize(lambda x: (x - 1) ** 2, {"x": (0.0, 4.0)}, 7, seed=0)
    >>> plot_regret(run, optimum=0.0).get_yscale()
    'log'
    """
    groups = grouped(runs)
    checked_choice("band", band, BANDS)
    direction = next(iter(groups.values()))[0].direction
    sign = 1.0 if direction == "minimize" else -1.0
    regrets = {label: sign * (best_curves(histories) - optimum) for label, histories in groups.items()}
    every = np.concatenate([r.ravel() for r in regrets.values()])
    every = every[np.isfinite(every)]
    if every.min() < -1e-9 * max(abs(optimum), 1.0):
        raise ParameterError(f"optimum={optimum:g} is not the best: a run found {optimum + sign * every.min():g}")
    top = float(every.max()) if every.max() > 0 else 1.0
    floor = 10.0 ** math.floor(math.log10(FLOOR * top))
    lowest = max(float(every.min()), floor)
    with panel(ax, theme) as (ax, checked):
        floored = {label: np.maximum(r, floor) for label, r in regrets.items()}
        _log_axis(ax, lowest, top, "regret: distance from the optimum", floor=floor)
        _draw_curves(ax, floored, groups, band, checked, None)
    return ax


def _values(history: History) -> Array:
    """The values in the order told, NaN where a trial failed, (n,)."""
    return np.array([t.value if t.status == "complete" else np.nan for t in told_trials(history)], dtype=float)


def _with_trials(groups: Mapping[str, list[History]], direction: str, low: float, high: float) -> tuple[float, float]:
    """Limits that hold the better half of the trials and as much again; what is worse lies at the edge."""
    values = np.concatenate([_values(h) for histories in groups.values() for h in histories])
    values = values[np.isfinite(values)]
    middle, best = float(np.median(values)), float(values.min() if direction == "minimize" else values.max())
    far = middle + 2 * (middle - best)
    shown = values[values <= far] if direction == "minimize" else values[values >= far]
    return limits([low, high, *shown], margin=0.05)


def _draw_trials(ax: Axes, groups: Mapping[str, list[History]], theme: Theme) -> None:
    low, high = ax.get_ylim()
    for histories in groups.values():
        for history in histories:
            values = np.clip(_values(history), low, high)
            ax.plot(
                np.arange(1, len(values) + 1), values, "o", markersize=4.5, markerfacecolor="none",
                markeredgecolor=theme.mute, clip_on=False, zorder=2.5,
            )  # fmt: skip


def _draw_curves(
    ax: Axes, curves: Mapping[str, Array], groups: Mapping[str, list[History]], band: str | None, theme: Theme,
    optimum: float | None,
) -> None:  # fmt: skip
    looks = looks_of(list(curves), theme)
    ends: list[tuple[float, str, str]] = []
    longest = max(c.shape[1] for c in curves.values())
    for label, values in curves.items():
        colour, text, marker = looks[label]
        at = np.arange(1, values.shape[1] + 1)
        middle = np.median(values, axis=0)
        if band is not None and len(values) > 1:
            low, high = np.quantile(values, (0.25, 0.75) if band == "iqr" else (0.0, 1.0), axis=0)
            ax.fill_between(at, low, high, step="post", color=colour, alpha=0.18, linewidth=0, zorder=1)
        ax.plot(at, middle, color=colour, linewidth=2.0, drawstyle="steps-post", zorder=3)
        every = max(len(at) // 8, 1)
        if len(curves) > 1:
            ax.plot(at[::every], middle[::every], marker, color=colour, markersize=5, zorder=4)
        ends.append((float(middle[-1]), label, text))
    ax.set_xlim(1, longest + (0.3 if len(curves) == 1 else 0.0))
    count_axis(ax, longest)
    if len(curves) > 1:
        _label_ends(ax, ends, longest)
    _seeds_legend(ax, groups, looks, band, theme, optimum)


def _label_ends(ax: Axes, ends: Sequence[tuple[float, str, str]], longest: int) -> None:
    """Names at the ends of the lines, moved apart where they would lie on each other."""
    low, high = ax.get_ylim()
    log = ax.get_yscale() == "log"
    share = [(math.log(v / low) / math.log(high / low) if log else (v - low) / (high - low), w, c) for v, w, c in ends]
    height = 0.062
    placed: list[float] = []
    for place, words, colour in sorted(share):
        at = max(place, placed[-1] + height if placed else 0.0)
        placed.append(at)
        ax.annotate(
            elided(words, 22), (1.0, at), xycoords="axes fraction", xytext=(6, 0), textcoords="offset points",
            va="center", fontsize=SMALL, color=colour, fontweight="bold", annotation_clip=False,
        )  # fmt: skip


def _seeds_legend(
    ax: Axes, groups: Mapping[str, list[History]], looks: Mapping[str, tuple[str, str, str]], band: str | None,
    theme: Theme, optimum: float | None,
) -> None:  # fmt: skip
    seeds = [len(h) for h in groups.values()]
    count = plural(seeds[0], "seed") if len(set(seeds)) == 1 else f"{min(seeds)} to {max(seeds)} seeds"
    colour = looks[next(iter(looks))][0] if len(looks) == 1 else theme.ghost
    many = max(seeds) > 1
    handles: list[Any] = [Line2D([], [], color=colour, linewidth=2.0)]
    words = [f"median of {count}" if many else "best so far"]
    if many and band is not None:
        handles.append(Patch(facecolor=colour, alpha=0.3))
        words.append("middle half" if band == "iqr" else "all seeds")
    if optimum is not None:
        handles.append(Line2D([], [], color=theme.truth, linewidth=1.6, dashes=(4, 3)))
        words.append(f"optimum {significant(optimum, 3)}")
    own = hasattr(ax.figure, "theme")
    legend(ax, theme, handles, words, own=own)


def _log_axis(ax: Axes, low: float, high: float, name: str, *, floor: float | None = None) -> None:
    """A logarithmic axis with at most six powers of ten; the floor is marked with <."""
    first, last = math.floor(math.log10(low) + 1e-9), math.ceil(math.log10(high) - 1e-9)
    last = max(last, first + 1)
    powers = list(range(first, last + 1, -(-(last - first) // 5)))
    ax.set_yscale("log")
    at_floor = floor is not None and first <= round(math.log10(floor))
    ax.set_ylim(10.0**first * (0.85 if at_floor else 1.0), 10.0**last)
    raised = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
    words = [f"10{str(p).translate(raised)}" for p in powers]
    if at_floor:
        words[0] = f"<{words[0]}"
    ax.yaxis.set_major_locator(FixedLocator([10.0**p for p in powers]))
    ax.yaxis.set_minor_locator(NullLocator())
    ax.set_yticks([10.0**p for p in powers], words)
    ax.set_ylabel(name)
