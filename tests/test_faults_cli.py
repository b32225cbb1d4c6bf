"""The fault catalogue, section 11: one line on stderr, the right exit status, and nothing half written."""

import os
import signal
import subprocess
import sys
import time

import pytest

from bayestuner import History, Optimizer
from bayestuner.classifier import load_customers
from bayestuner.cli import main

QUICK = ["--base-neurons", "24", "--seed", "3"]


@pytest.fixture(scope="module")
def table(tmp_path_factory):
    path = tmp_path_factory.mktemp("data") / "customers.csv"
    frame = load_customers(240, seed=5)
    frame[frame["product"].isin(["a", "b", "c"])].head(120).to_csv(path, index=False)
    return path


def tune(table, folder, *further):
    return ["tune", "--data", str(table), "--target", "product", "--out", str(folder), *QUICK, *map(str, further)]


def command(*arguments):
    return [sys.executable, "-m", "bayestuner.cli", *map(str, arguments)]


WRONG = {
    "U01-command": (["dance"], "dance"),
    "U01-option": (["show", "run.db", "--sideways"], "--sideways (try bayestuner show --help)"),
    "U02-storage": (["show"], "RUN.db"),
    "U02-target": (["tune", "--data", "missing.csv"], "--target"),
    "U02-model": (["predict"], "MODEL.pt"),
    "U03-word": (["tune", "--trials", "abc"], "'abc'"),
    "U03-zero": (["tune", "--trials", "0"], "'0'"),
    "U03-minus": (["tune", "--trials", "-1"], "--trials"),
    "U03-device": (["tune", "--device", "abacus"], "abacus"),
    "U04-csv": (["tune", "--data", "missing.csv", "--target", "y"], "missing.csv"),
    "U04-storage": (["show", "missing.db"], "missing.db"),
    "U04-folder": (["show", "."], "folder"),
    "U04-place": (["tune", "--storage", "missing/run.db"], "missing"),
    "U05-nothing": (["show", "empty.db"], "empty.db is not a BayesTuner run"),
    "U05-recover": (["show", "empty.db", "--recover"], "nothing can be read"),
}


@pytest.mark.parametrize(("arguments", "word"), WRONG.values(), ids=WRONG)
def test_one_line_and_exit_2(arguments, word, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "empty.db").write_bytes(b"")
    try:
        status = main(arguments)
    except SystemExit as stop:
        status = stop.code
    captured = capsys.readouterr()
    assert status == 2
    assert captured.err.count("\n") == 1
    assert word in captured.err
    assert captured.out == ""
    assert not list(tmp_path.rglob("*.json"))


def test_u06_a_closed_output(tmp_path):
    with_many = tmp_path / "run.db"
    optimizer = Optimizer({"x": (0.0, 1.0)}, storage=with_many)
    for i in range(200):
        optimizer.tell({"x": i / 200}, 1.0)
    optimizer.close()
    shown = " ".join(command("show", with_many))
    done = subprocess.run(f"{shown} | head -1", shell=True, capture_output=True, text=True, timeout=120)
    assert done.stderr == ""


@pytest.mark.skipif(os.name == "nt", reason="Windows has no signals for one child process")
@pytest.mark.parametrize(
    ("number", "workers", "word", "status"),
    [
        (signal.SIGINT, 1, "interrupted", 130),
        (signal.SIGTERM, 1, "terminated", 143),
        (signal.SIGTERM, 2, "terminated", 143),
    ],
    ids=["U07-ctrl-c", "U07-sigterm", "U07-sigterm-workers"],
)
def test_u07_signals_are_one_line(table, tmp_path, number, workers, word, status):
    storage = tmp_path / "elsewhere.db"
    arguments = tune(table, tmp_path / "out", "--storage", storage, "--workers", workers)
    process = subprocess.Popen(
        command(*arguments, "--trials", 60), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline and told(storage) == 0:
        time.sleep(0.05)
    process.send_signal(number)
    _, complaint = process.communicate(timeout=60)
    assert process.returncode == status
    assert "Traceback" not in complaint
    assert f"{word}, {told(storage)} trials saved in {storage}" in complaint.splitlines()[-1]
    assert sorted(p.name for p in tmp_path.iterdir()) == ["elsewhere.db", "out"]


def told(storage):
    return sum(t.status != "running" for t in History.load(storage).trials) if storage.exists() else 0


def test_u08_the_same_settings_continue_others_are_refused(table, tmp_path, capsys):
    storage = tmp_path / "run.db"
    assert main(tune(table, tmp_path, "--trials", 2)) == 0
    first = History.load(storage)
    assert main(tune(table, tmp_path, "--trials", 3)) == 0
    assert History.load(storage).trials[:2] == first.trials
    assert "continuing the run in" in capsys.readouterr().out
    before = storage.read_bytes()
    for other, words in ((["--seed", 4], "other settings (seed)"), (["--drop", "age"], "other settings (digest)")):
        assert main(tune(table, tmp_path, "--trials", 3, *other)) == 2
        complaint = capsys.readouterr().err
        assert words in complaint
        assert "choose another --out, or --force to replace it" in complaint
        assert complaint.count("\n") == 1
    assert storage.read_bytes() == before
    assert main(tune(table, tmp_path, "--trials", 2, "--seed", 4, "--force")) == 0
    assert len(History.load(storage)) == 2


def test_two_storages_of_tune_are_shared_by_processes(table, tmp_path):
    storage = tmp_path / "run.db"
    processes = [
        subprocess.Popen(
            command(*tune(table, tmp_path / name, "--storage", storage, "--trials", 8)), stderr=subprocess.PIPE
        )
        for name in ("a", "b")
    ]
    complaints = [process.communicate(timeout=240)[1].decode() for process in processes]
    assert [process.returncode for process in processes] == [0, 0], complaints
    history = History.load(storage)
    assert [t.status for t in history.trials] == ["complete"] * 8
    assert len({repr(t.params) for t in history.trials}) == 8
