"""The best so far of several methods, growing trial by trial: medians over many seeds, not the luck of one."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any

import numpy as np

from .animate import checked_scale
from .animation import Animation
from .canvas import Box, Image, Stage
from .chart import Array, count_axis, value_axis
from .compared import Runs, best_curves, grouped, looks_of, settled_limits
from .frames import Cue, Film, checked_pace
from .moment import better
from .panel import Captions
from .reading import LAST
from .style import SMALL, Theme, checked_theme, drawing
from .text import Numbers, elided, plural

SIZE = (900, 600)
BOX: Box = (72, 96, 676, 540)
ROWS = (34, 60)  # of the caption
RANKS = (124, 46)  # pixels: the first name at the right, and from one to the next
PHASE = 5  # trials from one key frame to the next
FIRST, LATER, REST = 450, 260, 90  # ms a trial: for the first five, until the shortest method ends, and after that
NAME = 16  # letters


def animate_convergence(
    runs: Runs,
    *,
    pace: str = "lesson",
    theme: str | Theme = "light",
    scale: float = 1,
    name: str = "value",
    captions: bool = True,
) -> Animation:
    """Show how the best value so far falls (or rises) trial by trial: {label: histories, one for each seed}.

    Medians over the seeds are drawn as stairs, the middle half of the seeds is shaded; `name` is what the objective
    returns. Raises ParameterError for runs of different directions and for none at all.

    >>> from bayestuner import minimize, random_search
    >>> def some(search):
    ...     return [search(lambda x: (x - 1) ** 2, {"x": (0.0, 4.0)}, 8, seed=s) for s in range(3)]
    >>> len(animate_convergence({"Bayesian search": some(minimize), "random search": some(random_search)}))
    8
    """
    checked_pace(pace)
    film = ContestFilm(Contest(runs, name), checked_theme(theme), checked_scale(scale), captions)
    return Animation(film, pace)


class Contest:
    """Several methods as numbers: the best of each seed after each trial, medians and quartiles."""

    def __init__(self, runs: Runs, name: str = "value") -> None:
        self.groups, self.name = grouped(runs), name
        self.labels = list(self.groups)
        self.direction = self.groups[self.labels[0]][0].direction
        self.best = {label: best_curves(histories) for label, histories in self.groups.items()}
        self.quartiles = {label: np.quantile(c, (0.25, 0.5, 0.75), axis=0) for label, c in self.best.items()}
        self.lengths = {label: curves.shape[1] for label, curves in self.best.items()}
        self.length, self.shortest = max(self.lengths.values()), min(self.lengths.values())
        self.seeds = max(len(histories) for histories in self.groups.values())
        ends = [float(q[1, -1]) for q in self.quartiles.values()]
        self.numbers = Numbers.of(min(ends), max(ends) + 10 * (max(ends) - min(ends)))

    def median(self, label: str, trials: int) -> float:
        """The median best value after so many trials, or after the last."""
        return float(self.quartiles[label][1, min(trials, self.lengths[label]) - 1])

    def ranking(self, trials: int) -> list[str]:
        """The labels, the best median first."""
        sign = 1.0 if self.direction == "minimize" else -1.0
        medians = {label: sign * self.median(label, trials) for label in self.labels}
        return sorted(self.labels, key=lambda label: (np.isnan(medians[label]), medians[label]))

    def levelled(self, label: str) -> int | None:
        """After how many trials a median is as good as that of the longest method in the end, if it is shorter."""
        longest = max(self.labels, key=lambda other: self.lengths[other])
        if self.lengths[label] == self.lengths[longest]:
            return None
        goal, curve = self.median(longest, self.length), self.quartiles[label][1]
        level = [k for k, value in enumerate(curve, start=1) if not better(goal, float(value), self.direction)]
        return level[0] if level else None


class ContestFilm(Film):
    """One frame a trial; every fifth is a key frame."""

    def __init__(self, contest: Contest, theme: Theme, scale: float = 1, captions: bool = True) -> None:
        self.contest, self.theme, self.scale, self.captions = contest, theme, scale, captions
        self.size = round(SIZE[0] * scale), round(SIZE[1] * scale)
        self.title = f"The best {contest.name} so far"
        ends = "; ".join(f"{label} {self._value(label, contest.length)}" for label in contest.ranking(contest.length))
        self.alt_text = (
            f"Animation of {plural(len(contest.labels), 'search method')}, {plural(contest.seeds, 'seed')} each: the "
            f"best {contest.name} found, trial by trial, up to {contest.length}. In the end the medians are: {ends}."
        )

    def cues(self, pace: str) -> list[Cue]:
        """All trials of a phase one after the other, or, where the pace has one frame a phase, the last."""
        length, cues = self.contest.length, list[Cue]()
        for step, begin in enumerate(range(0, length, PHASE), start=1):
            trials = range(begin, min(begin + PHASE, length))
            shown = [trials[-1]] if pace in ("keys", "steps") else list(trials)
            cues += [
                Cue(step, "Trials", t - begin, len(trials), self._ms(t, pace), self.caption(t + 1), t == trials[-1])
                for t in shown
            ]
        last = cues[-1]
        return [*cues[:-1], Cue(last.step, last.phase, last.tween, last.of, LAST, last.caption, True)]

    def _ms(self, trial: int, pace: str) -> int:
        """How long a trial is shown; in a hurry half as long."""
        if pace in ("keys", "steps"):
            return 1000
        ms = FIRST if trial < PHASE else LATER if trial < self.contest.shortest else REST
        return ms if pace == "lesson" else ms // 2

    def caption(self, trials: int) -> tuple[str, ...]:
        """Who is ahead, and since when a short search is as good as the longest in the end."""
        contest, first = self.contest, self.contest.ranking(trials)[0]
        line = f"After {plural(trials, 'trial')}: {elided(first, 30)} is ahead, median {self._value(first, trials)}"
        level = [(label, contest.levelled(label)) for label in contest.labels]
        longest = max(contest.labels, key=lambda label: contest.lengths[label])
        said = [f"{elided(label, 24)} after {k}" for label, k in level if k is not None and k <= trials]
        if not said:
            return line, f"Medians of {plural(contest.seeds, 'seed')}, the middle half shaded."
        return line, f"As good as {elided(longest, 24)} after all its {contest.length}: {', '.join(said)}."

    def _value(self, label: str, trials: int) -> str:
        median = self.contest.median(label, trials)
        return "none yet" if np.isnan(median) else self.contest.numbers(median)

    # ---- pixels

    def draw(self, cue: Cue) -> Image:
        return self.arrange(cue).draw((cue.step, cue.tween))

    def arrange(self, cue: Cue) -> Stage:
        """Set the stage to a cue without drawing it."""
        scene = self._scene
        with drawing(self.theme):
            scene.show((cue.step - 1) * PHASE + cue.tween + 1)
        scene.captions.say(cue.caption if self.captions else ())
        return scene.stage

    def value(self, label: str, trials: int) -> str:
        """The median after so many trials, and how many there were if no more."""
        count = self.contest.lengths[label]
        return self._value(label, trials) + (f" ({plural(count, 'trial')})" if trials > count else "")

    @cached_property
    def _scene(self) -> _Scene:
        return _Scene(self)


class _Scene:
    """The artists, and what they show."""

    def __init__(self, film: ContestFilm) -> None:
        contest, theme = film.contest, film.theme
        self.film, self.stage = film, Stage(SIZE, theme, film.scale)
        with drawing(theme):
            self.captions = Captions(self.stage, ROWS)
            self.looks = looks_of(contest.labels, theme)
            self.ax = self.stage.axes(BOX)
            low, high = settled_limits(contest.best, None)
            value_axis(self.ax, low, high, f"best {contest.name} so far", direction=contest.direction)
            self.ax.set_xlim(1, max(contest.length, 2) + 0.3)
            count_axis(self.ax, contest.length)
            self.ax.set_xlabel("trial")
            self.bands, self.lines, self.ends = {}, {}, {}
            for label in contest.labels:
                colour, _, marker = self.looks[label]
                stair: dict[str, Any] = {"color": colour, "linewidth": 2.0, "drawstyle": "steps-post", "zorder": 3}
                band = self.ax.fill_between([1.0], [low], [low], color=colour, alpha=0.18, linewidth=0, zorder=1)
                self.bands[label] = band
                [self.lines[label]] = self.ax.plot([], [], **stair)
                [self.ends[label]] = self.ax.plot([], [], marker, color=colour, markersize=6.5, zorder=4)
        self.stage.on("frame", *self.bands.values(), *self.lines.values(), *self.ends.values())
        rows = [RANKS[0] + RANKS[1] * i for i in range(len(contest.labels))]
        bold: dict[str, Any] = {"layer": "phase", "fontsize": SMALL + 1, "fontweight": "bold"}
        self.names = [self.stage.text(BOX[2] + 24, y, **bold) for y in rows]
        self.values = [self.stage.text(BOX[2] + 24, y + 18, layer="phase", fontsize=SMALL + 1) for y in rows]

    def show(self, trials: int) -> None:
        """The stairs up to a trial, and the ranking then."""
        contest = self.film.contest
        for label in contest.labels:
            known = min(trials, contest.lengths[label])
            low, middle, high = contest.quartiles[label][:, :known]
            self.lines[label].set_data(np.arange(1, known + 1), middle)
            self.ends[label].set_data([known], [middle[-1]])
            self.bands[label].set_verts([_outline(low, high)] if contest.seeds > 1 else [])
        for at, label in enumerate(contest.ranking(trials)):
            self.names[at].set_text(f"{at + 1}.  {elided(label, NAME)}")
            self.names[at].set_color(self.looks[label][1])
            self.names[at].set_fontsize(SMALL + 1)
            self.stage.fit(self.names[at], SIZE[0] - BOX[2] - 30)
            self.values[at].set_text(f"     {self.film.value(label, trials)}")


def _outline(low: Array | Sequence[float], high: Array | Sequence[float]) -> Array:
    """The corners around a band of steps: each value holds until the next trial."""
    at = np.repeat(np.arange(1, len(low) + 1, dtype=float), 2)[1:]
    low, high = (np.repeat(np.asarray(edge, dtype=float), 2)[:-1] for edge in (low, high))
    return np.column_stack([np.append(at, at[::-1]), np.append(low, high[::-1])])
