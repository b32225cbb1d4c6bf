"""The look of the pictures: colours that everybody can tell apart, words that can be read, nothing left behind."""

import itertools

import matplotlib
import numpy as np
import pytest
from matplotlib.colors import to_rgb
from pictures import HOSTILE, hostile, nothing_global_changes

from bayestuner import ParameterError
from viz.style import DARK, LIGHT, THEMES, checked_theme, drawing

MEANINGS = ("model", "new", "acq", "best", "truth", "obs")
# Machado, Oliveira & Fernandes (2009), severity 1: linear RGB as a protanope, deuteranope and tritanope sees it.
BLINDNESS = {
    "none": np.eye(3),
    "protan": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "deutan": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
    "tritan": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]],
}


def linear(colour):
    rgb = np.array(to_rgb(colour))
    return np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)


def lab(rgb):
    """CIE L*a*b* of linear RGB, D65."""
    xyz = np.array(
        [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]]
    )
    f = lambda t: np.where(t > 216 / 24389, np.cbrt(t), (24389 / 27 * t + 16) / 116)  # noqa: E731
    x, y, z = f(xyz @ np.clip(rgb, 0, 1) / [0.95047, 1.0, 1.08883])
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


def contrast(a, b):
    """WCAG contrast ratio."""
    high, low = sorted((linear(c) @ [0.2126, 0.7152, 0.0722] for c in (a, b)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("theme", THEMES.values(), ids=list(THEMES))
@pytest.mark.parametrize("kind", BLINDNESS)
def test_meanings_can_be_told_apart_by_everybody(theme, kind):
    seen = {name: lab(np.array(BLINDNESS[kind]) @ linear(getattr(theme, name))) for name in MEANINGS}
    distances = {(a, b): np.linalg.norm(seen[a] - seen[b]) for a, b in itertools.combinations(MEANINGS, 2)}
    closest = min(distances, key=distances.get)
    assert distances[closest] >= 15, f"{closest} are only {distances[closest]:.1f} apart"


@pytest.mark.parametrize("theme", THEMES.values(), ids=list(THEMES))
def test_words_can_be_read(theme):
    words = [theme.ink, theme.mute, theme.besttext, theme.newtext, *(look.text for look in theme.compared.values())]
    for colour in words:
        assert contrast(colour, theme.bg) >= 4.5, colour
    for colour in (theme.ink, theme.mute):
        assert contrast(colour, theme.chip) >= 4.5, colour


@pytest.mark.parametrize("theme", THEMES.values(), ids=list(THEMES))
@pytest.mark.parametrize("field", ["mean", "std", "acquisition"])
def test_ramps_get_steadily_darker_or_brighter(theme, field):
    lightness = [lab(linear(colour))[0] for colour in theme.ramp(field)]
    assert len(lightness) == 14
    assert (np.diff(lightness) < 0).all() or (np.diff(lightness) > 0).all()
    assert abs(lightness[-1] - lightness[0]) > 50


def test_better_stands_out_whichever_way_is_better():
    for theme in THEMES.values():
        background = lab(linear(theme.bg))[0]
        low, high = (lab(linear(theme.ramp("mean")[i]))[0] for i in (0, -1))
        assert abs(low - background) > abs(high - background)
        assert theme.ramp("mean", maximize=True) == theme.ramp("mean")[::-1]
        assert theme.ramp("std", maximize=True) == theme.ramp("std")


def test_a_palette_has_every_colour_once():
    for theme in THEMES.values():
        assert len(set(theme.colours)) == len(theme.colours)
        assert {theme.best.upper(), theme.new.upper(), theme.ramp("std")[3].upper()} <= set(theme.colours)


def test_settings_are_ours_while_we_draw_and_the_users_afterwards():
    with hostile():
        with nothing_global_changes(), drawing(LIGHT):
            assert matplotlib.rcParams["axes.facecolor"] == LIGHT.bg
            assert all(matplotlib.rcParams[key] != value for key, value in HOSTILE.items() if key != "savefig.dpi")
            with drawing(DARK):
                assert matplotlib.rcParams["axes.facecolor"] == DARK.bg
            assert matplotlib.rcParams["axes.facecolor"] == LIGHT.bg
        assert matplotlib.rcParams["axes.facecolor"] == "black"


def test_settings_come_back_after_an_error():
    def spoilt():
        with drawing(DARK):
            raise RuntimeError("on purpose")

    with nothing_global_changes(), pytest.raises(RuntimeError, match="on purpose"):
        spoilt()


@pytest.mark.parametrize("name", ["Dark", "blue", None, 3])
def test_an_unknown_theme_is_refused(name):
    with pytest.raises(ParameterError, match=r"theme must be one of 'light', 'dark'"):
        checked_theme(name)
