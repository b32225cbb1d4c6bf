"""What a notebook shows of an object: a small HTML table, with nothing in it but text."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from typing import Any


def html_table(title: str, rows: Iterable[Sequence[Any]], header: Sequence[Any] = ()) -> str:
    """Return a table with a title above it; every cell is shown as plain text.

    >>> html_table("a < b", [["x", 1]])
    '<table><caption>a &lt; b</caption><tr><td>x</td><td>1</td></tr></table>'
    """
    head = [_row("th", header)] if header else []
    body = [_row("td", row) for row in rows]
    return f"<table><caption>{escape(title)}</caption>{''.join(head + body)}</table>"


def shown(value: Any) -> str:
    """A number with four significant digits, several of them in brackets, anything else as it prints.

    >>> shown((0.123456, 1.0)), shown("rbf")
    ('(0.1235, 1)', 'rbf')
    """
    if isinstance(value, tuple):
        return f"({', '.join(map(shown, value))})"
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def _row(tag: str, cells: Sequence[Any]) -> str:
    return f"<tr>{''.join(f'<{tag}>{escape(shown(cell))}</{tag}>' for cell in cells)}</tr>"
