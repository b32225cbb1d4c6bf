"""What can be read of a damaged run: its pages one by one, without trusting that the file hangs together.

SQLite keeps the rows of a table in leaf pages, each with a list of its cells (sqlite.org/fileformat2.html,
sections 1.5, 1.6 and 2.1). The pages of the journal (`-wal`) follow a header of 32 bytes, each after 24 bytes of
its own. A row is believed if its checksum is right; of several versions the latest counts.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from . import schema
from .codec import from_plain
from .errors import CorruptStateError, StateError
from .history import History, Record, Trial
from .schema import PAGE, Row
from .step import Step

LEAF = 0x0D
COLUMNS = {"run": 3, "trials": 12, "steps": 3}


def recover(path: Path) -> History:
    """The trials that can be read, renumbered where some are lost, and the steps up to the first loss.

    Raises CorruptStateError where not even the space can be read.
    """
    rows = _rows(path)
    if not rows["run"]:
        raise CorruptStateError(f"{path}: the space and the settings of the run cannot be read any more")
    run = schema.run_of(rows["run"][1])
    trials = [schema.trial_of(row) for _, row in sorted(rows["trials"].items())]
    trials = [trial for trial in trials if _fits(trial, run)]
    whole = _unbroken(trials)
    record = Record(run.space, run.direction)
    for number, trial in enumerate(trials):
        record.trials[number] = replace(trial, number=number, told=None)
    told = sorted((n for n, t in enumerate(trials) if t.told is not None), key=lambda n: trials[n].told or 0)
    for place, number in enumerate(told):
        record.trials[number] = replace(record.trials[number], told=place)
    record.told = told
    steps = tuple(_steps(rows["steps"], record, whole))
    with suppress(StateError):
        return History(run.space, run.direction, tuple(record.trials.values()), steps, run.stopped,
                       {name: from_plain(plain) for name, plain in run.settings.items()}, run.notes)  # fmt: skip
    return History(run.space, run.direction, tuple(record.trials.values()), steps, run.stopped)


def _fits(trial: Trial, run: schema.Run) -> bool:
    with suppress(ValueError, TypeError):
        return run.space.same(run.space.check(trial.params), trial.params)
    return False


def _unbroken(trials: list[Trial]) -> int:
    """How many trials from the first on are all there, with nothing lost in the order of telling either."""
    told = {trial.told for trial in trials}
    most = next((n for n in range(len(told) + 1) if n not in told), 0)
    numbers = [t.number for t in trials if t.told is None or t.told < most]
    return next((place for place, number in enumerate(numbers) if number != place), len(numbers))


def _steps(rows: dict[int, Row], record: Record, whole: int) -> Iterator[Step]:
    for number, row in sorted(rows.items()):
        with suppress(StateError, ValueError, TypeError, KeyError, AttributeError):
            step = schema.step_of(row, record)
            seen = record.told[: step.observed]
            if max(number, *step.pending, *seen, 0) < whole and step.observed <= len(record.told):
                yield step


def _rows(path: Path) -> dict[str, dict[int, Row]]:
    """The believable rows of each table by number."""
    latest: dict[str, dict[int, Row]] = {table: {} for table in COLUMNS}
    pages = _pages(path)
    for page in pages:
        for number, values in _cells(page, pages):
            for table, columns in COLUMNS.items():
                row = (number, *values[1:])
                if len(row) == columns and schema.checksum(table, row[:-1]) == row[-1]:
                    _keep(latest[table], table, row)
    return latest


def _keep(rows: dict[int, Row], table: str, row: Row) -> None:
    """Take the row if it is newer than the one that is there: by `changed`, or by coming later in the journal."""
    before = rows.get(row[0])
    if before is None or table != "trials" or row[-2] >= before[-2]:
        rows[row[0]] = row


def _pages(path: Path) -> list[bytes]:
    """The pages of the file in order, then those of its journal."""
    content = path.read_bytes()
    pages = [content[at : at + PAGE].ljust(PAGE, b"\0") for at in range(0, len(content), PAGE)]
    journal = path.with_name(path.name + "-wal")
    if journal.exists():
        frames = journal.read_bytes()[32:]
        pages += [frames[at + 24 : at + 24 + PAGE] for at in range(0, len(frames) - PAGE - 23, PAGE + 24)]
    return pages


def _cells(page: bytes, pages: list[bytes]) -> Iterator[tuple[int, list[Any]]]:
    """Row number and values of each row in a leaf page; what cannot be a row is passed over."""
    for start in (0, 100):  # the first page of a file begins with the file's own header
        if page[start : start + 1] != bytes([LEAF]):
            continue
        (count,) = struct.unpack_from(">H", page, start + 3)
        for i in range(min(count, PAGE // 4)):
            with suppress(struct.error, IndexError, UnicodeDecodeError, ValueError):
                (at,) = struct.unpack_from(">H", page, start + 8 + 2 * i)
                size, at = _varint(page, at)
                number, at = _varint(page, at)
                yield number, _values(_payload(page, pages, size, at))


def _payload(page: bytes, pages: list[bytes], size: int, at: int) -> bytes:
    """A row's bytes; those that its page has no room for are on a chain of other pages (section 1.6)."""
    most = PAGE - 35
    if size <= most:
        return page[at : at + size]
    least = (PAGE - 12) * 32 // 255 - 23
    here = least + (size - least) % (PAGE - 4)
    here = here if here <= most else least
    content = page[at : at + here]
    (following,) = struct.unpack_from(">I", page, at + here)
    while following and len(content) < size:
        content += pages[following - 1][4:]
        (following,) = struct.unpack_from(">I", pages[following - 1])
    return content[:size]


def _values(record: bytes) -> list[Any]:
    """The columns of a row: a header of their types, then the values (section 2.1)."""
    end, at = _varint(record, 0)
    kinds = []
    while at < end:
        kind, at = _varint(record, at)
        kinds.append(kind)
    values = []
    for kind in kinds:
        value, at = _value(record, at, kind)
        values.append(value)
    return values


def _value(record: bytes, at: int, kind: int) -> tuple[Any, int]:
    if kind == 0:
        return None, at
    if kind in (8, 9):
        return kind - 8, at
    if kind == 7:
        return struct.unpack_from(">d", record, at)[0], at + 8
    if kind < 7:
        size = (1, 2, 3, 4, 6, 8)[kind - 1]
        return int.from_bytes(record[at : at + size], "big", signed=True), at + size
    size = (kind - 12) // 2
    content = record[at : at + size]
    return (content.decode() if kind % 2 else content.hex()), at + size


def _varint(content: bytes, at: int) -> tuple[int, int]:
    """A number of 7 bits a byte, the last without its highest bit set, and where it ends."""
    value = 0
    for _ in range(8):
        value = value << 7 | content[at] & 0x7F
        at += 1
        if content[at - 1] < 0x80:
            return value, at
    return value << 8 | content[at], at + 1


def readable_trials(path: Path) -> list[dict[str, Any]]:
    """What is left where the space is lost: the rows of the trials as plain data."""
    names = ("number", "params", "value", "status", "error", "seconds", "source")
    rows = [dict(zip(names, row, strict=False)) for _, row in sorted(_rows(path)["trials"].items())]
    return [{**row, "params": json.loads(row["params"])} for row in rows]
