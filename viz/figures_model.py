"""Static figures of what a model believes: the surrogate, the acquisition, slices through the best point."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection

from bayestuner import History, ParameterError
from bayestuner.importance import step_of
from gp import GaussianPosterior

from .chart import Along, Array, Belief, belief_of, checked_history, few_parameters, legend, still, value_axis
from .field import Field
from .legends import swatch
from .panel import STAR, Band, dashed_truth, diamond, limits, observations, star
from .picture import panel
from .shares import Shares
from .style import Theme
from .terms import short_name
from .text import significant
from .view import view_of_model

FIELD = 61  # values of each of two parameters
COLOURS = 14
PATHS = 0.6  # how strong drawn functions are


def plot_surrogate(
    model_or_history: History | GaussianPosterior,
    step: int | None = -1,
    ax: Axes | None = None,
    samples: int = 0,
    objective: Callable[..., Any] | None = None,
    *,
    bounds: tuple[float, float] | None = None,
    theme: str | Theme = "light",
    seed: int = 0,
) -> Axes:
    """Draw what a model believes: mean, ±1σ and ±2σ, data; of two parameters the mean as a field.

    `step` counts the steps of a history, None takes all its trials; `samples` functions are drawn from the model;
    `objective`, called by the parameter's name, is drawn dashed. A posterior of one input is drawn over `bounds`.

    >>> from bayestuner import minimize
    >>> run = minimize(lambda x: (x - 2) ** 2, {"x": (0.0, 5.0)}, 8, seed=0)
    >>> plot_surrogate(run).get_xlabel()
    'x'
    """
    if not isinstance(model_or_history, (History, GaussianPosterior)):
        given = type(model_or_history).__name__
        raise TypeError(f"plot_surrogate needs a History or a posterior, got {given}")
    if isinstance(samples, bool) or not isinstance(samples, (int, np.integer)) or samples < 0:
        raise ParameterError(f"samples must be a whole number, 0 or more, got {samples!r}")
    own = ax is None
    if isinstance(model_or_history, GaussianPosterior):
        line = _posterior_line(model_or_history, bounds)
    else:
        few_parameters("plot_surrogate", model_or_history, "plot_slices or plot_partial_dependence")
        belief = belief_of(model_or_history, step)
        if len(belief.axes) == 2:
            with panel(ax, theme, (560, 480)) as (ax, checked):
                _mean_field(ax, belief, checked)
            return ax
        line = _belief_line(belief)
    with panel(ax, theme) as (ax, checked):
        _draw_line(ax, line, checked, samples=samples, objective=objective, seed=seed, own=own)
    return ax


class _Line:
    """A model along one axis: everything that plot_surrogate draws."""

    def __init__(self, along: Along, posterior: GaussianPosterior, scaling: Any, trials: Any, direction: str) -> None:
        self.along, self.posterior, self.scaling, self.direction = along, posterior, scaling, direction
        self.x, self.y = trials
        self.grid = along.grid()


def _posterior_line(posterior: GaussianPosterior, bounds: tuple[float, float] | None) -> _Line:
    view = view_of_model(posterior, bounds)
    along = Along(view.axis)
    return _Line(along, posterior, view.scaling, (posterior.X[:, 0], posterior.y), "")


def _belief_line(belief: Belief) -> _Line:
    [axis] = belief.axes
    along = Along(axis)
    seen = along.at([t.params[axis.name] for t in belief.trials]), belief.values
    return _Line(along, belief.posterior, belief.scaling, seen, belief.history.direction)


def _encoded(line: _Line) -> Array:
    """The grid as the model has it: in the unit cube for a run, as it is for a posterior."""
    values = line.grid
    return np.array(values)[:, None] if line.direction == "" else line.along.axis.dimension.to_unit(values)


def _draw_line(
    ax: Axes, line: _Line, theme: Theme, *, samples: int, objective: Callable[..., Any] | None, seed: int, own: bool
) -> None:
    stage, x, U = still(ax, theme), line.along.at(line.grid), _encoded(line)
    mean, std = line.scaling.moments(*line.posterior.predict(U))
    drawn = line.scaling.mean(line.posterior.sample(U, samples, np.random.default_rng(seed)))
    truth = None if objective is None else _truth(objective, line)
    Band(stage, ax, line.along.axis, x).show(mean, std, line.scaling)
    strokes = LineCollection(
        [np.column_stack([x, path]) for path in drawn], colors=theme.model, linewidths=1.1, alpha=PATHS, zorder=2
    )
    ax.add_collection(strokes, autolim=False)
    dashed_truth(stage, ax, x, truth)
    observations(stage, ax).at(line.x, line.y)
    if line.direction and len(line.y):
        best = int(line.y.argmin() if line.direction == "minimize" else line.y.argmax())
        star(stage, ax).at(line.x[best], line.y[best])
    line.along.dress(ax)
    shown = [*line.scaling.interval(mean, std, 2), line.y, drawn, [] if truth is None else truth]
    value_axis(ax, *limits(*shown), direction=line.direction)
    words = {"mean": "posterior mean", "band1": "±1σ", "band2": "±2σ"}
    words |= {"samples": f"{samples} drawn" if samples > 1 else "1 drawn"} if samples else {}
    words |= {"truth": "true f"} if truth is not None else {}
    words |= {"observed": "observed"} | ({"best": "best"} if line.direction else {})
    legend(ax, theme, [swatch(theme, what) for what in words], list(words.values()), own=own)


def _truth(objective: Callable[..., Any], line: _Line) -> Array:
    name = line.along.axis.name
    run = line.direction != ""  # the objective of a run is called by the parameter's name, any other function with x
    return np.array([float(objective(**{name: value}) if run else objective(value)) for value in line.grid])


# ---- two parameters


def _plane(belief: Belief, size: int = FIELD) -> tuple[list[Along], list[list[Any]], Array]:
    """Two axes, their values and the unit cube's rows at all pairs, the second parameter running fastest."""
    alongs = [Along(axis) for axis in belief.axes]
    grids = [along.grid(size) for along in alongs]
    names = belief.history.space.names
    points = [{names[0]: a, names[1]: b} for a in grids[0] for b in grids[1]]
    return alongs, grids, belief.history.space.encode(points)


