"""The picture of a bundle of functions, alive or bending."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.collections import LineCollection

from .canvas import Stage
from .frames import ease
from .legends import legend_row
from .living import Bundle
from .panel import Band, Captions, dashed_truth, diamond, guide, observations, x_axis, y_axis
from .samples_story import GRID, SampleStory
from .style import Theme, drawing

SIZE = (900, 600)
BOX = (62, 112, 882, 518)
DROP = 3  # a point falls in for so many frames of its observation, then the curves bend


class Scene:
    """The artists, and what they show."""

    def __init__(self, story: SampleStory, theme: Theme, scale: float) -> None:
        self.story = story
        self.stage = Stage(SIZE, theme, scale)
        with drawing(theme):
            self._build(theme)

    def _build(self, theme: Theme) -> None:
        story, stage = self.story, self.stage
        self.captions = Captions(stage, (40, 68))
        ax = stage.axes(BOX)
        x_axis(ax, story.axis)
        y_axis(ax, *story.limits, "f(x)")
        self.band = Band(stage, ax, story.axis, story.places)
        ghost: dict[str, Any] = {"color": theme.ghost, "linewidth": 1.3, "dashes": (1, 1.6), "zorder": 2}
        self.ghosts = [ax.plot([], [], **ghost)[0] for _ in range(3)]
        self.curves = LineCollection([], colors=theme.model, linewidths=1.1, alpha=0.6, zorder=2.5)
        ax.add_collection(self.curves, autolim=False)
        stage.on("frame", self.curves, *self.ghosts)
        dashed_truth(stage, ax, story.places, story.truth)
        self.guide = guide(stage, ax)
        self.seen, self.new = observations(stage, ax), diamond(stage, ax)
        truth = {} if story.truth is None else {"truth": "true f (hidden)"}
        legend_row(
            stage,
            {"samples": "samples of the model", "mean": "mean"}
            | {"band1": "±1σ (68 %)", "band2": "±2σ (95 %)", "ghost": "before"}
            | truth
            | {"observed": "observed", "new": "new"},
        )

    def _show(self, bundle: Bundle, frame: int, seen: int) -> None:
        places = self.story.places
        self.band.show(bundle.mean[:GRID], bundle.std[:GRID])
        self.curves.set_segments([np.column_stack([places, f]) for f in self.story.curves(bundle, frame)])
        self.seen.at(self.story.axis.places(self.story.X[:seen, 0].tolist()), self.story.y[:seen])

    def living(self, step: int, frame: int) -> None:
        """The curves of so many observations at a moment of their turn."""
        self._show(self.story.bundles[step], frame, step)
        self.new.clear()
        for artist in (self.guide, *self.ghosts):
            artist.set_visible(False)

    def observing(self, step: int, frame: int, of: int) -> None:
        """The point falls in, then the curves bend."""
        story, drop = self.story, DROP if of > 1 else 0
        gain = ease(max(frame - drop, 0) / (of - drop))
        self._show(story.between(step - 1, gain), 0, step - 1)
        x, y = float(story.axis.places(story.X[step - 1])[0]), float(story.y[step - 1])
        fallen = ease(min(frame / drop, 1.0)) if drop else 1.0
        self.new.at(x, y + (1 - fallen) * (story.limits[1] - y))
        self.guide.set_xdata([x, x])
        before = story.bundles[step - 1]
        for line, wide in zip(self.ghosts, (-2, 0, 2), strict=True):
            line.set_data(story.places, before.mean[:GRID] + wide * before.std[:GRID])
        for artist in (self.guide, *self.ghosts):
            artist.set_visible(True)
