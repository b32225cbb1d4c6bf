"""Whole histories on disk: SQLite for everything, JSON and CSV of the trials for other programs.

A file is written beside its place and renamed, so that it is there whole, as before, or not at all.
"""

from __future__ import annotations

import csv
import json
import os
import sqlite3
import tempfile
from collections.abc import Callable
from contextlib import closing, suppress
from dataclasses import asdict
from pathlib import Path

from gp import ParameterError

from . import schema
from .codec import from_plain, to_plain
from .damage import explained
from .errors import StateError
from .history import History
from .journal import check_journal
from .schema import Run

SUFFIXES = (".db", ".json", ".csv")


def save(history: History, path: Path) -> Path:
    """Write a history in the format that the suffix names."""
    writers: dict[str, Callable[[History, Path], None]] = {".db": _write_db, ".json": _write_json, ".csv": _write_csv}
    if path.suffix not in writers:
        raise ParameterError(f"cannot save as {path.name!r}: the suffix must be one of {', '.join(SUFFIXES)}")
    if path.is_dir():
        raise IsADirectoryError(f"{path} is a folder; give the name of a file in it")
    if not path.parent.is_dir():
        raise FileNotFoundError(f"the folder {path.parent} does not exist; create it first")
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=f".{path.name}.") as folder:
        draft = Path(folder) / path.name
        writers[path.suffix](history, draft)
        _settle(path)
        os.replace(draft, path)
    return path


def _write_db(history: History, path: Path) -> None:
    settings = {name: to_plain(value) for name, value in history.settings.items()}
    run = Run(history.space, history.direction, settings, history.notes, history.stopped)
    trials = [schema.trial_row(history.space, t, None, place + 1) for place, t in enumerate(history.trials)]
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.executescript(schema.SCHEMA)
        connection.execute("INSERT INTO run VALUES (?, ?, ?)", schema.run_row(run))
        connection.executemany(f"INSERT INTO trials VALUES ({'?, ' * 11}?)", trials)
        connection.executemany("INSERT INTO steps VALUES (?, ?, ?)", [schema.step_row(s) for s in history.steps])


def load(path: Path, *, trials_only: bool = False) -> History:
    """Read a history from a .db file that `save` wrote, or a run that is still going on.

    The trials alone can be read without the classes of kernel and acquisition that the file names.
    """
    if path.is_dir():
        raise IsADirectoryError(f"{path} is a folder; give the name of a .db file")
    if not path.exists():
        raise FileNotFoundError(f"there is no file {path}")
    with explained(path):
        check_journal(path.resolve())
    with explained(path), closing(_reader(path)) as connection:
        connection.execute("BEGIN")  # one moment of a run that goes on
        run, record, steps = schema.read_all(connection, steps=not trials_only)
        schema.check(record, steps)
        # The constraints are plain numbers, and without them the best trial could not be told.
        names = {"constraints"} & set(run.settings) if trials_only else run.settings
        settings = {name: from_plain(run.settings[name]) for name in names}
    trials = tuple(record.trials.values())
    return History(run.space, run.direction, trials, tuple(steps), run.stopped, settings, run.notes)


def _reader(path: Path) -> sqlite3.Connection:
    """A connection to read by, in a folder where nothing can be written, too."""
    uri = path.resolve().as_uri()
    # A reader that may not write would leave its journal files behind.
    mode = "rw" if os.access(path, os.W_OK) and os.access(path.parent, os.W_OK) else "ro"
    connection = sqlite3.connect(f"{uri}?mode={mode}", uri=True, timeout=10.0)
    try:
        connection.execute("SELECT 1 FROM sqlite_schema").fetchone()
    except sqlite3.OperationalError as error:
        connection.close()
        if "unable to open" not in str(error) or _journal(path).exists():
            raise
        return sqlite3.connect(f"{uri}?mode=ro&immutable=1", uri=True)
    except sqlite3.Error:
        connection.close()
        raise
    return connection


def _journal(path: Path) -> Path:
    return path.with_name(path.name + "-wal")


def remove(path: Path) -> None:
    """Delete a run and what SQLite keeps beside it; StateError while a search writes to it."""
    _settle(path)
    for name in (path.name, path.name + "-wal", path.name + "-shm", path.name + "-owners"):
        path.with_name(name).unlink(missing_ok=True)


def _settle(path: Path) -> None:
    """Bring what a killed run has left in the journal into the file: it must not be mistaken for a new file's."""
    if not _journal(path).exists():
        return
    with suppress(sqlite3.DatabaseError), closing(sqlite3.connect(path, timeout=0.0)) as connection:
        connection.execute("PRAGMA journal_mode = delete")
    if _journal(path).exists():
        raise StateError(f"{path} is being written by a search; choose another name, or wait until it is done")


def _write_json(history: History, path: Path) -> None:
    try:
        text = json.dumps([asdict(trial) for trial in history.trials], indent=1, allow_nan=False)
    except (TypeError, ValueError) as error:
        raise StateError(f"the trials cannot be written as JSON: {error}; use .db") from None
    path.write_text(text + "\n", encoding="utf-8")


def _write_csv(history: History, path: Path) -> None:
    """One row a trial; of an error only its last line, which says what happened."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        names = (*history.space.names, "value", *history.limits)
        writer.writerow(["number", *names, "status", "error", "seconds", "source"])
        for t in history.trials:
            last_line = (t.error or "").strip().rpartition("\n")[-1]
            params = (t.params.get(name) for name in history.space.names)  # empty where a parameter is not there
            measured = ((t.constraints or {}).get(name) for name in history.limits)
            writer.writerow([t.number, *params, t.value, *measured, t.status, last_line, t.seconds, t.source])
