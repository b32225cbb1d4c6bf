"""How a command ends: its exit status, and one line on stderr when it is not as wished."""

from __future__ import annotations

import sys

USAGE, FAILURE, INTERRUPTED, TERMINATED = 2, 1, 130, 143


def complain(message: str, status: int) -> int:
    """Say what is wrong on stderr, in one line, and return the exit status."""
    print(f"bayestuner: {message}", file=sys.stderr)
    return status


def one_line(error: BaseException) -> str:
    """What an error says, without line breaks; of a missing file more than the system does."""
    if isinstance(error, FileNotFoundError) and error.filename:
        return f"there is no file {error.filename}; check its name, and the folder you are in"
    if isinstance(error, OSError) and error.strerror:
        return f"{error.filename}: {error.strerror}" if error.filename else error.strerror
    return " ".join(str(error).split()) or type(error).__name__
