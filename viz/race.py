"""A race: the same search by up to four acquisitions, side by side, and below it who is ahead."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any

from bayestuner import History

from .animate import checked_scale
from .animation import Animation
from .canvas import Image, Stage
from .frames import Cue, Film, checked_pace
from .lanes import Race
from .race_scene import SIZE, Scene
from .reading import LAST, reading_time
from .style import Theme, checked_theme, drawing
from .text import elided, plural

TWEENS = 6
COUNT = {2: "two", 3: "three", 4: "four"}


def animate_race(
    histories: Mapping[str, History],
    *,
    objective: Callable[..., Any] | None = None,
    pace: str = "lesson",
    theme: str | Theme = "light",
    scale: float = 1,
    captions: bool = True,
) -> Animation:
    """Show 2 to 4 searches of the same parameter side by side: {label: history}, a random search among them or not.

    `objective` is the true function: it is drawn, and regret, the distance of the best value from the true optimum,
    is shown; without it the best values are compared. Raises ParameterError for histories that do not fit together.

    >>> from acquisition import ExpectedImprovement, UpperConfidenceBound
    >>> from bayestuner import minimize
    >>> def run(acquisition):
    ...     return minimize(lambda x: (x - 1) ** 2, {"x": (0.0, 4.0)}, 7, acquisition=acquisition, seed=0)
    >>> race = animate_race({"EI": run(ExpectedImprovement()), "LCB": run(UpperConfidenceBound())}, pace="keys")
    >>> len(race)
    4
    """
    checked_pace(pace)
    race = Race(histories, objective)
    return Animation(RaceFilm(race, checked_theme(theme), checked_scale(scale), captions), pace)


class RaceFilm(Film):
    """Each iteration: all choose, then all update."""

    def __init__(self, race: Race, theme: Theme, scale: float = 1, captions: bool = True) -> None:
        self.race, self.theme, self.scale, self.captions = race, theme, scale, captions
        self.size = round(SIZE[0] * scale), round(SIZE[1] * scale)
        self.title = f"{COUNT[len(race.lanes)].capitalize()} ways to choose"
        final = "; ".join(f"{race.lanes[i].label} {words}" for _, i, words in race.ranking(race.length, True))
        what = "best value" if race.optimum is None else "regret"
        self.alt_text = (
            f"Animation of {COUNT[len(race.lanes)]} searches side by side, {plural(race.length, 'iteration')} from "
            f"{'the same' if race.same_start else 'a'} start of {plural(race.start, 'point')}. "
            f"In the end their {what} is: {final}."
        )

    # ---- what is shown when

    def cues(self, pace: str) -> list[Cue]:
        """A hold for the choices and six tweens for what they brought, iteration by iteration."""
        cues = []
        for iteration in range(1, self.race.length + 1):
            phases = ("Choose",) if pace == "steps" else ("Choose", "Update")
            for phase in phases:
                of = TWEENS if phase == "Update" and pace != "keys" else 1
                lines = self.caption(iteration, phase == "Update")
                slow = iteration <= 2
                hold = reading_time(lines, pace, slow=slow, brief=1600 if phase == "Choose" else 700)
                cues += [Cue(iteration, phase, t, of, 50, lines, False) for t in range(of - 1)]
                cues.append(Cue(iteration, phase, of - 1, of, hold, lines, True))
        last = cues[-1]
        cues[-1] = Cue(last.step, last.phase, last.tween, last.of, LAST, last.caption, True)
        return cues

    def caption(self, iteration: int, told: bool) -> tuple[str, ...]:
        """Who is ahead, who is last, and that it is a race and no verdict."""
        race = self.race
        start = "Same start, " if race.same_start else ""
        line = f"{start}{COUNT[len(race.lanes)]} ways to choose: iteration {iteration}"
        ranking = race.ranking(iteration, told)
        first = [i for rank, i, _ in ranking if rank == 1]
        verdict = "One start is a race, not a verdict: compare over many seeds."
        if len(first) == len(race.lanes):
            return line[0].upper() + line[1:], f"All are equal.  {verdict}"
        worst, words = ranking[-1][0], ranking[-1][2]
        last = [i for rank, i, _ in ranking if rank == worst]
        what = "best" if race.optimum is None else "regret"
        said = f"Ahead: {self._labels(first)}.  Last: {self._labels(last)}, {what} {words}.  {verdict}"
        return line[0].upper() + line[1:], said

    def _labels(self, indices: list[int]) -> str:
        names = [elided(self.race.lanes[i].label, 14) for i in sorted(indices)]
        return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"

    # ---- pixels

    def draw(self, cue: Cue) -> Image:
        return self.arrange(cue).draw((cue.step, cue.phase, cue.key))

    def arrange(self, cue: Cue) -> Stage:
        """Set the stage to a cue without drawing it."""
        scene = self._scene
        with drawing(self.theme):
            scene.show(cue.step, cue.gain if cue.phase == "Update" else 0.0)
        scene.captions.say(cue.caption if self.captions else ())
        return scene.stage

    @cached_property
    def _scene(self) -> Scene:
        return Scene(self.race, self.theme, self.scale)
