"""The fault catalogue, section 7: a run in a file, continued, shared, and opened wrongly."""

import json
import logging
import os
import pickle
import signal
import sqlite3
import subprocess
import sys
import textwrap
import threading
import time
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from children import hears_ctrl_c

from acquisition import (
    Acquisition,
    ExpectedImprovement,
    KnowledgeGradient,
    LogExpectedImprovement,
    MaxValueEntropySearch,
    Portfolio,
    ThompsonSampling,
    UpperConfidenceBound,
)
from bayestuner import (
    Categorical,
    CorruptStateError,
    History,
    Integer,
    Optimizer,
    Real,
    SpaceError,
    SpaceMismatchError,
    StateError,
    StateVersionError,
    grid_search,
    maximize,
    minimize,
    random_search,
    runfile,
    schema,
)
from bayestuner.benchmarks import branin
from bayestuner.errors import ParameterError
from bayestuner.places import journal_mode
from bayestuner.runfile import RunFile
from bayestuner.storage import remove
from gp import RBF, Kernel, positive, squared_distance

SPACE = {"x": Real(0.0, 4.0), "n": Integer(1, 9), "c": Categorical(["a", "b"])}


@pytest.fixture(autouse=True)
def quiet(caplog):
    caplog.set_level(logging.CRITICAL, logger="bayestuner")


@pytest.fixture
def file(tmp_path):
    return tmp_path / "run.db"


def value(x, n, c):
    if n == 7:
        raise ValueError("seven")
    return (x - 3) ** 2 + n / 9 + (c == "b")


def search(n_trials, file=None, space=SPACE, **options):
    return minimize(value, space, n_trials, storage=file, **{"seed": 2, "on_error": "continue", **options})


def facts(history):
    trials = [(t.number, t.params, t.value, t.status, t.source, t.told) for t in history.trials]
    fields = ("number", "observed", "pending", "kernel", "noise", "refitted", "value", "mean", "std", "best")
    return repr((trials, [[getattr(s, name) for name in fields] for s in history.steps]))


@dataclass(frozen=True)
class Greedy(Acquisition):
    weight: float = 0.5

    def score(self, mean, std, best):
        return mean + self.weight * std


@dataclass(frozen=True)
class Cauchy(Kernel):
    width: float = positive(1.0)

    def __call__(self, x1, x2):
        return 1 / (1 + squared_distance(x1, x2) / self.width**2)


# ---- R14: resumed as if nothing had happened


SETTINGS = {
    "defaults": {},
    "ucb": {"acquisition": UpperConfidenceBound(1.0)},
    "ei": {"acquisition": ExpectedImprovement(0.01), "n_initial": 3},
    "thompson": {"acquisition": ThompsonSampling()},
    "entropy": {"acquisition": MaxValueEntropySearch()},
    "gradient": {"acquisition": KnowledgeGradient()},
    "portfolio": {"acquisition": Portfolio([LogExpectedImprovement(), UpperConfidenceBound()])},
    "own": {"acquisition": Greedy(2.0), "kernel": 2.0 * Cauchy()},
}


@pytest.mark.parametrize("settings", SETTINGS.values(), ids=SETTINGS)
def test_r14_a_run_in_pieces_is_the_run_in_one(file, settings):
    whole = search(13, **settings)
    for n in (4, 7, 8, 13):
        pieces = search(n, file, **settings)
    assert facts(pieces) == facts(whole) == facts(History.load(file))
    assert pieces.stopped == History.load(file).stopped == "all 13 trials done"


def test_r14_pending_points_are_asked_again_and_seen_as_pending(file):
    with closing(Optimizer(SPACE, seed=1)) as optimizer, closing(Optimizer(SPACE, seed=1, storage=file)) as stored:
        for o in (optimizer, stored):
            for i, params in enumerate(o.ask(8)):
                if i not in (2, 6):
                    o.tell(params, float(i))
            o.ask()
    with closing(Optimizer(SPACE, storage=file)) as resumed:
        again = resumed.ask(3)
        assert [p.number for p in again] == [2, 6, 8]
        assert again[2] == optimizer.trial(8).params
        optimizer.ask()
        assert facts(Optimizer(SPACE, storage=file).history)  # others may look meanwhile
        assert resumed.ask() == optimizer.trial(9).params
        assert resumed.history.steps[-1].pending == (2, 6, 8)


