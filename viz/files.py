"""Files that appear whole or not at all, and are refused before anything is drawn."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from bayestuner import ParameterError


def checked_path(path: str | Path, suffixes: Sequence[str], *, overwrite: bool = True) -> Path:
    """Return the path if a file of one of these kinds can be put there.

    ParameterError for another suffix, IsADirectoryError for a folder, FileNotFoundError where the folder
    is missing, FileExistsError for a file that must not be replaced.

    >>> checked_path("run.bmp", [".gif", ".png"])
    Traceback (most recent call last):
    gp.errors.ParameterError: cannot save as 'run.bmp': the suffix must be one of .gif, .png
    """
    path = Path(path)
    if path.is_dir():
        raise IsADirectoryError(f"{path} is a folder; give the name of a file in it")
    if path.suffix.lower() not in suffixes:
        raise ParameterError(f"cannot save as {path.name!r}: the suffix must be one of {', '.join(suffixes)}")
    if not path.parent.is_dir():
        raise FileNotFoundError(f"the folder {path.parent} does not exist; create it first")
    if path.exists() and not overwrite:
        raise FileExistsError(f"{path} exists; choose another name, or overwrite=True")
    return path


@contextmanager
def draft(path: Path) -> Iterator[Path]:
    """Give a place to write to; what lies there at the end takes the place of `path`, after an error nothing does."""
    try:
        folder = tempfile.TemporaryDirectory(dir=path.parent, prefix=f".{path.name}.")
    except OSError as error:
        raise type(error)(f"cannot write in the folder {path.parent}: {error.strerror}") from None
    with folder as name:
        place = Path(name) / path.name
        yield place
        os.replace(place, path)
