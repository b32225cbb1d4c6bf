"""The player: one HTML file with all frames inside, which works from disk, in a notebook, and by keyboard alone.

Each iteration begins with a whole picture, so that one can jump there; the frames after it are what changed. The
words of every frame are real text. The parts are player.html, player.css and player.js beside this file.
"""

from __future__ import annotations

import base64
import io
import json
from collections.abc import Iterator
from html import escape
from itertools import chain
from typing import Any

import numpy as np
from PIL import Image as Pillow

from .frames import Cue, Film
from .markup import filled, part
from .palette import SAME, Indices, Palette, Patch, difference, palette_of

PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{{title}}</title>
<link rel="icon" href="data:,">
<style>body {{margin}}</style>
</head>
<body>
{{player}}
</body>
</html>
"""
COLOURS = ("bg", "ink", "mute", "grid", "axis", "chip", "model", "new")


def page(film: Film, cues: list[Cue]) -> str:
    """Return a whole page with the player."""
    margin = f"{{ margin: 0; background: {film.theme.bg}; }}"
    return filled(PAGE, title=escape(film.title), margin=margin, player=player(film, cues))


def iframe(film: Film, cues: list[Cue]) -> str:
    """Return the page in a frame of its own, for notebooks: styles and keys of the two do not meet."""
    width, height = (round(side / film.scale) for side in film.size)
    return (
        f'<iframe data-fit title="{escape(film.title)}" srcdoc="{escape(page(film, cues))}" '
        f'style="width: 100%; max-width: {width + 24}px; height: {height + 220}px; border: 0"></iframe>'
    )


def player(film: Film, cues: list[Cue]) -> str:
    """Return the player as a piece of HTML; several fit on one page."""
    palette = palette_of(film, cues)
    patches = list(_patches(film, cues, palette))
    last = palette.indices(film.draw(cues[-1]))
    return filled(
        part("player.html"),
        title=escape(film.title),
        alt=escape(film.alt_text),
        look=_look(film, cues),
        width=str(patches[0].indices.shape[1]),
        height=str(patches[0].indices.shape[0]),
        last="data:image/png;base64," + _png(last, palette).replace("-", "%2B").replace("_", "%2F"),
        story="\n".join(_story(cues)),
        data=json.dumps(_data(cues, patches, palette), separators=(",", ":")).replace("<", "\\u003c"),
        style=part("player.css"),
        script=part("player.js"),
    )


def _look(film: Film, cues: list[Cue]) -> str:
    """What player.css has to know of the film."""
    tokens = {name: getattr(film.theme, name) for name in COLOURS}
    tokens["width"] = f"{round(film.size[0] / film.scale)}px"
    tokens["lines"] = str(max(len(cue.caption) for cue in cues))
    return "; ".join(f"--{name}: {value}" for name, value in tokens.items())


def _patches(film: Film, cues: list[Cue], palette: Palette) -> Iterator[Patch]:
    """A whole picture where an iteration begins, then what changed."""
    before: tuple[int, Indices] | None = None
    for cue in cues:
        after = palette.indices(film.draw(cue))
        yield difference(before[1], after) if before and before[0] == cue.step else Patch(0, 0, after)
        before = cue.step, after


def _data(cues: list[Cue], patches: list[Patch], palette: Palette) -> dict[str, Any]:
    """What player.js plays: names and captions once, frames by their numbers."""
    phases = list(dict.fromkeys(cue.phase for cue in cues))
    steps = list(dict.fromkeys(cue.step for cue in cues))
    captions = list(dict.fromkeys(cue.caption for cue in cues))
    frames = [
        [
            cue.ms, phases.index(cue.phase), steps.index(cue.step), captions.index(cue.caption), int(cue.key),
            patch.left, patch.top, _png(patch.indices, palette),
        ]
        for cue, patch in zip(cues, patches, strict=True)
    ]  # fmt: skip
    return {"phases": phases, "captions": captions, "frames": frames}


def _story(cues: list[Cue]) -> Iterator[str]:
    """The key frames' captions as items of a list; a new iteration stands apart."""
    keys = [cue for cue in cues if cue.key]
    for earlier, cue in zip(chain([None], keys), keys, strict=False):
        begins = ' class="begins"' if earlier is not None and earlier.step != cue.step else ""
        first, *others = (escape(line) for line in cue.caption or (cue.phase,))
        yield f"    <li{begins}>{' '.join([f'<b>{first}</b>', *others])}</li>"


def _png(indices: Indices, palette: Palette) -> str:
    """A PNG with just the colours that occur, in the alphabet of base64 that needs no slash."""
    used, compact = np.unique(indices, return_inverse=True)
    image = Pillow.fromarray(compact.reshape(indices.shape).astype(np.uint8))
    colours = np.append(palette.colours, np.zeros((256 - len(palette.colours), 3), dtype=np.uint8), axis=0)
    image.putpalette(colours[used].tobytes())
    out = io.BytesIO()
    options = {"transparency": int(len(used) - 1)} if used[-1] == SAME else {}
    image.save(out, "PNG", compress_level=8, **options)  # 9 takes twice as long and saves 2 %
    return base64.urlsafe_b64encode(out.getvalue()).decode("ascii")