@pytest.mark.parametrize("kind", [random_search, grid_search])
def test_baselines_go_on_with_their_list(file, kind):
    whole = kind(value, SPACE, 20, seed=3, on_error="continue")
    stop = {"callbacks": [lambda optimizer, trial: trial.number == 6]}
    kind(value, SPACE, 20, seed=3, on_error="continue", storage=file, **stop)
    rest = kind(value, SPACE, 20, on_error="continue", storage=file)
    assert facts(rest) == facts(whole)
    with pytest.raises(StateError, match="was begun with search="):
        minimize(value, SPACE, 20, storage=file)


def test_n_trials_counts_what_the_storage_holds(file):
    search(5, file)
    assert len(search(5, file)) == len(search(3, file)) == 5
    with closing(Optimizer(SPACE, storage=file)) as optimizer:
        assert len(optimizer.run(value, 2, on_error="continue")) == 7


def test_a_saved_history_can_be_continued(tmp_path):
    whole = search(11)
    search(8).save(tmp_path / "saved.db")
    assert facts(search(11, tmp_path / "saved.db")) == facts(whole)


def test_settings_left_out_are_those_of_the_file(file):
    search(6, file, kernel=1.0 * RBF(), acquisition=UpperConfidenceBound(1.5), n_initial=4)
    with closing(Optimizer(SPACE, storage=file)) as optimizer:
        assert (optimizer.seed, optimizer.n_initial) == (2, 4)
        assert optimizer.acquisition == UpperConfidenceBound(1.5)
        assert optimizer.history.settings["kernel"] == 1.0 * RBF()


def test_foreign_data_warm_start_a_run(file):
    search(6).save(file.with_name("old.db"))
    with closing(Optimizer(SPACE, storage=file, seed=0)) as optimizer:
        for trial in History.load(file.with_name("old.db")).trials:
            if trial.status == "complete":
                optimizer.tell(trial.params, trial.value, seconds=trial.seconds)
            else:
                optimizer.tell_failure(trial.params, trial.error)
        optimizer.ask()
    loaded = History.load(file)
    assert [t.source for t in loaded.trials] == ["user"] * 6 + ["model"]
    assert loaded.best_value == search(6).best_value


# ---- R06 to R10: another space or other settings


def other(**changes):
    return {**SPACE, **changes}


MISMATCHES = {
    "R06-renamed": ({"y": SPACE["x"], "n": SPACE["n"], "c": SPACE["c"]}, {}, "x is missing now; y is new"),
    "R08-choice": (
        other(c=["a", "z"]),
        {},
        r"c was Categorical\(\['a', 'b'\]\) and is now Categorical\(\['a', 'z'\]\)",
    ),
    "R09-bounds": (other(x=(0.0, 5.0)), {}, r"x was Real\(low=0.0, high=4.0.*and is now Real\(low=0.0, high=5.0"),
    "R09-log": (other(n=Integer(1, 9, log=True)), {}, "n was Integer"),
    "R10-kind": (other(n=Real(1, 9)), {}, "n was Integer.*and is now Real"),
    "R10-fewer": ({"x": SPACE["x"], "n": SPACE["n"]}, {}, "c is missing now"),
    "R10-more": (other(d=(0, 1)), {}, "d is new"),
    "direction": (SPACE, {"run": maximize}, "is there to minimize, not to maximize"),
    "seed": (SPACE, {"seed": 3}, "was begun with seed=2, now 3 is given; leave seed out"),
    "kernel": (SPACE, {"kernel": RBF()}, r"was begun with kernel=None, now RBF"),
    "acquisition": (SPACE, {"acquisition": Greedy()}, "was begun with acquisition=LogExpectedImprovement"),
    "n_initial": (SPACE, {"n_initial": 9}, "was begun with n_initial=5"),
}


