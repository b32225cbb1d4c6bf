"""The write-ahead log that a killed process leaves: damage is found, and what was never committed is no damage."""

import logging
import shutil
import sqlite3
from contextlib import closing

import numpy as np
import pytest

from bayestuner import CorruptStateError, History, Optimizer
from bayestuner.cli import main
from bayestuner.journal import FRAME, HEADER, check_journal
from bayestuner.schema import PAGE

SPACE = {"x": (0.0, 1.0), "c": ["a", "b"]}
PARTS = ("", "-wal", "-shm")


@pytest.fixture(autouse=True)
def quiet(caplog):
    caplog.set_level(logging.CRITICAL, logger="bayestuner")


def tell(optimizer, n):
    for _ in range(n):
        optimizer.tell(optimizer.ask(), 0.5)


def left_behind(file, to, parts=PARTS):
    """The files as a kill at this moment would leave them."""
    for suffix in PARTS:
        to.with_name(to.name + suffix).unlink(missing_ok=True)
    for suffix in parts:
        shutil.copy(f"{file}{suffix}", f"{to}{suffix}")
    return to


@pytest.fixture(scope="module")
def killed(tmp_path_factory):
    """A run of 12 trials, 8 of them in the journal alone."""
    folder = tmp_path_factory.mktemp("killed")
    with closing(Optimizer(SPACE, seed=0, n_initial=12, storage=folder / "run.db")) as optimizer:
        tell(optimizer, 4)
        optimizer.ledger.file._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        tell(optimizer, 8)
        return left_behind(folder / "run.db", folder / "killed.db")


@pytest.fixture
def file(killed, tmp_path):
    return left_behind(killed, tmp_path / "run.db")


def journal(file):
    return file.with_name(file.name + "-wal")


def frames(file):
    return (journal(file).stat().st_size - HEADER) // (FRAME + PAGE)


def flip(file, place):
    content = bytearray(journal(file).read_bytes())
    content[place] ^= 0x5A
    journal(file).write_bytes(content)


def facts(history):
    return repr(history.trials)


def test_whatever_a_kill_leaves_is_read(tmp_path):
    with closing(Optimizer(SPACE, seed=0, n_initial=30, storage=tmp_path / "run.db")) as optimizer:
        for n in range(12):
            tell(optimizer, 1)
            for parts in (PARTS, ("", "-wal")):
                copy = left_behind(tmp_path / "run.db", tmp_path / "copy.db", parts)
                check_journal(copy)
                assert len(History.load(copy)) == n + 1
            if n in (4, 8):  # the next frames are written over the first ones: old ones are left behind them
                optimizer.ledger.file._connection.execute("PRAGMA wal_checkpoint(RESTART)")


def test_a_change_that_was_never_whole_is_no_damage(file):
    whole = journal(file).read_bytes()
    reference = History.load(left_behind(file, file.with_name("reference.db")))
    for missing in (1, FRAME + PAGE - 1):  # of the last frame, and no index that would know of it
        copy = left_behind(file, file.with_name("copy.db"), ("", "-wal"))
        journal(copy).write_bytes(whole[:-missing])
        assert facts(History.load(copy)) == repr((*reference.trials[:11], History.load(copy).trials[11]))
    copy = left_behind(file, file.with_name("copy.db"), PARTS)
    journal(copy).write_bytes(whole + whole[-FRAME - PAGE :][:3000])  # the next one had begun
    assert facts(History.load(copy)) == facts(reference)


@pytest.mark.parametrize("opened", [History.load, lambda file: Optimizer(SPACE, storage=file)], ids=["load", "storage"])
@pytest.mark.parametrize("place", [0, 20, 28, HEADER + 5, HEADER + 9, HEADER + 18, HEADER + 700])
def test_a_changed_byte_is_found(file, opened, place):
    flip(file, place)
    with pytest.raises(CorruptStateError, match=r"run\.db.*journal run\.db-wal is damaged.*show .*run\.db --recover"):
        opened(file)


def test_wherever_a_byte_changes_nothing_is_lost_in_silence(killed, tmp_path):
    reference = facts(History.load(left_behind(killed, tmp_path / "run.db")))
    rng, found = np.random.default_rng(0), 0
    for place in rng.integers(journal(killed).stat().st_size, size=60):
        copy = left_behind(killed, tmp_path / "run.db")
        flip(copy, int(place))
        try:
            assert facts(History.load(copy)) == reference
        except CorruptStateError:
            found += 1
    assert found > 50


def test_without_the_index_all_but_the_last_change_is_watched(killed, tmp_path):
    size, count = FRAME + PAGE, frames(killed)
    outcomes = []
    for frame in range(count):
        copy = left_behind(killed, tmp_path / "run.db", ("", "-wal"))
        flip(copy, HEADER + frame * size + FRAME + 100)
        try:
            outcomes.append(len([t for t in History.load(copy).trials if t.value is not None]))
        except CorruptStateError:
            outcomes.append(None)
    assert outcomes[-1] == 11  # it may never have been completely written: as after a power cut
    assert set(outcomes[: count - 4]) == {None}


@pytest.mark.parametrize("share", [0.2, 0.5, 0.9])
def test_a_truncated_journal_is_found_by_the_index(file, share):
    content = journal(file).read_bytes()
    journal(file).write_bytes(content[: int(share * len(content))])
    with pytest.raises(CorruptStateError, match=r"frame \d+ of \d+ was changed or is missing"):
        History.load(file)


def test_an_index_of_another_journal_says_nothing(file):
    index = file.with_name(file.name + "-shm")
    content = bytearray(index.read_bytes())
    for changed in (content[:40], b"", bytes(100), content[:32] + bytes(8) + content[40:]):
        index.write_bytes(changed)
        check_journal(file)
    assert len(History.load(file)) == 12


def test_while_somebody_writes_nothing_is_said(file):
    with closing(Optimizer(SPACE, storage=file)) as optimizer:
        optimizer.ask()
        flip(file, 20)
        check_journal(file)
        optimizer.ledger.file._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def test_what_a_damaged_journal_still_holds_is_recovered(file, capsys):
    reference = History.load(left_behind(file, file.with_name("reference.db")))
    flip(file, HEADER + FRAME + PAGE - 1)
    assert main(["show", str(file)]) == 2
    assert "--recover" in capsys.readouterr().err
    assert main(["show", str(file), "--recover"]) == 0
    recovered = History.load(file.with_name("run.recovered.db"))
    assert len(recovered) >= 11
    known = {repr((t.params, t.value)) for t in reference.trials}
    assert {repr((t.params, t.value)) for t in recovered.trials if t.value is not None} <= known


def test_sqlite_agrees_which_frames_are_whole(killed, tmp_path):
    """Our reading of the format against SQLite's own: it takes as many frames as we call whole."""
    size = FRAME + PAGE
    for frame in range(frames(killed)):
        copy = left_behind(killed, tmp_path / "run.db", ("", "-wal"))
        flip(copy, HEADER + frame * size + 8)
        with closing(sqlite3.connect(copy)) as connection:
            _, _, taken = connection.execute("PRAGMA wal_checkpoint").fetchone()
        assert taken <= frame
    copy = left_behind(killed, tmp_path / "run.db", ("", "-wal"))
    with closing(sqlite3.connect(copy)) as connection:
        assert connection.execute("PRAGMA wal_checkpoint").fetchone()[2] == frames(killed)
