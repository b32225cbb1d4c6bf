"""The command line as a user meets it: what it prints, writes and returns."""

import html
import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from children import hears_ctrl_c

from bayestuner import History, __version__
from bayestuner.classifier import load_customers
from bayestuner.classifier.recorded import NAME, read_evaluations
from bayestuner.cli import main

ROOT = Path(__file__).parents[1]

REPORTED = ["--trials", "6", "--base-neurons", "24", "--seed", "3"]
QUICK = [*REPORTED, "--no-report"]


@pytest.fixture(scope="module")
def table(tmp_path_factory):
    path = tmp_path_factory.mktemp("data") / "customers.csv"
    frame = load_customers(240, seed=5)
    frame[frame["product"].isin(["a", "b", "c"])].head(200).to_csv(path, index=False)
    return path


@pytest.fixture(scope="module")
def tuned(table, tmp_path_factory):
    folder = tmp_path_factory.mktemp("runs") / "customers"
    assert main(["tune", "--data", str(table), "--target", "product", "--out", str(folder), *REPORTED]) == 0
    return folder


def trials_of(folder):
    return [(trial.params, trial.value) for trial in History.load(folder / "run.db").trials]


def run(*arguments, **options):
    command = [sys.executable, "-m", "bayestuner.cli", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=300, **options)


def test_version_names_the_package(capsys):
    with pytest.raises(SystemExit) as stop:
        main(["--version"])
    assert stop.value.code == 0
    assert capsys.readouterr().out == f"bayestuner {__version__}\n"


def test_tune_writes_all_it_promises(tuned):
    best = json.loads((tuned / "best.json").read_text())
    history = History.load(tuned / "run.db")
    assert best["params"] == history.best_params
    assert best["validation_log_loss"] == history.best_value
    assert best["seed_noise"] > 0
    assert {s["name"] for s in best["test"]} >= {"default network", "logistic regression", "tuned network"}
    assert len(pd.read_csv(tuned / "trials.csv")) == 6
    assert not list(tuned.glob(".*"))


def sections(folder):
    """The parts of the report by the name of their heading."""
    page = (folder / "report.html").read_text(encoding="utf-8")
    return dict(re.findall(r'<section id="([\w-]+)">(.*?)</section>', page, re.DOTALL))


def test_the_report_says_what_best_json_says(tuned):
    best = json.loads((tuned / "best.json").read_text())
    page = sections(tuned)
    assert list(page) == [
        *("found", "data", "convergence", "importance", "animation", "winner"),
        *("generalisation", "trials", "use", "repeat"),
    ]
    for score in best["test"]:
        assert score["name"] in page["found"]
        assert f"{score['log_loss']:.4f}" in page["found"]
    assert [gain["name"] for gain in best["gains"]] == [
        "tuned network - default network", "tuned network - logistic regression",
    ]  # fmt: skip
    for rival in best["rivals"]:
        assert f"{np.mean(rival['repeats']):.4f}" in page["winner"]
    assert "--seed 3" in page["repeat"]
    assert (tuned / "report.html").stat().st_size < 6e6


def test_rivals_are_the_best_trials_with_first_weights_that_the_search_has_not_seen(tuned):
    best = json.loads((tuned / "best.json").read_text())
    assert [rival["found"] for rival in best["rivals"]] == sorted(value for _, value in trials_of(tuned))[:3]
    for rival in best["rivals"]:
        assert len(set(rival["repeats"]) - {rival["found"]}) == 4
    assert sum(rival["chance"] for rival in best["rivals"]) == pytest.approx(1)


def test_no_report_where_none_is_wanted(table, tmp_path):
    arguments = ["tune", "--data", str(table), "--target", "product", "--out", str(tmp_path), *QUICK, "--trials", "1"]
    assert main(arguments) == 0
    assert (tmp_path / "model.pt").exists()
    assert not (tmp_path / "report.html").exists()
    assert json.loads((tmp_path / "best.json").read_text())["rivals"] == []


def test_what_each_evaluation_saw_is_kept(tuned):
    history = History.load(tuned / "run.db")
    seen = read_evaluations(tuned / NAME, [t.params for t in history.trials])
    assert [one["log_loss"] for one in seen] == [t.value for t in history.trials]
    for trial, one in zip(history.trials, seen, strict=True):
        assert f"{one['train_loss']:.4f}" in sections(tuned)["trials"], trial.number