@pytest.mark.parametrize(("space", "options", "words"), MISMATCHES.values(), ids=MISMATCHES)
def test_another_run_is_refused_and_the_file_left_as_it_is(file, space, options, words):
    search(6, file)
    before = file.read_bytes()
    called = []
    others = {"run": minimize, **options}
    run = others.pop("run")
    with pytest.raises(StateError, match=words) as caught:
        run(lambda **params: called.append(params), space, 9, storage=file, **others)
    assert isinstance(caught.value, SpaceMismatchError) == (not options or "run" in options)
    assert str(file) in str(caught.value)
    assert not called
    assert file.read_bytes() == before
    assert os.listdir(file.parent) == ["run.db"]


def test_r07_reordered_parameters_are_the_same_run(file):
    search(6, file)
    turned = search(10, file, space={"c": ["b", "a"], "n": (1, 9), "x": (0.0, 4.0)})
    assert facts(turned) == facts(search(10))
    assert turned.space.names == ("x", "n", "c")


# ---- R01, R02, R03, R11, R12: wrong files


WRONG_CONTENTS = {"empty": b"", "json": b"{}", "list": b"[1, 2]", "text": b"not a run\n" * 900, "binary": bytes(9000)}


@pytest.mark.parametrize("content", WRONG_CONTENTS.values(), ids=WRONG_CONTENTS)
def test_r02_no_run_at_all(file, content):
    file.write_bytes(content)
    for attempt in (lambda: search(3, file), lambda: History.load(file)):
        with pytest.raises(CorruptStateError, match=r"run\.db is not a BayesTuner run.*show .*run\.db --recover"):
            attempt()
    assert file.read_bytes() == content
    assert os.listdir(file.parent) == ["run.db"]


def test_r02_a_database_of_somebody_else(file):
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute("CREATE TABLE customers (name TEXT)")
    with pytest.raises(CorruptStateError, match="the header does not say that it is one"):
        search(3, file)


@pytest.mark.parametrize("share", [0.05, 0.3, 0.6, 0.95])
def test_r01_a_truncated_file(file, share):
    search(12, file)
    content = file.read_bytes()
    file.write_bytes(content[: int(share * len(content))])
    for attempt in (lambda: search(14, file), lambda: History.load(file)):
        with pytest.raises(CorruptStateError, match=r"run\.db"):
            attempt()


def test_r03_a_missing_file_is_a_new_run_or_said_to_be_missing(file):
    with pytest.raises(FileNotFoundError):
        History.load(file)
    assert len(search(1, file)) == 1


def test_r11_another_version_or_unknown_content(file):
    search(6, file)
    commands = {
        "PRAGMA user_version = 99": "written by version 99 of the format, this BayesTuner reads",
        'UPDATE run SET content = replace(content, \'"settings": {\', \'"settings": {"annealing": 1, \')': "annealing",
        'UPDATE steps SET content = replace(content, \'{"number"\', \'{"colour": 1, "number"\')': "a step has colour",
    }
    for command, words in commands.items():
        copy = file.with_name("copy.db")
        copy.write_bytes(file.read_bytes())
        with closing(sqlite3.connect(copy)) as connection, connection:
            connection.execute(command)
            for table in ("run", "steps"):
                for *row, _ in connection.execute(f"SELECT * FROM {table}").fetchall():
                    new = schema.checksum(table, row)
                    connection.execute(f"UPDATE {table} SET checksum = ? WHERE number = ?", (new, row[0]))
        with pytest.raises(StateVersionError, match=f"copy.db.*{words}"):
            Optimizer(SPACE, storage=copy)
        copy.unlink()


def test_r11_a_file_of_the_version_before_is_read_and_brought_up(file):
    whole = search(9)
    search(7, file)
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute("DROP TABLE queue")
        connection.execute("PRAGMA user_version = 2")
        [row] = connection.execute("SELECT * FROM run").fetchall()
        content = json.loads(row[1])
        del content["settings"]["stop"]
        connection.execute("REPLACE INTO run VALUES (?, ?, ?)", schema.signed("run", (1, json.dumps(content))))
    before = file.read_bytes()
    assert len(History.load(file)) == 7
    assert file.read_bytes() == before
    assert facts(search(9, file)) == facts(whole)
    with closing(sqlite3.connect(file)) as connection:
        assert connection.execute("PRAGMA user_version").fetchone() == (3,)
    with closing(Optimizer(SPACE, storage=file)) as optimizer:
        assert optimizer.enqueue({"x": 0.5, "n": 2, "c": "a"})
        assert optimizer.ask() == {"x": 0.5, "n": 2, "c": "a"}


