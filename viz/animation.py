"""An animation of a run: look at it in a notebook, go through its frames, or save it.

Building one is cheap. Frames are drawn when they are asked for, one at a time.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image as Pillow

from bayestuner import ParameterError

from .files import checked_path, draft
from .frames import Cue, Film, Frame, Image, checked_pace
from .gif import write_gif
from .mp4 import find_ffmpeg, write_mp4
from .player import iframe, page
from .style import checked_theme

SUFFIXES = (".gif", ".mp4", ".html", ".png")
THUMBNAIL, GAP = 450, 12  # pixels of a contact sheet


@dataclass(frozen=True, eq=False, repr=False)
class Animation:
    """A film at a pace: "lesson" (all of it), "brief", "keys" (one frame a phase) or "steps" (one an iteration)."""

    film: Film
    pace: str = "lesson"

    def __post_init__(self) -> None:
        checked_pace(self.pace)

    @cached_property
    def cues(self) -> list[Cue]:
        """What each frame shows and for how long, in order."""
        return self.film.cues(self.pace)

    def frames(self) -> Iterator[Frame]:
        """Draw one frame after the other."""
        return (self._drawn(cue) for cue in self.cues)

    def frame(self, index: int) -> Frame:
        """Draw one frame; negative numbers count from the end. IndexError if there is no such frame."""
        if not -len(self) <= index < len(self):
            raise IndexError(f"there is no frame {index}: the animation has {len(self)}, from 0 to {len(self) - 1}")
        return self._drawn(self.cues[index])

    def _drawn(self, cue: Cue) -> Frame:
        return Frame(self.film.draw(cue), cue.ms, cue.step, cue.phase, cue.caption)

    def __len__(self) -> int:
        return len(self.cues)

    def __repr__(self) -> str:
        return f"<Animation {self.film.title!r}, pace {self.pace!r}: {len(self)} frames, {self.seconds:.0f} seconds>"

    @property
    def seconds(self) -> float:
        """How long it plays."""
        return sum(cue.ms for cue in self.cues) / 1000

    @property
    def captions(self) -> list[str]:
        """The story in words, one entry for each phase."""
        return [" ".join(cue.caption) for cue in self.cues if cue.key]

    @property
    def alt_text(self) -> str:
        """The whole in a few sentences, for who cannot see it."""
        return self.film.alt_text

    def markdown(self, path: str | Path) -> str:
        """An image link to the saved file, with the alt text, for a README."""
        words = "".join("\\" + letter if letter in "\\[]`*_<>" else letter for letter in self.alt_text)
        return f"![{' '.join(words.split())}](<{Path(path).as_posix()}>)"

    def contact_sheet(self, path: str | Path | None = None, columns: int = 4) -> Image:
        """All key frames side by side, (h, w, 3); also written to `path` (.png) if there is one."""
        if columns < 1:
            raise ParameterError(f"columns must be at least 1, got {columns!r}")
        target = None if path is None else checked_path(path, [".png"])
        thumbnails = [_thumbnail(self.film.draw(cue)) for cue in self.cues if cue.key]
        sheet = _tiled(thumbnails, columns, self.film.theme.axis)
        if target is not None:
            with draft(target) as place:
                sheet.save(place)
        return np.asarray(sheet)

    def to_html(self) -> str:
        """The player as one self-contained page: no request leaves it."""
        return page(self.film, self.cues)

    def _repr_html_(self) -> str:
        return iframe(self.film, self.cues)

    def save(
        self,
        path: str | Path,
        *,
        pace: str | None = None,
        fps: float = 20,
        loop: int = 0,
        overwrite: bool = True,
    ) -> Path:
        """Write .gif, .mp4, .html (the player) or .png (the last frame), whole or not at all, and return the path.

        `fps` counts for .mp4; a .gif plays `loop` times, 0 is for ever. Raises before anything is drawn:
        ParameterError for a suffix, pace, fps or loop that there is not, OSError for a path that cannot be
        written, FileNotFoundError where .mp4 has no ffmpeg.
        """
        target = check_output(path, fps=fps, loop=loop, overwrite=overwrite)
        animation = self if pace is None else replace(self, pace=pace)
        with draft(target) as place:
            animation._write(place, fps, loop)
        return target

    def _write(self, path: Path, fps: float, loop: int) -> None:
        match path.suffix.lower():
            case ".gif":
                with path.open("wb") as out:
                    write_gif(out, self.film, self.cues, loop=loop)
            case ".mp4":
                write_mp4(path, self.film, self.cues, fps=fps)
            case ".html":
                path.write_text(self.to_html(), encoding="utf-8", newline="\n")
            case ".png":
                Pillow.fromarray(self.frame(-1).image).save(path, "PNG", optimize=True)


def check_output(
    path: str | Path,
    *,
    pace: Any = "lesson",
    theme: Any = "light",
    fps: Any = 20,
    loop: Any = 0,
    overwrite: bool = True,
) -> Path:
    """Return the path if an animation can be saved there in this way; raises what `save` raises, and costs nothing."""
    checked_pace(pace)
    checked_theme(theme)
    target = checked_path(path, SUFFIXES, overwrite=overwrite)
    if isinstance(fps, bool) or not isinstance(fps, (int, float)) or not 0 < fps < math.inf:
        raise ParameterError(f"fps must be a number above 0, got {fps!r}")
    if isinstance(loop, bool) or not isinstance(loop, int) or not 0 <= loop <= 65535:
        raise ParameterError(f"loop must be a whole number, 0 (for ever) to 65535, got {loop!r}")
    if target.suffix.lower() == ".mp4":
        find_ffmpeg()
    return target


def _thumbnail(image: Image) -> Pillow.Image:
    height, width, _ = image.shape
    share = min(1, THUMBNAIL / width)
    return Pillow.fromarray(image).resize((round(share * width), round(share * height)), Pillow.Resampling.LANCZOS)


def _tiled(images: list[Pillow.Image], columns: int, gap_colour: str) -> Pillow.Image:
    w, h = images[0].size
    columns = min(columns, len(images))
    rows = math.ceil(len(images) / columns)
    sheet = Pillow.new("RGB", (columns * (w + GAP) + GAP, rows * (h + GAP) + GAP), gap_colour)
    for number, image in enumerate(images):
        sheet.paste(image, (GAP + number % columns * (w + GAP), GAP + number // columns * (h + GAP)))
    return sheet