def test_the_code_of_the_report_runs(tuned):
    [python, shell] = [html.unescape(c) for c in re.findall(r"<code>(.*?)</code>", sections(tuned)["use"], re.DOTALL)]
    done = subprocess.run([sys.executable, "-c", python], capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    assert len(done.stdout.splitlines()) == 7
    assert main([*shlex.split(shell)[1:3], re.search(r'read_csv\("(.*?)"\)', python)[1]]) == 0


def test_a_report_that_cannot_be_drawn_loses_nothing_else(tuned, table, tmp_path, monkeypatch, capsys):
    def broken(*args, **options):
        raise RuntimeError("no ink")

    folder = tmp_path / "copy"
    shutil.copytree(tuned, folder)
    (folder / "report.html").unlink()
    monkeypatch.setattr("bayestuner.classifier.tune_page.tune_page", broken)
    arguments = ["tune", "--data", str(table), "--target", "product", "--out", str(folder), *REPORTED]
    assert main(arguments) == 0
    assert "no report.html: RuntimeError: no ink" in capsys.readouterr().out
    assert json.loads((folder / "best.json").read_text()) == json.loads((tuned / "best.json").read_text())
    assert not (folder / "report.html").exists()


def test_the_steps_of_a_tuned_run_can_be_read_again(tuned):
    history = History.load(tuned / "run.db")
    assert len(history.steps) == 1
    step = history.steps[0]
    mean, std = step.predict([step.params])
    assert mean[0] == pytest.approx(step.mean)
    assert std[0] == pytest.approx(step.std)


def test_the_model_predicts_in_a_new_process_what_it_predicts_here(tuned, table, tmp_path):
    from bayestuner.classifier import load

    out = tmp_path / "out.csv"
    done = run("predict", tuned / "model.pt", table, "-o", out)
    assert (done.returncode, done.stderr) == (0, "")
    written = pd.read_csv(out, index_col=0)
    here = load(tuned / "model.pt").predict_proba(pd.read_csv(table))
    assert np.allclose(written[list(here.columns)].to_numpy(), here.to_numpy(), atol=1e-12)
    assert np.allclose(here.sum(axis=1), 1)


def test_predict_writes_to_standard_output_by_default(tuned, table, capsys):
    assert main(["predict", str(tuned / "model.pt"), str(table)]) == 0
    assert len(capsys.readouterr().out.splitlines()) == 201


def test_the_same_seed_gives_the_same_trials_and_a_run_in_two_parts_too(tuned, table, tmp_path, capsys):
    arguments = ["tune", "--data", str(table), "--target", "product", "--out", str(tmp_path), *QUICK, "--workers", "1"]
    assert main([*arguments[:-2], "--trials", "4"]) == 0
    assert "nothing was searched yet" in capsys.readouterr().out
    assert main(arguments) == 0
    said = " ".join(capsys.readouterr().out.split())
    assert "nothing was searched yet" not in said
    assert re.search(r"tuned network: That is \d\.\d{3} (above|below) the default network's", said)
    assert trials_of(tmp_path) == trials_of(tuned)


def test_two_workers_find_the_same_start_design(tuned, table, tmp_path):
    done = run("tune", "--data", table, "--target", "product", "--out", tmp_path / "two", *QUICK, "--workers", "2")
    assert done.returncode == 0, done.stderr
    assert trials_of(tmp_path / "two")[:5] == trials_of(tuned)[:5]


def test_a_folder_with_another_run_is_refused_and_left_as_it_is(tuned, table, capsys):
    before = (tuned / "run.db").read_bytes()
    assert main(["tune", "--data", str(table), "--target", "area", "--out", str(tuned), *QUICK]) == 2
    complaint = capsys.readouterr().err
    assert "other settings" in complaint
    assert "--force" in complaint
    assert (tuned / "run.db").read_bytes() == before


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("", ["bad.csv", "empty"]),
        ("a,b,product\n", ["bad.csv", "no rows"]),
        ("a;b;produkt\n1;2;x\n", ["bad.csv", "product", "produkt"]),
        ("a,a,product\n1,2,x\n", ["bad.csv", "a", "twice"]),
        ("a,b,product\n1,2,x\n2,3,x\n3,4,x\n4,5,x\n", ["bad.csv", "2 classes"]),
        ("a,b,product\n1,inf,x\n2,3,y\n3,4,x\n1,3,y\n2,3,x\n2,4,y\n", ["bad.csv", "b", "2", "infinite"]),
        ("a,b,product\n1,2,x\n2,3\n", ["bad.csv", "line 3"]),
        ("a,product\n1,x\n1,y\n1,x\n1,y\n1,x\n1,y\n", ["bad.csv", "no usable column"]),
    ],
    ids=["empty", "header-only", "no-target", "duplicate", "one-class", "infinite", "ragged", "no-column"],
)
def test_a_bad_table_gets_one_line_and_writes_nothing(content, words, tmp_path, capsys):
    (tmp_path / "bad.csv").write_text(content)
    out = tmp_path / "out"
    assert main(["tune", "--data", str(tmp_path / "bad.csv"), "--target", "product", "--out", str(out)]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.count("\n") == 1
    for word in words:
        assert word in captured.err
    assert not out.exists()


@pytest.mark.parametrize(
    "arguments",
    [
        ["tune", "--data", "missing.csv", "--target", "y"],
        ["tune", "--data", "missing.csv"],
        ["tune", "--space", "missing.toml"],
        ["predict", "missing.pt", "missing.csv"],
    ],
)
def test_missing_files_and_options_are_one_line_and_exit_2(arguments, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(arguments) == 2
    captured = capsys.readouterr()
    assert captured.err.startswith("bayestuner: ")
    assert captured.err.count("\n") == 1
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "arguments", [[], ["dance"], ["tune", "--trials", "0"], ["tune", "--trials", "abc"], ["tune", "--device", "abacus"]]
)
def test_wrong_usage_is_one_line_and_exit_2(arguments, capsys):
    with pytest.raises(SystemExit) as stop:
        main(arguments)
    assert stop.value.code == 2
    captured = capsys.readouterr()
    assert captured.err.count("\n") == 1


def test_the_space_of_a_file_is_searched(table, tmp_path):
    space = tmp_path / "space.toml"
    space.write_text('learning_rate = [0.001, 0.01]\n[activation]\nchoices = ["relu", "tanh"]\n')
    out = tmp_path / "out"
    arguments = ["tune", "--data", str(table), "--target", "product", "--out", str(out), "--space", str(space), *QUICK]
    assert main(arguments) == 0
    for params, _ in trials_of(out):
        assert set(params) == {"learning_rate", "activation"}


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGINT for one child process")
@pytest.mark.parametrize("workers", [1, 2])
def test_ctrl_c_keeps_what_is_finished_and_a_second_run_continues(workers, table, tmp_path):
    arguments = ["tune", "--data", table, "--target", "product", "--out", tmp_path, "--workers", workers, *QUICK]
    command = [sys.executable, "-m", "bayestuner.cli", *map(str, arguments), "--trials", "40"]
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, preexec_fn=hears_ctrl_c
    )
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline and not _finished_trials(tmp_path):
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    _, complaint = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "Traceback" not in complaint
    finished = _finished_trials(tmp_path)
    assert finished >= 1
    assert f"interrupted, {finished} trials saved in" in complaint.splitlines()[-1]
    assert main([*map(str, arguments), "--trials", str(finished + 1)]) == 0
    assert _finished_trials(tmp_path) == finished + 1