def test_r12_a_changed_byte_in_a_row_is_found(file):
    search(9, file)
    content = file.read_bytes()
    best = repr(History.load(file).best_params["x"]).encode()
    assert content.count(best) >= 1
    file.write_bytes(content.replace(best, best[:-1] + (b"1" if best[-1:] != b"1" else b"2")))
    with pytest.raises(CorruptStateError, match=r"run\.db.*(row \d of table trials|table steps) was changed"):
        search(12, file)


def test_r13_nan_is_null_in_the_storage_and_the_export(file):
    with closing(Optimizer(SPACE, storage=file)) as optimizer:
        optimizer.tell(optimizer.ask(), float("nan"), seconds=float("nan"))
    with closing(sqlite3.connect(file)) as connection:
        assert connection.execute("SELECT value, seconds FROM trials").fetchall() == [(None, None)]
    History.load(file).save(file.with_suffix(".json"))
    assert json.loads(file.with_suffix(".json").read_text())[0]["value"] is None


def test_r15_r16_loading_twice_and_duplicates(file):
    with closing(Optimizer(SPACE, storage=file)) as optimizer:
        for v in (1.0, 2.0):
            optimizer.tell({"x": 1.0, "n": 2, "c": "a"}, v)
    for _ in range(2):
        assert [t.value for t in History.load(file).trials] == [1.0, 2.0]
        with closing(Optimizer(SPACE, storage=file)) as optimizer:
            assert optimizer.count == 2


def test_r20_an_empty_run(file):
    Optimizer(SPACE, storage=file).close()
    assert History.load(file).trials == ()
    assert len(search(2, file, seed=None)) == 2


def test_r21_pickles(file):
    optimizer = Optimizer(SPACE, seed=2)
    optimizer.run(value, 7, on_error="continue")
    copy = pickle.loads(pickle.dumps(optimizer))
    assert copy.ask() == optimizer.ask()
    with closing(Optimizer(SPACE, storage=file)) as stored, pytest.raises(TypeError, match=r"open .*run\.db with"):
        pickle.dumps(stored)


# ---- R05, R17, R19: what cannot be stored, or where nothing can


def test_r05_what_cannot_be_stored_is_refused_before_the_run(file):
    @dataclass(frozen=True)
    class Local(Acquisition):
        def score(self, mean, std, best):
            return mean

    @dataclass(frozen=True)
    class Greedy(Acquisition):
        def score(self, mean, std, best):
            return mean

    Greedy.__qualname__ = "Greedy"
    called = []
    for options, words in (
        ({"acquisition": Local()}, "Local is defined inside a function"),
        ({"acquisition": Greedy()}, "Greedy is another class by now"),
        ({"space": {"c": [print, len]}}, "built-in function print> cannot be stored"),
    ):
        with pytest.raises(StateError, match=words):
            minimize(lambda **p: called.append(p), **{"space": SPACE, "storage": file, **options})
    assert not called
    assert os.listdir(file.parent) == []


def test_r17_places_where_no_file_can_be(tmp_path):
    called = []
    for place, error, words in (
        (tmp_path / "missing" / "run.db", FileNotFoundError, "missing does not exist; create it first"),
        (tmp_path, IsADirectoryError, "is a folder"),
    ):
        with pytest.raises(error, match=words):
            minimize(lambda **p: called.append(p), SPACE, 3, storage=place)
    assert not called


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write everywhere")
def test_r17_read_only(file):
    search(2, file)
    file.chmod(0o400)
    with pytest.raises(PermissionError):
        search(3, file)
    file.chmod(0o600)
    file.parent.chmod(0o500)
    assert len(History.load(file)) == 2
    with pytest.raises(PermissionError):
        search(3, file.with_name("new.db"))
    file.parent.chmod(0o700)


