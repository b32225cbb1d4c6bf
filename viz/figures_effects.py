"""Static figures of what matters: the matrix of average effects, and each parameter's share of the variation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from bayestuner import History, ParameterError, importance
from bayestuner.importance import REST, Importance

from .chart import Belief, Still, belief_of, checked_choice, checked_history
from .effects import Averages, checked_parameters, most_important
from .matrix_layout import SIZE
from .matrix_picture import MatrixPicture, MatrixWords, colour_limits, shown_limits
from .matrix_words import what_matters
from .picture import Picture, checked_figure, panel
from .rounds import told_trials
from .style import TINY, Theme, checked_theme, drawing
from .text import elided, percent, plural, significant

METHODS = ("sobol", "ard")


def plot_partial_dependence(
    history: History,
    step: int | None = -1,
    parameters: Sequence[str] | None = None,
    figure: Figure | None = None,
    *,
    theme: str | Theme = "light",
) -> Figure:
    """Draw the average effect of each parameter and of each two of them, as a step's model believes.

    `parameters` are two to six names, by default the six that matter most. An average effect is flat where a
    parameter does not matter; its bands are those of the average.

    >>> from bayestuner import minimize
    >>> run = minimize(lambda x, y: x**2 + y, {"x": (-1.0, 1.0), "y": (0.0, 1.0)}, 8, seed=0)
    >>> figure = plot_partial_dependence(run)
    """
    checked_history("plot_partial_dependence", history)
    checked, figure = checked_theme(theme), checked_figure(figure)
    belief = belief_of(history, step)
    space = history.space
    if len(space.names) < 2:
        raise ParameterError("plot_partial_dependence needs two or more parameters; use plot_surrogate for one")
    important = most_important(space, belief.posterior, belief.scaling)
    names = important if parameters is None else checked_parameters(space, parameters)
    averages = Averages(space, names)
    with drawing(checked):
        if figure is None:
            figure = Picture(checked, figsize=(SIZE[0] / 100, SIZE[1] / 100))
        _draw_matrix(Still(figure, SIZE, checked), averages, belief)
    return figure


def _draw_matrix(stage: Still, averages: Averages, belief: Belief) -> None:
    effects = averages.of(belief.posterior, belief.scaling)
    fields = np.concatenate([f.ravel() for f in effects.fields.values()])
    history = belief.history
    told = told_trials(history)
    known = len(told) if belief.step is None else belief.step.observed
    start = history.steps[0].observed if history.steps else known
    picture = MatrixPicture(
        stage, averages, told, history.direction, start=start,
        values=shown_limits(list(zip(effects.lines, effects.variances, strict=True))),
        colours=colour_limits(fields.min(), fields.max()), moving=False,
    )  # fmt: skip
    picture.show(effects, known)
    picture.stair.say(known)
    matters = what_matters(averages, effects.shares).replace(" so far", "")
    lines = ("Average effects: what each parameter does, whatever the others are.", matters)
    MatrixWords(stage).say(lines, plural(known, "evaluation"))


def plot_importance(
    history: History,
    step: int | None = -1,
    ax: Axes | None = None,
    method: str = "sobol",
    *,
    theme: str | Theme = "light",
) -> Axes:
    """Draw how much each parameter matters: a bar each, in the space's order.

    "sobol": its share of the variation of the model, with 5 to 95 % whiskers over functions drawn from the posterior.
    "ard": its relevance 1 / lengthscale beside the largest; a kernel needs a lengthscale for each parameter.

    >>> from bayestuner import minimize
    >>> run = minimize(lambda x, y: x**2 + y, {"x": (-1.0, 1.0), "y": (0.0, 1.0)}, 8, seed=0)
    >>> [text.get_text() for text in plot_importance(run).get_yticklabels()]
    ['x', 'y', 'interactions']
    """
    checked_history("plot_importance", history)
    checked_choice("method", method, METHODS)
    count = len(history.space.names) + (method == "sobol")
    shares = importance(history, step) if method == "sobol" else relevance(belief_of(history, step))
    with panel(ax, theme, (640, 90 + 34 * count)) as (ax, checked):
        _draw_bars(ax, shares, checked)
        if method == "sobol":
            ax.set_xlabel("share of the variation explained (whiskers: 5 to 95 %)")
        else:
            ax.set_xlabel("relevance 1 / lengthscale, beside the largest")
    return ax


def _draw_bars(ax: Axes, shares: Mapping[str, float], theme: Theme) -> None:
    rows = np.arange(len(shares))
    values = np.array(list(shares.values()))
    colours = [theme.ghost if name == REST else theme.model for name in shares]
    ax.barh(rows, np.ones(len(rows)), height=0.62, color=theme.chip, zorder=1)
    ax.barh(rows, values, height=0.62, color=colours, zorder=2)
    ends = values
    if isinstance(shares, Importance):
        low, high = np.array([shares.intervals[name] for name in shares]).T
        ends = high
        ax.hlines(rows, low, high, color=theme.ink, linewidth=1.4, zorder=3)
        ax.plot(np.concatenate([low, high]), np.tile(rows, 2), "|", color=theme.ink, markersize=7, zorder=3)
    for row, value, end in zip(rows, values, ends, strict=True):
        words = percent(value) if isinstance(shares, Importance) else significant(value, 2)
        ax.annotate(
            words, (min(end, 1.0), row), xytext=(5, 0), textcoords="offset points", va="center", fontsize=TINY,
            color=theme.ink, annotation_clip=False,
        )  # fmt: skip
    ax.set_yticks(rows, [elided(name, 26) for name in shares])
    ax.set_ylim(len(rows) - 0.4, -0.6)
    ax.set_xlim(0, 1.09)
    ax.set_xticks([0, 0.25, 0.5, 0.75, 1], ["0", "25 %", "50 %", "75 %", "100 %"])
    if not isinstance(shares, Importance):
        ax.set_xticks([0, 0.5, 1], ["0", "0.5", "1"])


def relevance(belief: Belief) -> dict[str, float]:
    """1 / lengthscale of each parameter beside the largest; of a category that of its most relevant choice.

    Raises ParameterError where the kernel has not one lengthscale for each parameter, or each column of the unit cube.
    """
    space, parameters = belief.history.space, belief.posterior.prior.kernel.parameters
    found: Any = next(
        (
            value
            for name, value in parameters.items()
            if name.rsplit(".")[-1] == "lengthscale"
            and isinstance(value, tuple)
            and len(value) in (space.width, len(space.names))
        ),
        None,
    )
    if found is None:
        kernel = belief.posterior.prior.kernel
        raise ParameterError(
            f"method='ard' needs a kernel with a lengthscale for each parameter or each of the {space.width} columns "
            f"of the unit cube, this one is {kernel!r}; use method='sobol'"
        )
    inverse = 1 / np.array(found)
    if len(inverse) < space.width:
        inverse = inverse[list(space.groups)]
    largest = {name: float(inverse[space.columns(name)].max()) for name in space.names}
    return {name: value / max(largest.values()) for name, value in largest.items()}
