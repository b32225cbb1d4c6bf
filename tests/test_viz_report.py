"""The report of a search: what the page says, and how it behaves in a real browser."""

import html
import math
import re
from functools import cache
from html.parser import HTMLParser
from itertools import pairwise

import pytest
from browser import chromium, opening

from bayestuner import (
    History,
    Integer,
    NotFittedError,
    Optimizer,
    ParameterError,
    Real,
    Space,
    maximize,
    minimize,
    random_search,
)
from viz import Page, report
from viz.markup import Cell, cell, facts, paragraph, table
from viz.page import Section
from viz.report import duration

VOID = {"meta", "link", "input", "img", "path", "use"}


class Document(HTMLParser):
    """Every tag with its attributes, and the text below each id; complains about tags that are not closed."""

    def __init__(self, source):
        super().__init__()
        self.open, self.tags, self.text = [], [], {}
        self.feed(source)
        assert self.open == [], f"not closed: {self.open}"

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))
        if tag not in VOID:
            self.open.append((tag, dict(attributes).get("id")))

    def handle_startendtag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))

    def handle_endtag(self, tag):
        assert tag in VOID or self.open.pop()[0] == tag

    def handle_data(self, data):
        for _, name in self.open:
            if name is not None:
                self.text[name] = self.text.get(name, "") + data


def loss(rate, units, decay):
    if units > 100:
        raise MemoryError("out of <memory> & more")
    return 1 + (math.log10(rate) + 2) ** 2 + units / 128 + 0.1 * math.log10(decay)


@cache
def run():
    space = {"rate": Real(1e-4, 1.0, log=True), "units": Integer(16, 128), "decay": Real(1e-6, 0.1, log=True)}
    return minimize(loss, space, 16, n_initial=8, seed=0, on_error="continue")


@cache
def source():
    return report(run(), value="error").to_html()


@cache
def document():
    return Document(source())


# ---- what it says


def test_the_page_is_whole_and_asks_for_nothing():
    assert re.findall(r"https?:|@import|url\((?!#)", source()) == []
    for _, attributes in document().tags:
        for name in ("src", "href"):
            assert attributes.get(name, "#").startswith(("#", "data:"))
    ids = [a["id"] for _, a in document().tags if "id" in a]
    assert len(ids) == len(set(ids))
    links = {a["href"][1:] for tag, a in document().tags if tag == "a"}
    assert links <= set(ids)


def test_headings_stand_in_order_and_every_picture_is_described():
    heads = [int(tag[1]) for tag, _ in document().tags if re.fullmatch("h[1-6]", tag)]
    assert heads[0] == 1
    assert heads.count(1) == 1
    assert all(b <= a + 1 for a, b in pairwise(heads))
    pictures = [a for _, a in document().tags if a.get("role") == "img"]
    assert len(pictures) >= 4
    assert all(len(a["aria-label"]) > 15 for a in pictures)
    assert all(a.get("scope") == "col" for tag, a in document().tags if tag == "th")


def test_the_best_is_said_with_its_value():
    best = run().best
    assert f"{best.value:.3f}" in document().text["found"]
    assert f"trial {best.number}" in document().text["found"]
    for name in run().space.names:
        assert name in document().text["found"]


def test_every_trial_is_in_the_table_and_errors_are_text():
    rows = re.findall(r"<tr.*?</tr>", source()[source().index('<table class="sortable">') :])
    assert len(rows) == 1 + len(run().trials)
    failed = sum(trial.status == "failed" for trial in run().trials)
    assert failed > 0
    assert source().count("out of &lt;memory&gt; &amp; more") >= failed
    assert [i - 1 for i, row in enumerate(rows) if 'class="best"' in row] == [run().best.number]


def test_the_most_important_parameter_comes_first():
    assert "rate matters most" in document().text["importance"]


def test_the_same_history_gives_the_same_page():
    still = report(run(), value="error", pace=None).to_html()
    assert report(run(), value="error", pace=None).to_html() == still
    assert still.split('<section id="honesty">')[1] == source().split('<section id="honesty">')[1]


