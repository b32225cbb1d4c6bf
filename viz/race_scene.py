"""The picture of a race: each search's surrogate and acquisition, and below them who is ahead."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from bayestuner import Real

from .canvas import Box, Stage
from .lanes import Lane, Race
from .moment import Moment, best_of
from .panel import (
    Band,
    Captions,
    Marks,
    Score,
    dashed_truth,
    diamond,
    guide,
    observations,
    panel_title,
    star,
    x_axis,
    y_axis,
)
from .style import LABEL, SMALL, Look, Theme, drawing, faint
from .text import Numbers, elided, number

SIZE = (900, 720)
LEFT, TOP, WIDTH = (62, 490), (104, 340), 390
HEIGHTS, TALL, GAP = (140, 48), (330, 94), 8  # of surrogate and acquisition; where there is but one row; between them
REGRET, NARROW = (62, 592, 760, 690), (62, 592, 676, 690)  # where long labels stand beside it
LONG = 8  # letters of a label that fits beside the wide one


def looks(race: Race, theme: Theme) -> list[Look]:
    """A look for each search: that of its acquisition, or the next one that is free."""
    found: list[Look] = []
    for lane in race.lanes:
        own = theme.look(lane.name)
        free = [theme.look(name) for name in ("EI", "LCB", "PI", "Thompson") if theme.look(name) not in found]
        wanted = {theme.look(other.name) for other in race.lanes if other is not lane}
        found.append(own if own not in found else next((look for look in free if look not in wanted), free[0]))
    return found


class Scene:
    """The artists, and what they show."""

    def __init__(self, race: Race, theme: Theme, scale: float) -> None:
        self.race = race
        self.stage = Stage(SIZE, theme, scale)
        with drawing(theme):
            self.captions = Captions(self.stage, (29, 55))
            self.looks = looks(race, theme)
            self.cells = [
                _Cell(
                    self.stage, race, lane, look, (LEFT[i % 2], TOP[i // 2]), TALL if len(race.lanes) == 2 else HEIGHTS
                )
                for i, (lane, look) in enumerate(zip(race.lanes, self.looks, strict=True))
            ]
            self.regret = _Regret(self.stage, race, self.looks)

    def show(self, iteration: int, gain: float) -> None:
        """All searches in an iteration, a share of its values known."""
        for cell in self.cells:
            cell.show(iteration, gain)
        self.regret.show(iteration, gain >= 1)


class _Cell:
    """One search: its surrogate, and below it its acquisition."""

    def __init__(
        self, stage: Stage, race: Race, lane: Lane, look: Look, corner: tuple[int, int], heights: tuple[int, int]
    ) -> None:
        self.race, self.lane, theme = race, lane, stage.theme
        x, y = corner
        box = (x, y, x + WIDTH, y + heights[0])
        below = (x, box[3] + GAP, x + WIDTH, box[3] + GAP + heights[1])
        self.ax = stage.axes(box)
        x_axis(self.ax, race.axis, label=False)
        self.ax.tick_params(axis="x", labelbottom=False)
        y_axis(self.ax, *race.limits, "", most=4)
        self._model(stage, look)
        self.seen, self.star = observations(stage, self.ax, 6.5), star(stage, self.ax, 13)
        failed: dict[str, Any] = {"markeredgecolor": theme.mute, "markeredgewidth": 1.6}
        self.failed = Marks(stage, self.ax, "x", 6, theme.mute, **failed)
        self.new = diamond(stage, self.ax, 8, zorder=6.5)  # below the star
        lower = stage.axes(below)
        x_axis(lower, race.axis, label=False)
        lower.tick_params(axis="x", pad=2)
        self.score = Score(stage, lower, race.axis, race.places, look.colour, faint(look.colour, theme))
        self.guides = [guide(stage, self.ax), guide(stage, lower)]
        self._titles(stage, box, look)

    def _model(self, stage: Stage, look: Look) -> None:
        self.band = Band(stage, self.ax, self.race.axis, self.race.places) if self.lane.rounds else None
        [self.extra] = self.ax.plot([], [], color=look.colour, linewidth=1.8, zorder=3.2)
        level: dict[str, Any] = {"color": stage.theme.best, "linewidth": 1.3, "dashes": (6, 2, 1, 2), "zorder": 2.9}
        self.level = self.ax.axhline(0, **level)
        stage.on("frame", self.extra, self.level)
        dashed_truth(stage, self.ax, self.race.places, self.race.truth)

    def _titles(self, stage: Stage, box: Box, look: Look) -> None:
        self.stage = stage
        words: dict[str, Any] = {"ha": "right", "color": stage.theme.newtext, "fontsize": SMALL, "layer": "phase"}
        self.picks = stage.text(box[2], box[1] - 12, "", **words)
        widest = max(self._width_of_picks(iteration) for iteration in range(1, self.lane.length + 2))
        bold: dict[str, Any] = {"fontweight": "bold", "fontsize": LABEL}
        title = panel_title(stage, (box[0], box[1] + 1, 0, 0), "", colour=look.text, **bold)
        for label, question in ((40, self.lane.question), (40, ""), (24, ""), (14, "")):
            name = elided(self.lane.label, label)
            title.set_text(f"{name}: {question}" if question else name)
            if stage.width_of(title) < WIDTH - widest - 14:
                return

    def _width_of_picks(self, iteration: int) -> float:
        self.picks.set_text(self._pick_words(self.lane.picked(iteration)))
        return self.stage.width_of(self.picks)

    def _pick_words(self, picked: dict[str, Any] | None) -> str:
        if picked is None:
            return "finished"
        axis = self.race.axis
        shown = number(picked[axis.name])
        if isinstance(axis.dimension, Real) and not axis.log:
            shown = Numbers.of(axis.dimension.low, axis.dimension.high)(picked[axis.name])
        return f"picks {elided(axis.name, 10)} = {elided(shown, 12)}"

    def show(self, iteration: int, gain: float) -> None:
        """An iteration, a share of its value known."""
        lane, race = self.lane, self.race
        moment = lane.moment(iteration, gain)
        if moment is not None:
            self._believed(moment, iteration)
        known = lane.told[: lane.known(iteration)]
        fresh = lane.told[len(known) : lane.known(iteration, True)] if gain > 0 else []
        self._points(self.seen, known)
        failed = [t for t in known + fresh if t.status == "failed"]
        self.failed.at(race.axis.places([t.params[race.axis.name] for t in failed]), [race.limits[0]] * len(failed))
        best = best_of(known + fresh, race.direction)
        self._points(self.star, [] if best is None else [best])
        self.star.line.set_markeredgecolor(self.stage.theme.new if best in fresh else self.stage.theme.best_edge)
        self._points(self.new, [t for t in fresh if t is not best])  # a new best is the star at once
        shown = moment is not None and lane.name in ("EI", "PI")
        self.level.set_visible(shown)
        if shown and moment is not None:
            beat = float(moment.scaling.mean(moment.best))
            self.level.set_ydata([beat, beat])
        self._choice(iteration)

    def _believed(self, moment: Moment, iteration: int) -> None:
        assert self.band is not None
        self.band.show(*self.race.line(moment), moment.scaling)
        extra = self.race.extra(self.lane, moment)
        self.extra.set_data(([], []) if extra is None else (self.race.places, extra))
        self.score.show(self.race.share(self.lane, iteration, moment))

    def _points(self, marks: Marks, trials: Any) -> None:
        there = [t for t in trials if t.status == "complete"]
        name = self.race.axis.name
        marks.at(self.race.axis.places([t.params[name] for t in there]), [t.value for t in there])

    def _choice(self, iteration: int) -> None:
        picked, axis = self.lane.picked(iteration), self.race.axis
        for line in self.guides:
            line.set_visible(picked is not None)
        self.picks.set_text(self._pick_words(picked))
        if picked is None:
            self.score.pick(None)
            return
        [place] = axis.places([picked[axis.name]])
        for line in self.guides:
            line.set_xdata([place, place])
        self.score.pick(float(place))


class _Regret:
    """Regret against evaluations, or the best values where the truth is unknown; and the ranking beside it."""

    def __init__(self, stage: Stage, race: Race, every: list[Look]) -> None:
        self.race, self.stage, theme = race, stage, stage.theme
        self.box = REGRET if all(len(lane.label) <= LONG for lane in race.lanes) else NARROW
        ax = stage.axes(self.box)
        self._axis(ax, theme)
        self.lines = []
        self.texts = [look.text for look in every]
        for i, look in enumerate(every):
            style: dict[str, Any] = {"color": look.colour, "linewidth": 2.0, "drawstyle": "steps-post", "zorder": 3}
            mark: dict[str, Any] = {"marker": look.marker, "markersize": 4.5, "clip_on": False}
            [line] = ax.plot([], [], **style, **mark)
            line.set_linewidth(2.6 - 0.5 * i)  # where they coincide, every colour shows
            self.lines.append(line)
        stage.on("frame", *self.lines)
        rows = [612 + 20 * i for i in range(len(every))]
        self.ranks = [stage.text(self.box[2] + 14, y, layer="phase", fontsize=SMALL, fontweight="bold") for y in rows]
        self.values = [stage.text(890, y, layer="phase", fontsize=SMALL, fontweight="bold", ha="right") for y in rows]

    def _axis(self, ax: Axes, theme: Theme) -> None:
        race = self.race
        count = max(len(lane.told) for lane in race.lanes)
        ax.set_xlim(0.6, count + 0.4)
        ticks = [t for t in MaxNLocator(12, integer=True).tick_values(1, count) if 1 <= t <= count]
        ax.set_xticks(ticks)
        ax.axvspan(0.6, race.start + 0.5, color=theme.chip, linewidth=0, zorder=0)
        goal = "minimum" if race.direction == "minimize" else "maximum"
        if race.optimum is None:
            low, high = race.values_told.min(), race.values_told.max()
            room = 0.08 * (high - low) or 1.0
            y_axis(ax, float(low - room), float(high + room), "", most=4)
            panel_title(self.stage, self.box, "best value so far")
            return
        panel_title(self.stage, self.box, f"regret: distance of the best value from the true {goal} (log)")
        ax.set_yscale("log")
        top = max(race.standing(i, k) for i in range(len(race.lanes)) for k in (1, race.start))
        ax.set_ylim(0.8 * race.floor, 2 * max(top, 10 * race.floor))
        low, high = (int(np.ceil(np.log10(v) - 1e-9)) for v in (race.floor, max(top, race.floor)))
        powers = list(range(low, high + 1))[:: -(-(high - low + 1) // 4)]
        raised = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
        ax.set_yticks([10.0**p for p in powers], [f"10{str(p).translate(raised)}" for p in powers])
        ax.set_yticks([], minor=True)

    def show(self, iteration: int, told: bool) -> None:
        """What was found until then, and who is ahead."""
        race = self.race
        for i, (lane, line) in enumerate(zip(race.lanes, self.lines, strict=True)):
            known = lane.known(iteration, told)
            at = range(1, known + 1)
            y = np.array([race.standing(i, k) for k in at])
            line.set_data(at, y if race.optimum is None else np.maximum(y, race.floor))
        for text, value, (rank, i, words) in zip(self.ranks, self.values, race.ranking(iteration, told), strict=True):
            value.set_text(words)
            text.set_color(self.texts[i])
            value.set_color(self.texts[i])
            for letters in range(24, 2, -1):
                text.set_text(f"{rank}.  {elided(race.lanes[i].label, letters)}")
                if self.stage.width_of(text) + self.stage.width_of(value) <= 886 - self.box[2] - 20:
                    break
