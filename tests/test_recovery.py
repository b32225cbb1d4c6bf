"""What a damaged run still holds: every row that can be believed, and no other."""

import json
import logging
import os
import shutil
import sqlite3
from contextlib import closing

import numpy as np
import pytest

from bayestuner import CorruptStateError, History, Optimizer, minimize
from bayestuner.cli import main
from bayestuner.recovery import recover

SPACE = {"x": (0.0, 4.0), "c": ["a", "b"]}


def value(x, c):
    if x < 0.5:
        raise ValueError("too small " * 2000)  # a row that does not fit into one page
    return (x - 3) ** 2 + (c == "b")


def search(file, n=25):
    return minimize(value, SPACE, n, seed=1, storage=file, on_error="continue")


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    file = tmp_path_factory.mktemp("whole") / "run.db"
    search(file)
    return file


@pytest.fixture(autouse=True)
def quiet(caplog):
    caplog.set_level(logging.CRITICAL, logger="bayestuner")


@pytest.fixture
def file(whole, tmp_path):
    return shutil.copy(whole, tmp_path / "run.db")


def facts(history):
    return repr((history.trials, [vars(s).keys() and (s.number, s.kernel, s.mean, s.std) for s in history.steps]))


def test_an_undamaged_run_is_recovered_whole(file):
    assert facts(recover(file)) == facts(History.load(file))
    assert recover(file).settings == History.load(file).settings


def test_a_journal_left_by_a_killed_process_is_read_too(file):
    with closing(Optimizer(SPACE, storage=file)) as optimizer:
        optimizer.tell({"x": 3.0, "c": "a"}, -7.0)
        for suffix in ("", "-wal"):
            shutil.copy(f"{file}{suffix}", file.with_name(f"copy.db{suffix}"))
    assert recover(file.with_name("copy.db")).best_value == -7.0


def test_whatever_is_damaged_what_is_recovered_is_true(file):
    content, rng, reference = file.read_bytes(), np.random.default_rng(0), History.load(file)
    known = {repr((t.params, t.value, t.status, t.error)) for t in reference.trials}
    steps = {s.number: repr(s.predict([s.params])) for s in reference.steps}
    counts = []
    for k in range(60):
        damaged = bytearray(content)
        for place in rng.integers(len(content), size=1 + k // 3):
            damaged[place] = rng.integers(256)
        file.write_bytes(damaged[: rng.integers(len(content))] if k % 3 == 0 else damaged)
        try:
            history = recover(file)
        except CorruptStateError as error:
            assert "space and the settings" in str(error)  # noqa: PT017
            continue
        assert all(repr((t.params, t.value, t.status, t.error)) in known for t in history.trials)
        assert all(repr(s.predict([s.params])) == steps[s.number] for s in history.steps)
        history.save(file.with_name("again.db"))
        assert len(History.load(file.with_name("again.db"))) == len(history)
        counts.append(len(history))
    assert max(counts) == 25
    assert np.median(counts) >= 20


def test_a_lost_row_is_left_out_and_the_rest_renumbered(file):
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute("UPDATE trials SET value = 99.0 WHERE number = 10")
    with pytest.raises(CorruptStateError, match=r"row 10 of table trials was changed.*show .*run\.db --recover"):
        History.load(file)
    history = recover(file)
    before = search(file.with_name("fresh.db"))
    assert [t.params for t in history.trials] == [t.params for t in before.trials if t.number != 10]
    assert [t.number for t in history.trials] == [t.told for t in history.trials] == list(range(24))
    assert [s.number for s in history.steps] == [s.number for s in before.steps if s.number < 10]


# ---- as the user meets it


def test_r01_show_recover_writes_a_new_file_and_leaves_the_old_one(file, capsys):
    steps, damaged = len(History.load(file).steps), bytearray(file.read_bytes())
    damaged[:16] = b"\xff" * 16
    file.write_bytes(damaged)
    assert main(["show", str(file)]) == 2
    complaint = capsys.readouterr().err
    assert "run.db --recover" in complaint
    assert complaint.count("\n") == 1
    assert main(["show", str(file), "--recover"]) == 0
    assert f"25 trials, 25 of them told, and {steps} steps written to" in capsys.readouterr().out
    assert file.read_bytes() == damaged
    new = file.with_name("run.recovered.db")
    assert len(search(new, 27)) == 27  # and goes on
    assert main(["show", str(file), "--recover"]) == 2
    assert "is there already" in capsys.readouterr().err


def test_where_the_space_is_lost_the_trials_are_json(file, capsys):
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute("UPDATE run SET content = replace(content, 'x', 'y')")
    assert main(["show", str(file), "--recover"]) == 0
    assert "25 trials written to" in capsys.readouterr().out
    rows = json.loads(file.with_name("run.recovered.json").read_text())
    assert [row["number"] for row in rows] == list(range(25))
    assert sorted(os.listdir(file.parent)) == ["run.db", "run.recovered.json"]


def test_where_nothing_is_left(file, capsys):
    file.write_bytes(b"no run at all " * 1000)
    assert main(["show", str(file), "--recover"]) == 2
    assert "nothing can be read of it" in capsys.readouterr().err
    assert main(["show", str(file.with_name("missing.db")), "--recover"]) == 2
    assert "there is no file" in capsys.readouterr().err
    assert os.listdir(file.parent) == ["run.db"]


def test_show(file, capsys):
    assert main(["show", str(file)]) == 0
    shown = capsys.readouterr().out
    best = History.load(file).best
    assert "25 trials (" in shown
    assert f"best: trial {best.number}, {best.value:.6g}" in shown
    assert "all 25 trials done" in shown
    line = next(line for line in shown.splitlines() if line.startswith("importance (share of the variation): "))
    assert {entry.split()[0] for entry in line.split(": ")[1].split(", ")} == {"x", "c", "interactions"}
    Optimizer(SPACE, storage=file.with_name("empty.db")).close()
    assert main(["show", str(file.with_name("empty.db"))]) == 0
    assert "0 trials (none)" in capsys.readouterr().out
