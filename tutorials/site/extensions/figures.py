"""The page of figures and animations: what `viz.gallery` makes, with the name of the function that drew it."""

from html import escape
from pathlib import Path

from sphinx.application import Sphinx

import viz
from viz.gallery import ANIMATIONS, FIGURES, Exhibit, gallery

HEAD = """Figures and animations
======================

Every picture is drawn from a recorded search and calls your function never again. Each takes ``theme="dark"``; each
figure takes your own ``ax=``. ``python -m viz.gallery pictures`` makes them all on your machine.
"""


def write(app: Sphinx) -> None:
    parts = [HEAD]
    for title, exhibits, suffix in (("Animations", ANIMATIONS, "gif"), ("Figures", FIGURES, "png")):
        parts += [title, "-" * len(title), ""]
        for exhibit in exhibits:
            parts += _card(exhibit, suffix)
    target, text = Path(app.srcdir) / "figures.rst", "\n".join(parts)
    if not target.exists() or target.read_text(encoding="utf-8") != text:
        target.write_text(text, encoding="utf-8")


def _card(exhibit: Exhibit, suffix: str) -> list[str]:
    drawn = next(name for name in exhibit.make.__code__.co_names if hasattr(viz, name))
    player = f' <a href="gallery/{exhibit.name}.html">Open the player.</a>' if exhibit.player else ""
    images = "".join(
        f'<img class="only-{theme}" loading="lazy" src="gallery/{exhibit.name}_{theme}.{suffix}" '
        f'alt="{escape(exhibit.title)}: {escape(exhibit.about)}">'
        for theme in ("light", "dark")
    )
    about = f":func:`viz.{drawn}`: {exhibit.about}"
    html = f'   <p class="hero">{images}{player}</p>'
    return [exhibit.title, "~" * len(exhibit.title), "", about, "", ".. raw:: html", "", html, ""]


def draw(app: Sphinx, error: Exception | None) -> None:
    if error is None and app.config.draw_figures and app.builder.name == "html":
        gallery(Path(app.outdir) / "gallery")


def setup(app: Sphinx) -> dict[str, bool]:
    app.add_config_value("draw_figures", True, "html", [bool])
    app.connect("builder-inited", write)
    app.connect("build-finished", draw)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
