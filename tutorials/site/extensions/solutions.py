"""The solution of an exercise is folded away: a section called "Solution" opens when the reader asks for it."""

from docutils import nodes
from sphinx.application import Sphinx


def fold(app: Sphinx, document: nodes.document) -> None:
    for section in document.findall(nodes.section):
        if section[0].astext() == "Solution":
            begin = nodes.raw("", '<details class="solution"><summary>Show a solution</summary>', format="html")
            section.insert(1, begin)
            section.append(nodes.raw("", "</details>", format="html"))


def setup(app: Sphinx) -> dict[str, bool]:
    app.connect("doctree-read", fold)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
