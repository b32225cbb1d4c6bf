"""255 colours for a whole animation, and what changed from one frame to the next.

A palette holds the colours that carry meaning exactly; the rest is the median cut of sampled frames.
Index 255 means "as in the frame before", so that a frame costs only what moved.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pillow
from scipy.spatial import cKDTree

from .frames import Cue, Film, Image

SAME = 255  # the index of no colour: this pixel stays as it was
SAMPLES = 24  # frames that the palette is made from

Indices = NDArray[np.uint8]


@dataclass(frozen=True)
class Palette:
    """Up to 255 colours (k, 3), and the index of the nearest one for every colour that was asked for."""

    colours: NDArray[np.uint8]
    _nearest: Indices = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        # One entry for each of the 2²⁴ colours, filled when it first occurs: a frame then is one look-up.
        object.__setattr__(self, "_nearest", np.full(1 << 24, SAME, dtype=np.uint8))

    def indices(self, image: Image) -> Indices:
        """Return the index of the nearest colour for each pixel of an image (h, w, 3): (h, w)."""
        codes = _codes(image)
        found = self._nearest[codes]
        new = found == SAME
        if new.any():
            unseen = np.unique(codes[new])
            self._nearest[unseen] = cKDTree(self.colours).query(_channels(unseen))[1]
            found = self._nearest[codes]
        return found

    @property
    def flat(self) -> list[int]:
        """The colours as Pillow wants them: 256 times red, green, blue."""
        padded = np.zeros((256, 3), dtype=np.uint8)
        padded[: len(self.colours)] = self.colours
        return [int(value) for value in padded.ravel()]


@dataclass(frozen=True)
class Patch:
    """The smallest rectangle that holds all changes: its left and top, and its indices (h, w)."""

    left: int
    top: int
    indices: Indices


def palette_of(film: Film, cues: list[Cue]) -> Palette:
    """Return the palette of a film: its own colours, then the median cut of frames drawn here and there."""
    chosen = sorted({int(at) for at in np.linspace(0, len(cues) - 1, SAMPLES)})
    return make_palette(film.theme.colours, (film.draw(cues[at]) for at in chosen))


def make_palette(reserved: Iterable[str], images: Iterable[Image]) -> Palette:
    """Return the reserved colours ("#0072B2"), followed by the median cut of what else is in the images.

    A colour counts by the square root of its pixels: lines and markers weigh more than areas.
    """
    exact = np.unique([int(colour.lstrip("#"), 16) for colour in reserved]).astype(np.uint32)
    pixels = np.zeros(1 << 24, dtype=np.int64)
    for image in images:
        np.add.at(pixels, _codes(image).ravel(), 1)
    pixels[exact] = 0
    rest = np.flatnonzero(pixels)
    weights = np.ceil(np.sqrt(pixels[rest])).astype(np.int64)
    colours = _median_cut(_channels(np.repeat(rest, weights)), SAME - len(exact))
    return Palette(np.concatenate([_channels(exact), colours]))


def difference(before: Indices, after: Indices) -> Patch:
    """Return what changed, unchanged pixels as SAME; one unchanged pixel where nothing did.

    >>> import numpy as np
    >>> before = np.zeros((4, 4), dtype=np.uint8)
    >>> after = before.copy(); after[1, 2] = after[2, 3] = 7
    >>> difference(before, after)
    Patch(left=2, top=1, indices=array([[  7, 255], [255,   7]], dtype=uint8))
    """
    changed = before != after
    rows, columns = np.flatnonzero(changed.any(axis=1)), np.flatnonzero(changed.any(axis=0))
    if not len(rows):
        return Patch(0, 0, np.full((1, 1), SAME, dtype=np.uint8))
    window = np.s_[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    return Patch(int(columns[0]), int(rows[0]), np.where(changed[window], after[window], np.uint8(SAME)))


def _codes(image: Image) -> NDArray[np.uint32]:
    """Red, green and blue as one number."""
    red, green, blue = np.moveaxis(image.astype(np.uint32), -1, 0)
    return np.asarray(red << 16 | green << 8 | blue, dtype=np.uint32)


def _channels(codes: NDArray[np.integer]) -> NDArray[np.uint8]:
    return np.stack([codes >> 16 & 255, codes >> 8 & 255, codes & 255], axis=-1).astype(np.uint8)


def _median_cut(pixels: NDArray[np.uint8], count: int) -> NDArray[np.uint8]:
    if not len(pixels):
        return np.empty((0, 3), dtype=np.uint8)
    cut = Pillow.fromarray(pixels[None]).quantize(count, method=Pillow.Quantize.MEDIANCUT)
    return np.array(cut.getpalette(), dtype=np.uint8).reshape(-1, 3)[:count]
