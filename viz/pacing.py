"""How long each part of a step's story takes: the words decide, for whoever reads them has to keep up."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from .frames import Cue, checked_pace
from .reading import LAST, reading_time

PHASES = ("Fit", "Score", "Choose", "Evaluate", "Update")
HOLDS = dict(zip(PHASES, (400, 300, 1600, 1000, 500), strict=True))  # ms, in every pace but the lesson
SLOW_STEPS = 2  # so many iterations are told slowly in a lesson

Caption = tuple[str, ...]


def story_cues(
    pace: str,
    steps: Sequence[int],
    phases: Callable[[int], Sequence[str]],
    caption: Callable[[int, str], Caption],
    slow_tweens: Mapping[str, int],
    tweens: Mapping[str, int],
    tween_ms: int = 50,
) -> list[Cue]:
    """The cues of a story of steps: `phases` of a step that there are, and the caption of each.

    lesson: every tween of every phase. brief: one frame a phase, and Update's tweens. keys: one frame a phase.
    steps: the Choose frame alone (or the last phase that there is before).
    """
    checked_pace(pace)
    cues: list[Cue] = []
    for at, step in enumerate(steps):
        slow = at < SLOW_STEPS
        there = list(phases(step))
        if pace == "steps":
            there = [phase for phase in there if phase in PHASES[:3]][-1:]
        for phase in there:
            moving = pace == "lesson" or (pace == "brief" and phase == "Update")
            of = (slow_tweens if slow and pace == "lesson" else tweens)[phase] if moving else 1
            words = caption(step, phase)
            hold = reading_time(words, pace, slow=slow, brief=HOLDS[phase])
            cues += [Cue(step, phase, i, of, tween_ms, words, key=False) for i in range(of - 1)]
            cues.append(Cue(step, phase, of - 1, of, hold, words, key=True))
    cues[-1] = replace(cues[-1], ms=LAST)
    return cues
