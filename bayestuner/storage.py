"""Histories on disk: SQLite for everything, JSON and CSV of the trials for other programs.

A file is written beside its place and renamed, so that it is there whole, as before, or not at all.
"""

from __future__ import annotations

import csv
import json
import os
import sqlite3
import tempfile
from collections.abc import Callable
from contextlib import closing
from dataclasses import asdict
from pathlib import Path
from typing import Any

from gp import ParameterError

from .codec import from_plain, to_plain
from .errors import CorruptStateError, StateError, StateVersionError
from .history import History, Record, Step, Trial
from .space import Space

VERSION = 1
SCHEMA = """
CREATE TABLE run (version INTEGER, space TEXT, direction TEXT, stopped TEXT);
CREATE TABLE trials (number INTEGER PRIMARY KEY, params TEXT, value REAL, status TEXT, error TEXT, seconds REAL,
                     source TEXT, told INTEGER);
CREATE TABLE steps (number INTEGER PRIMARY KEY, content TEXT);
"""
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
        os.replace(draft, path)
    return path


def _write_db(history: History, path: Path) -> None:
    space = json.dumps(to_plain(history.space.dimensions))
    trials = [_trial_row(history.space, trial) for trial in history.trials]
    steps = [(step.number, json.dumps(_step_content(step))) for step in history.steps]
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.executescript(SCHEMA)
        connection.execute("INSERT INTO run VALUES (?, ?, ?, ?)", (VERSION, space, history.direction, history.stopped))
        connection.executemany("INSERT INTO trials VALUES (?, ?, ?, ?, ?, ?, ?, ?)", trials)
        connection.executemany("INSERT INTO steps VALUES (?, ?)", steps)


def _trial_row(space: Space, trial: Trial) -> tuple[Any, ...]:
    params = json.dumps(to_plain({name: trial.params[name] for name in space.names}))
    return (
        trial.number, params, trial.value, trial.status, trial.error, trial.seconds, trial.source, trial.told
    )  # fmt: skip


STEP_FIELDS = (
    "number", "observed", "pending", "kernel", "noise", "log_marginal_likelihood", "refitted", "acquisition", "value",
    "shift", "scale", "best", "mean", "std", "seconds",
)  # fmt: skip


def _step_content(step: Step) -> dict[str, Any]:
    return {name: to_plain(getattr(step, name)) for name in STEP_FIELDS}


def load(path: Path) -> History:
    """Read a history from a .db file that `save` wrote."""
    if path.is_dir():
        raise IsADirectoryError(f"{path} is a folder; give the name of a .db file")
    if not path.exists():
        raise FileNotFoundError(f"there is no file {path}")
    try:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as connection:
            return _read(connection)
    except StateError as error:
        raise type(error)(f"{path}: {error}") from None
    except (sqlite3.Error, AttributeError, KeyError, TypeError, ValueError) as error:
        raise CorruptStateError(f"{path} is not a BayesTuner run, or it is damaged: {error}") from error


def _read(connection: sqlite3.Connection) -> History:
    [(version, space_text, direction, stopped)] = connection.execute("SELECT * FROM run")
    if version != VERSION:
        raise StateVersionError(f"written by version {version} of the format, this BayesTuner reads {VERSION}")
    space = Space(from_plain(json.loads(space_text)))
    record = Record(space, direction)
    columns = "number, params, value, status, error, seconds, source, told"
    for number, params, *rest in connection.execute(f"SELECT {columns} FROM trials ORDER BY number"):
        record.trials[number] = Trial(number, from_plain(json.loads(params)), *rest)
    told = [t for t in record.trials.values() if t.told is not None]
    record.told = [t.number for t in sorted(told, key=lambda t: t.told or 0)]
    rows = connection.execute("SELECT content FROM steps ORDER BY number")
    steps = tuple(_step(json.loads(content), record) for (content,) in rows)
    history = History(space, direction, tuple(record.trials.values()), steps, stopped)
    _check(history)
    return history


def _check(history: History) -> None:
    """Raise ValueError where the parts do not fit together, as no run leaves them."""
    if history.direction not in ("minimize", "maximize"):
        raise ValueError(f"direction is {history.direction!r}")
    for place, trial in enumerate(history.trials):
        complete, running = trial.status == "complete", trial.status == "running"
        if not (
            trial.number == place
            and history.space.same(history.space.check(trial.params), trial.params)
            and (complete or running or trial.status == "failed")
            and (isinstance(trial.value, float) if complete else trial.value is None)
            and (trial.told is None) == running
        ):
            raise ValueError(f"trial {place} is not whole: {trial}")
    told = sorted(t.told for t in history.trials if t.told is not None)
    if told != list(range(len(told))):
        raise ValueError("the order of telling has gaps")
    for step in history.steps:
        seen = max(step.number, *step.pending, 0)
        if not (0 <= step.observed <= len(told) and seen < len(history.trials)):
            raise ValueError(f"step {step.number} saw trials that are not there")


def _step(content: dict[str, Any], record: Record) -> Step:
    return Step(**{name: from_plain(content[name]) for name in STEP_FIELDS}, record=record)


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
        writer.writerow(["number", *history.space.names, "value", "status", "error", "seconds", "source"])
        for t in history.trials:
            last_line = (t.error or "").strip().rpartition("\n")[-1]
            writer.writerow([t.number, *t.params.values(), t.value, t.status, last_line, t.seconds, t.source])
