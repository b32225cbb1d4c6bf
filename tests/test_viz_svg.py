"""Figures that follow the page's theme: every colour is a name, and both themes know all names."""

import re
from functools import cache

import numpy as np
import pytest

from bayestuner import Integer, Real, minimize
from viz import (
    plot_calibration,
    plot_convergence,
    plot_gap,
    plot_importance,
    plot_parallel,
    plot_partial_dependence,
    plot_residuals,
    plot_slices,
    plot_timeline,
)
from viz.style import DARK, LIGHT, THEMES
from viz.svg import stand_in, themed_svg, variables


@cache
def run():
    space = {"rate": Real(1e-3, 1.0, log=True), "units": Integer(1, 64), "kind": ["a", "b"]}
    return minimize(lambda rate, units, kind: (rate - 0.1) ** 2 + units / 64 + (kind == "b"), space, 12, seed=0)


FIGURES = {
    "calibration": lambda theme: plot_calibration(run(), theme=theme),
    "convergence": lambda theme: plot_convergence(run(), trials=True, theme=theme),
    "compared": lambda theme: plot_convergence({"Bayesian": [run()], "random": [run()] * 2}, theme=theme),
    "gap": lambda theme: plot_gap([1.0, 2.0, 4.0], {"test": [1.1, 2.1, 4.1], "train": [0.5, 1.0, 2.0]}, 0, theme=theme),
    "importance": lambda theme: plot_importance(run(), theme=theme),
    "parallel": lambda theme: plot_parallel(run(), theme=theme),
    "matrix": lambda theme: plot_partial_dependence(run(), theme=theme),
    "residuals": lambda theme: plot_residuals(run(), theme=theme),
    "slices": lambda theme: plot_slices(run(), theme=theme),
    "timeline": lambda theme: plot_timeline(run(), theme=theme),
}


@pytest.mark.parametrize("name", FIGURES)
def test_every_colour_is_a_name(name):
    svg = themed_svg(FIGURES[name], name)
    bare = re.sub(r'(?:href="|url\()#[\w-]+', "", svg)
    assert re.findall(r"#[0-9a-fA-F]{3,8}\b|rgb\(|<image", bare) == []
    assert set(re.findall(r"var\(--([\w-]+)\)", svg)) <= set(re.findall(r"--([\w-]+):", variables(LIGHT)))


def test_both_themes_have_the_same_names_with_their_own_colours():
    names = [re.findall(r"--([\w-]+):", variables(theme)) for theme in THEMES.values()]
    assert names[0] == names[1]
    assert len(set(names[0])) == len(names[0])
    assert f"--model: {LIGHT.model};" in variables(LIGHT)
    assert f"--mean-0: {DARK.ramp('mean')[0]};" in variables(DARK)


def test_stand_ins_are_unique_and_hardly_differ_from_the_light_theme():
    ours = dict(re.findall(r"--([\w-]+): (#\w+);", variables(stand_in())))
    theirs = dict(re.findall(r"--([\w-]+): (#\w+);", variables(LIGHT)))
    assert len({colour.lower() for colour in ours.values()}) == len(ours)
    for name, colour in ours.items():
        mine, given = (np.array([int(code[i : i + 2], 16) for i in (1, 3, 5)]) for code in (colour, theirs[name]))
        assert abs(mine - given).max() <= 12, name


def test_the_maximum_is_dark_where_that_is_better():
    assert stand_in().ramp("mean", maximize=True) == stand_in().ramp("mean")[::-1]


def test_words_are_words_and_described():
    svg = themed_svg(FIGURES["importance"], 'bars of "what matters"')
    assert "rate</text>" in svg
    assert 'aria-label="bars of &quot;what matters&quot;"' in svg
    assert "DejaVu" not in svg
    assert "font-size: 9px" in svg


def test_two_figures_of_a_page_share_no_name():
    one, two = (themed_svg(FIGURES[name], name) for name in ("convergence", "residuals"))
    ids = [set(re.findall(r'\bid="([^"]+)"', svg)) for svg in (one, two)]
    assert ids[0]
    assert ids[0].isdisjoint(ids[1])
    for svg, known in zip((one, two), ids, strict=True):
        assert set(re.findall(r'(?:href="|url\()#([\w-]+)', svg)) <= known


def test_the_size_is_as_asked():
    svg = themed_svg(FIGURES["residuals"], "", width=500, height=350)
    assert 'viewBox="0 0 360 252"' in svg
    assert "--drawn: 500px" in svg


def test_the_same_figure_is_the_same_text():
    assert themed_svg(FIGURES["matrix"], "m") == themed_svg(FIGURES["matrix"], "m")
