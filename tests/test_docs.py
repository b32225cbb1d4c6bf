"""The documentation site: it builds without a warning, its links lead somewhere, its examples print what they say."""

import contextlib
import importlib
import io
import itertools
import re
import shutil
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

ROOT = Path(__file__).parents[1]
SITE = ROOT / "tutorials" / "site"
PAGES = sorted(SITE.glob("*.rst"))
BLOCK = re.compile(r"^\.\. code-block:: (python|text)\n\n((?:(?: {3}.*)?\n)+)", re.MULTILINE)


def blocks(page: Path) -> list[tuple[str, str]]:
    """The examples of a page: each block of Python, and the text that follows it."""
    found = [(m[1], re.sub("^ {3}", "", m[2], flags=re.MULTILINE)) for m in BLOCK.finditer(page.read_text("utf-8"))]
    pairs = itertools.pairwise([*found, ("", "")])
    return [(code, answer if then == "text" else "") for (kind, code), (then, answer) in pairs if kind == "python"]


@pytest.mark.parametrize("page", [page for page in PAGES if blocks(page)], ids=lambda page: page.stem)
def test_the_examples_of_a_page_print_what_it_says(page, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    names = {"__name__": page.stem}
    for code, expected in blocks(page):
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            exec(compile(code, str(page), "exec"), names)
        assert printed.getvalue().strip() == expected.strip()


def test_the_front_page_has_an_example():
    assert len(blocks(SITE / "index.rst")) == 1


class Links(HTMLParser):
    """What a page points to and loads, and the places in it that can be pointed to."""

    def __init__(self, page: Path) -> None:
        super().__init__()
        self.links: set[str] = set()
        self.loaded: set[str] = set()
        self.places: set[str] = set()
        self.feed(page.read_text(encoding="utf-8"))

    def handle_starttag(self, tag, attributes):
        named = {name: value or "" for name, value in attributes}
        self.places.update(named[name] for name in ("id", "name") if name in named)
        if tag == "a" and "href" in named:
            self.links.add(named["href"])
        elif tag in ("img", "script", "iframe", "source") and "src" in named:
            self.loaded.add(named["src"])
        elif tag == "link" and named.get("rel") in ("stylesheet", "icon"):
            self.loaded.add(named["href"])


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """The built site, the tutorials not run and the gallery of figures not drawn: each has tests of its own."""
    pytest.importorskip("sphinx_gallery", reason="the site is built with the [docs] extra")
    pytest.importorskip("furo", reason="the site is built with the [docs] extra")
    pytest.importorskip("latex2mathml", reason="the site is built with the [docs] extra")
    source, target = tmp_path_factory.mktemp("tutorials"), tmp_path_factory.mktemp("site")
    copy(ROOT / "tutorials", source)
    command = [sys.executable, "-m", "sphinx", "-W", "--keep-going", "-q", "-b", "html"]
    options = ["-D", "plot_gallery=0", "-D", "draw_figures=0"]
    run = subprocess.run([*command, *options, source / "site", target], cwd=ROOT, capture_output=True, text=True)
    assert run.returncode == 0, run.stdout + run.stderr
    return target


def copy(folder: Path, target: Path) -> None:
    """The sources without what an earlier build has written among them."""
    written = shutil.ignore_patterns("__pycache__", "reference", "tutorials", "figures.rst", "sg_execution_times.rst")
    shutil.copytree(folder, target, ignore=written, dirs_exist_ok=True)


def test_every_link_leads_somewhere(site):
    pages = {page.resolve(): Links(page) for page in site.rglob("*.html")}
    assert len(pages) > 20
    lost = []
    for page, found in pages.items():
        for link in found.links | found.loaded:
            parts = urlsplit(link)
            if parts.scheme in ("http", "https", "mailto", "data") or parts.path.startswith("gallery/"):
                continue
            target = (page.parent / unquote(parts.path)).resolve() if parts.path else page.resolve()
            if not target.exists() or (
                parts.fragment and target in pages and parts.fragment not in pages[target].places
            ):
                lost.append(f"{page.name}: {link}")
    assert not lost


def test_no_page_loads_anything_from_a_network(site):
    remote = {
        f"{page.relative_to(site)}: {link}"
        for page in site.rglob("*.html")
        for link in Links(page).loaded
        if urlsplit(link).scheme in ("http", "https") or link.startswith("//")
    }
    assert not remote


def test_each_public_name_has_a_place_in_the_reference(site):
    for package in ("gp", "acquisition", "bayestuner", "viz"):
        places = Links(site / "reference" / f"{package}.html").places
        module = importlib.import_module(package)
        source = Path(module.__file__).read_text(encoding="utf-8")
        names = re.findall(r"from \.\w+ import \w+ as (\w+)", source)
        own = [name for name in names if getattr(module, name).__module__.startswith(f"{package}.")]
        assert own
        assert {f"{package}.{name}" for name in own} <= places
