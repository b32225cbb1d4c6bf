"""One column at a time: texts that are numbers, texts that are missing, and complaints that name the row."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from gp.errors import DataError

MISSING = ("", "na", "n/a", "#n/a", "nan", "null", "none", "?")


def texts(column: "pd.Series[Any]", missing: Sequence[str] = MISSING) -> "pd.Series[str]":
    """Return the column as stripped texts, NaN where missing; whole numbers lose their ".0".

    >>> texts(pd.Series([" a", "N/A", 1.0, None])).tolist()
    ['a', nan, '1', nan]
    """
    if pd.api.types.is_float_dtype(column):
        whole = bool((column.dropna() % 1 == 0).all())
        column = column.astype("Int64") if whole else column
    stripped = column.astype(object).map(_text, na_action="ignore")
    absent = column.isna() | stripped.map(lambda text: str(text).casefold() in missing)
    return stripped.where(~absent)


def share_of_numbers(column: "pd.Series[Any]") -> float:
    """Return which share of the values that are there can be read as numbers, a decimal comma included."""
    if pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column):
        return 1.0
    there = texts(column).dropna()
    readable = pd.to_numeric(there.str.replace(r"^([+-]?\d*),(\d+)$", r"\1.\2", regex=True), errors="coerce").notna()
    return float(readable.mean()) if len(there) else 0.0


def numbers(column: "pd.Series[Any]", source: str) -> "pd.Series[float]":
    """Return the column as floats, NaN where missing.

    Raises `DataError` naming row and column for a text, a decimal comma and an infinite number.
    """
    there = column if pd.api.types.is_numeric_dtype(column) else texts(column)
    values = pd.to_numeric(there, errors="coerce").astype(float)
    wrong = (values.isna() & there.notna()) | np.isinf(values)
    if wrong.any():
        at = int(wrong.to_numpy().argmax())
        row, cell = column.index[at], str(there.iloc[at])
        raise DataError(f"{source}, {column.index.name or 'row'} {row}, column {column.name}: {_remedy(cell)}")
    return values


def _text(value: object) -> str:
    return str(int(value) if isinstance(value, float) and value.is_integer() else value).strip()


def _remedy(cell: str) -> str:
    if "," in cell:
        return f"{cell!r} has a decimal comma: write {cell.replace(',', '.')}"
    if cell.lstrip("+-").lower().startswith("inf") or "e" in cell.lower()[1:]:
        return f"{cell} is infinite or too large for a number: correct it, or leave the cell empty"
    return f"{cell!r} is not a number: correct it, or name the column in --categorical (categorical=...)"