def _draw_field(
    ax: Axes,
    belief: Belief,
    values: Array,
    colours: list[str],
    levels: Array,
    alongs: list[Along],
    grids: Any,
    line: str = "#FFFFFF",
) -> None:
    """A field over two parameters in the user's units; the coordinates are places on each axis until they are drawn."""
    discrete = (belief.axes[0].discrete, belief.axes[1].discrete)
    x, y = (along.at(grid) for along, grid in zip(alongs, grids, strict=True))
    field = Field(ax, colours, discrete=discrete, line=line)
    ends = [along.limits() if along.axis.discrete else None for along in alongs]
    field.show(x, y, values.reshape(len(x), len(y)), levels, ends=(ends[0], ends[1]))
    for along, side in zip(alongs, "xy", strict=True):
        along.dress(ax, side)
    ax.grid(False)


def _draw_points(ax: Axes, belief: Belief, alongs: list[Along], theme: Theme) -> None:
    stage = still(ax, theme)
    places = [along.at([t.params[along.axis.name] for t in belief.trials]) for along in alongs]
    observations(stage, ax, 7).at(*places)
    star(stage, ax, STAR).at(*(along.at([belief.best.params[along.axis.name]]) for along in alongs))


def _mean_field(ax: Axes, belief: Belief, theme: Theme) -> None:
    alongs, grids, U = _plane(belief)
    mean, _ = belief.predict(U)
    low, high = _apart(float(mean.min()), float(mean.max()))
    maximize = belief.history.direction == "maximize"
    colours = theme.ramp("mean", maximize=maximize, steps=COLOURS)
    _draw_field(ax, belief, mean, colours, np.linspace(low, high, COLOURS + 1), alongs, grids)
    _draw_points(ax, belief, alongs, theme)
    better = f"{significant(low, 3)} (darkest)" if not maximize else f"{significant(high, 3)} (darkest)"
    worse = significant(high, 3) if not maximize else significant(low, 3)
    if theme.name == "dark":
        better = better.replace("darkest", "brightest")
    ax.set_title(f"posterior mean, from {better} to {worse}", loc="left")