def _finished_trials(folder):
    stored = folder / "run.db"
    return sum(t.status != "running" for t in History.load(stored).trials) if stored.exists() else 0


def test_a_closed_output_is_no_error(tuned, table):
    command = f"{sys.executable} -m bayestuner.cli predict {tuned / 'model.pt'} {table} | head -1"
    done = subprocess.run(command, shell=True, capture_output=True, text=True, timeout=120)
    assert done.stderr == ""


PARTS = """
from dataclasses import dataclass
from gp import Kernel, squared_distance

@dataclass(frozen=True)
class Cauchy(Kernel):
    def __call__(self, x1, x2):
        return 1 / (1 + squared_distance(x1, x2))
"""


def test_a_run_with_a_class_of_yours_is_drawn_in_the_folder_of_its_module(tmp_path):
    (tmp_path / "cauchy_parts.py").write_text(PARTS)
    search = "import bayestuner, cauchy_parts as p; bayestuner.minimize(lambda x: x, {'x': (0.0, 1.0)}, 6, seed=0,"
    paths = os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])
    options = {"capture_output": True, "text": True, "cwd": tmp_path, "env": os.environ | {"PYTHONPATH": paths}}
    code = f"{search} kernel=p.Cauchy(), storage='run.db')"
    subprocess.run([sys.executable, "-c", code], check=True, **options)
    watch = [sys.executable, "-m", "bayestuner", "animate", tmp_path / "run.db", "-o", tmp_path / "run.png"]
    watched = subprocess.run(watch, **options)
    assert watched.returncode == 0, watched.stderr
    lost = subprocess.run(watch, **options | {"cwd": ROOT})
    assert lost.returncode == 2
    assert "start where cauchy_parts can be imported" in lost.stderr