@pytest.mark.parametrize(
    ("space", "steps"),
    [
        ({"x": (0.0, 1.0)}, 1),
        ({"n": (1, 2), "x": (0.0, 1.0), "b": Real(0.0, 1.0).when(n=2)}, 2),
        ({"x": (0.0, 1.0)}, 0),
    ],
)
def test_the_animation_is_there_where_there_were_steps(space, steps):
    history = minimize(lambda x, n=0, b=None: x + n + (b or 0), space, 4 + steps, n_initial=4, seed=0)
    page = Document(report(history).to_html())
    assert ("animation" in page.text) == (steps > 0)
    assert len([tag for tag, _ in page.tags if tag == "canvas"]) == (steps > 0)


@pytest.mark.parametrize(
    "make",
    [
        lambda: minimize(lambda x: (x - 2) ** 2, {"x": (0.0, 5.0)}, 7, seed=0),
        lambda: maximize(lambda x, y: -x - len(str(y)), {"x": (0.0, 5.0), "y": [True, None, "<b>"]}, 9, seed=0),
        lambda: random_search(lambda x, y: x + y, {"x": (0, 5), "y": (0.0, 1.0)}, 9, seed=0),
        lambda: minimize(lambda x, y: 3.0, {"x": (0.0, 5.0), "y": (0.0, 1.0)}, 9, seed=0),
        lambda: minimize(lambda x, y: x + y, {"x": (0.0, 5.0), "y": (0.0, 1.0)}, 1, seed=0),
        lambda: minimize(
            lambda n, x, b=None: n + x + (b or 0), {"n": (1, 2), "x": (0.0, 1.0), "b": Real(0.0, 1.0).when(n=2)}, 9,
            seed=0,
        ),
        lambda: minimize(
            lambda x, y: (x + y, {"size": x}), {"x": (0.0, 5.0), "y": (0.0, 1.0)}, 9, seed=0,
            constraints={"size": (1.0, None)},
        ),
    ],
    ids=["one", "choices", "random", "constant", "single", "conditional", "constraint"],
)  # fmt: skip
def test_every_kind_of_run_has_a_report(make):
    history = make()
    page = Document(report(history, pace=None).to_html())
    assert {"found", "convergence", "trials"} <= set(page.text)
    assert "animation" not in page.text
    for name in (*history.space.names, *history.limits):
        assert name in page.text["trials"]


def test_nothing_told_nothing_to_report():
    with pytest.raises(NotFittedError, match="no trial has a value"):
        report(Optimizer({"x": (0.0, 1.0)}).history)
    with pytest.raises(NotFittedError):
        report(History(Space({"x": (0.0, 1.0)}), "minimize", ()))
    with pytest.raises(TypeError, match="report needs a History"):
        report({"x": 1})


def test_a_page_is_saved_whole_and_only_as_html(tmp_path):
    page = Page("T", "k", "", [Section("One", "One", paragraph("x < y"))])
    assert page.save(tmp_path / "p.html").read_text(encoding="utf-8") == page.to_html()
    with pytest.raises(ParameterError, match=r"\.html"):
        page.save(tmp_path / "p.pdf")
    with pytest.raises(FileExistsError):
        page.save(tmp_path / "p.html", overwrite=False)
    assert [file.name for file in tmp_path.iterdir()] == ["p.html"]
    assert html.escape(page.to_html()) in page._repr_html_()


def test_words_are_never_markup():
    evil = "</td><script>alert(1)</script>"
    pieces = [paragraph(evil), facts([(evil, evil, evil)]), table((evil,), [(evil,)], caption=evil)]
    title = Page(evil, evil, "", [Section(evil, evil, "")]).to_html()
    for piece in (*pieces, title):
        assert "<script>alert" not in piece


def test_cells_of_a_table():
    assert cell(0.12345).words == "0.123"
    assert cell(None).markup() == "<td></td>"
    assert cell(True).numeric is False
    assert 'data-value="-2.5"' in cell(-2.5).markup()
    assert "data-value" not in cell(math.nan).markup()
    assert Cell("a & b").markup() == "<td>a &amp; b</td>"


def test_durations():
    assert [duration(s) for s in (0.0, 59.0, 61.0, 3600.0)] == ["0.0 s", "59.0 s", "1.0 min", "1.0 h"]


# ---- in a browser


@pytest.fixture(scope="module")
def browser():
    with chromium() as browser:
        yield browser


@pytest.fixture
def opened(browser, tmp_path):
    with opening(browser, tmp_path) as opened:
        yield opened


def background(page, selector="html"):
    return page.locator(selector).evaluate("e => getComputedStyle(e).backgroundColor")


