"""A page of findings: one HTML file with everything inside, for the desk, the phone, the printer and the dark.

The parts are page.html, page.css and page.js beside this file; what a section holds is made by `markup`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path

from .files import checked_path, draft
from .markup import filled, part
from .style import DARK, LIGHT
from .svg import variables


@dataclass(frozen=True)
class Section:
    """A heading, its short name for the contents, and what stands below it, as HTML."""

    title: str
    short: str
    body: str

    @property
    def anchor(self) -> str:
        """Its name in links."""
        return re.sub(r"\W+", "-", self.short.lower()).strip("-")


@dataclass(frozen=True)
class Page:
    """A title, a line above it, what was found in a sentence or two (HTML), and sections."""

    title: str
    kicker: str
    lede: str
    sections: Sequence[Section]
    footer: str = ""

    def to_html(self) -> str:
        """The whole page; no request leaves it, and the same findings give the same bytes."""
        links = (f'<li><a href="#{s.anchor}">{escape(s.short, quote=False)}</a></li>' for s in self.sections)
        return filled(
            part("page.html"),
            title=escape(self.title, quote=False), kicker=escape(self.kicker, quote=False), lede=self.lede,
            contents="".join(links), sections="\n".join(map(_markup, self.sections)), footer=self.footer,
            light=variables(LIGHT), dark=variables(DARK), style=part("page.css"), script=part("page.js"),
        ) + "\n"  # fmt: skip

    def _repr_html_(self) -> str:
        style = "width: 100%; height: 80vh; border: 0"
        return f'<iframe title="{escape(self.title)}" srcdoc="{escape(self.to_html())}" style="{style}"></iframe>'

    def save(self, path: str | Path, *, overwrite: bool = True) -> Path:
        """Write the page to an .html file, whole or not at all, and return its path.

        Raises ParameterError for another suffix and OSError for a path that cannot be written.
        """
        target = checked_path(path, [".html"], overwrite=overwrite)
        with draft(target) as place:
            place.write_text(self.to_html(), encoding="utf-8", newline="\n")
        return target


def _markup(section: Section) -> str:
    return f'<section id="{section.anchor}">\n<h2>{escape(section.title, quote=False)}</h2>\n{section.body}\n</section>'
