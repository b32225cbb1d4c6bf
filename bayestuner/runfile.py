"""The file that a run lives in: every ask and every tell is on the disk before anybody acts on it.

A turn is one transaction: wait until no other process is writing, read what the others have written, ask or
tell, write. So several processes divide one run, and none asks for a point without knowing those of the others.
"""

from __future__ import annotations

import logging
import os
import sqlite3
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any
from weakref import finalize

from . import owners, schema
from .agreement import changed_notes, compare_spaces, settled
from .codec import to_plain
from .damage import explained
from .errors import SpaceMismatchError, StateError
from .history import Record, Trial
from .journal import check_journal
from .places import check_place, journal_mode, put_new
from .schema import Run
from .space import Params, Space
from .step import Step

logger = logging.getLogger("bayestuner")

PATIENCE = 300.0  # seconds to wait for other processes: each holds the file for as long as one suggestion takes


class RunFile:
    """A run in an SQLite file, new or continued; `notes` is plain data that must be the same to continue it.

    Opening it imports the classes that it names, as unpickling would: open only files you trust.
    """

    def __init__(self, path: str | os.PathLike[str], notes: Any = None) -> None:
        self.path = Path(path).resolve()
        self.notes = notes
        self._process = os.getpid()
        self._changed = 0
        self._owners: dict[int, int | None] = {}
        self._finalizer: finalize[..., RunFile] = finalize(self, int)  # until there is something to close

    # ---- opening

    def agree(
        self, space: Space, direction: str, given: Mapping[str, Any], defaults: Mapping[str, Any]
    ) -> tuple[Space, dict[str, Any]]:
        """Open the file, or make it; return the space and the settings of the run.

        A setting that is None is taken from the file, or from the defaults where the file is new. Any other
        must be what the file says: SpaceMismatchError or StateError tells the difference.
        """
        settings = {name: defaults[name] if value is None else value for name, value in given.items()}
        plain = {name: to_plain(value) for name, value in settings.items()}
        check_place(self.path)
        if not self.path.exists():
            self._create(Run(space, direction, plain, self.notes))
        with explained(self.path), self._closed_on_error():
            check_journal(self.path)
            self._connect()
            with self.turn():
                run = self._read()
                compare_spaces(run.space, space)
                if run.direction != direction:
                    raise SpaceMismatchError(f"the run is there to {run.direction}, not to {direction}")
                if run.notes != self.notes:
                    raise StateError(f"the run was begun with other settings ({changed_notes(run.notes, self.notes)})")
                settings = settled(run.settings, given, plain)
                schema.migrate(self._connection)
                self._write_run(replace(run, settings={name: to_plain(value) for name, value in settings.items()}))
                self._register()  # from here on we write
        return self.space, settings

    @contextmanager
    def _closed_on_error(self) -> Iterator[None]:
        try:
            yield
        except BaseException:
            self.close()
            raise

    def _create(self, run: Run) -> None:
        """Make the file beside its place and put it there whole, if no other process was faster."""
        with tempfile.TemporaryDirectory(dir=self.path.parent, prefix=f".{self.path.name}.") as folder:
            draft = Path(folder) / self.path.name
            with closing(sqlite3.connect(draft)) as connection, connection:
                connection.executescript(schema.SCHEMA)
                connection.execute("INSERT INTO run VALUES (?, ?, ?)", schema.run_row(run))
            with suppress(FileExistsError):
                put_new(draft, self.path)

    def _connect(self) -> None:
        if not os.access(self.path, os.W_OK):
            raise PermissionError(f"{self.path} cannot be written; give a file of yours, or copy it first")
        self._connection = sqlite3.connect(self.path, timeout=0.5, isolation_level=None, check_same_thread=False)
        self._close_with(None)
        schema.check_header(self._connection)
        mode = journal_mode(self.path)
        if mode != "wal":
            logger.warning("%s is on a network file system: slower writing, and no reading meanwhile", self.path)
        if self._connection.execute(f"PRAGMA journal_mode = {mode}").fetchone()[0] != mode:
            logger.warning("%s cannot be kept in journal mode %s", self.path, mode)
        self._connection.execute("PRAGMA synchronous = FULL")

    def _register(self) -> None:
        self._number = owners.register(self._connection, self.path)
        self._connection.execute("COMMIT")
        self._close_with(self._number)

    def _close_with(self, number: int | None) -> None:
        """Close the connection when nobody uses this any more, and leave as owner of that number."""
        self._finalizer.detach()
        self._finalizer = finalize(self, _close, self._connection, self.path, number, self._process)

    def _read(self) -> Run:
        run, self._record, self._steps = schema.read_all(self._connection)
        schema.check(self._record, self._steps)
        rows = self._connection.execute("SELECT number, owner, changed FROM trials").fetchall()
        self._owners = {number: owner for number, owner, _ in rows}
        self._changed = max((changed for *_, changed in rows), default=0)
        self.space = run.space
        return run

    def take_over(self) -> tuple[Record, list[Step]]:
        """The trials and steps that were there when the file was opened."""
        return self._record, self._steps

    # ---- turns

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Hold the file; what is not committed at the end never happened. Turns may be nested."""
        if os.getpid() != self._process:
            raise StateError(f"{self.path} was opened by another process; open it here with storage=")
        if not self._finalizer.alive:
            raise StateError(f"{self.path} was closed; open it again with storage=")
        if self._connection.in_transaction:
            yield
            return
        with explained(self.path):
            self._begin()
        try:
            yield
        finally:
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")

    def _begin(self) -> None:
        # Waiting in short pieces, so that Ctrl-C is heard.
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                self._connection.execute("BEGIN IMMEDIATE")
                return
            except sqlite3.OperationalError as error:
                if "locked" not in str(error) or time.monotonic() > deadline:
                    raise

    def catch_up(self, record: Record, steps: list[Step]) -> None:
        """Read what other processes have written since the last time."""
        if not self._finalizer.alive:
            return
        with explained(self.path):
            query = "SELECT * FROM trials WHERE changed > ? ORDER BY changed"
            rows = self._connection.execute(query, (self._changed,)).fetchall()
            if not rows:
                return
            trials = [schema.trial_of(row) for row in rows]
            record.trials.update((trial.number, trial) for trial in trials)
            for trial in sorted((t for t in trials if t.told is not None), key=lambda t: t.told or 0):
                if trial.told == len(record.told):
                    record.told.append(trial.number)
            query = "SELECT * FROM steps WHERE number > ? ORDER BY number"
            for row in self._connection.execute(query, (steps[-1].number if steps else -1,)):
                steps.append(schema.step_of(row, record))
            for number, *_, owner, changed, _ in rows:
                self._owners[number] = owner
                self._changed = changed

    def queue(self) -> list[Params]:
        """The points that wait to be asked for."""
        if not self._finalizer.alive:
            return []
        with explained(self.path):
            rows = self._connection.execute("SELECT * FROM queue ORDER BY number").fetchall()
            return [schema.queued_of(row) for row in rows]

    def enqueue(self, params: Params) -> None:
        """Commit a point to be asked for after those that wait already."""
        with self.turn(), explained(self.path):
            [last] = self._connection.execute("SELECT MAX(number) FROM queue").fetchone()
            row = schema.queue_row(self.space, (last or 0) + 1, params)
            self._connection.execute("INSERT INTO queue VALUES (?, ?, ?)", row)
            self._connection.execute("COMMIT")

    def write(self, trial: Trial, step: Step | None = None, *, queued: bool = False) -> None:
        """Commit a trial as it stands now, and the step that led to it; a queued one was the first in the queue."""
        with self.turn(), explained(self.path):
            row = schema.trial_row(self.space, trial, self._number, self._changed + 1)
            self._connection.execute(f"INSERT OR REPLACE INTO trials VALUES ({'?, ' * 11}?)", row)
            if step is not None:
                self._connection.execute("INSERT INTO steps VALUES (?, ?, ?)", schema.step_row(step))
            if queued:
                self._connection.execute("DELETE FROM queue WHERE number = (SELECT MIN(number) FROM queue)")
            self._connection.execute("COMMIT")
            self._changed += 1
            self._owners[trial.number] = self._number

    def abandoned(self, record: Record) -> list[int]:
        """The trials that are being evaluated by nobody: their process has ended."""
        foreign = [t.number for t in record.pending() if self._owners.get(t.number) != self._number]
        return [number for number in foreign if not owners.is_alive(self.path, self._owners.get(number))]

    def finish(self, stopped: str) -> None:
        """Write down why the run ended."""
        with self.turn(), explained(self.path):
            [row] = self._connection.execute("SELECT * FROM run")
            self._write_run(replace(schema.run_of(row), stopped=stopped))
            self._connection.execute("COMMIT")

    def _write_run(self, run: Run) -> None:
        self._connection.execute("INSERT OR REPLACE INTO run VALUES (?, ?, ?)", schema.run_row(run))

    def close(self) -> None:
        """Let the file go; what is still being evaluated will be asked for again by whoever continues."""
        self._finalizer()


def _close(connection: sqlite3.Connection, path: Path, number: int | None, process: int) -> None:
    if os.getpid() != process:  # a forked child: the file is its parent's
        return
    with suppress(sqlite3.Error, OSError):
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        if number is not None:
            connection.execute("BEGIN IMMEDIATE")
            owners.leave(connection, path, number)
            connection.execute("COMMIT")
    connection.close()
