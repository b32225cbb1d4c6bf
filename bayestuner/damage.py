"""What goes wrong with the file of a run, in words: which file, what happened, and the way out."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from .errors import CorruptStateError, StateError, StateVersionError


@contextmanager
def explained(path: Path) -> Iterator[None]:
    """What goes wrong with a file, as an error that names it and the way out."""
    try:
        yield
    except StateVersionError as error:
        raise StateVersionError(f"{path}: {error}; use the BayesTuner that wrote it") from None
    except CorruptStateError as error:
        raise _damaged(path, error) from None
    except StateError as error:
        raise error if str(path) in str(error) else type(error)(f"{path}: {error}") from None
    except sqlite3.OperationalError as error:
        raise _operational(path, error) from error
    except (sqlite3.Error, AttributeError, KeyError, TypeError, ValueError) as error:
        raise _damaged(path, error) from error


def _damaged(path: Path, error: Exception) -> CorruptStateError:
    return CorruptStateError(
        f"{path} is not a BayesTuner run, or it is damaged: {error}; "
        f"`bayestuner show {path} --recover` writes what can be read to a new file"
    )


def _operational(path: Path, error: sqlite3.OperationalError) -> Exception:
    """What the system or another process did, by SQLite's code: its words may quote what a user stored."""
    match getattr(error, "sqlite_errorcode", 0) & 0xFF:  # the low byte is the kind
        case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED:
            return StateError(f"{path} stays locked by another process; stop that one, or try again when it is done")
        case sqlite3.SQLITE_FULL:
            return OSError(f"{path}: no space left on the disk; what was told before is kept")
        case sqlite3.SQLITE_READONLY | sqlite3.SQLITE_CANTOPEN | sqlite3.SQLITE_PERM:
            return PermissionError(f"{path} cannot be written: {error}; give a file in a folder of yours")
        case sqlite3.SQLITE_IOERR:
            return OSError(f"{path}: {error}; what was told before is kept")
    return _damaged(path, error)
