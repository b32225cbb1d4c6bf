"""Static figures of how a run went: where its time went, and whether its model was honest."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from bayestuner import History, NotFittedError, Step, Trial
from bayestuner.explain import why
from bayestuner.scaling import Scaling

from .chart import Array, checked_history, complete, count_axis, legend, value_axis, value_ticks
from .moment import best_so_far
from .panel import limits
from .picture import panel
from .rounds import told_trials
from .style import LABEL, TINY, Theme
from .text import Numbers, plural


def plot_timeline(history: History, ax: Axes | None = None, *, theme: str | Theme = "light") -> Axes:
    """Draw, evaluation by evaluation, the seconds for fit, score and evaluation as a stack.

    Above them: whether the point was to exploit, to explore, or both; and the values.

    >>> from bayestuner import minimize
    >>> run = minimize(lambda x: (x - 1) ** 2, {"x": (0.0, 4.0)}, 7, seed=0)
    >>> plot_timeline(run).get_xlabel()
    'evaluation'
    """
    told = told_trials(checked_history("plot_timeline", history))
    complete(history)
    steps = {step.number: step for step in history.steps}
    seconds = np.array([_seconds(trial, steps.get(trial.number)) for trial in told]).T
    at = np.arange(1, len(told) + 1)
    with panel(ax, theme, (720, 480)) as (ax, checked):
        colours = (checked.model, checked.acq, checked.ghost)
        bottom = np.zeros(len(told))
        for part, colour in zip(seconds, colours, strict=True):
            ax.bar(at, part, bottom=bottom, color=colour, width=0.8, zorder=2)
            bottom = bottom + part
        _time_axis(ax, float(bottom.max()))
        ax.set_xlim(0.4, len(told) + 0.6)
        count_axis(ax, len(told))
        handles = [Patch(facecolor=c) for c in colours]
        legend(ax, checked, handles, ["fit the model", "score and choose", "evaluate"], own=hasattr(ax.figure, "theme"))
        _intent_strip(ax, told, steps, checked)
        _value_strip(ax, told, history, checked)
    return ax


TIME, INTENT, VALUES = (0.0, 0.36), (0.44, 0.6), (0.66, 1.0)  # heights of the three parts, in shares of the axes


def _time_axis(ax: Axes, longest: float) -> None:
    """Bars fill the lowest part of the axes; only its ticks are named."""
    top = longest if longest > 0 else 1.0
    ax.set_ylim(0, top / TIME[1])
    ticks, words, units = value_ticks(0.0, top, 3)
    ax.set_yticks(ticks, words)
    ax.set_ylabel(units.title("seconds"), loc="bottom")


def _seconds(trial: Trial, step: Step | None) -> tuple[float, float, float]:
    own = {} if step is None else step.seconds
    return own.get("fit", 0.0), own.get("score", 0.0), trial.seconds or 0.0


INTENTS = ("exploiting", "both", "exploring")


def intent(step: Step) -> str:
    """Whether a step's point was to exploit, to explore, or both."""
    return {"Exploiting": "exploiting", "A bit": "both", "Exploring": "exploring"}[
        next(start for start in ("Exploiting", "A bit", "Exploring") if why(step).startswith(start))
    ]


def _intent_strip(ax: Axes, told: Sequence[Trial], steps: Mapping[int, Step], theme: Theme) -> None:
    rows = np.linspace(*INTENT, 3)
    for row, words in zip(rows, INTENTS, strict=True):
        ax.axhline(row * ax.get_ylim()[1], color=theme.grid, linewidth=0.8, zorder=1)
        ax.annotate(
            words, (0, row), xycoords="axes fraction", xytext=(-5, 0), textcoords="offset points", ha="right",
            va="center", fontsize=TINY, color=theme.mute, annotation_clip=False,
        )  # fmt: skip
    known = [(at, INTENTS.index(intent(steps[t.number]))) for at, t in enumerate(told, 1) if t.number in steps]
    if known:
        x, which = np.array(known).T
        ax.plot(
            x, rows[which] * ax.get_ylim()[1], "o", color=theme.acq, markersize=6, markeredgecolor=theme.bg, zorder=4
        )


def _value_strip(ax: Axes, told: Sequence[Trial], history: History, theme: Theme) -> None:
    values = np.array([t.value if t.status == "complete" else np.nan for t in told], dtype=float)
    best = best_so_far(told, history.direction)
    low, high = limits(values[np.isfinite(values)], margin=0.05)
    top = ax.get_ylim()[1]

    def placed(v: Array) -> Array:
        return (VALUES[0] + (v - low) / (high - low) * (VALUES[1] - VALUES[0])) * top

    at = np.arange(1, len(told) + 1)
    ax.plot(at, placed(best), color=theme.model, linewidth=2.0, drawstyle="steps-post", zorder=3)
    ax.plot(at, placed(values), "o", markerfacecolor="none", markeredgecolor=theme.mute, markersize=4.5, zorder=4)
    failed = np.isnan(values)
    ax.plot(at[failed], np.full(failed.sum(), VALUES[0] * top), "x", color=theme.mute, markersize=6, zorder=4)
    shown = Numbers.of(low, high)
    ax.annotate(
        "f(x)", (0, sum(VALUES) / 2), xycoords="axes fraction", xytext=(-24, 0), textcoords="offset points",
        ha="center", va="center", rotation=90, color=theme.ink, fontsize=LABEL, annotation_clip=False,
    )  # fmt: skip
    ends = values[np.isfinite(values)]
    for value in {float(ends.min()), float(ends.max())}:
        ax.annotate(
            shown(value), (0, float(placed(np.array(value))) / top), xycoords="axes fraction", xytext=(-5, 0),
            textcoords="offset points", ha="right", va="center", fontsize=TINY, color=theme.mute, annotation_clip=False,
        )  # fmt: skip