def test_r17_a_full_disk_keeps_what_was_told(file):
    with closing(Optimizer(SPACE, storage=file, seed=2)) as optimizer:
        optimizer.run(value, 6, on_error="continue")
        connection = optimizer.ledger.file._connection
        pages = connection.execute("PRAGMA page_count").fetchone()[0]
        connection.execute(f"PRAGMA max_page_count = {pages}")
        params = optimizer.ask()
        before = facts(optimizer.history)
        with pytest.raises(OSError, match=r"run\.db: no space left on the disk"):
            optimizer.tell_failure(params, "long" * 5000)
        assert facts(optimizer.history) == before
        connection.execute("PRAGMA max_page_count = 1000000")
        optimizer.tell(params, 1.0)  # nothing was half applied
        assert len(History.load(file)) == 7


def test_r19_a_run_that_exists_is_continued_or_refused_never_overwritten(file):
    search(4, file)
    with pytest.raises(StateError, match="choose another file"):
        search(9, file, seed=99)
    assert len(History.load(file)) == 4


def test_a_history_is_not_saved_over_a_run_that_goes_on(file):
    with closing(Optimizer(SPACE, storage=file)) as optimizer:
        optimizer.tell(optimizer.ask(), 1.0)
        for attempt in (lambda: search(1).save(file), lambda: remove(file)):
            with pytest.raises(StateError, match="is being written by a search"):
                attempt()
    search(1).save(file)
    assert len(History.load(file)) == 1
    remove(file)
    assert os.listdir(file.parent) == []


def test_a_kernel_of_the_running_script_is_found_by_that_script_only(file):
    script = file.with_name("script.py")
    script.write_text(
        textwrap.dedent(f"""
        from dataclasses import dataclass
        from bayestuner import minimize
        from gp import Kernel, positive, squared_distance

        @dataclass(frozen=True)
        class Mine(Kernel):
            width: float = positive(1.0)
            def __call__(self, x1, x2):
                return 1 / (1 + squared_distance(x1, x2) / self.width**2)

        if __name__ == "__main__":
            history = minimize(lambda x: x * x, {{"x": (-1.0, 1.0)}}, 7, kernel=1.0 * Mine(), storage={str(file)!r})
            print(len(history))
        """)
    )
    for _ in range(2):
        done = subprocess.run([sys.executable, script], capture_output=True, text=True, timeout=120)
        assert (done.stdout, done.stderr) == ("7\n", "")
    with pytest.raises(
        StateError, match=r"__main__:Mine, which the file names, cannot be imported.*open it in the script"
    ):
        History.load(file)
    shown = subprocess.run(
        [sys.executable, "-m", "bayestuner.cli", "show", file], capture_output=True, text=True, timeout=120
    )
    assert "7 trials (7 complete), to minimize" in shown.stdout, shown.stderr


def test_network_file_systems_get_a_rollback_journal(file, tmp_path, monkeypatch, caplog):
    mounts = tmp_path / "mounts"
    mounts.write_text(
        f"/dev/sda / ext4 rw 0 0\nserver:/home {tmp_path} nfs4 rw 0 0\nx {tmp_path}/my\\040files ext4 rw 0 0\n"
    )
    assert journal_mode(file, mounts) == "delete"
    assert journal_mode(tmp_path / "my files" / "run.db", mounts) == "wal"
    assert journal_mode(Path("/elsewhere/run.db"), mounts) == "wal"
    assert journal_mode(file, tmp_path / "none") == "wal"
    monkeypatch.setattr(runfile, "journal_mode", lambda path: "delete")
    caplog.set_level(logging.WARNING, logger="bayestuner")
    assert facts(search(8, file)) == facts(search(8))
    assert "is on a network file system" in caplog.text
    with closing(sqlite3.connect(file)) as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("delete",)


# ---- R18: several processes


def test_r18_two_optimizers_share_a_run_and_ask_for_different_points(file):
    with closing(Optimizer(SPACE, seed=2, storage=file)) as a, closing(Optimizer(SPACE, storage=file)) as b:
        for i in range(5):
            first, second = a.ask(), b.ask()
            assert (first.number, second.number) == (2 * i, 2 * i + 1)
            assert first != second
            b.tell(second, float(i))
            a.tell(first, float(-i))
        assert facts(a.history) == facts(b.history) == facts(History.load(file))
        assert a.best.value == b.best.value == -4.0
        assert {len(step.pending) for step in a.history.steps} == {0, 1}
        with pytest.raises(StateError, match="told already"):
            b.tell(a_suggestion := first, 1.0)
        assert a_suggestion.number == 8


