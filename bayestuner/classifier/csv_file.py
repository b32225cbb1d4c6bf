"""From a CSV file to a frame of texts, with complaints that name the file and the line."""

import csv
from pathlib import Path

import pandas as pd

from gp.errors import DataError

SEPARATORS = ",;\t|"


def read_texts(path: str | Path) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Return all cells as texts, indexed by their line in the file, and notes on what was noticed.

    The separator is the most frequent of comma, semicolon, tab and bar in the header. Raises `DataError` for what is
    not such a table, and the usual `OSError` (`FileNotFoundError`, ...) for what cannot be opened.
    """
    file = Path(path)
    lines = _decode(file).splitlines(keepends=True)
    header = next((line for line in lines if line.strip()), "")
    separator = max(SEPARATORS, key=header.count)
    rows = _split(file, lines, separator)
    if not rows:
        raise DataError(f"{file} is empty: a header line and rows below it are needed")
    (header_line, names), *cells = rows
    names = [name.strip() or f"column {number}" for number, name in enumerate(names, start=1)]
    if len(names) == 1:
        raise DataError(f"{file}, line {header_line}: 1 column found ({names[0]!r}): separate the columns by commas")
    if repeated := sorted({name for name in names if names.count(name) > 1}):
        raise DataError(f"{file}, line {header_line}: column {', '.join(repeated)} appears twice: rename one of them")
    if not cells:
        raise DataError(f"{file} has no rows below its header: at least one row per class is needed")
    for line, row in cells:
        if len(row) != len(names):
            raise DataError(
                f"{file}, line {line}: {len(row)} cells where the header has {len(names)}: "
                "look for a missing or an unquoted separator there"
            )
    index = pd.Index([line for line, _ in cells], name="line")
    frame = pd.DataFrame([row for _, row in cells], index=index, columns=names, dtype=object)
    return frame, () if separator == "," else (f"columns are separated by {separator!r}",)


def _decode(file: Path) -> str:
    content = file.read_bytes()
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise DataError(
            f"{file}, line {line}: byte {content[error.start]:#04x} is not UTF-8 text: "
            "save the file with the encoding UTF-8 (it may be Latin-1 or Windows-1252 now)"
        ) from None


def _split(file: Path, lines: list[str], separator: str) -> list[tuple[int, list[str]]]:
    """Return (line number, cells) of every line that is not blank."""
    reader = csv.reader(lines, delimiter=separator)
    try:
        rows = [(reader.line_num, row) for row in reader]
    except csv.Error as error:
        raise DataError(f"{file}, line {reader.line_num}: {error}: is this a CSV file?") from None
    return [(line, row) for line, row in rows if any(map(str.strip, row))]
