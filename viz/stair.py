"""The best so far: a stair over the evaluations, each of them a circle, the newest a diamond."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.ticker import MaxNLocator

from bayestuner import Trial

from .canvas import Box, Stage
from .moment import Array, best_so_far
from .panel import panel_title, y_axis
from .style import LABEL, SMALL, TINY
from .text import Numbers


class Stair:
    """The panel at the right: how the best value falls (or rises), evaluation by evaluation.

    `told` are all trials of the run in the order told, `start` how many of them are the start design,
    `optimum` the true minimum (or maximum) where it is known.
    """

    def __init__(
        self, stage: Stage, box: Box, told: Sequence[Trial], direction: str, start: int, optimum: float | None = None
    ) -> None:
        self.stage, self.told, self.box = stage, told, box
        self.optimum_words = "true min" if direction == "minimize" else "true max"
        self.values = np.array([t.value if t.status == "complete" else np.nan for t in told], dtype=float)
        self.best = best_so_far(told, direction)
        self.numbers = Numbers.of(*self._limits(None))
        theme = stage.theme
        self.ax = stage.axes(box)
        self._axis(start, optimum)
        [self.line] = self.ax.plot([], [], color=theme.model, linewidth=2.0, zorder=3)
        circle: dict[str, Any] = {"linestyle": "none", "clip_on": False}
        [self.circles] = self.ax.plot(
            [], [], "o", markersize=4.5, markerfacecolor="none", markeredgecolor=theme.mute, zorder=4, **circle
        )
        [self.newest] = self.ax.plot(
            [], [], "D", markersize=6, color=theme.new, markeredgecolor=theme.bg, zorder=6, **circle
        )
        [self.failed] = self.ax.plot([], [], "x", markersize=6, color=theme.mute, zorder=4, **circle)
        stage.on("frame", self.line, self.circles, self.newest, self.failed)
        self.title = panel_title(stage, box, "best so far", layer="phase")
        style: dict[str, Any] = {"ha": "right", "fontsize": LABEL, "fontweight": "bold", "color": theme.besttext}
        self.value = stage.text(box[2], box[1] - 13, layer="phase", **style)

    def _limits(self, optimum: float | None) -> tuple[float, float]:
        known = self.values[np.isfinite(self.values)]
        known = np.append(known, known[:0] if optimum is None else optimum)
        low, high = float(known.min()), float(known.max())
        room = 0.08 * (high - low) if high > low else max(abs(high), 1.0) * 0.5
        return low - room, high + room

    def _axis(self, start: int, optimum: float | None) -> None:
        ax, theme, count = self.ax, self.stage.theme, len(self.told)
        low, high = self._limits(optimum)
        y_axis(ax, low - 0.08 * (high - low), high, "", most=5)  # room below for the words
        right = max(count, 2) + 0.5
        ax.set_xlim(0.4, right)
        ticks = [t for t in MaxNLocator(4, integer=True).tick_values(1, right) if 1 <= t <= right]
        ax.set_xticks(ticks if ticks[0] == 1 or len(ticks) > 3 else [1, *ticks])
        ax.set_xlabel("evaluation", fontsize=SMALL, color=theme.mute, labelpad=2)
        words: dict[str, Any] = {"fontsize": TINY, "color": theme.mute, "textcoords": "offset points"}
        if start > 0:
            ax.axvspan(0.4, start + 0.5, color=theme.chip, linewidth=0, zorder=0)
            ax.annotate("start", (0, 0), xytext=(2, 6), xycoords="axes fraction", **words)
        if optimum is not None:
            ax.axhline(optimum, color=theme.truth, linewidth=1.4, dashes=(4, 3), zorder=2)
            back = {"boxstyle": "square,pad=0.1", "facecolor": theme.bg, "edgecolor": "none", "alpha": 0.72}
            words |= {"xycoords": ax.get_yaxis_transform(), "ha": "right", "va": "top", "bbox": back}
            ax.annotate(self.optimum_words, (0.99, optimum), xytext=(0, -3), **words)

    def show(self, known: int, newest: int = 0, gain: float = 1.0) -> None:
        """Show the first `known` evaluations and, as diamonds, the `newest` after them, a share `gain` on their way."""
        at = np.arange(1, known + newest + 1)
        y = self.values[: len(at)]
        failed = np.isnan(y)
        old = (at <= known) & ~failed
        new = (at > known) & ~failed
        self.circles.set_data(at[old], y[old])
        self.newest.set_data(at[new], y[new]) if gain >= 1 else self.newest.set_data([], [])
        low = self.ax.get_ylim()[0]
        self.failed.set_data(at[failed], np.full(int(failed.sum()), low))
        self.line.set_data(*self._corners(known, newest, gain))

    def say(self, seen: int) -> None:
        """Put the best value after so many evaluations into the title."""
        value = float(self.best[seen - 1]) if seen else float("nan")
        self.value.set_text("" if np.isnan(value) else self.numbers(value))
        self.title.set_text("best so far")
        room = self.box[2] - self.box[0] - 8
        if self.stage.width_of(self.title) + self.stage.width_of(self.value) > room:
            self.title.set_text("best")

    def _corners(self, known: int, newest: int, gain: float) -> tuple[Array, Array]:
        """Steps, never slopes: each value holds until the next evaluation; the last one half an evaluation more."""
        seen = known + newest if gain >= 1 else known
        best = self.best[:seen]
        if not np.isfinite(best).any():
            return np.empty(0), np.empty(0)
        first = int(np.argmax(np.isfinite(best)))
        at = np.arange(first + 1, seen + 1, dtype=float)
        x = np.append(np.repeat(at, 2)[1:], min(at[-1] + 0.5, self.ax.get_xlim()[1]))
        end = x[-1] if gain >= 1 else x[-1] + gain * newest * 0.5
        x[-1] = end
        return x, np.repeat(best[first:], 2)
