"""What the static figures share: one belief of a run, parameters along an axis in the user's units, and legends.

A figure draws into axes that may be the user's own: it sets what it draws along, and leaves spines, ticks' looks and
everything else as they are.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, NullFormatter, NullLocator
from numpy.typing import NDArray

from bayestuner import Categorical, History, Integer, NotFittedError, ParameterError, Step, Trial
from bayestuner.importance import model_of, step_of
from bayestuner.scaling import Scaling
from gp import GaussianPosterior

from .axis import Axis, thinned
from .canvas import Stage
from .panel import y_axis
from .rounds import told_trials
from .style import SMALL, TINY, Theme
from .text import AxisUnits, elided

Array = NDArray[np.float64]

MARGIN = 0.012  # of an axis on each side, so that a marker on the edge is seen whole
POINTS = 241
LETTER = 7.5  # pixels that the widest words of a tick need for each letter


@dataclass(frozen=True)
class _Measuring:
    """What parts of a picture measure their words with: the user's figure may have any kind of canvas."""

    figure: Any

    def get_renderer(self) -> Any:
        return self.figure._get_renderer()


class Still(Stage):
    """A stage on a figure that exists already, for pictures that do not move: every layer is a plain part of it."""

    def __init__(self, figure: Figure, size: tuple[int, int], theme: Theme) -> None:
        self.size, self.theme, self.figure = size, theme, figure
        self.canvas = _Measuring(figure)

    def on(self, layer: str, *artists: Any) -> tuple[Any, ...]:
        """Leave the artists where they are."""
        return artists


def still(ax: Axes, theme: Theme) -> Still:
    """A stage around axes, for parts of pictures that ask for one."""
    return Still(ax.figure, (1, 1), theme)  # type: ignore[arg-type]


@dataclass(frozen=True, eq=False)
class Belief:
    """A model of a run, the trials with a value that it knew, and the step that used it, if one did."""

    history: History
    posterior: GaussianPosterior
    scaling: Scaling
    trials: list[Trial]
    step: Step | None

    @property
    def axes(self) -> list[Axis]:
        """The parameters as axes."""
        return [Axis(name, dimension) for name, dimension in self.history.space.dimensions.items()]

    @property
    def values(self) -> Array:
        """The values of the trials, (n,)."""
        return np.array([t.value for t in self.trials], dtype=float)

    @property
    def best(self) -> Trial:
        """The trial with the best value."""
        at = self.values.argmin() if self.history.direction == "minimize" else self.values.argmax()
        return self.trials[int(at)]

    def predict(self, U: Array) -> tuple[Array, Array]:
        """Mean and standard deviation at U in the user's units."""
        return self.scaling.moments(*self.posterior.predict(U))


def belief_of(history: History, step: int | None) -> Belief:
    """What a step believed; None, or a run without steps, takes all trials."""
    posterior, scaling = model_of(history, step)
    if step is None or not history.steps:
        return Belief(history, posterior, scaling, [t for t in history.trials if t.status == "complete"], None)
    chosen = step_of(history, step)
    return Belief(history, posterior, scaling, chosen.record.complete(chosen.observed), chosen)


def checked_history(owner: str, history: Any) -> History:
    """A history as it is; TypeError says what was given."""
    if not isinstance(history, History):
        raise TypeError(f"{owner} needs a History such as minimize(...) returns, got {type(history).__name__}")
    return history


def checked_choice(name: str, value: Any, choices: Sequence[Any]) -> Any:
    """A value that is one of the choices; ParameterError lists them."""
    if not any(value is choice or value == choice for choice in choices):
        raise ParameterError(f"{name} must be one of {', '.join(map(repr, choices))}, got {value!r}")
    return value


def few_parameters(owner: str, history: History, instead: str) -> None:
    """Refuse a run of three and more parameters."""
    if len(history.space.names) > 2:
        raise ParameterError(
            f"{owner} shows one or two parameters, this run has {len(history.space.names)}: use {instead}"
        )


