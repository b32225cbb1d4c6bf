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
    """SQLite's own words for what the system or another process did."""
    text = str(error)
    if "locked" in text or "busy" in text:
        return StateError(f"{path} stays locked by another process; stop that one, or try again when it is done")
    if "full" in text:
        return OSError(f"{path}: no space left on the disk; what was told before is kept")
    if "readonly" in text or "unable to open" in text:
        return PermissionError(f"{path} cannot be written: {text}; give a file in a folder of yours")
    if "disk I/O" in text:
        return OSError(f"{path}: {text}; what was told before is kept")
    return _damaged(path, error)
