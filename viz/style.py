"""One look for every picture: colours by meaning, sizes of text, and matplotlib's settings while we draw.

One colour has one meaning everywhere: model blue, acquisition green, the new or next point vermillion, the best
gold, the truth grey and dashed, observations dark. The light colours are those of Okabe & Ito.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, fields
from functools import cache
from types import MappingProxyType
from typing import Any

import matplotlib
import numpy as np
from matplotlib.colors import to_hex, to_rgb

from gp import ParameterError

CAPTION, LABEL, SMALL, TINY = 12.5, 10.0, 9.0, 8.0  # sizes of text in points; nothing is smaller than TINY
SECOND = 10.5  # the caption's second line


@dataclass(frozen=True)
class Look:
    """How a method looks where several are compared: colour and marker, and the colour of its name as text."""

    colour: str
    marker: str
    text: str


@dataclass(frozen=True)
class Theme:
    """Every colour by its meaning; ramps of fields run from the best (certain, useless) value to the other end.

    `newtext` and `besttext` are the readable versions of `new` and `best` for words.
    """

    name: str
    bg: str
    ink: str
    mute: str
    grid: str
    axis: str
    model: str
    band1: str
    band2: str
    truth: str
    obs: str
    obs_edge: str
    new: str
    newtext: str
    acq: str
    acqfill: str
    best: str
    best_edge: str
    besttext: str
    ghost: str
    chip: str
    mean_ramp: tuple[str, ...]
    std_ramp: tuple[str, ...]
    acq_ramp: tuple[str, ...]
    compared: Mapping[str, Look]

    def ramp(self, field: str, *, maximize: bool = False, steps: int = 14) -> list[str]:
        """Colours for rising values of "mean", "std" or "acquisition".

        >>> LIGHT.ramp("mean")[0] == LIGHT.ramp("mean", maximize=True)[-1] == "#08306b"
        True
        """
        knots = {"mean": self.mean_ramp, "std": self.std_ramp, "acquisition": self.acq_ramp}[field]
        reverse = maximize and field == "mean"
        red, green, blue = zip(*map(to_rgb, knots[::-1] if reverse else knots), strict=True)
        at, stops = np.linspace(0, len(knots) - 1, steps), np.arange(len(knots))
        return [to_hex((np.interp(a, stops, red), np.interp(a, stops, green), np.interp(a, stops, blue))) for a in at]

    def look(self, name: str) -> Look:
        """How the acquisition (or search) of this name looks in a comparison; any other looks like EI."""
        return self.compared.get(name, self.compared["EI"])

    @property
    def colours(self) -> list[str]:
        """Every colour of the theme and its ramps, once each: what a palette must have exactly."""
        named = [getattr(self, f.name) for f in fields(self) if f.type == "str" and f.name != "name"]
        compared = [c for look in self.compared.values() for c in (look.colour, look.text)]
        ramps = [c for field in ("mean", "std", "acquisition") for c in self.ramp(field)]
        return list(dict.fromkeys(c.upper() for c in named + compared + ramps))


LIGHT = Theme(
    name="light",
    bg="#FFFFFF", ink="#1B1F27", mute="#5B6472", grid="#E7EAEF", axis="#9AA3B0",
    model="#0072B2", band1="#AACFE6", band2="#D6E8F3", truth="#6B7280", obs="#1B1F27", obs_edge="#FFFFFF",
    new="#D55E00", newtext="#B84E00", acq="#009E73", acqfill="#BFE6DA",
    best="#E69F00", best_edge="#1B1F27", besttext="#8A5A00", ghost="#7C93A6", chip="#F1F3F6",
    mean_ramp=("#08306B", "#0B5596", "#2E86BF", "#6DB3D8", "#A9D2E8", "#D6E8F3", "#F6FAFD"),
    std_ramp=("#FCFBFD", "#E7E3F1", "#C7BFE0", "#9E90C6", "#7462A8", "#4C3A84"),
    acq_ramp=("#FFFFFF", "#DDF2EA", "#A9DFCB", "#63C4A2", "#1FA27C", "#00684C"),
    compared=MappingProxyType({
        "EI": Look("#009E73", "o", "#00795A"),
        "LCB": Look("#CC79A7", "s", "#A34F80"),
        "UCB": Look("#CC79A7", "s", "#A34F80"),
        "PI": Look("#8C6D31", "^", "#735A28"),
        "Thompson": Look("#56B4E9", "D", "#1A6FA3"),
        "random": Look("#6B7280", "x", "#5B6472"),
        "grid": Look("#9AA3B0", "+", "#5B6472"),
    }),
)  # fmt: skip

DARK = Theme(
    name="dark",
    bg="#11151C", ink="#E8ECF2", mute="#A3ADBB", grid="#222936", axis="#5A6575",
    model="#56B4E9", band1="#25506F", band2="#1B3346", truth="#AAB3C0", obs="#F4F6F9", obs_edge="#11151C",
    new="#FF6F52", newtext="#FF6F52", acq="#8BE28B", acqfill="#1E4A2A",
    best="#F5C04A", best_edge="#11151C", besttext="#F5C04A", ghost="#7E93A8", chip="#1C2330",
    mean_ramp=("#D8F0FF", "#9CD5F6", "#56B4E9", "#2F81B3", "#215B82", "#193E5A", "#141F2C"),
    std_ramp=("#14171F", "#231F3B", "#3A2F66", "#5A4A97", "#8672C8", "#BDABF3"),
    acq_ramp=("#11151C", "#15291D", "#1E4A2A", "#2F7A3E", "#56B45C", "#B6F5B0"),
    compared=MappingProxyType({
        "EI": Look("#8BE28B", "o", "#8BE28B"),
        "LCB": Look("#E59AC4", "s", "#E59AC4"),
        "UCB": Look("#E59AC4", "s", "#E59AC4"),
        "PI": Look("#C9A55C", "^", "#C9A55C"),
        "Thompson": Look("#C4B5FD", "D", "#C4B5FD"),
        "random": Look("#AAB3C0", "x", "#A3ADBB"),
        "grid": Look("#7E93A8", "+", "#A3ADBB"),
    }),
)  # fmt: skip

THEMES = {theme.name: theme for theme in (LIGHT, DARK)}

# What belongs to the user's session and has no part in how a picture looks.
_SESSION = ("backend", "backend_fallback", "interactive", "toolbar")
_lock = threading.RLock()
_within = threading.local()


def faint(colour: str, theme: Theme, share: float = 0.25) -> str:
    """A colour mixed with the background, for the fill below a line."""
    red, green, blue = (share * a + (1 - share) * b for a, b in zip(to_rgb(colour), to_rgb(theme.bg), strict=True))
    return to_hex((red, green, blue))


def checked_theme(name: Any) -> Theme:
    """Return the theme of that name, or a theme as it is; ParameterError lists the names."""
    if isinstance(name, Theme):
        return name
    if not isinstance(name, str) or name not in THEMES:
        raise ParameterError(f"theme must be one of {', '.join(map(repr, THEMES))}, got {name!r}")
    return THEMES[name]


def rc(theme: Theme) -> dict[Any, Any]:
    """All of matplotlib's settings: its own defaults, with ours on top, so that nothing of the user's is left."""
    defaults = matplotlib.rcParamsDefault
    plain = {key: defaults[key] for key in defaults if key not in _SESSION}
    text = {"text.color": theme.ink, "axes.labelcolor": theme.ink, "xtick.color": theme.axis, "ytick.color": theme.axis}
    back = {f"{part}.facecolor": theme.bg for part in ("figure", "axes", "savefig")}
    return plain | text | back | {
        "font.family": ["DejaVu Sans"],
        "font.size": SMALL,
        "mathtext.fontset": "dejavusans",
        "figure.dpi": 100.0,
        "savefig.dpi": "figure",
        "axes.edgecolor": theme.axis,
        "axes.linewidth": 0.8,
        "axes.labelsize": LABEL,
        "axes.titlesize": LABEL,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.grid": True,
        "axes.axisbelow": True,
        "grid.color": theme.grid,
        "grid.linewidth": 0.6,  # points: 0.8 pixels
        "xtick.labelcolor": theme.mute,
        "ytick.labelcolor": theme.mute,
        "xtick.labelsize": SMALL,
        "ytick.labelsize": SMALL,
        "xtick.major.width": 0.8,
        "ytick.major.width": 0.8,
        "xtick.minor.visible": False,
        "ytick.minor.visible": False,
        "legend.frameon": False,
        "legend.fontsize": SMALL,
        "svg.hashsalt": "bayestuner",  # the same names inside the same file
    }  # fmt: skip


@cache
def _settings(name: str) -> dict[Any, Any]:
    return rc(THEMES[name])


@contextmanager
def drawing(theme: Theme) -> Iterator[None]:
    """Settings for building pictures and for every draw of them (matplotlib reads its settings then, too).

    The user's settings come back afterwards. Inside of one another only the outermost counts.
    """
    if getattr(_within, "theme", None) is theme:
        yield
        return
    with _lock, matplotlib.rc_context(_settings(theme.name) if theme is THEMES.get(theme.name) else rc(theme)):
        outer, _within.theme = getattr(_within, "theme", None), theme
        try:
            yield
        finally:
            _within.theme = outer
