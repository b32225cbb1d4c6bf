"""What a run looks like in SQLite: its tables, its rows, and how damage is noticed.

run      one row: space, direction, seed and settings as JSON
trials   one row a trial; told is its place in the order of telling, changed grows with every writing
steps    one row a suggestion, as JSON
queue    points that wait to be asked for, in this order; since version 3
owners   the processes that write to the run, see `owners.py`

SQLite finds a torn page, not a flipped bit: each row carries a checksum of its own.
"""

from __future__ import annotations

import json
import math
import sqlite3
import zlib
from collections.abc import Sequence
from dataclasses import MISSING, dataclass, field, fields
from typing import Any

from .codec import from_plain, to_plain
from .errors import CorruptStateError, StateVersionError
from .history import Record, Trial
from .space import Params, Space
from .step import Step

APPLICATION = 0x42547572  # "BTur" in the file's header: this is a run
VERSION, OLDEST = 3, 2  # what is written, and the oldest that is read
PAGE = 4096

QUEUE = "CREATE TABLE queue (number INTEGER PRIMARY KEY, params TEXT, checksum INTEGER);"
# value and seconds have no type: a REAL column would store -0.0 as the integer 0.
SCHEMA = f"""
PRAGMA page_size = {PAGE};
PRAGMA application_id = {APPLICATION};
PRAGMA user_version = {VERSION};
CREATE TABLE run (number INTEGER PRIMARY KEY, content TEXT, checksum INTEGER);
CREATE TABLE trials (number INTEGER PRIMARY KEY, params TEXT, value, status TEXT, error TEXT, seconds, source TEXT,
                     told INTEGER, more TEXT, owner INTEGER, changed INTEGER, checksum INTEGER);
CREATE TABLE steps (number INTEGER PRIMARY KEY, content TEXT, checksum INTEGER);
{QUEUE}
CREATE TABLE owners (number INTEGER PRIMARY KEY AUTOINCREMENT, host TEXT, pid INTEGER, since REAL);
"""

TRIAL_COLUMNS = ("number", "params", "value", "status", "error", "seconds", "source", "told")
STEP_FIELDS = tuple(f.name for f in fields(Step) if f.name != "record")
MORE_FIELDS = tuple(f for f in fields(Trial) if f.name not in TRIAL_COLUMNS)
STEP_NAMES, MORE_NAMES = frozenset(STEP_FIELDS), frozenset(f.name for f in MORE_FIELDS)

Row = tuple[Any, ...]


@dataclass
class Run:
    """The run's own row: what was searched, how, and why it ended. Settings and notes are plain data."""

    space: Space
    direction: str
    settings: dict[str, Any] = field(default_factory=dict)
    notes: Any = None
    stopped: str = ""


def checksum(table: str, row: Sequence[Any]) -> int:
    """CRC-32 of a row's content, which JSON writes the same way everywhere."""
    return zlib.crc32(json.dumps([table, *row]).encode())


# ---- rows and what they mean


def run_row(run: Run) -> Row:
    """The row of table run."""
    content = {"space": to_plain(run.space.dimensions), **{n: getattr(run, n) for n in RUN_FIELDS}}
    return signed("run", (1, json.dumps(content)))


RUN_FIELDS = ("direction", "settings", "notes", "stopped")


def run_of(row: Row) -> Run:
    """The run that a row describes."""
    content = json.loads(_verified("run", row)[1])
    if unknown := set(content) - {"space", *RUN_FIELDS}:
        raise StateVersionError(f"it has {', '.join(sorted(unknown))}, which this BayesTuner does not know")
    return Run(Space(from_plain(content["space"])), **{name: content[name] for name in RUN_FIELDS})


def trial_row(space: Space, trial: Trial, owner: int | None = None, changed: int = 0) -> Row:
    """The row of table trials."""
    seconds = None if trial.seconds is None or math.isnan(trial.seconds) else float(trial.seconds)
    more = {f.name: to_plain(getattr(trial, f.name)) for f in MORE_FIELDS if getattr(trial, f.name) != _default(f)}
    row = (
        trial.number,
        _params_text(space, trial.params),
        trial.value,
        trial.status,
        trial.error,
        seconds,
        trial.source,
        trial.told,
    )
    return signed("trials", (*row, json.dumps(more) if more else None, owner, changed))


def trial_of(row: Row) -> Trial:
    """The trial that a row describes."""
    number, params, value, status, error, seconds, source, told, more, *_ = _verified("trials", row)
    further = _known(from_plain_fields(more), MORE_NAMES, "trial")
    return Trial(number, from_plain(json.loads(params)), value, status, error, seconds, source, told, **further)


