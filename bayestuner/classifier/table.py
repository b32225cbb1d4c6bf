"""A table that a classifier can learn from: checked, columns told apart, and every decision noted in a sentence."""

import difflib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gp.errors import DataError

from .columns import numbers, share_of_numbers, texts
from .csv_file import read_texts

MOST_LEVELS = 50
FEWEST_ROWS_OF_CLASS = 3  # one to train on, one to validate with, one to test with


@dataclass(frozen=True, eq=False)
class Table:
    """Features (n, d) and labels (n,), the classes in order, which columns are what, and notes on what was done.

    Numeric columns are floats with NaN where missing; categorical columns are texts with NaN where missing.
    """

    features: pd.DataFrame
    labels: NDArray[np.object_]
    classes: tuple[str, ...]
    numeric: tuple[str, ...]
    categorical: tuple[str, ...]
    notes: tuple[str, ...] = ()

    @property
    def codes(self) -> NDArray[np.int64]:
        """The labels as numbers of their class, shape (n,)."""
        return np.searchsorted(np.array(self.classes, dtype=object), self.labels).astype(np.int64)


def read_table(path: str | Path, target: str, *, drop: Sequence[str] = (), categorical: Sequence[str] = ()) -> Table:
    """Return the table in a CSV file (UTF-8, with a header) whose column `target` holds the classes.

    Columns in `drop` are left out and those in `categorical` taken as texts, whatever they look like. Raises
    `DataError`, in one line that names file, line and column, for what cannot be learned from.
    """
    frame, notes = read_texts(path)
    table = as_table(frame, target, drop=drop, categorical=categorical, source=str(path))
    return Table(table.features, table.labels, table.classes, table.numeric, table.categorical, notes + table.notes)


def as_table(
    frame: pd.DataFrame,
    target: str,
    *,
    drop: Sequence[str] = (),
    categorical: Sequence[str] = (),
    source: str = "the frame",
) -> Table:
    """Return the table in a frame, under the same rules and complaints as `read_table`.

    Dropped with a note: columns that are all missing, constant, id-like (texts or whole numbers that never repeat) or
    texts of more than 50 levels. A text column of which half or more are numbers is taken for a damaged numeric one.

    >>> frame = pd.DataFrame({"height": [1.5, 1.7, 1.6, 1.9, 1.8, 1.7], "kind": list("aabbab")})
    >>> as_table(frame, "kind").numeric
    ('height',)
    """
    frame = frame.rename(columns=str)
    _check_names(frame, target, drop, categorical, source)
    frame, labels, notes = _with_labels(frame, target, source)
    notes += _check_classes(labels, target, source)
    columns: dict[str, pd.Series] = {}
    numeric: list[str] = []
    for name in frame.columns.difference([target, *drop], sort=False):
        column, is_number = _read_column(frame[name], name in categorical, source)
        if reason := _useless(column, is_number, keep=name in categorical):
            notes.append(f"dropped column {name}: {reason}")
            continue
        if _tells_label(column, labels):
            notes.append(f"column {name} alone determines {target}: drop it if it is not known before the class is")
        columns[name] = column
        if is_number:
            numeric.append(name)
    if not columns:
        why = "; ".join(notes) or "it is the only one"
        raise DataError(f"{source}: no usable column is left besides {target!r} ({why})")
    text_names = tuple(name for name in columns if name not in numeric)
    features = pd.DataFrame(columns).reset_index(drop=True)
    values = labels.to_numpy(dtype=object)
    return Table(features, values, tuple(sorted(set(values))), tuple(numeric), text_names, tuple(notes))


def _check_names(
    frame: pd.DataFrame, target: str, drop: Sequence[str], categorical: Sequence[str], source: str
) -> None:
    names = list(frame.columns)
    if repeated := sorted({name for name in names if names.count(name) > 1}):
        raise DataError(f"{source}: column {', '.join(repeated)} appears twice: rename one of them")
    for name in (target, *drop, *categorical):
        if name not in names:
            near = difflib.get_close_matches(name, names, n=1, cutoff=0.5)
            hint = f"did you mean {near[0]!r}? " if near else ""
            raise DataError(f"{source} has no column {name!r}: {hint}its columns are {', '.join(names)}")


def _with_labels(frame: pd.DataFrame, target: str, source: str) -> tuple[pd.DataFrame, "pd.Series[str]", list[str]]:
    """Return the rows that have a label, their labels stripped, and notes."""
    if frame.empty:
        raise DataError(f"{source} has no rows: at least {FEWEST_ROWS_OF_CLASS} per class are needed")
    labels = texts(frame[target], missing=("",))  # NA and None may be the names of classes
    there = labels.notna()
    notes = [] if there.all() else [f"{(~there).sum()} rows without a target dropped"]
    as_given = frame.loc[there, target].astype(str)
    if stripped := int((as_given.str.len() > as_given.str.strip().str.len()).sum()):
        notes.append(f"blanks around {stripped} labels removed")
    return frame[there], labels[there], notes


def _check_classes(labels: "pd.Series[str]", target: str, source: str) -> list[str]:
    """Return a note on labels that differ in case only; raise where no classifier can be trained and tested."""
    counts = labels.value_counts()
    if len(counts) < 2:
        raise DataError(f"{source}: target {target!r} needs at least 2 classes, found {list(counts.index)}")
    if counts.iloc[-1] < FEWEST_ROWS_OF_CLASS:
        number = " (is it a number to predict? This is a classifier)" if len(counts) > len(labels) / 3 else ""
        raise DataError(
            f"{source}: class {counts.index[-1]!r} of {target!r} has {counts.iloc[-1]} row(s), at least "
            f"{FEWEST_ROWS_OF_CLASS} are needed to train, validate and test: merge it with another or delete it{number}"
        )
    by_case: dict[str, list[str]] = {}
    for label in sorted(counts.index):
        by_case.setdefault(label.casefold(), []).append(repr(label))
    alike = [", ".join(same) for same in by_case.values() if len(same) > 1]
    return [f"labels {same} differ in case only: they count as different" for same in alike]


def _read_column(column: pd.Series, as_text: bool, source: str) -> tuple[pd.Series, bool]:
    """Return the column as floats, or as texts, and whether it is the former."""
    if not as_text and share_of_numbers(column) >= 0.5:
        if _too_long_for_float(column):  # 20-digit ids would run into one another
            return texts(column), False
        return numbers(column, source), True
    return texts(column), False


def _too_long_for_float(column: pd.Series) -> bool:
    if pd.api.types.is_numeric_dtype(column):
        return False
    return bool(column.astype(str).str.fullmatch(r"[+-]?\d{16,}").any())


def _useless(column: pd.Series, is_number: bool, keep: bool) -> str:
    """Return why a column is of no use, or an empty text."""
    values = column.dropna()
    levels = values.nunique()
    if values.empty:
        return "all values are missing"
    if levels == 1:
        return f"it is constant ({values.iloc[0]})"
    whole = not is_number or bool((values % 1 == 0).all())
    if whole and levels == len(column) and not keep:
        return "it looks like an id, unique in every row"
    if not is_number and levels > MOST_LEVELS and not keep:
        return f"{levels} different texts, more than {MOST_LEVELS} (--categorical {column.name} keeps it)"
    return ""


def _tells_label(column: pd.Series, labels: "pd.Series[str]") -> bool:
    """Return whether few values decide the class: the target may have been copied into a feature."""
    levels = column.nunique()
    return levels <= len(column) / 3 and bool(labels.groupby(column.to_numpy()).nunique().max() == 1)
