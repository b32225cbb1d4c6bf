"""A search of one parameter in a strip of still pictures: surrogate above acquisition, a column a step."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from bayestuner import History, ParameterError

from .axis import Array, Axis, axes_of
from .canvas import Box
from .chart import Still, checked_history
from .legends import legend_row
from .moment import best_of
from .panel import Band, Score, dashed_truth, diamond, guide, limits, observations, panel_title, star, x_axis, y_axis
from .picture import Picture, checked_figure
from .rounds import Round, rounds, selected
from .shares import Shares
from .style import SMALL, TINY, Theme, checked_theme, drawing
from .terms import short_name
from .text import Numbers, elided, plural

WIDTH, ROW, FOOT = 900, 256, 44  # pixels: of the strip, of a row of pictures, of the legend
LEFT, RIGHT, GAP = 58, 888, 13
SURROGATE, ACQUISITION = (40, 187), (197, 241)  # top and bottom within a row
GRID = 161


def plot_strip(
    history: History,
    steps: Sequence[int] | None = None,
    columns: int = 5,
    figure: Figure | None = None,
    *,
    objective: Callable[..., Any] | None = None,
    theme: str | Theme = "light",
) -> Figure:
    """Draw some steps of a search of one parameter side by side, for a README or a paper.

    `steps` counts the steps of the history, by default `columns` of them evenly from the first to the last; more than
    `columns` go on in another row. `objective` is drawn dashed.

    >>> from bayestuner import minimize
    >>> run = minimize(lambda x: (x - 1) ** 2, {"x": (0.0, 4.0)}, 7, seed=0)
    >>> len(plot_strip(run).axes)  # two steps, each with its surrogate and its acquisition
    4
    """
    checked_history("plot_strip", history)
    if len(history.space.names) != 1:
        names = ", ".join(history.space.names)
        raise ParameterError(f"plot_strip shows a search of one parameter, this run has {names}; use plot_slices")
    if isinstance(columns, bool) or not isinstance(columns, (int, np.integer)) or not 1 <= columns <= 8:
        raise ParameterError(f"columns must be a whole number from 1 to 8, got {columns!r}")
    checked, figure = checked_theme(theme), checked_figure(figure)
    shown = _shown(history, steps, int(columns))
    columns = min(int(columns), len(shown))
    height = ROW * -(-len(shown) // columns) + FOOT
    with drawing(checked):
        if figure is None:
            figure = Picture(checked, figsize=(WIDTH / 100, height / 100))
        stage = Still(figure, (WIDTH, height), checked)
        strip = _Strip(stage, history, shown, objective)
        for index, a_round in enumerate(shown):
            strip.draw(index // columns, index % columns, columns, a_round)
        strip.legend(height - 20)
    return figure


def _shown(history: History, steps: Sequence[int] | None, columns: int) -> list[Round]:
    every = rounds(history)
    if steps is not None:
        return [every[i] for i in selected(history, every, steps)]
    places = np.unique(np.linspace(0, len(every) - 1, min(columns, len(every))).round().astype(int))
    return [every[i] for i in places]


class _Strip:
    """What all pictures of a strip share: one scale for values, one axis for x."""

    def __init__(
        self, stage: Still, history: History, shown: Sequence[Round], objective: Callable[..., Any] | None
    ) -> None:
        self.stage, self.direction = stage, history.direction
        [self.axis] = axes_of(history.space)
        self.places = _places(self.axis)
        values = self.axis.values(self.places)
        self.U = history.space.encode([{self.axis.name: value} for value in values])
        self.truth = None if objective is None else np.array([float(objective(**{self.axis.name: v})) for v in values])
        self.beliefs = {id(r): r.chosen.predict(self.U) for r in shown}
        self.low, self.high = self._limits(shown)
        self.numbers = Numbers.of(self.low, self.high)
        self.named = short_name(shown[0].step) if shown[0].steps else ""

    def _limits(self, shown: Sequence[Round]) -> tuple[float, float]:
        ends = np.concatenate([r.scaling.interval(*self.beliefs[id(r)], 2) for r in shown], axis=None)
        seen = [t.value for r in shown for t in r.seen]
        return limits(np.percentile(ends, [2, 98]), seen, [] if self.truth is None else self.truth)

    def draw(self, row: int, column: int, columns: int, a_round: Round) -> None:
        """One step: what was believed, what was known, and what was picked next."""
        stage, axis = self.stage, self.axis
        width = (RIGHT - LEFT - (columns - 1) * GAP) / columns
        left, top = LEFT + column * (width + GAP), row * ROW
        box = (left, top + SURROGATE[0], left + width, top + SURROGATE[1])
        ax = stage.axes(box)
        x_axis(ax, axis, most=3, label=False, size=TINY)
        ax.tick_params(labelbottom=False)
        units = y_axis(ax, self.low, self.high, "", most=4, size=TINY)
        if column:
            ax.set_yticks(ax.get_yticks(), [""] * len(ax.get_yticks()))
        else:
            self._side(box, units.title("f(x)"))
        Band(stage, ax, axis, self.places).show(*self.beliefs[id(a_round)], a_round.scaling)
        dashed_truth(stage, ax, self.places, self.truth)
        self._points(ax, a_round)
        self._titles(box, a_round)
        if a_round.steps:
            self._score((left, top + ACQUISITION[0], left + width, top + ACQUISITION[1]), column, a_round, ax)
        else:
            ax.tick_params(labelbottom=True)

    def _points(self, ax: Any, a_round: Round) -> None:
        x = self.axis.places([t.params[self.axis.name] for t in a_round.seen])
        y = np.array([t.value for t in a_round.seen], dtype=float)
        best = int(y.argmin() if self.direction == "minimize" else y.argmax())
        observations(self.stage, ax, 6).at(x, y)
        if len(y) > 2 and best != len(y) - 1:
            diamond(self.stage, ax, 6.5).at(x[-1], y[-1])
        star(self.stage, ax, 13).at(x[best], y[best])

    def _titles(self, box: Box, a_round: Round) -> None:
        stage = self.stage
        best = best_of(a_round.told, self.direction)
        words = plural(len(a_round.seen), "point")
        panel_title(stage, (box[0], box[1] - 1, *box[2:]), words, fontweight="bold", fontsize=SMALL + 0.5)
        value = "" if best is None or best.value is None else f"best {self.numbers(best.value)}"
        text = stage.text(box[2], box[1] - 14, value, ha="right", color=stage.theme.besttext, fontsize=SMALL + 0.5)
        stage.fit(text, (box[2] - box[0]) * 0.6)

    def _score(self, box: Box, column: int, a_round: Round, above: Any) -> None:
        stage, theme, axis = self.stage, self.stage.theme, self.axis
        ax = stage.axes(box)
        x_axis(ax, axis, most=3, label=False, size=TINY)
        chosen = axis.places([a_round.step.params[axis.name]])
        at_chosen = a_round.space.encode([a_round.step.params])
        score = a_round.chosen.score(np.vstack([self.U, at_chosen]))
        panel = Score(stage, ax, axis, self.places, theme.acq, theme.acqfill)
        panel.show(Shares.of(a_round.step.acquisition, score)(score)[:-1])
        panel.pick(float(chosen[0]))
        for one in (above, ax):
            guide(stage, one).set_xdata([chosen[0], chosen[0]])
        if not column:
            self._side(box, elided(self.named, 8))

    def _side(self, box: Box, words: str) -> None:
        color = self.stage.theme.ink
        text = self.stage.text(12, (box[1] + box[3]) / 2, words, rotation=0, ha="center", va="center", color=color)
        self.stage.fit(text, box[3] - box[1])
        text.set_rotation(90)

    def legend(self, y: float) -> None:
        """One row that explains everything, below the pictures."""
        words = {"mean": "posterior mean", "band1": "±1σ", "band2": "±2σ"}
        words |= {"truth": "true f"} if self.truth is not None else {}
        words |= {"observed": "observed", "best": "best", "new": "newest"}
        legend_row(self.stage, words, y)
        if self.named:
            stage, theme = self.stage, self.stage.theme
            left = 700 if self.truth is not None else 600
            x = np.array([left, left + 12, left + 24]) / WIDTH
            style: dict[str, Any] = {"marker": "v", "markevery": [1], "markersize": 6, "markeredgecolor": theme.bg}
            stage.figure.add_artist(Line2D(x, [1 - y / stage.size[1]] * 3, color=theme.new, linewidth=1.2, **style))
            stage.text(left + 30, y, f"{elided(self.named, 16)} picks next", fontsize=SMALL)


def _places(axis: Axis) -> Array:
    """Where the model is drawn along the axis: every value where they are few."""
    places = np.linspace(0.0, 1.0, GRID)
    return np.unique(axis.places(axis.values(places))) if axis.discrete else places
