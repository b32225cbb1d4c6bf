"""`bayestuner animate`: a stored run or a known function as a file, and one line for what was asked wrongly."""

import io
import subprocess
import sys

import pytest
from PIL import Image

from bayestuner import benchmarks, minimize
from bayestuner.cli import FUNCTIONS, main
from viz import animate


@pytest.fixture(scope="module")
def run():
    return minimize(lambda x: (x - 2) ** 2, {"x": (0.0, 5.0)}, n_trials=6, n_initial=3, seed=0)


@pytest.fixture(scope="module")
def stored(run, tmp_path_factory):
    return run.save(tmp_path_factory.mktemp("runs") / "run.db")


def frames_of(path):
    return Image.open(io.BytesIO(path.read_bytes())).n_frames


def test_a_stored_run_becomes_what_animate_makes_of_it(run, stored, tmp_path, capsys):
    out = tmp_path / "run.gif"
    assert main(["animate", str(stored), "-o", str(out), "--pace", "steps", "--theme", "dark"]) == 0
    animation = animate(run, pace="steps", theme="dark")
    assert out.read_bytes() == animation.save(tmp_path / "same.gif").read_bytes()
    said = capsys.readouterr()
    assert f"run.gif: {len(animation)} frames, {animation.seconds:.0f} seconds, " in said.out
    assert said.err == ""


def test_a_page_and_a_picture(stored, tmp_path):
    for name in ("run.html", "run.png"):
        assert main(["animate", str(stored), "--out", str(tmp_path / name), "--pace", "keys", "--scale", "2"]) == 0
    assert "Read as text" in (tmp_path / "run.html").read_text(encoding="utf-8")
    assert Image.open(io.BytesIO((tmp_path / "run.png").read_bytes())).size == (1800, 1200)


def test_a_known_function_is_searched_first_and_shown_as_the_truth(tmp_path):
    from bayestuner.benchmarks import forrester

    out = tmp_path / "forrester.gif"
    command = ["animate", "forrester", "-o", str(out), "--trials", "4", "--seed", "3", "--pace", "steps"]
    assert main(command) == 0
    run = minimize(forrester, forrester.space, n_trials=4, n_initial=3, seed=3)
    same = animate(run, pace="steps", objective=forrester).save(tmp_path / "same.gif")
    assert out.read_bytes() == same.read_bytes()


@pytest.mark.parametrize(("function", "trials"), [("branin", 6), ("hartmann6", 10)])
def test_functions_of_more_parameters(function, trials, tmp_path):
    out = tmp_path / f"{function}.gif"
    assert main(["animate", function, "-o", str(out), "--trials", str(trials), "--pace", "steps"]) == 0
    assert frames_of(out) >= 2


@pytest.mark.parametrize(
    ("source", "options", "words"),
    [
        ("{stored}", ["-o", "run.bmp"], "'run.bmp': the suffix must be one of .gif, .mp4, .html, .png"),
        ("{stored}", ["-o", "no/run.gif"], "the folder no does not exist; create it first"),
        ("{stored}", ["-o", "."], "is a folder"),
        ("{stored}", ["-o", "run.gif", "--pace", "fast"], "no pace 'fast'; choose one of lesson, brief, keys, steps"),
        ("{stored}", ["-o", "run.gif", "--theme", "sepia"], "theme must be one of 'light', 'dark', got 'sepia'"),
        ("{stored}", ["-o", "run.gif", "--fps", "0"], "fps must be a number above 0"),
        ("{stored}", ["-o", "run.gif", "--fps", "fast"], "invalid float value"),
        ("{stored}", [], "the following arguments are required: -o/--out"),
        ("gone.db", ["-o", "run.gif"], "there is no file gone.db"),
        (
            "brannin",
            ["-o", "run.gif"],
            "no function 'brannin'; give a .db file, or one of branin, forrester, ishigami, hartmann6",
        ),
        ("broken.db", ["-o", "run.gif"], "broken.db is not a BayesTuner run, or it is damaged"),
        ("forrester", ["-o", "run.bmp"], "the suffix must be one of"),
    ],
)
def test_what_was_asked_wrongly_is_one_line_and_exit_2(source, options, words, stored, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("bayestuner.search.minimize", lambda *_, **__: pytest.fail("searched before the check"))
    (tmp_path / "broken.db").write_text("nothing")
    try:
        status = main(["animate", source.format(stored=stored), *options])
    except SystemExit as stop:
        status = stop.code
    said = capsys.readouterr()
    assert status == 2
    assert words in said.err
    assert said.err.count("\n") == 1
    assert [path.name for path in tmp_path.iterdir()] == ["broken.db"]


def test_a_run_without_a_value_is_nothing_to_animate(tmp_path, capsys):
    def broken(x):
        raise ZeroDivisionError

    run = minimize(broken, {"x": (0.0, 1.0)}, n_trials=2, seed=0, on_error="continue")
    path = run.save(tmp_path / "run.db")
    assert main(["animate", str(path), "-o", str(tmp_path / "run.gif")]) == 2
    assert "nothing to animate" in capsys.readouterr().err
    assert not (tmp_path / "run.gif").exists()


def test_help_names_every_function():
    assert set(FUNCTIONS) == {name for name, f in vars(benchmarks).items() if isinstance(f, benchmarks.Benchmark)}


def test_help_does_not_load_matplotlib():
    code = "import sys; from bayestuner.cli import main\ntry: main(['animate', '--help'])\n"
    code += "except SystemExit: print([m for m in sys.modules if m.startswith(('matplotlib', 'viz'))])"
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert said.stdout.endswith("[]\n")
