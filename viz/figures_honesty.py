"""Static figures of trust: how far values were from their predictions, and what was learned by heart."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from bayestuner import Calibration, History, ParameterError, calibration

from .chart import Array, checked_history, legend, value_axis, value_ticks
from .panel import limits
from .picture import panel
from .style import Theme

FAR = 4.0  # standard deviations: whatever is further off is counted at the edge
BIN = 0.5


def plot_residuals(
    history: History, ax: Axes | None = None, step: int | None = None, *, theme: str | Theme = "light"
) -> Axes:
    """Draw how many standard deviations each value is from its leave-one-out prediction, beside the normal curve.

    `step` as in `calibration`; what is more than 4 standard deviations off is counted at the edge.

    >>> from bayestuner import minimize
    >>> run = minimize(lambda x: (x - 1) ** 2, {"x": (0.0, 4.0)}, 7, seed=0)
    >>> plot_residuals(run).get_ylabel()
    'values'
    """
    z = calibration(checked_history("plot_residuals", history), step).z
    edges = np.arange(-FAR, FAR + BIN / 2, BIN)
    with panel(ax, theme) as (ax, checked):
        counts = np.histogram(np.clip(z, -FAR + BIN / 2, FAR - BIN / 2), edges)[0]
        centres = edges[:-1] + BIN / 2
        colours = [checked.new if abs(c) > 2 else checked.model for c in centres]
        ax.bar(centres, counts, width=0.92 * BIN, color=colours, zorder=2)
        at = np.linspace(-FAR, FAR, 161)
        curve = len(z) * BIN * np.exp(-(at**2) / 2) / math.sqrt(2 * math.pi)
        ax.plot(at, curve, color=checked.truth, linewidth=1.6, dashes=(4, 3), zorder=3)
        ax.set_xlim(-FAR, FAR)
        ax.set_xticks([-4, -2, 0, 2, 4], ["≤ −4σ", "−2σ", "0", "2σ", "≥ 4σ"])
        ax.set_xlabel("value − prediction, in standard deviations")
        value_axis(ax, 0.0, 1.15 * max(float(counts.max()), float(curve.max())), "values")
        handles: list[Any] = [Patch(facecolor=checked.model), Patch(facecolor=checked.new)]
        handles.append(Line2D([], [], color=checked.truth, linewidth=1.6, dashes=(4, 3)))
        legend(ax, checked, handles, ["within ±2σ", "beyond", "an honest model"], own=hasattr(ax.figure, "theme"))
    return ax


def plot_gap(
    validation: Sequence[float],
    others: Mapping[str, Sequence[float]],
    best: int,
    ax: Axes | None = None,
    *,
    name: str = "loss",
    theme: str | Theme = "light",
) -> Axes:
    """Draw losses on other rows, {"train": (n,), "test": (n,)}, against the validation losses (n,) of n trials.

    On the dashed line both are equal; above it a trial does worse on those rows than where it was chosen. `best` is
    the place of the trial to mark. Trials far worse than the median are left out: they would squeeze all that matters.

    >>> axes = plot_gap([0.5, 0.4, 0.6], {"train": [0.4, 0.2, 0.6], "test": [0.5, 0.5, 0.7]}, best=1)
    >>> axes.get_ylabel()
    'loss on other rows'
    """
    x = np.asarray(validation, dtype=float)
    series = {label: np.asarray(values, dtype=float) for label, values in others.items()}
    if any(len(values) != len(x) for values in series.values()) or not 0 <= best < len(x):
        raise ParameterError(
            f"plot_gap: expected as many losses of each kind, {len(x)}, and best from 0 on, got {best}"
        )
    shown = x <= horizon(x)
    with panel(ax, theme, (560, 460)) as (ax, checked):
        low, high = limits(x[shown], *(values[shown] for values in series.values()), margin=0.05)
        equal: dict[str, Any] = {"color": checked.truth, "linewidth": 1.4, "dashes": (4, 3)}
        star: dict[str, Any] = {
            "linestyle": "none", "marker": "*", "color": checked.best, "markeredgecolor": checked.best_edge,
        }  # fmt: skip
        ax.plot([low, high], [low, high], zorder=1, **equal)
        looks = [("o", checked.model, checked.model), ("o", "none", checked.mute)]
        for (marker, face, edge), values in zip(looks, series.values(), strict=False):
            ax.plot(
                x[shown], values[shown], marker, markersize=6, markerfacecolor=face, markeredgecolor=edge,
                linestyle="none", zorder=3,
            )  # fmt: skip
            ax.plot(x[best], values[best], markersize=14, zorder=5, **star)
        ax.set_xlim(*limits(x[shown], margin=0.06))
        value_axis(ax, low, high, f"{name} on other rows")
        ticks, words, units = value_ticks(*ax.get_xlim())
        ax.set_xticks(ticks, words)
        ax.set_xlabel(units.title(f"{name} on the validation rows"))
        handles: list[Any] = [
            Line2D([], [], linestyle="none", marker=m, markersize=6, markerfacecolor=f, markeredgecolor=e)
            for m, f, e in looks[: len(series)]
        ]
        handles += [Line2D([], [], markersize=11, **star), Line2D([], [], **equal)]
        legend(ax, checked, handles, [*series, "the best", "equal"], own=hasattr(ax.figure, "theme"))
    return ax


def horizon(losses: Array) -> float:
    """Up to where losses are shown: three times as far above the smallest as the median is, or the largest."""
    smallest, median = float(losses.min()), float(np.median(losses))
    return smallest + 3 * (median - smallest) if median > smallest else float(losses.max())


def honesty_in_words(known: Calibration) -> str:
    """Whether the intervals held what they promised, in a sentence."""
    found = [known.coverage(level) for level in (0.5, 0.8, 0.95)]
    if all(each.honest for each in found):
        return "Honest: as many values lie within the intervals as these promised, as far as so few values can tell."
    off = next(each for each in found if not each.honest)
    if off.share < off.level:
        return "Overconfident: fewer values lie within the intervals than these promised."
    return "Careful: more values lie within the intervals than these promised; the model doubts itself too much."
