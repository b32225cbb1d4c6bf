"""Formulas as MathML: every browser draws it, without a script and without a network."""

from typing import Any

from docutils import nodes
from latex2mathml.converter import convert
from sphinx.application import Sphinx


def _inline(writer: Any, node: nodes.math) -> None:
    writer.body.append(convert(node.astext()))
    raise nodes.SkipNode


def _block(writer: Any, node: nodes.math_block) -> None:
    # latex2mathml knows one formula at a time: an aligned set of them is written as such.
    source = node.astext()
    if "&" in source and "\\begin" not in source:
        source = r"\begin{aligned}" + source + r"\end{aligned}"
    writer.body.append(f'<div class="formula">{convert(source, display="block")}</div>')
    raise nodes.SkipNode


def setup(app: Sphinx) -> dict[str, bool]:
    app.add_html_math_renderer("mathml", (_inline, None), (_block, None))
    app.config.html_math_renderer = "mathml"
    return {"parallel_read_safe": True, "parallel_write_safe": True}
