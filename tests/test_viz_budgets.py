"""How large the files may be, in MB: small enough for a README, a mail and a notebook."""

import math

import numpy as np
import pytest
from test_viz_animation import needs_ffmpeg

from bayestuner import minimize
from bayestuner.benchmarks import branin
from viz import animate


def wave(x):
    return math.sin(x) + math.sin(10 / 3 * x)


@pytest.fixture(scope="module")
def one():
    """Eight iterations along one parameter, the truth shown."""
    return animate(minimize(wave, {"x": (2.7, 7.5)}, n_trials=10, n_initial=2, seed=0), objective=wave)


@pytest.fixture(scope="module")
def two():
    """Fourteen iterations on a map of two."""
    return animate(minimize(branin, branin.space, n_trials=18, n_initial=4, seed=0), objective=branin)


@pytest.fixture(scope="module")
def four():
    """Twenty-three evaluations as a matrix of four."""

    def loss(rate, units, decay, momentum):
        bowl = (math.log10(rate) + 2) ** 2 + 0.3 * math.log2(units / 48) ** 2 + 0.1 * (math.log10(decay) + 3) ** 2
        return 0.05 + 0.1 * bowl + 0.2 * (momentum - 0.9) ** 2 * (math.log10(rate) + 3) ** 2

    from bayestuner import Integer, Real

    space = {
        "rate": Real(1e-4, 1e-1, log=True),
        "units": Integer(4, 128, log=True),
        "decay": Real(1e-6, 1.0, log=True),
        "momentum": (0.5, 0.99),
    }
    return animate(minimize(loss, space, n_trials=23, seed=0))


def megabytes(animation, folder, name, **options):
    return animation.save(folder / name, **options).stat().st_size / 1e6


@pytest.mark.parametrize(
    ("name", "pace", "most"),
    [
        ("run.gif", "lesson", 2.0),
        ("run.gif", "brief", 1.5),
        ("run.gif", "keys", 1.0),
        ("run.html", "lesson", 4.0),
        pytest.param("run.mp4", "lesson", 1.5, marks=[needs_ffmpeg, pytest.mark.slow]),
    ],
)
def test_one_parameter(one, tmp_path, name, pace, most):
    assert megabytes(one, tmp_path, name, pace=pace) <= most


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "pace", "most"),
    [
        ("run.gif", "lesson", 5.0),
        ("run.gif", "keys", 2.0),
        ("run.html", "lesson", 8.0),
        pytest.param("run.mp4", "lesson", 3.0, marks=needs_ffmpeg),
    ],
)
def test_two_parameters(two, tmp_path, name, pace, most):
    assert megabytes(two, tmp_path, name, pace=pace) <= most


@pytest.mark.slow
@pytest.mark.parametrize(("pace", "most"), [("lesson", 5.0), ("keys", 1.2)])
def test_four_parameters(four, tmp_path, pace, most):
    assert megabytes(four, tmp_path, "run.gif", pace=pace) <= most


def test_the_same_run_gives_the_same_bytes(one, tmp_path):
    again = animate(minimize(wave, {"x": (2.7, 7.5)}, n_trials=10, n_initial=2, seed=0), objective=wave)
    for name in ("run.gif", "run.html"):
        first = one.save(tmp_path / name, pace="steps").read_bytes()
        assert again.save(tmp_path / name, pace="steps").read_bytes() == first


def test_decoded_frames_are_near_to_what_was_drawn(one):
    from viz.palette import palette_of

    palette = palette_of(one.film, one.cues)
    errors = []
    for at in range(0, len(one), 17):
        image = one.frame(at).image
        errors.append(np.abs(palette.colours[palette.indices(image)].astype(int) - image).mean())
    assert np.mean(errors) < 0.2  # levels of 255