def step_row(step: Step) -> Row:
    """The row of table steps."""
    content = {name: to_plain(getattr(step, name)) for name in STEP_FIELDS}
    return signed("steps", (step.number, json.dumps(content)))


def step_of(row: Row, record: Record) -> Step:
    """The step that a row describes, which looks into the record."""
    content = _known(from_plain_fields(_verified("steps", row)[1]), STEP_NAMES, "step")
    return Step(**content, record=record)


def queue_row(space: Space, number: int, params: Params) -> Row:
    """The row of table queue."""
    return signed("queue", (number, _params_text(space, params)))


def queued_of(row: Row) -> Params:
    """The point that a row of table queue describes."""
    return dict(from_plain(json.loads(_verified("queue", row)[1])))


def _params_text(space: Space, params: Params) -> str:
    return json.dumps(to_plain({name: params[name] for name in space.names if name in params}))


def from_plain_fields(text: str | None) -> dict[str, Any]:
    """JSON of named plain values, read."""
    return {name: from_plain(plain) for name, plain in json.loads(text or "{}").items()}


def _known(content: dict[str, Any], names: frozenset[str], what: str) -> dict[str, Any]:
    if unknown := set(content) - names:
        raise StateVersionError(f"a {what} has {', '.join(sorted(unknown))}, which this BayesTuner does not know")
    return content


def _default(f: Any) -> Any:
    return f.default if f.default is not MISSING else f.default_factory()


def signed(table: str, row: Row) -> Row:
    """The row with its checksum at the end."""
    return (*row, checksum(table, row))


def _verified(table: str, row: Row) -> Row:
    *content, given = row
    if checksum(table, content) != given:
        raise CorruptStateError(f"row {row[0]} of table {table} was changed by a fault of the disk")
    return tuple(content)


# ---- a whole file


def read_all(connection: sqlite3.Connection, *, steps: bool = True) -> tuple[Run, Record, list[Step]]:
    """Read and check a whole run; CorruptStateError or StateVersionError where it is not as a run leaves it."""
    check_header(connection)
    if (verdict := connection.execute("PRAGMA integrity_check(1)").fetchone()[0]) != "ok":
        raise CorruptStateError(verdict)
    [row] = connection.execute("SELECT * FROM run")
    run = run_of(row)
    record = Record(run.space, run.direction)
    for row in connection.execute("SELECT * FROM trials ORDER BY number"):
        trial = trial_of(row)
        record.trials[trial.number] = trial
    told = [t for t in record.trials.values() if t.told is not None]
    record.told = [t.number for t in sorted(told, key=lambda t: t.told or 0)]
    rows = connection.execute("SELECT * FROM steps ORDER BY number").fetchall() if steps else []
    return run, record, [step_of(row, record) for row in rows]


def check_header(connection: sqlite3.Connection) -> None:
    """Raise where the file is no run, or one of another version."""
    if connection.execute("PRAGMA application_id").fetchone()[0] != APPLICATION:
        raise CorruptStateError("the header does not say that it is one")
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    if not OLDEST <= version <= VERSION:
        raise StateVersionError(
            f"written by version {version} of the format, this BayesTuner reads {OLDEST} to {VERSION}"
        )


def migrate(connection: sqlite3.Connection) -> None:
    """Bring a file of an older version up to this one; call inside a transaction."""
    if connection.execute("PRAGMA user_version").fetchone()[0] < 3:
        connection.execute(QUEUE)
        connection.execute(f"PRAGMA user_version = {VERSION}")


def check(record: Record, steps: Sequence[Step]) -> None:
    """Raise ValueError where the parts do not fit together, as no run leaves them."""
    if record.direction not in ("minimize", "maximize"):
        raise ValueError(f"direction is {record.direction!r}")
    for place, trial in enumerate(record.trials.values()):
        _check_trial(record.space, trial, place)
    if sorted(t.told for t in record.trials.values() if t.told is not None) != list(range(len(record.told))):
        raise ValueError("the order of telling has gaps")
    for step in steps:
        seen = max(step.number, *step.pending, 0)
        if not (0 <= step.observed <= len(record.told) and seen < len(record.trials)):
            raise ValueError(f"step {step.number} saw trials that are not there")


def _check_trial(space: Space, trial: Trial, place: int) -> None:
    complete, running = trial.status == "complete", trial.status == "running"
    if not (
        trial.number == place
        and space.same(space.check(trial.params), trial.params)
        and (complete or running or trial.status == "failed")
        and (isinstance(trial.value, float) if complete else trial.value is None)
        and (trial.told is None) == running
    ):
        raise ValueError(f"trial {place} is not whole: {trial}")
