"""The picture of a search of two parameters: four maps, and the stair of the best so far."""

from __future__ import annotations

from typing import Any

import numpy as np

from .axis import Array
from .canvas import Stage
from .frames import Cue
from .header import Header
from .legends import legend_row
from .maps import STEPS, Bar, Map, Moves, Numbered, ends, plain_points, true_minimum
from .moment import best_of
from .panel import Marks, diamond, panel_title, star
from .plane import Fields, Plane
from .rounds import Round
from .stair import Stair
from .style import TINY, Theme, drawing
from .terms import short_name
from .text import percent, significant
from .words import Caption, Words
from .words2d import end_values

SIZE = (900, 600)
MEAN, STD, ACQUISITION = (62, 136, 432, 506), (482, 136, 650, 300), (710, 136, 878, 300)
FOURTH, STAIR = (482, 356, 650, 520), (728, 356, 878, 520)
NEAR = 0.05  # of a map: a diamond so close to the star is drawn open


class Scene:
    """The artists, and what they show."""

    def __init__(self, plane: Plane, words: Words, theme: Theme, scale: float) -> None:
        self.plane, self.words, self.theme = plane, words, theme
        self.stage = Stage(SIZE, theme, scale)
        self._shown: dict[str, Any] = {}
        self.header = Header(self.stage)
        with drawing(theme):
            self._maps()
            self._points()
            self._rest()

    # ---- building

    def _maps(self) -> None:
        stage, plane = self.stage, self.plane
        up = plane.history.direction == "maximize"
        self.mean = Map(stage, MEAN, plane.axes, "mean", maximize=up)
        self.std = Map(stage, STD, plane.axes, "std")
        self.acquisition = Map(stage, ACQUISITION, plane.axes, "acquisition")
        self.fourth = Map(stage, FOURTH, plane.axes, "mean", maximize=up or plane.truth is None)
        self.maps = (self.mean, self.std, self.acquisition, self.fourth)
        self.mean.ticks(plane.axes, labels=True)
        for small in self.maps[1:]:
            small.ticks(plane.axes, labels=False)
        panel_title(stage, MEAN, "posterior mean: what the model believes")
        panel_title(stage, STD, "uncertainty σ")
        panel_title(stage, FOURTH, "how far the mean moved" if plane.truth is None else "true f (hidden)")
        self.title = panel_title(stage, ACQUISITION, "", layer="phase")
        self._bars()
        low, high = plane.mean_limits
        self.mean_levels = np.linspace(low, high, STEPS + 1)
        self.std_levels = np.linspace(0.0, plane.std_limit, STEPS + 1)
        self.move_levels = np.linspace(0.0, plane.move_limit, STEPS + 1)
        if plane.truth is not None:
            self._show(self.fourth, plane.truth.field, self.mean_levels)

    def _bars(self) -> None:
        stage, plane = self.stage, self.plane
        low, high = end_values(*plane.mean_limits)
        better = "better " if plane.history.direction == "minimize" else ""
        left = stage.text(62, 553, better + low, fontsize=TINY)
        right = stage.text(432, 553, high + ("" if better else " better"), fontsize=TINY, ha="right")
        box = (62 + stage.width_of(left) + 7, 549, 432 - stage.width_of(right) - 7, 557)
        Bar(stage, box, self.mean.colours)
        for area, colours in ((STD, self.std.colours), (ACQUISITION, self.acquisition.colours)):
            Bar(stage, (area[0], area[3] + 6, area[2], area[3] + 11), colours)
        ends(stage, (STD[0], 0, STD[2], STD[3] + 12), "0", f"σ = {end_values(0.0, plane.std_limit)[1]}")
        below = (ACQUISITION[0], 0, ACQUISITION[2], ACQUISITION[3] + 12)
        self.ends = ends(stage, below, "", "", layer="phase")
        if plane.truth is None:
            Bar(stage, (FOURTH[0], FOURTH[3] + 6, FOURTH[2], FOURTH[3] + 11), self.fourth.colours)
            high = end_values(0.0, plane.move_limit)[1]
            ends(stage, (FOURTH[0], 0, FOURTH[2], FOURTH[3] + 12), "0", high)

    def _points(self) -> None:
        stage, plane, theme = self.stage, self.plane, self.theme
        self.moves = Moves(stage, self.mean.ax)
        self.numbered = Numbered(stage, self.mean.ax)
        self.dots = [plain_points(stage, small.ax) for small in self.maps[1:]]
        failed: dict[str, Any] = {"markeredgewidth": 0.9}  # filled, with an edge, to be seen on any colour
        self.failed = [Marks(stage, m.ax, "X", 9 if m is self.mean else 7, theme.mute, **failed) for m in self.maps]
        self.stars = [star(stage, m.ax, 14 if m is self.mean else 9) for m in self.maps]
        self.diamonds = [diamond(stage, m.ax, 9 if m is self.mean else 6.5) for m in self.maps]
        self.batch = Numbered(stage, self.mean.ax, 19, corners=4)
        if plane.truth is not None:
            true_minimum(stage, self.fourth.ax, plane.truth.places)

    def _rest(self) -> None:
        plane, truth = self.plane, self.plane.truth
        start = sum(t.source == "initial" for t in plane.told[: len(plane.rounds[0].told)])
        optimum = None if truth is None else truth.optimum
        self.stair = Stair(self.stage, STAIR, plane.told, plane.history.direction, start, optimum)
        entries = {"observed": "observed, in order", "best": "best so far", "new": "next point"}
        if any(t.status == "failed" for t in plane.told):
            entries["failed"] = "evaluation failed"
        if truth is not None:
            entries["minimum"] = f"true {'minimum' if plane.history.direction == 'minimize' else 'maximum'}"
        legend_row(self.stage, entries)

    # ---- drawing

    def arrange(self, cue: Cue, counter: str, caption: Caption) -> Stage:
        """Set everything to a cue."""
        a_round = self.plane.round(cue.step)
        with drawing(self.theme):
            self._fields(cue, a_round)
            self._observed(cue, a_round)
            self._next(cue, a_round)
            self._best(cue, a_round)
        words = (cue.step, cue.phase, self.stair.value.get_text())
        if self._shown.get("words") != words:  # they take longer than all the rest, and stay for a phase
            self.header.show(cue.phase, counter, caption)
            self._score_words(cue, a_round)
            self._shown["words"] = words
        return self.stage

    def _show(self, target: Map, values: Array, levels: Array) -> None:
        x, y = self.plane.places
        target.field.show(x, y, values, levels)

    def _fields(self, cue: Cue, a_round: Round) -> None:
        moving = cue.phase in ("Fit", "Update")
        key = (cue.step, cue.phase, cue.tween, cue.of) if moving else (cue.step, "chosen")
        if self._shown.get("fields") != key:
            fields = self.plane.fields(cue.step, self.plane.moment(cue))
            self._show(self.mean, fields.mean, self.mean_levels)
            self._show(self.std, np.minimum(fields.std, self.std_levels[-1]), self.std_levels)
            self._show(self.acquisition, fields.share, self._acquisition_levels(cue.step))
            if self.plane.truth is None:
                self._moved(cue, fields)
            self._shown["fields"] = key
        self.acquisition.reveal(cue.gain if cue.phase == "Score" else 1.0)

    def _acquisition_levels(self, step: int) -> Array:
        """√ scale for a gain, or everything but the peak would be white; even steps for any other score."""
        steps = np.arange(STEPS + 1) / STEPS
        gain = self.plane.round(step).steps and self.plane.scale(step).gain
        return steps**2 if gain else steps

    def _moved(self, cue: Cue, fields: Fields) -> None:
        """How far the newest value has moved the mean; until it is told, how far the one before has."""
        change = self.plane.moved(self.plane.before(cue.step))
        if cue.phase == "Update":
            before = self.plane.round(cue.step).chosen.predict(self.plane.U)[0]
            change = np.abs(fields.mean - before.reshape(self.plane.shape))
        self._show(self.fourth, np.minimum(change, self.move_levels[-1]), self.move_levels)

    def _observed(self, cue: Cue, a_round: Round) -> None:
        updating = cue.phase == "Update"
        trials = [*a_round.seen, *(a_round.new if updating else ())]
        places = self.plane.at(trials)
        best = best_of(trials, self.plane.history.direction)
        apart = [i for i, t in enumerate(trials) if t is not best]  # the star stands in the place of a number
        fresh = sum(trials[i] in a_round.new for i in apart)
        self.numbered.show(places[apart], [(trials[i].told or 0) + 1 for i in apart], new=fresh)
        self.moves.show(places)
        for dots in self.dots:
            dots.at(places[:, 0], places[:, 1])
        told = [*a_round.told, *(a_round.arrived if updating else ())]
        failed = self.plane.at([t for t in told if t.status == "failed"])
        for marks in self.failed:
            marks.at(failed[:, 0], failed[:, 1])

    def _next(self, cue: Cue, a_round: Round) -> None:
        """The point that was chosen, tied together by the cross-hair until its value is known."""
        chosen = [s.record.trials[s.number] for s in a_round.steps] if cue.phase in ("Choose", "Evaluate") else []
        places = self.plane.at(chosen)
        aimed = self.plane.at(a_round.new) if cue.phase == "Update" else places
        for m, marks in zip(self.maps, self.diamonds, strict=True):
            marks.at(places[:, 0], places[:, 1])
            m.aim(aimed[:1], cue.gain if cue.phase == "Choose" else 1.0)
        several = len(places) > 1
        if several:
            self.diamonds[0].clear()
        self.batch.show(places if several else places[:0], list(range(1, len(places) + 1)) if several else [])

    def _best(self, cue: Cue, a_round: Round) -> None:
        """The star; where the diamond would hide it, the diamond is open."""
        updating = cue.phase == "Update"
        told = [*a_round.told, *(a_round.arrived if updating else ())]
        best = best_of(told, self.plane.history.direction)
        place = self.plane.at([best] if best else [])
        fresh = best is not None and updating and best in a_round.arrived
        for marks, next_point in zip(self.stars, self.diamonds, strict=True):
            marks.at(place[:, 0], place[:, 1])
            marks.line.set_markeredgecolor(self.theme.new if fresh else self.theme.best_edge)
            there = np.array(next_point.line.get_data(), dtype=float).T
            hidden = len(there) and len(place) and np.hypot(*(there - place).T).min() < NEAR
            next_point.line.set_markerfacecolor("none" if hidden else self.theme.new)
            next_point.line.set_markeredgecolor(self.theme.new if hidden else self.theme.obs_edge)
        told_now = len(a_round.arrived) if cue.phase in ("Evaluate", "Update") else 0
        gain = cue.gain if cue.phase == "Evaluate" else 1.0
        self.stair.show(len(a_round.told), told_now, gain)
        self.stair.say(len(a_round.told) + (told_now if gain >= 1 else 0))

    def _score_words(self, cue: Cue, a_round: Round) -> None:
        """The acquisition's name above its map, its largest value below."""
        if not a_round.steps:
            self.title.set_text("acquisition")
            return
        name, gain = short_name(a_round.step), self.plane.scale(cue.step).gain
        self.title.set_text(f"{name} (√ scale)" if gain else name)
        self.stage.fit(self.title, ACQUISITION[2] - ACQUISITION[0])
        low, high = self.ends
        scored = cue.phase != "Fit"
        low.set_text("0" if gain and scored else "worse" if scored else "")
        high.set_text(self._top(a_round, gain) if scored else "not scored yet")

    def _top(self, a_round: Round, gain: bool) -> str:
        step = a_round.step
        value = float(step.score([step.params])[0])
        if short_name(step) == "PI":
            return f"max {percent(np.exp(value) if value < 0 else value)}"
        return f"max {significant(value, 2)}" if gain else f"{significant(value, 3)}"