def _apart(low: float, high: float) -> tuple[float, float]:
    return (low, high) if high > low else (low - 0.5, high + 0.5)


# ---- acquisition


def plot_acquisition(history: History, step: int = -1, ax: Axes | None = None, *, theme: str | Theme = "light") -> Axes:
    """Draw how a step's acquisition scored every point, scaled to its own maximum, and the point that was chosen.

    Of one parameter as a curve, of two as a field. Raises ParameterError for more, or where there is no such step.

    >>> from bayestuner import minimize
    >>> run = minimize(lambda x: (x - 1) ** 2, {"x": (0.0, 4.0)}, 7, seed=0)
    >>> plot_acquisition(run).get_title(loc="left")
    'EI: ... at the chosen point'
    """
    few_parameters("plot_acquisition", checked_history("plot_acquisition", history), "plot_slices")
    chosen, belief = step_of(history, step), belief_of(history, step)
    size = (640, 300) if len(belief.axes) == 1 else (560, 480)
    with panel(ax, theme, size) as (ax, checked):
        draw = _score_curve if len(belief.axes) == 1 else _score_field
        draw(ax, belief, checked)
        label = significant(float(chosen.score([chosen.params])[0]), 2)
        ax.set_title(f"{short_name(chosen)}: {label} at the chosen point", loc="left")
    return ax


def _scores(belief: Belief, U: Array, chosen: Array) -> Array:
    """The acquisition at U, 1 where it is largest; the chosen point is among those that count."""
    step = belief.step
    assert step is not None
    best = float(step.scaling.to_model(step.best))
    score = np.asarray(step.prepared(step.believing, np.vstack([U, chosen]), best), dtype=float)
    return Shares.of(step.acquisition, score)(score)[:-1]


def _score_curve(ax: Axes, belief: Belief, theme: Theme) -> None:
    [axis] = belief.axes
    along, step = Along(axis), belief.step
    assert step is not None
    grid = along.grid()
    share = _scores(belief, axis.dimension.to_unit(grid), axis.dimension.to_unit([step.params[axis.name]]))
    x = along.at(grid)
    kind: dict[str, Any] = {"step": "mid"} if axis.discrete else {}
    ax.fill_between(x, 0, share, facecolor=theme.acqfill, edgecolor="none", zorder=1, **kind)
    style: dict[str, Any] = {"drawstyle": "steps-mid"} if axis.discrete else {}
    ax.plot(x, share, color=theme.acq, linewidth=2.2, zorder=3, **style)
    [place] = along.at([step.params[axis.name]])
    ax.axvline(place, color=theme.new, linewidth=1.2, zorder=4)
    ax.plot([place], [1.09], "v", color=theme.new, markersize=8, markeredgecolor=theme.bg, clip_on=False, zorder=8)
    along.dress(ax)
    ax.set_ylim(0, 1.18)
    ax.set_yticks([0, 1], ["0", "max"])
    ax.set_ylabel(short_name(step))


def _score_field(ax: Axes, belief: Belief, theme: Theme) -> None:
    step = belief.step
    assert step is not None
    alongs, grids, U = _plane(belief)
    share = _scores(belief, U, belief.history.space.encode([step.params]))
    levels = np.linspace(0, 1, COLOURS + 1) ** 2  # a square root of a scale: else everything but the peak is white
    _draw_field(ax, belief, share, theme.ramp("acquisition", steps=COLOURS), levels, alongs, grids, theme.bg)
    _draw_points(ax, belief, alongs, theme)
    diamond(still(ax, theme), ax).at(*(along.at([step.params[along.axis.name]]) for along in alongs))