LIGHT, DARK = "rgb(255, 255, 255)", "rgb(17, 21, 28)"


@pytest.mark.parametrize("width", [320, 390, 1280])
def test_nothing_is_wider_than_the_window(opened, width):
    page = opened(source(), viewport={"width": width, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth") == width
    for button in page.get_by_role("button").all():
        if button.is_visible():
            assert button.bounding_box()["height"] >= 28


def column(page, at):
    return [row.locator("td").nth(at).inner_text() for row in page.locator("table.sortable tbody tr").all()]


def test_a_table_sorts_by_every_head_with_the_keyboard(opened):
    page = opened(source())
    heads = page.locator("table.sortable th")
    by_value = heads.nth(1).get_by_role("button")
    by_value.focus()
    page.keyboard.press("Enter")
    assert heads.nth(1).get_attribute("aria-sort") == "ascending"
    numbers = [float(text) for text in column(page, 1) if not text.startswith("failed")]
    assert numbers == sorted(numbers)
    page.keyboard.press("Space")
    assert heads.nth(1).get_attribute("aria-sort") == "descending"
    shown = column(page, 1)
    there = [float(text) for text in shown if not text.startswith("failed")]
    assert there == sorted(numbers, reverse=True)
    heads.nth(0).get_by_role("button").click()
    assert heads.nth(1).get_attribute("aria-sort") is None
    assert [int(text.lstrip("★ ")) for text in column(page, 0)] == list(range(len(run().trials)))


@pytest.mark.parametrize(("system", "first", "then"), [("light", LIGHT, DARK), ("dark", DARK, LIGHT)])
def test_the_theme_is_the_systems_until_it_is_turned(opened, system, first, then):
    page = opened(source(), color_scheme=system)
    assert background(page) == first
    line = page.locator("#convergence path[style*='--model']").first
    before = line.evaluate("e => getComputedStyle(e).stroke")
    page.get_by_role("button", name="Dark" if system == "light" else "Light", exact=True).click()
    assert background(page) == then
    assert line.evaluate("e => getComputedStyle(e).stroke") != before
    page.get_by_role("button", name="Light" if system == "light" else "Dark", exact=True).click()
    assert background(page) == first


def test_the_player_plays_and_leaves_the_tables_keys_alone(opened):
    page = opened(source())
    root = page.locator(".bayestuner-player")
    start = root.get_attribute("data-position")
    page.keyboard.press("ArrowRight")
    assert root.get_attribute("data-position") != start
    page.locator("table.sortable th button").first.focus()
    page.keyboard.press("Space")
    assert page.locator("table.sortable th").first.get_attribute("aria-sort") == "ascending"
    assert root.get_attribute("data-playing") is None


def test_paper_is_light_and_has_no_controls(opened):
    page = opened(source(), color_scheme="dark")
    page.get_by_role("button", name="Light", exact=True).click()
    page.get_by_role("button", name="Dark", exact=True).click()
    page.emulate_media(media="print", color_scheme="dark")
    assert background(page) == LIGHT
    assert not page.locator(".bayestuner-player .controls").is_visible()
    assert not page.locator("button.theme").is_visible()
    assert page.locator("table.sortable tbody tr").first.is_visible()
    assert page.pdf().startswith(b"%PDF")


def test_without_scripts_all_is_there_but_the_buttons(opened):
    page = opened(source(), java_script_enabled=False)
    assert page.locator("table.sortable tbody tr").count() == len(run().trials)
    assert not page.locator("button.theme").is_visible()
    assert page.locator("#convergence svg").is_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_words_can_be_read_on_their_ground(opened, scheme):
    page = opened(source(), color_scheme=scheme)
    pairs = page.evaluate(
        """() => [...document.querySelectorAll('p, td, th, dt, dd span, figcaption, a, h2, svg text')].map(e => {
            const style = getComputedStyle(e);
            return e.ownerSVGElement ? style.fill : style.color;
        })"""
    )
    ground = LIGHT if scheme == "light" else DARK
    for colour in set(pairs):
        assert contrast(colour, ground) >= 4.5, colour


def contrast(*colours):
    """The ratio of luminances of WCAG 2."""

    def luminance(colour):
        parts = [int(part) / 255 for part in re.findall(r"\d+", colour)[:3]]
        linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    low, high = sorted(map(luminance, colours))
    return (high + 0.05) / (low + 0.05)
