"""How a run along one parameter is drawn: its acquisition's colour and words, and the ticks of its axis."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from acquisition import ThompsonSampling, UpperConfidenceBound

from .axis import Axis
from .canvas import Box
from .panel import x_axis
from .rounds import Round
from .style import Theme
from .terms import short_name
from .text import elided

MOST = 12  # ticks along x, if they are few whole numbers
LETTER = 7.5  # pixels


@dataclass(frozen=True)
class Look:
    """How this run's acquisition is drawn, and which way is better."""

    direction: str
    name: str
    colour: str
    fill: Any
    ends: tuple[str, str]
    meaning: str
    swatch: str
    most_new: int

    @staticmethod
    def of(all_rounds: Sequence[Round], theme: Theme) -> Look:
        """For the acquisition of a run; that of its first step where it changes."""
        most = max(max(len(r.steps), len(r.arrived)) for r in all_rounds)
        first = all_rounds[0]
        if not first.steps:
            return Look(first.direction, "", theme.acq, theme.acqfill, ("", ""), "", "acq", most)
        name = short_name(first.step)
        own = isinstance(first.step.acquisition, (ThompsonSampling, UpperConfidenceBound))
        colour = theme.look(name).colour if own else theme.acq
        fill = (colour, 0.25) if own else theme.acqfill
        ends = ("0", "max") if name in ("EI", "PI") else ("worst", "best")
        words = {
            "EI": "EI: expected gain",
            "PI": "PI: chance of a gain",
            "LCB": "LCB: optimistic edge",
            "UCB": "UCB: optimistic edge",
            "Thompson": "Thompson: one sample",
        }
        meaning = words.get(name, f"{elided(name, 20)}: score")
        swatch = name if own else "acq"
        return Look(first.direction, elided(name, 10), colour, fill, ends, meaning, swatch, most)


def ticks_along(ax: Any, axis: Axis, box: Box, *, label: bool = True) -> None:
    """Limits and ticks of the parameter, every one of them where its values are few and have the room."""
    x_axis(ax, axis, label=label, most=MOST if axis.discrete else 6)
    _crowded(ax, box[2] - box[0])


def _crowded(ax: Any, width: float) -> None:
    """Shorten the names of categories, and leave some out, until each has its room along an axis of so many pixels."""
    labels = [label.get_text() for label in ax.get_xticklabels()]
    if len(labels) * max(map(len, labels)) * LETTER < 0.9 * width:
        return
    letters = max(int(0.9 * width / len(labels) / LETTER), 3)
    every = -(-len(labels) * (letters + 1) * LETTER // width)
    ax.set_xticklabels([elided(words, letters) if i % every == 0 else "" for i, words in enumerate(labels)])
