"""The top of a step's story: five chips for the phases, where in the run we are, and what happens in words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from matplotlib.patches import FancyBboxPatch

from .canvas import Stage
from .pacing import PHASES
from .panel import Captions
from .style import LABEL, SMALL, drawing

CHIP = (18, 42)  # top and bottom, in pixels
GAP = 8
WORDS_MARGIN = 15.5  # between a chip's end and its words


class Header:
    """Phase chips, a line at the right, and the captions; all on the phase layer."""

    def __init__(self, stage: Stage, rows: Sequence[float] = (64, 88)) -> None:
        self.stage = stage
        self._chips: dict[str, tuple[Any, Any]] = {}
        left = 20.0
        for number, phase in enumerate(PHASES, 1):
            left = self._chip(phase, f"{number}  {phase}", left) + GAP
        self.counter = stage.text(stage.size[0] - 18, 30, ha="right", fontsize=LABEL, layer="phase")
        self.captions = Captions(stage, rows)

    def _chip(self, phase: str, words: str, left: float) -> float:
        """Make a chip from its left end; return its right end."""
        middle = sum(CHIP) / 2
        text = self.stage.text(left + WORDS_MARGIN, middle, words, fontsize=LABEL, layer="phase", zorder=4)
        right = left + self.stage.width_of(text) + 2 * WORDS_MARGIN
        x, y, width, height = self.stage.fraction((left, CHIP[0], right, CHIP[1]))
        aspect = self.stage.size[0] / self.stage.size[1]
        shape = f"round,pad=0,rounding_size={10 / self.stage.size[0]}"
        with drawing(self.stage.theme):
            box = FancyBboxPatch(
                (x, y), width, height, boxstyle=shape, mutation_aspect=aspect, linewidth=0,
                transform=self.stage.figure.transFigure,
            )  # fmt: skip
        self.stage.figure.add_artist(box)
        self.stage.on("phase", box)
        self._chips[phase] = (box, text)
        return right

    def show(self, phase: str, counter: str, caption: Sequence[str]) -> None:
        """Light up a phase, and say where we are and what happens."""
        theme = self.stage.theme
        for name, (box, text) in self._chips.items():
            box.set_facecolor(theme.ink if name == phase else theme.chip)
            text.set_color(theme.bg if name == phase else theme.mute)
        self.counter.set_text(counter)
        self.counter.set_fontsize(LABEL)
        first = self._chips[PHASES[-1]][0].get_x() + self._chips[PHASES[-1]][0].get_width()
        self.stage.fit(self.counter, self.stage.size[0] * (1 - first) - 18 - SMALL)
        self.captions.say(caption)