def test_r18_a_trial_told_by_two_is_kept_once(file):
    """A process that was thought dead and comes back."""
    with closing(Optimizer(SPACE, seed=2, storage=file)) as a:

        def slow(**params):
            with closing(Optimizer(SPACE, storage=file)) as b:
                b.tell(dict(params), 5.0)
            return 1.0

        history = a.run(slow, 1)
    assert [t.value for t in history.trials] == [5.0]


def test_r18_a_file_that_stays_locked(file, monkeypatch):
    monkeypatch.setattr(runfile, "PATIENCE", 0.1)
    with closing(Optimizer(SPACE, storage=file)) as optimizer, closing(sqlite3.connect(file)) as other_process:
        other_process.execute("BEGIN IMMEDIATE")
        with pytest.raises(StateError, match=r"run\.db stays locked by another process"):
            optimizer.ask()
        other_process.execute("ROLLBACK")
        assert optimizer.ask().number == 0


SHARER = """
import sys, time
from bayestuner import minimize
from bayestuner.benchmarks import branin
def objective(x1, x2):
    time.sleep(0.02)
    return branin(x1=x1, x2=x2)
minimize(objective, branin.space, 24, seed=0, storage=sys.argv[1])
"""


def test_r18_three_processes_divide_the_work(file):
    processes = [subprocess.Popen([sys.executable, "-c", SHARER, str(file)], stderr=subprocess.PIPE) for _ in range(3)]
    for process in processes:
        assert process.communicate(timeout=240)[1] == b""
    history = History.load(file)
    assert [t.status for t in history.trials] == ["complete"] * 24
    U = history.space.encode([t.params for t in history.trials])
    gaps = np.abs(U[:, None] - U).max(axis=2) + np.eye(24)
    assert gaps.min() > 1e-6
    assert all(t.value == branin(**t.params) for t in history.trials)
    assert os.listdir(file.parent) == ["run.db"]


