"""The pieces of a page: paragraphs, tables, figures and code as HTML. Whatever is given as words is escaped."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape
from importlib.resources import files
from typing import Any

from bayestuner.explain import number


def part(name: str) -> str:
    """The text of a file beside this one."""
    return files(__package__).joinpath(name).read_text(encoding="utf-8").strip()


def filled(template: str, **values: str) -> str:
    """Put values where {{name}} stands, all at once: what a value contains is not looked at again."""
    return re.sub(r"\{\{(\w+)\}\}", lambda match: values[match[1]], template)


def paragraph(*sentences: str, kind: str = "") -> str:
    """Sentences as one paragraph.

    >>> paragraph("x < 3.", "y is larger.")
    '<p>x &lt; 3. y is larger.</p>'
    """
    words = " ".join(escape(sentence, quote=False) for sentence in sentences if sentence)
    return f"<p{_class(kind)}>{words}</p>" if words else ""


def _class(kind: str) -> str:
    return f' class="{kind}"' if kind else ""


def figure(drawing: str, caption: str, *, wide: bool = False) -> str:
    """A drawing with its caption; a wide one is as wide as the page, and scrolls on its own where that is narrow."""
    words = f"<figcaption>{escape(caption, quote=False)}</figcaption>" if caption else ""
    if not wide:
        return f"<figure>{drawing}{words}</figure>"
    return f'<figure class="wide">{scroller(drawing, caption or "figure")}{words}</figure>'


def scroller(content: str, label: str) -> str:
    """Content that may be wider than the window: it scrolls, the page does not; arrow keys reach it."""
    return f'<div class="scroller" role="region" tabindex="0" aria-label="{escape(label)}">{content}</div>'


def code(text: str, label: str) -> str:
    """Lines of code, to be copied."""
    lines = f"<pre><code>{escape(text.strip(), quote=False)}</code></pre>"
    return scroller(lines, label).replace('"scroller"', '"scroller code"', 1)


def facts(entries: Iterable[tuple[str, str, str]]) -> str:
    """A few large numbers: (what, number, and what to know of it) each."""
    items = (
        f"<div><dt>{escape(what, quote=False)}</dt><dd><b>{escape(value, quote=False)}</b>"
        f"<span>{escape(note, quote=False)}</span></dd></div>"
        for what, value, note in entries
    )
    return f'<dl class="facts">{"".join(items)}</dl>'


def pairs(entries: Iterable[tuple[str, str]]) -> str:
    """What is called how, line by line; one below the other where the window is narrow."""
    items = (
        f"<div><dt>{escape(what, quote=False)}</dt><dd>{escape(words, quote=False)}</dd></div>"
        for what, words in entries
    )
    return f'<dl class="pairs">{"".join(items)}</dl>'


@dataclass(frozen=True)
class Cell:
    """A cell of a table: what it shows, as words or as `html`, and the value that it is sorted by."""

    words: str = ""
    value: Any = None
    html: str = ""

    @property
    def numeric(self) -> bool:
        """Whether it holds a number, which stands to the right."""
        return isinstance(self.value, (int, float)) and not isinstance(self.value, bool)

    def markup(self) -> str:
        """The cell as HTML."""
        finite = self.numeric and math.isfinite(self.value)
        value = f' data-value="{self.value!r}"' if finite else ""
        return (
            f"<td{_class('number' if self.numeric else '')}{value}>{self.html or escape(self.words, quote=False)}</td>"
        )


def cell(value: Any, words: str | None = None) -> Cell:
    """A value with its words, by default three significant digits of a number; nothing where it is None."""
    if isinstance(value, Cell):
        return value
    return Cell() if value is None else Cell(number(value) if words is None else words, value)


def table(
    head: Sequence[str],
    rows: Sequence[Sequence[Any]],
    *,
    caption: str,
    sortable: bool = False,
    bold: Iterable[int] = (),
    starred: Iterable[int] = (),
) -> str:
    """A table of values or `Cell`s, numbers to the right; rows in `bold` stand out, those in `starred` are the best.

    A sortable one gets its buttons by the page's script.
    """
    cells = [[cell(value) for value in row] for row in rows]
    right = [any(row[at].numeric for row in cells) for at in range(len(head))]
    names = "".join(
        f'<th scope="col"{_class("number" if r else "")}>{escape(name, quote=False)}</th>'
        for name, r in zip(head, right, strict=True)
    )
    kinds = dict.fromkeys(bold, "ours") | dict.fromkeys(starred, "best")
    body = "".join(
        f"<tr{_class(kinds.get(at, ''))}>{''.join(c.markup() for c in row)}</tr>" for at, row in enumerate(cells)
    )
    kind = _class("sortable" if sortable else "")
    words = f'<caption class="unseen">{escape(caption, quote=False)}</caption>'
    return scroller(f"<table{kind}>{words}<thead><tr>{names}</tr></thead><tbody>{body}</tbody></table>", caption)


def interval_bar(
    low: float, middle: float, high: float, scale: tuple[float, float], *, marked: bool = False, zero: bool = False
) -> str:
    """An interval as a line with a dot, along a scale that all rows share; `zero` marks where that is."""
    start, end = scale
    at = [100 * (v - start) / ((end - start) or 1.0) for v in (low, middle, high, 0.0)]
    left, dot, right, origin = (min(max(place, 0.0), 100.0) for place in at)
    line = f'<u style="left: {origin:.2f}%"></u>' if zero else ""
    return (
        f'<span class="interval{" marked" if marked else ""}" aria-hidden="true">{line}'
        f'<i style="left: {left:.2f}%; right: {100 - right:.2f}%"></i><b style="left: {dot:.2f}%"></b></span>'
    )


def place_bar(place: float) -> str:
    """Where between 0 and 1 something lies, as a dot on a line."""
    return f'<span class="place" aria-hidden="true"><b style="left: {100 * min(max(place, 0.0), 1.0):.1f}%"></b></span>'