def plot_calibration(history: History, ax: Axes | None = None, *, theme: str | Theme = "light") -> Axes:
    """Draw what the model predicted of each point before it was evaluated against what came: was it honest?

    Bars are ±1σ and ±2σ of the value that was to be seen, noise included. Raises NotFittedError where no suggestion
    has a value yet.

    >>> from bayestuner import minimize
    >>> run = minimize(lambda x: (x - 1) ** 2, {"x": (0.0, 4.0)}, 7, seed=0)
    >>> plot_calibration(run).get_xlabel()
    'observed value...'
    """
    checked_history("plot_calibration", history)
    own = ax is None
    known = predictions(history)
    mean, values = known.mean, known.values
    with panel(ax, theme, (600, 520)) as (ax, checked):
        low, high = limits(*known.ends(2), values, margin=0.04)
        ax.plot([low, high], [low, high], color=checked.truth, linewidth=1.6, dashes=(4, 3), zorder=1)
        for wide, colour, width in ((2, checked.band2, 5.0), (1, checked.band1, 5.0)):
            ax.vlines(values, *known.ends(wide), color=colour, linewidth=width, zorder=2)
        inside = np.abs(known.z) <= 2
        style: dict[str, Any] = {"markeredgecolor": checked.obs_edge, "linestyle": "none", "zorder": 5}
        ax.plot(values[inside], mean[inside], "o", color=checked.model, markersize=6, **style)
        ax.plot(values[~inside], mean[~inside], "D", color=checked.new, markersize=6, **style)
        ax.set_xlim(*limits(values, margin=0.06))
        value_axis(ax, low, high, "predicted before evaluating")
        ticks, words, units = value_ticks(*ax.get_xlim())
        ax.set_xticks(ticks, words)
        ax.set_xlabel(units.title("observed value"))
        ax.set_title("\n".join(honesty(known.z)), loc="left", fontsize=LABEL, color=checked.ink)
        _calibration_legend(ax, checked, bool((~inside).any()), own)
    return ax


def _calibration_legend(ax: Axes, theme: Theme, surprises: bool, own: bool) -> None:
    handles: list[Any] = [Patch(facecolor=theme.band1), Patch(facecolor=theme.band2)]
    handles += [Line2D([], [], color=theme.truth, linewidth=1.6, dashes=(4, 3))]
    words = ["±1σ", "±2σ", "prediction = value"]
    if surprises:
        handles.append(Line2D([], [], linestyle="none", marker="D", color=theme.new, markeredgecolor=theme.bg))
        words.append("beyond ±2σ")
    place: dict[str, Any] = {"loc": "best"}
    if own:  # below the axes, away from the bars
        place = {"loc": "upper left", "bbox_to_anchor": (0, -0.12), "ncols": len(words), "columnspacing": 1.2}
    ax.legend(handles, words, frameon=False, fontsize=TINY, labelcolor=theme.mute, handlelength=1.6, **place)


@dataclass(frozen=True, eq=False)
class Predictions:
    """What was predicted of each suggested point, the value that came, and by how many σ it is above, (n,) each.

    std is that of a measured value: of the function, and the noise around it.
    """

    mean: Array
    std: Array
    values: Array
    z: Array
    scalings: list[Scaling]

    def ends(self, wide: float) -> tuple[Array, Array]:
        """The ends of the intervals of so many σ to either side, (n,) each."""
        told = zip(self.scalings, self.mean, self.std, strict=True)
        low, high = zip(*(scaling.interval(mean, std, wide) for scaling, mean, std in told), strict=True)
        return np.array(low), np.array(high)


def predictions(history: History) -> Predictions:
    """Each suggestion with a value beside that value."""
    trials = {t.number: t for t in history.trials}
    known = [s for s in history.steps if trials[s.number].status == "complete"]
    if not known:
        raise NotFittedError("no suggestion of a model has a value yet, so there is no prediction to compare")
    scalings, mean = [s.scaling for s in known], np.array([s.mean for s in known])
    noise = [float(g.slope(g.to_model(s.mean))) * math.sqrt(s.noise) for g, s in zip(scalings, known, strict=True)]
    std = np.hypot([s.std for s in known], noise)
    values = np.array([trials[s.number].value for s in known], dtype=float)
    z = [float(g.deviations(*each)) for g, *each in zip(scalings, values, mean, std, strict=True)]
    return Predictions(mean, std, values, np.array(z), scalings)


def honesty(z: Array) -> tuple[str, str]:
    """Shares within ±1σ and ±2σ in words, and a verdict: honest unless so few (or many) are unlikely by chance."""
    from scipy.stats import binom  # at first use: importing scipy.stats takes long

    n, off = len(z), np.abs(z)
    one, two = int((off <= 1).sum()), int((off <= 2).sum())
    first = (
        f"{100 * one / n:.0f} % of {plural(n, 'value')} within ±1σ (68 % expected), "
        f"{100 * two / n:.0f} % within ±2σ (95 %)"
    )
    if min(binom.cdf(two, n, 0.9545), binom.cdf(one, n, 0.6827)) < 0.025:
        return first, "Overconfident: values are further off than the model thought possible."
    if binom.sf(one - 1, n, 0.6827) < 0.025:
        return first, "Careful: values are closer than the model dared to say."
    return first, "Honest: values are as far off as the model said."