def test_l10_threads_telling(file):
    with closing(Optimizer({"x": (0.0, 1.0)}, storage=file)) as optimizer:

        def tell(k):
            for i in range(50):
                optimizer.tell({"x": (50 * k + i) / 300}, float(i))

        threads = [threading.Thread(target=tell, args=(k,)) for k in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len({t.params["x"] for t in optimizer.history.trials}) == 300
    assert sorted(t.told for t in History.load(file).trials) == list(range(300))


# ---- R04, L13: processes that die


def test_a_trial_of_a_dead_process_is_asked_again(file):
    command = (
        "import os, sys; from bayestuner import Optimizer;"
        f"o = Optimizer({{'x': (0.0, 1.0)}}, seed=0, storage={str(file)!r});"
        "o.tell(o.ask(), 1.0); o.ask(2); os._exit(9)"
    )
    assert subprocess.run([sys.executable, "-c", command], timeout=60).returncode == 9
    with closing(Optimizer({"x": (0.0, 1.0)}, storage=file)) as optimizer:
        assert optimizer.unfinished == [1, 2]
        assert [p.number for p in optimizer.ask(3)] == [1, 2, 3]
        with closing(Optimizer({"x": (0.0, 1.0)}, storage=file)) as second:
            assert second.unfinished == []  # they are in good hands
    assert not [name for name in os.listdir(file.parent) if name != "run.db"]


def test_an_optimizer_nobody_holds_any_more_lets_its_trials_go(file):
    Optimizer(SPACE, storage=file).ask()
    with closing(Optimizer(SPACE, storage=file)) as optimizer:
        assert optimizer.ask().number == 0


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_a_forked_child_does_not_touch_the_run(file):
    with closing(Optimizer(SPACE, storage=file)) as optimizer:
        optimizer.ask()
        if (pid := os.fork()) == 0:
            try:
                optimizer.ask()
            except StateError as error:
                optimizer.close()
                os._exit(7 if "opened by another process" in str(error) else 1)
            os._exit(2)
        assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 7
        assert optimizer.ask().number == 1
        with closing(Optimizer(SPACE, storage=file)) as second:
            assert second.unfinished == []


def test_a_closed_optimizer_says_so_and_keeps_its_history(file):
    optimizer = Optimizer(SPACE, storage=file)
    optimizer.tell(optimizer.ask(), 1.0)
    optimizer.close()
    optimizer.close()
    assert len(optimizer.history) == 1
    with pytest.raises(StateError, match="was closed; open it again"):
        optimizer.ask()


# ---- L02, L12: ends from outside


class InterruptedAt:
    def __init__(self, nth):
        self.nth, self.calls = nth, 0

    def __call__(self, **params):
        self.calls += 1
        if self.calls == self.nth:
            raise KeyboardInterrupt
        return value(**params)


def test_l02_ctrl_c_and_on_again(file):
    options = {"seed": 2, "on_error": "continue", "storage": file}
    first = minimize(InterruptedAt(8), SPACE, 12, **options)
    assert first.stopped == History.load(file).stopped == "interrupted"
    assert [t.status for t in first.trials[-2:]] == ["complete", "running"]
    assert facts(minimize(value, SPACE, 12, **options)) == facts(search(12))


def test_l02_in_memory_an_interrupted_trial_is_asked_again_too():
    optimizer = Optimizer(SPACE, seed=2)
    optimizer.run(InterruptedAt(8), 12, on_error="continue")
    assert facts(optimizer.run(value, 5, on_error="continue")) == facts(search(12))


STOPPED = """
import sys, time
from bayestuner import minimize
def objective(x):
    print(x, flush=True)
    time.sleep(0.05)
    return x
minimize(objective, {"x": (0.0, 1.0)}, 500, n_initial=500, seed=0, storage=sys.argv[1])
print("after")
"""


@pytest.mark.skipif(os.name == "nt", reason="Windows has no signals for one child process")
@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 0), (signal.SIGTERM, 143)])
def test_l02_signals_keep_what_is_finished(file, number, status):
    process = subprocess.Popen(
        [sys.executable, "-c", STOPPED, str(file)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        preexec_fn=hears_ctrl_c,
    )  # fmt: skip
    for _ in range(4):
        process.stdout.readline()
    process.send_signal(number)
    out, complaint = process.communicate(timeout=60)
    assert (process.returncode, complaint) == (status, "")
    assert ("after" in out) == (number == signal.SIGINT)  # Ctrl-C ends the search, SIGTERM the program
    history = History.load(file)
    assert history.stopped == ("interrupted" if number == signal.SIGINT else "terminated")
    statuses = [t.status for t in history.trials]
    assert statuses.count("complete") >= 3
    assert statuses.count("running") <= 1
    assert os.listdir(file.parent) == ["run.db"]


def test_recent_trials_are_in_the_file_before_ask_and_tell_return(file):
    with closing(Optimizer(SPACE, storage=file)) as optimizer:
        params = optimizer.ask()
        assert [t.status for t in History.load(file).trials] == ["running"]
        optimizer.tell(params, 2.0)
        assert History.load(file).best_value == 2.0


def test_maximize_and_a_run_file_with_notes(file):
    maximize(lambda x: x, {"x": (0.0, 1.0)}, 2, storage=RunFile(file, notes={"data": "a.csv"}))
    assert History.load(file).notes == {"data": "a.csv"}
    with pytest.raises(StateError, match=r"other settings \(data\)"):
        maximize(lambda x: x, {"x": (0.0, 1.0)}, 3, storage=RunFile(file, notes={"data": "b.csv"}))


def test_wrong_arguments_make_no_file(file):
    for error, options in (
        (SpaceError, {"space": {}}),
        (ParameterError, {"n_initial": 0}),
        (TypeError, {"kernel": "rbf"}),
        (TypeError, {"storage": 5}),
    ):
        with pytest.raises(error):
            Optimizer(**{"space": SPACE, "storage": file, **options})
    assert os.listdir(file.parent) == []


def test_the_time_of_writing_is_short(file):
    with closing(Optimizer({"x": (0.0, 1.0)}, storage=file)) as optimizer:
        begin = time.perf_counter()
        for i in range(50):
            optimizer.tell({"x": i / 50}, float(i))
    print(f"\none tell: {(time.perf_counter() - begin) * 20:.2f} ms")
    assert len(History.load(file)) == 50
