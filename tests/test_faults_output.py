"""The fault catalogue, section 10: pictures and animations that cannot be made or written.

V04 (an unknown writer) cannot be had: the suffix alone decides how a file is written, see V02.
"""

import os
import subprocess
import sys

import matplotlib.pyplot as plt
import numpy as np
import pytest
from PIL import Image

from bayestuner import NotFittedError, Optimizer, ParameterError, minimize
from bayestuner.cli import main
from viz import animate, plot_convergence, plot_parallel, plot_slices, plot_surrogate
from viz.animation import check_output

SPACE = {"x": (0.0, 4.0)}


def bowl(x):
    return (x - 3) ** 2


@pytest.fixture(scope="module")
def history():
    return minimize(bowl, SPACE, 5, n_initial=3, seed=0)


@pytest.fixture(scope="module")
def run(history, tmp_path_factory):
    return history.save(tmp_path_factory.mktemp("run") / "run.db")


def fail(*_, **__):
    raise AssertionError("something was drawn, searched or written")


WRONG = {
    "V01-folder-missing": ("missing/run.gif", {}, FileNotFoundError, "create it first"),
    "V02-extension": ("run.bmp", {}, ParameterError, ".gif, .mp4, .html, .png"),
    "V02-none": ("run", {}, ParameterError, ".gif, .mp4, .html, .png"),
    "V02-pace": ("run.gif", {"pace": "fast"}, ParameterError, "lesson"),
    "V05-folder": ("folder", {}, IsADirectoryError, "is a folder"),
    "V05-folder.gif": ("folder.gif", {}, IsADirectoryError, "is a folder"),
    "V07-zero": ("run.mp4", {"fps": 0}, ParameterError, "fps must be a number above 0"),
    "V07-minus": ("run.mp4", {"fps": -5}, ParameterError, "fps must be a number above 0"),
    "V07-nan": ("run.mp4", {"fps": float("nan")}, ParameterError, "fps must be a number above 0"),
}


@pytest.mark.parametrize(("name", "options", "error", "words"), WRONG.values(), ids=WRONG)
def test_errors_come_before_anything_is_drawn(name, options, error, words, history, tmp_path, monkeypatch):
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder.gif").mkdir()
    animation = animate(history)
    monkeypatch.setattr(type(animation.film), "draw", fail)
    for attempt in (animation.save, check_output):
        with pytest.raises(error, match=words):
            attempt(tmp_path / name, **options)
    assert sorted(os.listdir(tmp_path)) == ["folder", "folder.gif"]


@pytest.mark.parametrize(
    ("name", "options", "words"),
    [
        ("missing/run.gif", [], "create it first"),
        ("run.xyz", [], ".gif, .mp4"),
        (".", [], "is a folder"),
        ("run.mp4", ["--fps", "0"], "fps"),
    ],
    ids=["V01", "V02", "V05", "V07"],
)
def test_the_command_says_so_before_it_searches(name, options, words, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("bayestuner.search.minimize", fail)
    assert main(["animate", "forrester", "-o", name, *options]) == 2
    said = capsys.readouterr().err
    assert words in said
    assert said.count("\n") == 1
    assert os.listdir(tmp_path) == []


def test_v01_a_folder_that_cannot_be_written(history, tmp_path, monkeypatch):
    def refuse(*_, **__):
        raise PermissionError(13, "Permission denied", "somewhere")

    animation = animate(history)
    monkeypatch.setattr("viz.files.tempfile.TemporaryDirectory", refuse)  # for the superuser all can be written
    monkeypatch.setattr(type(animation.film), "draw", fail)
    with pytest.raises(PermissionError, match="cannot write in the folder"):
        animation.save(tmp_path / "run.gif")


def test_v03_mp4_without_ffmpeg(history, tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setitem(sys.modules, "imageio_ffmpeg", None)
    with pytest.raises(FileNotFoundError, match=r"mp4 needs ffmpeg.*gif and html work"):
        animate(history).save(tmp_path / "run.mp4")
    assert os.listdir(tmp_path) == []


def test_v06_nothing_observed(run, tmp_path, capsys):
    optimizer = Optimizer(SPACE, seed=0)
    with pytest.raises((ParameterError, NotFittedError), match="nothing to animate"):
        animate(optimizer.history)
    optimizer.ask()
    with pytest.raises((ParameterError, NotFittedError), match="nothing to animate"):
        animate(optimizer.history)
    stored = optimizer.history.save(tmp_path / "run.db")
    assert main(["animate", str(stored), "-o", str(tmp_path / "run.gif")]) == 2
    assert "nothing to animate" in capsys.readouterr().err
    assert os.listdir(tmp_path) == ["run.db"]


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_v08_what_is_no_number_is_skipped_and_the_limits_are_finite(value):
    optimizer = Optimizer(SPACE, n_initial=3, seed=0)
    for k in range(6):
        params = optimizer.ask()
        optimizer.tell(params, value if k in (1, 4) else bowl(**params))
    history = optimizer.history
    for plot in (plot_convergence, plot_surrogate):
        ax = plot(history)
        assert np.isfinite([ax.get_xlim(), ax.get_ylim()]).all()
        plt.close(ax.figure)
    frame = animate(history, pace="keys").frame(-1)
    assert frame.image.std() > 0


def test_v09_without_a_display(run, tmp_path):
    hidden = {k: v for k, v in os.environ.items() if k not in ("DISPLAY", "WAYLAND_DISPLAY", "MPLBACKEND")}
    done = subprocess.run(
        [sys.executable, "-m", "bayestuner.cli", "animate", str(run), "-o", str(tmp_path / "run.png")],
        env=hidden, capture_output=True, text=True, timeout=300,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    with Image.open(tmp_path / "run.png") as picture:
        assert picture.size[0] > 300


@pytest.mark.parametrize("name", ["run.gif", "run.html", "run.png"])
@pytest.mark.parametrize("end", [KeyboardInterrupt, OSError], ids=["ctrl-c", "disk"])
def test_v10_interrupted_while_writing(name, end, history, tmp_path, monkeypatch):
    animation = animate(history, pace="steps")
    (tmp_path / name).write_bytes(b"old")
    drawn, draw = [], animation.film.draw

    def breaking(self, cue):
        drawn.append(cue)
        if len(drawn) > 1 or name == "run.png":
            raise end
        return draw(cue)

    monkeypatch.setattr(type(animation.film), "draw", breaking)
    with pytest.raises(end):
        animation.save(tmp_path / name)
    assert os.listdir(tmp_path) == [name]
    assert (tmp_path / name).read_bytes() == b"old"


@pytest.fixture(scope="module")
def many():
    space = dict.fromkeys("abcd", (0.0, 1.0))
    return minimize(lambda **p: sum((v - 0.3) ** 2 for v in p.values()), space, 8, n_initial=6, seed=0)


def test_v11_four_parameters_are_drawn_as_a_matrix(many, tmp_path):
    animation = animate(many, pace="steps")
    assert animation.frame(-1).image.std() > 0
    animation.save(tmp_path / "run.png")
    plt.close(plot_slices(many))
    plt.close(plot_parallel(many).figure)


def test_v11_a_curve_of_four_parameters_says_what_to_use(many):
    with pytest.raises(ParameterError, match="plot_slices"):
        plot_surrogate(many)
