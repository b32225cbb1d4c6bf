"""The picture of one setting of an acquisition: the model, the score, and where it has picked so far."""

from __future__ import annotations

from typing import Any

import numpy as np

from bayestuner import Real

from .axis import Axis
from .canvas import Stage
from .exploration_story import Exploration
from .legends import legend_row
from .panel import Band, Captions, Marks, Score, dashed_truth, guide, observations, star, value_name, x_axis, y_axis
from .style import LABEL, SMALL, Theme, drawing, faint

SIZE = (900, 600)
SURROGATE, SCORE, TRACE = (62, 104, 882, 304), (62, 324, 882, 394), (62, 414, 882, 524)


class Scene:
    """The artists, and what they show."""

    def __init__(self, story: Exploration, symbol: str, theme: Theme, scale: float) -> None:
        self.story, self.look = story, theme.look(story.name)
        self.stage = Stage(SIZE, theme, scale)
        with drawing(theme):
            self.captions = Captions(self.stage, (40, 68))
            self._surrogate(theme)
            self._score()
            self._trace(theme, symbol)
            truth = {} if story.truth is None else {"truth": "true f (hidden)"}
            sign = "−" if story.view.direction == "minimize" else "+"
            edge = f"mean {sign} {symbol}σ" if story.parameter == "kappa" else f"best, and {symbol} beyond"
            entries = {"mean": "posterior mean", "band1": "±1σ (68 %)", "band2": "±2σ (95 %)", "edge": edge, **truth}
            colours = {"edge": self.look.colour}
            legend_row(
                self.stage, entries | {"observed": "observed", "best": "best", "pick": "picked"}, colours=colours
            )

    def _surrogate(self, theme: Theme) -> None:
        story, stage, view = self.story, self.stage, self.story.view
        ax = stage.axes(SURROGATE)
        x_axis(ax, view.axis, label=False)
        ax.tick_params(axis="x", labelbottom=False)
        y_axis(ax, *story.limits, value_name(view.direction), most=5)
        Band(stage, ax, view.axis, view.places).show(*view.line(), view.scaling)
        style: dict[str, Any] = {"color": self.look.colour, "linewidth": 2.2, "zorder": 3.2}
        [self.edge] = ax.plot([], [], **style)
        stage.on("frame", self.edge)
        dashed_truth(stage, ax, view.places, story.truth)
        observations(stage, ax).at(view.seen, view.y)
        best = int(np.argmin(view.y) if view.direction == "minimize" else np.argmax(view.y))
        star(stage, ax).at(view.seen[best], view.y[best])
        self.guides = [guide(stage, ax)]

    def _score(self) -> None:
        story, stage, view = self.story, self.stage, self.story.view
        ax = stage.axes(SCORE)
        x_axis(ax, view.axis, label=False)
        ax.tick_params(axis="x", labelbottom=False)
        fill = faint(self.look.colour, stage.theme)
        self.score = Score(stage, ax, view.axis, view.places, self.look.colour, fill)
        ax.set_yticks([0, 1], ["0" if story.parameter == "xi" else "worst", "max"])
        ax.text(
            0.995, 0.93, story.name, transform=ax.transAxes, ha="right", va="top", color=self.look.text, fontsize=LABEL
        )
        self.guides.append(guide(stage, ax))

    def _trace(self, theme: Theme, symbol: str) -> None:
        story, stage, view = self.story, self.stage, self.story.view
        ax = stage.axes(TRACE)
        x_axis(ax, view.axis)
        scale = Axis(symbol, Real(float(story.settings[0]), float(story.settings[-1]), log=True))
        self.heights = scale.places(story.settings.tolist())
        ax.set_ylim(-0.03, 1.06)
        at, texts = zip(*scale.ticks(3), strict=True)
        ax.set_yticks(at, texts, fontsize=SMALL)
        words = f"{symbol} (log)"
        stage.text(
            18, (TRACE[1] + TRACE[3]) / 2, words, rotation=90, fontsize=LABEL, color=theme.ink, ha="center", va="center"
        )
        [self.trail] = ax.plot(
            [], [], color=theme.new, linewidth=1.4, marker="o", markersize=3.2, zorder=4, clip_on=False
        )
        stage.on("frame", self.trail)
        self.now = Marks(stage, ax, "D", 8, theme.new, zorder=8)
        self.guides.append(guide(stage, ax))

    def show(self, index: int) -> None:
        """One setting, and the trace of all smaller ones."""
        story = self.story
        place = float(story.picks[index])
        self.edge.set_data(story.view.places, story.edge(float(story.settings[index])))
        self.score.show(story.share(index))
        self.score.pick(place)
        self.trail.set_data(story.picks[: index + 1], self.heights[: index + 1])
        self.now.at(place, self.heights[index])
        for line in self.guides:
            line.set_xdata([place, place])