@dataclass(frozen=True)
class Along:
    """A parameter along x or y in the user's units; the choices of a category stand at 0, 1, 2, ..."""

    axis: Axis

    def at(self, values: Sequence[Any]) -> Array:
        """Where values are drawn, (n,)."""
        if isinstance(self.axis.dimension, Categorical):
            return np.array([self.axis.dimension.index(v) for v in values], dtype=float)
        return np.array(values, dtype=float)

    def grid(self, count: int = POINTS) -> list[Any]:
        """Values to draw at: all there are, or so many evenly spread ones."""
        return list(dict.fromkeys(self.axis.values(np.linspace(0.0, 1.0, count)))) if self._numbers else self._choices

    @property
    def _numbers(self) -> bool:
        return not isinstance(self.axis.dimension, Categorical)

    @property
    def _choices(self) -> list[Any]:
        return list(self.axis.dimension.choices) if isinstance(self.axis.dimension, Categorical) else []

    def limits(self) -> tuple[float, float]:
        """The ends of the axis, with a margin."""
        dimension = self.axis.dimension
        if isinstance(dimension, Categorical):
            return -0.5, len(dimension.choices) - 0.5
        if isinstance(dimension, Integer) and not dimension.log:
            room = 0.5 if self.axis.discrete else MARGIN * (dimension.high - dimension.low)
            return dimension.low - room, dimension.high + room
        if self.axis.log:
            factor = (dimension.high / dimension.low) ** MARGIN or 1.0
            return dimension.low / factor, dimension.high * factor
        room = MARGIN * (dimension.high - dimension.low) or max(abs(dimension.low), 1.0) * MARGIN
        return dimension.low - room, dimension.high + room

    def dress(self, ax: Axes, side: str = "x", *, most: int = 6, words: bool = True, label: bool = True) -> None:
        """Give an axis the parameter's scale, limits, ticks and name."""
        which = ax.xaxis if side == "x" else ax.yaxis
        set_limits = ax.set_xlim if side == "x" else ax.set_ylim
        set_limits(*self.limits())
        if self.axis.log:
            (ax.set_xscale if side == "x" else ax.set_yscale)("log")
            which.set_minor_locator(NullLocator())
            which.set_minor_formatter(NullFormatter())
        places, texts = zip(*thinned(self.axis.ticks(most), 2 * most if side == "y" else most), strict=True)
        values = self.axis.values(np.array(places))
        each = ax.get_window_extent().width / ax.figure.dpi * 100 / len(texts) if side == "x" else math.inf
        letters = min(max(int(min(each, 1000) / LETTER), 3), 12)
        which.set_ticks(self.at(values).tolist(), [elided(t, letters) if words else "" for t in texts])
        if label:
            (ax.set_xlabel if side == "x" else ax.set_ylabel)(elided(self.axis.name, 40))


def legend(ax: Axes, theme: Theme, handles: Sequence[Artist], words: Sequence[str], *, own: bool) -> None:
    """A legend above our own axes; within those of the user, where there is room."""
    place: dict[str, Any] = (
        {"loc": "lower left", "bbox_to_anchor": (0, 1.0), "ncols": len(words), "borderaxespad": 0.3}
        if own
        else {"loc": "best"}
    )
    ax.legend(
        handles, words, frameon=False, fontsize=SMALL if len(words) < 6 else TINY, labelcolor=theme.mute,
        handlelength=1.6, columnspacing=1.0, handletextpad=0.4, **place,
    )  # fmt: skip


def value_axis(
    ax: Axes, low: float, high: float, name: str = "f(x)", *, direction: str = "", most: int = 6, short: bool = False
) -> None:
    """Limits, short ticks and name of a quantity along y; which way is better, where a direction is given."""
    units = y_axis(ax, low, high, "", most=most)
    down, up = ("    ← better", "    better →") if short else ("    ← lower is better", "    higher is better →")
    arrow = {"minimize": down, "maximize": up}.get(direction, "")
    ax.set_ylabel(units.title(name) + arrow)


def value_ticks(low: float, high: float, most: int = 6) -> tuple[list[float], list[str], AxisUnits]:
    """Round values from low to high, short words for them, and the units these leave out.

    >>> value_ticks(0.61, 1.24, 5)[1]
    ['0.8', '1.0', '1.2']
    """
    units = AxisUnits.of(low, high)
    found = MaxNLocator(most, steps=[1, 2, 5, 10]).tick_values(low, high)
    ticks = [float(t) for t in found if low <= t <= high]
    step = float(found[1] - found[0])
    return ticks, [units.label(t, step) for t in ticks], units


def count_axis(ax: Axes, count: int) -> None:
    """Whole numbers from 1 on below an axis of evaluations."""
    ticks = [int(t) for t in MaxNLocator(8, integer=True).tick_values(1, count) if 1 <= t <= count]
    ax.set_xticks(ticks if ticks[:1] == [1] or len(ticks) > 4 else [1, *ticks])
    ax.set_xlabel("evaluation")


def complete(history: History) -> list[Trial]:
    """The trials with a value, in the order told; NotFittedError where there is none."""
    found = [t for t in told_trials(history) if t.status == "complete"]
    if not found:
        raise NotFittedError("no trial has a value yet: run the objective, or tell one")
    return found
