"""GIF: one palette for the whole file, and of each frame only what changed.

Pillow compresses the pixels. The frame around them is written here, because Pillow's own writer makes a
palette for every frame: three times the bytes, and colours that flicker.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import BinaryIO

from PIL import Image as Pillow

from .frames import Cue, Film
from .palette import SAME, Palette, Patch, difference, palette_of

KEEP = 1  # disposal: the next frame is drawn over this one


def write_gif(out: BinaryIO, film: Film, cues: list[Cue], *, loop: int = 0) -> None:
    """Write cues of a film as a GIF that plays `loop` times (0: for ever)."""
    palette = palette_of(film, cues)
    frames = zip(patches(film, cues, palette), _hundredths(cues), strict=True)
    for number, (patch, hundredths) in enumerate(frames):
        if number == 0:
            out.write(_header(patch, palette, loop))
        out.write(_frame(patch, hundredths))
    out.write(b";")


def patches(film: Film, cues: list[Cue], palette: Palette) -> Iterator[Patch]:
    """What changes with each cue: the first frame whole, of the others the difference."""
    before = palette.indices(film.draw(cues[0]))
    yield Patch(0, 0, before)
    for cue in cues[1:]:
        after = palette.indices(film.draw(cue))
        yield difference(before, after)
        before = after


def _header(first: Patch, palette: Palette, loop: int) -> bytes:
    """Screen and palette, then how often to play: a GIF counts repetitions, and none if the block is missing."""
    height, width = first.indices.shape
    screen = b"GIF89a" + struct.pack("<HHBBB", width, height, 0xF7, 0, 0) + bytes(palette.flat)
    if loop == 1:
        return screen
    return screen + b"\x21\xff\x0bNETSCAPE2.0\x03\x01" + struct.pack("<HB", max(loop - 1, 0), 0)


def _frame(patch: Patch, hundredths: int) -> bytes:
    """Duration and transparent index, the place on the screen, and the compressed pixels."""
    height, width = patch.indices.shape
    control = b"\x21\xf9\x04" + struct.pack("<BHBB", KEEP << 2 | 1, hundredths, SAME, 0)
    place = b"," + struct.pack("<HHHHB", patch.left, patch.top, width, height, 0)
    return control + place + b"\x08" + Pillow.fromarray(patch.indices).tobytes("gif", "L", 8, 0) + b"\x00"


def _hundredths(cues: list[Cue]) -> Iterator[int]:
    """Durations in 1/100 s, rounding carried over so that the whole keeps its length; browsers slow down below 2."""
    elapsed = shown = 0
    for cue in cues:
        elapsed += cue.ms
        duration = max(round((elapsed - 10 * shown) / 10), 2)
        shown += duration
        yield min(duration, 65535)
