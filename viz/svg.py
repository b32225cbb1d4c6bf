"""A figure as a piece of HTML that follows the page: drawn once, light on a light page and dark on a dark one.

Every colour of a theme gets a stand-in of its own, the figure is drawn with these, and in the SVG each stand-in
becomes the name of a CSS variable, as in `fill: var(--model)`. `variables` gives these names the colours of a theme.
Words stay words: they can be searched, copied and read aloud, in the font of the page.
"""

from __future__ import annotations

import io
import re
import zlib
from collections.abc import Callable, Iterator
from dataclasses import fields, replace
from functools import cache
from html import escape
from types import MappingProxyType
from typing import Any

import matplotlib
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure

from .style import DARK, LIGHT, Look, Theme, drawing

RAMPS = ("mean", "std", "acquisition")
STEPS = 14  # colours of a ramp, as the fields are drawn
DPI = 72  # matplotlib's SVG counts in points

Draw = Callable[[Theme], Axes | Figure]


def themed_svg(draw: Draw, alt: str, *, width: int | None = None, height: int | None = None) -> str:
    """Return what `draw(theme)` draws as inline SVG, `alt` its description; width and height in pixels of 100 dpi.

    >>> from .figures_kernel import plot_kernel
    >>> from gp import RBF
    >>> svg = themed_svg(lambda theme: plot_kernel(RBF(), theme=theme), "the RBF kernel")
    >>> svg.count("var(--model)") > 0 and "#" not in svg.replace('href="#', "").replace("url(#", "")
    True
    """
    theme = stand_in()
    drawn = draw(theme)
    figure: Any = drawn.figure if isinstance(drawn, Axes) else drawn
    if width and height:
        figure.set_size_inches(width / 100, height / 100)
    out = io.StringIO()
    with drawing(theme), matplotlib.rc_context({"svg.fonttype": "none"}):
        figure.savefig(out, format="svg", dpi=DPI)
    return _dressed(_named(out.getvalue()), alt)


def variables(theme: Theme) -> str:
    """The colours of a theme as CSS: --bg: #FFFFFF; --ink: ..."""
    return " ".join(f"--{name}: {colour};" for name, colour in _colours(theme))


def _colours(theme: Theme) -> Iterator[tuple[str, str]]:
    """Every colour of a theme with its name, those of the ramps numbered."""
    for f in fields(theme):
        if f.type == "str" and f.name != "name":
            yield f.name.replace("_", "-"), getattr(theme, f.name)
    for name, look in theme.compared.items():
        yield f"as-{name.lower()}", look.colour
        yield f"as-{name.lower()}-text", look.text
    for ramp in RAMPS:
        yield from ((f"{ramp}-{i}", colour) for i, colour in enumerate(theme.ramp(ramp, steps=STEPS)))


@cache
def stand_in() -> Theme:
    """The light theme with the last bits of its colours changed, so that no two names have the same colour."""
    taken: set[str] = set()

    def unlike(colour: str) -> str:
        red, green, blue = (round(255 * part) for part in to_rgb(colour))
        shift = 0
        while (code := f"#{red:02x}{green:02x}{(blue + shift) % 256:02x}") in taken:
            shift += 1 if blue < 128 else -1
        taken.add(code)
        return code

    ramps: dict[str, Any] = {
        f"{ramp}_ramp": tuple(map(unlike, getattr(LIGHT, f"{ramp}_ramp"))) for ramp in ("mean", "std", "acq")
    }
    theme = replace(LIGHT, name="stand-in", **ramps)
    taken.update(colour for ramp in RAMPS for colour in theme.ramp(ramp, steps=STEPS))
    plain: dict[str, Any] = {
        f.name: unlike(getattr(LIGHT, f.name)) for f in fields(LIGHT) if f.type == "str" and f.name != "name"
    }
    compared = {n: Look(unlike(look.colour), look.marker, unlike(look.text)) for n, look in LIGHT.compared.items()}
    return replace(theme, **plain, compared=MappingProxyType(compared))


def _named(svg: str) -> str:
    """The SVG with names in place of stand-ins."""
    names = {colour.lower(): name for name, colour in _colours(stand_in())}
    return re.sub(r"#[0-9a-f]{6}\b", lambda m: f"var(--{names[m[0]]})" if m[0] in names else m[0], svg)


def _dressed(svg: str, alt: str) -> str:
    """Just the drawing: no header, no metadata, no names that two figures of a page could share."""
    head, body = re.fullmatch(r".*?<svg\b([^>]*)>(.*)</svg>\s*", svg, re.DOTALL).groups()  # type: ignore[union-attr]
    box = re.search(r'viewBox="([^"]*)"', head)[1]  # type: ignore[index]
    body = re.sub(r"<metadata>.*?</metadata>", "", body, flags=re.DOTALL)
    body = re.sub(r"font: ?([^;\"]*?[\d.]+px)[^;\"]*", _font, re.sub(r"font-family: [^;\"]*;? ?", "", body))
    body = re.sub(r"<!--.*?-->\s*", "", body, flags=re.DOTALL)
    body = re.sub(r'<g id="[^"]*"', "<g", body)
    mark = f"f{zlib.crc32((alt + body).encode()):08x}-"  # unlike any other figure's
    body = re.sub(r'\bid="|href="#|url\(#', lambda m: m[0] + mark, body).replace("xlink:href", "href")
    width = 100 * float(box.split()[2]) / DPI
    return (
        f'<svg class="drawing" role="img" aria-label="{escape(alt)}" viewBox="{box}" '
        f'style="--drawn: {width:.0f}px">{body.strip()}</svg>'
    )


def _font(match: re.Match[str]) -> str:
    """Size and weight of a text; its font is the page's."""
    *weight, size = match[1].split()
    return f"font-size: {size}" + "; font-weight: 700" * bool({"bold", "700"} & set(weight))


LIGHT_VARIABLES, DARK_VARIABLES = variables(LIGHT), variables(DARK)
