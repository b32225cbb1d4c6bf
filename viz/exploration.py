"""What an acquisition's taste for exploring does: one frozen model, and the point that would be picked from it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from acquisition import (
    Acquisition,
    ExpectedImprovement,
    LogExpectedImprovement,
    ProbabilityOfImprovement,
    UpperConfidenceBound,
)
from bayestuner import History, ParameterError, Real, Step
from gp.data import as_number

from .animate import checked_scale
from .animation import Animation
from .axis import Array, Axis
from .canvas import Image, Stage
from .frames import Cue, Film
from .panel import (
    Band,
    Captions,
    Marks,
    Score,
    dashed_truth,
    faint,
    guide,
    legend_row,
    limits,
    observations,
    shown_range,
    star,
    value_name,
    x_axis,
    y_axis,
)
from .reading import reading_time
from .shares import Shares
from .style import LABEL, SMALL, Theme, checked_theme, drawing
from .sweep import largest_jump, traced
from .text import significant
from .view import View, only_step, view_of_step

SIZE = (900, 600)
SURROGATE, SCORE, TRACE = (62, 104, 882, 304), (62, 324, 882, 394), (62, 414, 882, 524)
FRAMES = 60
GRID = 601
SYMBOLS = {"kappa": "κ", "xi": "ξ"}
RANGES = {"kappa": (0.05, 20.0), "xi": (1e-3, 3.0)}  # ξ in standard deviations of y, as the model counts it


def animate_exploration(
    history: History,
    step: int = -1,
    parameter: str = "kappa",
    *,
    low: float | None = None,
    high: float | None = None,
    objective: Callable[..., Any] | None = None,
    pace: str = "lesson",
    theme: str | Theme = "light",
    scale: float = 1,
    captions: bool = True,
) -> Animation:
    """Show which point would be picked as κ of the confidence bound ("kappa") or ξ of EI and PI ("xi") grows.

    The model is that of a step of a run with one parameter; ξ counts in standard deviations of y, as in the
    acquisitions, and goes from `low` to `high` like κ. ParameterError for another parameter or range, or no such step.

    >>> from bayestuner import minimize
    >>> run = minimize(lambda x: (x - 1) ** 2, {"x": (0.0, 4.0)}, n_trials=7, seed=0)
    >>> animation = animate_exploration(run)
    """
    if parameter not in SYMBOLS:
        raise ParameterError(f"parameter must be 'kappa' or 'xi', got {parameter!r}")
    chosen = only_step("animate_exploration", history, step)
    first, last = RANGES[parameter]
    first = first if low is None else as_number("low", low)
    last = last if high is None else as_number("high", high)
    if not 0 < first < last:
        raise ParameterError(f"low and high must be 0 < low < high, got {first:g} and {last:g}")
    view = view_of_step(history, chosen, GRID)
    story = Exploration(view, chosen, parameter, np.geomspace(first, last, FRAMES), view.truth(objective))
    return Animation(ExplorationFilm(story, checked_theme(theme), checked_scale(scale), captions), pace)


@dataclass(frozen=True, eq=False)
class Exploration:
    """The numbers: settings from the smallest to the largest, the scores under each, and the points they pick."""

    view: View
    step: Step
    parameter: str
    settings: Array
    truth: Array | None = None

    def acquisition(self, setting: float) -> Acquisition:
        """The acquisition with this κ or ξ: the step's own kind, if it has one."""
        if self.parameter == "kappa":
            return UpperConfidenceBound(kappa=setting)
        own = self.step.acquisition
        known = (ExpectedImprovement, LogExpectedImprovement, ProbabilityOfImprovement)
        return type(own)(xi=setting) if isinstance(own, known) else ExpectedImprovement(xi=setting)

    @cached_property
    def name(self) -> str:
        """Of the acquisition, in words."""
        if self.parameter == "kappa":
            return "LCB" if self.view.direction == "minimize" else "UCB"
        return "PI" if isinstance(self.acquisition(1.0), ProbabilityOfImprovement) else "EI"

    @cached_property
    def traced(self) -> tuple[Array, Any]:
        """Scores on the grid under each setting, and the index that each picks."""
        best = float(self.view.scaling.to_model(self.step.best))
        return traced([self.acquisition(float(s)) for s in self.settings], self.view.posterior, self.view.U, best)

    @property
    def picks(self) -> Array:
        """Places that are picked, one for each setting."""
        return self.view.places[self.traced[1]]

    @cached_property
    def jump(self) -> int | None:
        """At which setting the pick jumps furthest, if it does."""
        return largest_jump(self.picks, 1.0)

    def share(self, index: int) -> Array:
        """A setting's scores from 0 to 1."""
        score = self.traced[0][index]
        return Shares.of(self.acquisition(1.0), score)(score)

    def edge(self, setting: float) -> Array:
        """The optimistic edge of the band, in the user's units; with ξ the value that must be beaten."""
        mean, std = self.view.line()
        side = -1.0 if self.view.direction == "minimize" else 1.0
        if self.parameter == "kappa":
            return mean + side * setting * std
        return np.full(len(mean), self.step.best + side * setting * abs(self.step.scale))

    @cached_property
    def limits(self) -> tuple[float, float]:
        """Of y: the band, the data, the truth, and the edge of a κ of 3."""
        mean, std = self.view.line()
        band = np.quantile([mean - 3 * std, mean + 3 * std], [0.02, 0.98])
        return limits(band, self.view.y, *([] if self.truth is None else [self.truth]))


