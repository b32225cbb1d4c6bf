"""What an animation is made of: a film knows its cues, and draws any of them on demand.

    cue     what one frame shows, and for how long: cheap, no pixels
    film    one kind of picture: its cues for a pace, and the drawing of a cue
    frame   a cue with its pixels

A phase is a run of cues with the same step and phase name. Its last cue is the key frame: all has
arrived, and the picture is held long enough to read the caption.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from bayestuner import ParameterError

if TYPE_CHECKING:
    from .style import Theme

Image = NDArray[np.uint8]

PACES = ("lesson", "brief", "keys", "steps")
"""lesson: all phases, slow at first. brief: one frame a phase, and Update moves. keys: one frame a phase.
steps: one frame an iteration."""


@dataclass(frozen=True)
class Cue:
    """What one frame shows: tween `tween` (from 0) of `of` in a phase of an iteration, for `ms` milliseconds.

    >>> Cue(step=1, phase="Update", tween=3, of=4, ms=500, caption=("The band closes.",), key=True).gain
    1.0
    """

    step: int
    phase: str
    tween: int
    of: int
    ms: int
    caption: tuple[str, ...]
    key: bool

    @property
    def gain(self) -> float:
        """How much of the phase has happened, from just above 0 to 1, slow at both ends."""
        return ease((self.tween + 1) / self.of)


@dataclass(frozen=True)
class Frame:
    """The pixels of one cue: image (h, w, 3), shown for `ms` milliseconds."""

    image: Image
    ms: int
    step: int
    phase: str
    caption: tuple[str, ...]


class Film(ABC):
    """One kind of picture that moves: a subclass knows the cues of each pace and draws a cue.

    `size` is width and height in pixels, `scale` how many of them make one of the layout's. `title` is a short
    name, `alt_text` the whole story in words for who cannot see it.
    """

    size: tuple[int, int]
    scale: float = 1
    theme: Theme
    title: str
    alt_text: str

    @abstractmethod
    def cues(self, pace: str) -> list[Cue]:
        """Return what is shown, in order; at least one cue, the last one of each phase a key frame."""

    @abstractmethod
    def draw(self, cue: Cue) -> Image:
        """Return the pixels of a cue, (h, w, 3). The same cue gives the same pixels, whatever was drawn before."""


def ease(t: float) -> float:
    """t²(3 - 2t): from 0 to 1, slow at both ends.

    >>> ease(0.5)
    0.5
    """
    return t * t * (3 - 2 * t)


def checked_pace(pace: Any) -> str:
    """Return the pace if there is such a one; ParameterError otherwise.

    >>> checked_pace("slow")
    Traceback (most recent call last):
    gp.errors.ParameterError: there is no pace 'slow'; choose one of lesson, brief, keys, steps
    """
    if pace not in PACES:
        raise ParameterError(f"there is no pace {pace!r}; choose one of {', '.join(PACES)}")
    return str(pace)
