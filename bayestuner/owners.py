"""Which processes write to a run, and which of them are still alive.

Each has a number in the table `owners` and holds a lock on that byte of the file `<run>-owners`. The system
gives the lock back when the process ends, however it ends: no pulse to send, no process id to mistake.
Numbers are never used twice.
"""

from __future__ import annotations

import os
import socket
import sqlite3
import sys
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

from .errors import StateError


@dataclass
class _LockFile:
    """One open file a process: POSIX gives up all of a process's locks on a file when it closes any of them."""

    handle: int
    held: set[int] = field(default_factory=set)


_open: dict[tuple[int, str], _LockFile] = {}
_opening = threading.Lock()


def lock_path(path: Path) -> Path:
    """The file whose bytes are locked."""
    return path.with_name(path.name + "-owners")


def register(connection: sqlite3.Connection, path: Path) -> int:
    """Enter this process as an owner and hold its lock; call inside a transaction."""
    cursor = connection.execute(
        "INSERT INTO owners (host, pid, since) VALUES (?, ?, ?)", (socket.gethostname(), os.getpid(), time.time())
    )
    number = cursor.lastrowid
    assert number is not None
    with _opening:
        lock = _lock_file(path)
        locked = _try_lock(lock.handle, number)
    if not locked:
        raise StateError("the file system gives no locks; keep the run on a local disk")
    lock.held.add(number)
    return number


def is_alive(path: Path, number: int | None) -> bool:
    """Whether the process of that number still holds its lock."""
    if number is None:
        return False
    lock = _lock_file(path)
    if number in lock.held:
        return True
    if not _try_lock(lock.handle, number):
        return True
    _unlock(lock.handle, number)
    return False


def anybody(path: Path) -> bool:
    """Whether any process, this one too, writes to the run."""
    key = (os.getpid(), str(path))
    if key in _open:
        return True
    if not lock_path(path).exists():
        return False
    with _opening:  # closing this handle would give up the locks of a thread that opens the run just now
        handle = os.open(lock_path(path), os.O_RDWR)
        try:
            return key in _open or not _all_free(handle)
        finally:
            os.close(handle)


def leave(connection: sqlite3.Connection, path: Path, number: int) -> None:
    """Take an owner out, and the dead with it; the last one takes the lock file away. Call inside a transaction."""
    numbers = [n for (n,) in connection.execute("SELECT number FROM owners")]
    gone = [n for n in numbers if n == number or not is_alive(path, n)]
    connection.executemany("DELETE FROM owners WHERE number = ?", [(n,) for n in gone])
    release(path, number)
    if len(gone) == len(numbers):
        lock_path(path).unlink(missing_ok=True)


def release(path: Path, number: int) -> None:
    """Give an owner's lock back."""
    lock = _lock_file(path)
    lock.held.discard(number)
    _unlock(lock.handle, number)
    if not lock.held:
        os.close(_open.pop((os.getpid(), str(path))).handle)


def _lock_file(path: Path) -> _LockFile:
    # A forked child has its parent's table but none of its locks: the process id keeps them apart.
    key = (os.getpid(), str(path))
    if key not in _open:
        _open[key] = _LockFile(os.open(lock_path(path), os.O_RDWR | os.O_CREAT, 0o666))
    return _open[key]


if sys.platform == "win32":
    import msvcrt

    def _try_lock(handle: int, byte: int) -> bool:
        os.lseek(handle, byte, os.SEEK_SET)
        try:
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

    def _all_free(handle: int) -> bool:
        """Whether none of the first 1000 numbers is locked: a range cannot be asked for at once."""
        for byte in range(1, 1000):
            if not _try_lock(handle, byte):
                return False
            _unlock(handle, byte)
        return True

    def _unlock(handle: int, byte: int) -> None:
        os.lseek(handle, byte, os.SEEK_SET)
        msvcrt.locking(handle, msvcrt.LK_UNLCK, 1)

else:
    import fcntl

    def _try_lock(handle: int, byte: int) -> bool:
        try:
            fcntl.lockf(handle, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, byte)
        except OSError:
            return False
        return True

    def _all_free(handle: int) -> bool:
        """Whether no byte is locked by another process."""
        try:
            fcntl.lockf(handle, fcntl.LOCK_EX | fcntl.LOCK_NB, 0, 0)
        except OSError:
            return False
        fcntl.lockf(handle, fcntl.LOCK_UN, 0, 0)
        return True

    def _unlock(handle: int, byte: int) -> None:
        fcntl.lockf(handle, fcntl.LOCK_UN, 1, byte)