class ExplorationFilm(Film):
    """The setting grows; where it would pick is traced below."""

    def __init__(self, story: Exploration, theme: Theme, scale: float = 1, captions: bool = True) -> None:
        self.story, self.theme, self.scale, self.captions = story, theme, scale, captions
        self.size = round(SIZE[0] * scale), round(SIZE[1] * scale)
        self.symbol = SYMBOLS[story.parameter]
        self.title = f"What {self.symbol} does"
        first, last = (self._where(i) for i in (0, FRAMES - 1))
        jump = "" if story.jump is None else f" At {self._setting(story.jump)} the choice jumps."
        self.alt_text = (
            f"Animation of {story.name} on one frozen model while {self.symbol} grows from {self._setting(0)[4:]} to "
            f"{self._setting(FRAMES - 1)[4:]}. It picks {first} at first and {last} in the end.{jump}"
        )

    # ---- what is shown when

    def cues(self, pace: str) -> list[Cue]:
        """Up to the jump, the jump, and on to the end; one phase where nothing jumps."""
        jump = self.story.jump
        parts = [("Sweep", 0, FRAMES)]
        if jump is not None:
            parts = [("Exploit", 0, jump), ("Jump", jump, jump + 1), ("Explore", jump + 1, FRAMES)]
        parts = [part for part in parts if part[2] > part[1]]
        stride = {"lesson": 1, "brief": 2}.get(pace, FRAMES)
        cues: list[Cue] = []
        for step, (phase, start, end) in enumerate(parts):
            indices = list(range(end - 1, start - 1, -stride))[::-1]
            for tween, index in enumerate(indices):
                lines = self.caption(index)
                last = tween == len(indices) - 1
                ending = last and step == len(parts) - 1
                hold = reading_time(lines, pace, slow=False, last=ending) if last else 50
                cues.append(Cue(step, phase, index, FRAMES, hold, lines, last))
        return cues[-1:] if pace == "steps" else cues

    def _setting(self, index: int) -> str:
        return f"{self.symbol} = {significant(float(self.story.settings[index]), 2)}"

    def _where(self, index: int) -> str:
        axis = self.story.view.axis
        place = self.story.picks[index]
        value = axis.values(np.array([place]))[0]
        if isinstance(axis.dimension, Real) and not axis.log:
            shown = shown_range([axis.dimension.low, axis.dimension.high])(value)
            return f"{axis.name[:16]} = {shown}"
        text = significant(value, 3) if isinstance(value, float) else str(value)
        return f"{axis.name[:16]} = {text}"

    def caption(self, index: int) -> tuple[str, ...]:
        """What is said of a setting, with its numbers."""
        story = self.story
        if index == story.jump:
            place = self._where(index)
            line = f"{self._setting(index)}: the choice jumps from {self._where(index - 1)} to {place}."
        else:
            mean, std = (float(v[story.traced[1][index]]) for v in story.view.line())
            shown = shown_range(story.limits)
            line = f"{self._setting(index)}: {story.name} picks {self._where(index)}, "
            line += f"where the model expects {shown.spread(mean, std)}."
        return line, self._meaning(index)

    def _meaning(self, index: int) -> str:
        story = self.story
        minimize = story.view.direction == "minimize"
        if story.parameter == "kappa":
            sign = "−" if minimize else "+"
            taste = "A small κ exploits: it trusts the mean.  A large one explores: it looks for σ."
            return f"{story.name} = mean {sign} κσ.  {taste}"
        gain = significant(float(story.settings[index]) * abs(story.step.scale), 2)
        side = "below" if minimize else "above"
        what = "any" if story.name == "PI" else "the average"
        return f"{story.name} counts {what} gain beyond ξ: values that lie {gain} or more {side} the best."

    # ---- pixels

    def draw(self, cue: Cue) -> Image:
        return self.arrange(cue).draw((cue.caption, cue.tween))

    def arrange(self, cue: Cue) -> Stage:
        """Set the stage to a cue without drawing it."""
        self._scene.show(cue.tween)
        self._scene.captions.say(cue.caption if self.captions else ())
        return self._scene.stage

    @cached_property
    def _scene(self) -> _Scene:
        return _Scene(self.story, self.symbol, self.theme, self.scale)


class _Scene:
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
        Band(stage, ax, view.axis, view.places).show(*view.line())
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
