"""How the acquisition's maximum shrinks from iteration to iteration: the less there is to gain, the better we know."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.ticker import FixedLocator, MaxNLocator, NullLocator

from acquisition import (
    ExpectedImprovement,
    LogExpectedImprovement,
    LogProbabilityOfImprovement,
    ProbabilityOfImprovement,
    ThompsonSampling,
    UpperConfidenceBound,
)

from .canvas import Box, Stage
from .moment import Array
from .panel import panel_title, y_axis
from .rounds import Round, shown_score
from .style import SMALL, drawing
from .terms import short_name
from .text import elided

DECADES = 8  # so many are shown at most


class Shrink:
    """The small panel of the acquisition's value at each choice; gains and chances on a logarithmic axis."""

    def __init__(self, stage: Stage, box: Box, all_rounds: Sequence[Round]) -> None:
        theme = stage.theme
        self.values, log = heights(all_rounds)
        first = all_rounds[0]
        name = elided(short_name(first.step), 9)
        self.ax = ax = stage.axes(box)
        with drawing(theme):
            if log:
                _decades(ax, self.values)
            else:
                finite = self.values[np.isfinite(self.values)]
                low, high = (float(finite.min()), float(finite.max())) if len(finite) else (0.0, 1.0)
                room = 0.1 * (high - low) or max(abs(high), 1.0) / 2
                y_axis(ax, low - room, high + room, "", most=4)
            count = len(all_rounds)
            ax.set_xlim(0.4, max(count, 2) + 0.6)
            ticks = MaxNLocator(4, integer=True).tick_values(1, max(count, 2))
            ax.set_xticks([int(t) for t in ticks if 1 <= t <= max(count, 2)])
            ax.set_xlabel("iteration", fontsize=SMALL, color=theme.mute, labelpad=2)
            own = isinstance(first.step.acquisition, (ThompsonSampling, UpperConfidenceBound))
            colour = theme.look(short_name(first.step)).colour if own else theme.acq
            style: dict[str, Any] = {"markeredgecolor": theme.bg, "markeredgewidth": 0.8, "clip_on": False, "zorder": 4}
            [self.line] = ax.plot([], [], "o-", color=colour, markersize=5, linewidth=2, **style)
        stage.on("phase", self.line)
        panel_title(stage, box, _title(first, name) + (" (log)" if log else ""))

    def show(self, rounds_known: int) -> None:
        """Show the first rounds, so many."""
        self.line.set_data(np.arange(1, rounds_known + 1), self.values[:rounds_known])


def _title(a_round: Round, name: str) -> str:
    top = "lowest" if a_round.direction == "minimize" else "highest"
    if isinstance(a_round.step.acquisition, ThompsonSampling):
        return f"sample's {top}"
    return f"{top} {name}" if isinstance(a_round.step.acquisition, UpperConfidenceBound) else f"max {name}"


def heights(all_rounds: Sequence[Round]) -> tuple[Array, bool]:
    """The acquisition's value at each round's choice, as a user reads it, and whether a log axis shows it best."""
    values = np.array([float(shown_score(r, np.array([r.step.value]))[0]) for r in all_rounds])
    kind = type(all_rounds[0].step.acquisition)
    if kind is LogProbabilityOfImprovement:
        values = np.exp(values)
    if kind is ThompsonSampling:
        values = np.array([float(r.scaling.mean(r.step.value)) for r in all_rounds])
    log = issubclass(
        kind, (ExpectedImprovement, LogExpectedImprovement, ProbabilityOfImprovement, LogProbabilityOfImprovement)
    )
    if log:
        top = values.max() if values.max() > 0 else 1.0
        values = np.maximum(values, top * 10.0**-DECADES)
    return values, log


def _decades(ax: Any, values: Array) -> None:
    """A logarithmic axis of whole decades around the values, at most four of them named."""
    low, high = int(np.floor(np.log10(values.min()))), int(np.ceil(np.log10(values.max())))
    high = max(high, low + 1)
    ax.set_yscale("log")
    ax.set_ylim(10.0**low, 10.0**high)
    named = list(range(low, high + 1, -(-(high - low) // 3)))
    raised = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
    ax.yaxis.set_major_locator(FixedLocator([10.0**k for k in named]))
    ax.yaxis.set_minor_locator(NullLocator())
    ax.set_yticklabels([f"10{str(k).translate(raised)}" for k in named])
