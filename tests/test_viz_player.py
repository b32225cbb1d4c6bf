"""The HTML player: what the file holds, and how it behaves in a real browser."""

import base64
import io
import json
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
from browser import chromium, opening
from films import SmallFilm
from PIL import Image

from viz.animation import Animation
from viz.palette import palette_of
from viz.player import player
from viz.style import DARK

VOID = {"meta", "link", "input", "img", "path"}


class Document(HTMLParser):
    """Every tag with its attributes, the text in list items, and the parts of the player's data."""

    def __init__(self, source):
        super().__init__()
        self.open, self.tags, self.items, self.scripts = [], [], [], []
        self.feed(source)
        assert self.open == [], f"not closed: {self.open}"

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))
        if tag not in VOID:
            self.open.append(tag)
        if tag == "li":
            self.items.append("")
        if tag == "script":
            self.scripts.append("")

    def handle_endtag(self, tag):
        assert tag in VOID or self.open.pop() == tag

    def handle_data(self, data):
        if "li" in self.open:
            self.items[-1] += data
        if self.open[-1:] == ["script"]:
            self.scripts[-1] += data


def picture(png):
    return Image.open(io.BytesIO(base64.urlsafe_b64decode(png))).convert("RGBA")


def mapped(film, cue, palette):
    return palette.colours[palette.indices(film.draw(cue))]


# ---- the file


def test_the_page_is_whole_and_asks_for_nothing():
    html = Animation(SmallFilm()).to_html()
    assert re.findall(r"https?:|//|@import|url\(", html) == []
    document = Document(html)
    assert all(
        value.startswith("data:") for _, a in document.tags for name, value in a.items() if name in ("src", "href")
    )


def test_ids_are_not_used_so_that_players_cannot_clash():
    assert [a for _, a in Document(Animation(SmallFilm()).to_html()).tags if "id" in a] == []


def test_hostile_titles_are_text():
    film = SmallFilm(title='</script><img src=x onerror="alert(1)"> {{data}}')
    film.alt_text = film.title
    document = Document(Animation(film).to_html())
    [image] = [a for tag, a in document.tags if tag == "img"]
    assert image.keys() == {"src", "alt"}
    assert image["alt"] == film.title
    assert [a["aria-label"] for tag, a in document.tags if tag == "canvas"] == [film.title]


def test_the_story_is_a_list_of_text():
    animation = Animation(SmallFilm())
    items = Document(animation.to_html()).items
    assert items == animation.captions
    assert items[1] == "Choose number 1. The disc is <b>bold</b> & at 1."


def test_the_frames_inside_are_the_frames_of_the_film():
    film = SmallFilm()
    animation = Animation(film)
    palette = palette_of(film, animation.cues)
    data = json.loads(Document(animation.to_html()).scripts[0])
    canvas = Image.new("RGB", film.size)
    for number, (cue, row) in enumerate(zip(animation.cues, data["frames"], strict=True)):
        ms, phase, step, caption, key, x, y, png = row
        patch = picture(png)
        canvas.paste(patch, (x, y), patch)
        assert (np.asarray(canvas) == mapped(film, cue, palette)).all()
        assert (ms, data["phases"][phase], step + 1, key) == (cue.ms, cue.phase, cue.step, cue.key)
        assert tuple(data["captions"][caption]) == cue.caption
        if number == 0 or animation.cues[number - 1].step != cue.step:  # one can jump here
            assert (patch.size, patch.getextrema()[3]) == (film.size, (255, 255))


def test_the_same_film_gives_the_same_page_in_another_process():
    code = "import sys; sys.path.insert(0, 'tests'); from films import SmallFilm; from viz.animation import Animation;"
    code += "sys.stdout.buffer.write(Animation(SmallFilm()).to_html().encode())"
    root = Path(__file__).parent.parent
    other = subprocess.run([sys.executable, "-c", code], capture_output=True, cwd=root, check=True)
    assert other.stdout == Animation(SmallFilm()).to_html().encode()


def test_a_notebook_gets_the_page_in_a_frame_of_its_own():
    animation = Animation(SmallFilm())
    [(tag, attributes)] = Document(animation._repr_html_()).tags
    assert tag == "iframe"
    assert attributes["srcdoc"] == animation.to_html()


# ---- in a browser


@pytest.fixture(scope="module")
def browser():
    with chromium() as browser:
        yield browser


@pytest.fixture
def opened(browser, tmp_path):
    with opening(browser, tmp_path) as opened:
        yield opened


class Player:
    """A player on a page, by what a user sees and does."""

    def __init__(self, page, root=None):
        self.page = page
        self.root = root or page.locator(".bayestuner-player")

    @property
    def position(self):
        return int(self.root.get_attribute("data-position"))

    @property
    def playing(self):
        return self.root.get_attribute("data-playing") is not None

    @property
    def caption(self):
        return " ".join(self.root.locator(".caption").inner_text().split())

    def press(self, *keys):
        for key in keys:
            self.page.keyboard.press(key)
        return self.position

    def click(self, name):
        self.root.get_by_role("button", name=name, exact=True).click()
        return self.position

    def pixels(self):
        """What the canvas shows once drawing has caught up."""
        self.page.wait_for_function(
            "root => root.dataset.shown === root.dataset.position", arg=self.root.element_handle()
        )
        url = self.root.locator("canvas").evaluate("canvas => canvas.toDataURL('image/png')")
        return np.asarray(Image.open(io.BytesIO(base64.b64decode(url.split(",")[1]))).convert("RGB"))


KEYS = [2, 4, 8, 11, 13, 17]  # of a small film: 3 + 2 + 4 frames an iteration


def test_it_starts_paused_on_the_first_key_frame(opened):
    film = SmallFilm()
    player = Player(opened(Animation(film).to_html()))
    assert player.position == KEYS[0]
    assert not player.playing
    assert player.caption == Animation(film).captions[0]
    cues = film.cues("lesson")
    assert (player.pixels() == mapped(film, cues[KEYS[0]], palette_of(film, cues))).all()


def test_every_key(opened):
    player = Player(opened(Animation(SmallFilm()).to_html()))
    assert player.press("ArrowRight") == KEYS[1]
    assert player.press("ArrowRight", "ArrowRight") == KEYS[3]
    assert player.press("ArrowLeft") == KEYS[2]
    assert player.press("Shift+ArrowRight") == KEYS[2] + 1
    assert player.press("Shift+ArrowLeft", "Shift+ArrowLeft") == KEYS[2] - 1
    assert player.press("ArrowRight") == KEYS[2]
    assert player.press("ArrowDown") == KEYS[5]
    assert player.press("ArrowDown") == KEYS[5]
    assert player.press("ArrowUp") == KEYS[2]
    assert player.press("End") == KEYS[-1]
    assert player.press("ArrowRight") == KEYS[-1]
    assert player.press("1") == KEYS[3]
    assert player.press("2") == KEYS[4]
    assert player.press("3") == KEYS[5]
    assert player.press("5") == KEYS[5]
    assert player.press("Home") == KEYS[0]
    assert player.press("ArrowLeft") == KEYS[0]
    for key in (" ", "k", "K"):
        player.press(key)
        assert player.playing
        player.press(key)
        assert not player.playing


def test_keys_with_a_modifier_are_left_to_the_browser(opened):
    player = Player(opened(Animation(SmallFilm()).to_html()))
    assert player.press("Control+ArrowRight", "Alt+5", "Control+k") == KEYS[0]
    assert not player.playing


def test_every_button(opened):
    player = Player(opened(Animation(SmallFilm()).to_html()))
    assert player.click("Forward") == KEYS[1]
    assert player.click("Last") == KEYS[-1]
    assert player.click("Back") == KEYS[-2]
    assert player.click("First") == KEYS[0]
    assert player.click("Update") == KEYS[2]
    assert player.click("Fit") == KEYS[0]
    assert player.press("ArrowDown") == KEYS[3]
    assert player.click("Choose") == KEYS[4]
    for name in ("Half speed", "Double speed", "Normal speed"):
        player.click(name)
        pressed = player.root.locator(".speeds [aria-pressed=true]")
        assert pressed.get_attribute("aria-label") == name
    player.click("Play")
    assert player.playing
    player.click("Pause")
    assert not player.playing


def test_after_a_click_the_space_bar_plays_and_a_focused_button_keeps_it(opened):
    player = Player(opened(Animation(SmallFilm()).to_html()))
    player.click("Forward")
    player.press(" ")
    assert player.playing
    player.press(" ")
    player.click("First")
    player.root.get_by_role("button", name="Last").focus()
    assert player.press(" ") == KEYS[-1]
    assert not player.playing


def test_the_slider_goes_over_key_frames(opened):
    player = Player(opened(Animation(SmallFilm()).to_html()))
    slider = player.root.get_by_role("slider")
    assert slider.get_attribute("max") == str(len(KEYS) - 1)
    slider.fill("3")
    assert player.position == KEYS[3]
    assert slider.get_attribute("aria-valuetext") == "4 of 6: Fit"
    box = slider.bounding_box()
    player.page.mouse.click(box["x"] + box["width"] - 3, box["y"] + box["height"] / 2)
    assert player.position == KEYS[-1]
    assert player.press("ArrowLeft") == KEYS[-2]


def test_thirty_fast_key_presses_and_none_is_lost(opened):
    film = SmallFilm(iterations=12)
    animation = Animation(film)
    player = Player(opened(animation.to_html()))
    keys = [i for i, cue in enumerate(animation.cues) if cue.key]
    player.page.evaluate(
        """() => { for (let i = 0; i < 30; i++)
        document.body.dispatchEvent(new KeyboardEvent('keydown', {key: 'ArrowRight', bubbles: true})); }"""
    )
    assert player.position == keys[30]
    assert player.press(*["ArrowLeft"] * 30) == keys[0]
    assert player.press(*["Shift+ArrowRight"] * 30) == keys[0] + 30
    palette = palette_of(film, animation.cues)
    assert (player.pixels() == mapped(film, animation.cues[keys[0] + 30], palette)).all()


def visited(page):
    """Starts to note every position; returns a function that tells them once it is paused."""
    page.evaluate(
        """() => { window.visited = []; const root = document.querySelector('.bayestuner-player');
        new MutationObserver(() => visited.push(Number(root.dataset.position)))
            .observe(root, {attributeFilter: ['data-position']}); }"""
    )

    def told():
        page.wait_for_function("() => !document.querySelector('.bayestuner-player').hasAttribute('data-playing')")
        return page.evaluate("visited")

    return told


def test_playing_shows_every_frame_once_and_stops_at_the_end(opened):
    film = SmallFilm()
    player = Player(opened(Animation(film).to_html()))
    told = visited(player.page)
    player.click("Double speed")
    player.click("Play")
    assert told() == list(range(KEYS[0], KEYS[-1] + 1))
    cues = film.cues("lesson")
    assert (player.pixels() == mapped(film, cues[-1], palette_of(film, cues))).all()
    player.press(" ")  # once more, from the start
    assert player.playing
    assert player.position < KEYS[-1]


@pytest.mark.parametrize(("speed", "factor"), [("Half speed", 2), ("Normal speed", 1), ("Double speed", 0.5)])
def test_each_frame_is_shown_for_its_time(opened, speed, factor):
    film = SmallFilm()
    page = opened(Animation(film).to_html(), clock=True)
    page.clock.pause_at(60_000)
    player = Player(page)
    player.click(speed)
    player.click("Play")
    for at, cue in enumerate(film.cues("lesson")[KEYS[0] : -1], KEYS[0]):
        assert player.position == at
        page.clock.run_for(int(cue.ms * factor) - 5)
        assert player.position == at
        page.clock.run_for(5)
    assert player.position == KEYS[-1]


def test_reduced_motion_shows_key_frames_only(opened):
    film = SmallFilm()
    player = Player(opened(Animation(film).to_html(), reduced_motion="reduce"))
    told = visited(player.page)
    player.click("Double speed")
    player.click("Play")
    assert told() == KEYS
    assert player.press("Shift+ArrowLeft") == KEYS[-2]
    assert player.press("Shift+ArrowRight") == KEYS[-1]


def test_two_players_on_one_page_are_independent(opened):
    one, two = (player(film, film.cues("lesson")) for film in (SmallFilm(), SmallFilm(theme=DARK, iterations=3)))
    page = opened(f"<!DOCTYPE html><html><body>{one}<input class='other'>{two}</body></html>")
    roots = page.locator(".bayestuner-player")
    first, second = Player(page, roots.nth(0)), Player(page, roots.nth(1))
    first.press("ArrowRight")  # nobody has the focus
    assert (first.position, second.position) == (KEYS[0], KEYS[0])
    first.click("Forward")
    first.press("ArrowRight")
    assert (first.position, second.position) == (KEYS[2], KEYS[0])
    second.click("Last")
    second.press("ArrowUp")
    assert (first.position, second.position) == (KEYS[2], KEYS[-1])
    page.locator(".other").focus()
    page.keyboard.press("ArrowRight")
    assert (first.position, second.position) == (KEYS[2], KEYS[-1])
    assert first.pixels().shape == second.pixels().shape == (80, 120, 3)


def test_it_works_inside_the_frame_of_a_notebook(opened):
    animation = Animation(SmallFilm())
    page = opened(f"<!DOCTYPE html><html><body>{animation._repr_html_() * 2}</body></html>")
    frames = [page.frame_locator("iframe").nth(i) for i in (0, 1)]
    first, second = (Player(page, frame.locator(".bayestuner-player[data-ready]")) for frame in frames)
    first.click("Forward")
    first.press("ArrowRight")
    assert (first.position, second.position) == (KEYS[2], KEYS[0])
    first.root.locator("summary").click()
    page.wait_for_function(  # the frame is as high as what is in it, the opened text too
        """() => { const frame = document.querySelector('iframe');
        return frame.contentDocument.documentElement.offsetHeight === frame.offsetHeight; }"""
    )


def test_the_whole_story_can_be_read(opened):
    animation = Animation(SmallFilm())
    player = Player(opened(animation.to_html()))
    items = player.root.get_by_role("listitem")
    assert not items.first.is_visible()
    player.root.get_by_text("Read as text").click()
    assert items.all_inner_texts() == animation.captions
    player.press("ArrowRight")
    assert player.caption == animation.captions[1]
    assert player.root.locator("li[aria-current]").inner_text() == items.nth(1).inner_text()
    assert player.root.get_by_role("img", name=animation.alt_text).is_visible()
    assert player.root.locator(".caption").get_attribute("aria-live") == "polite"


def test_without_scripts_the_last_frame_and_the_text_remain(opened):
    film = SmallFilm()
    page = opened(Animation(film).to_html(), java_script_enabled=False)
    image = page.locator("noscript img")
    assert image.get_attribute("alt") == film.alt_text
    assert image.bounding_box()["width"] == film.size[0]
    assert not page.locator(".controls").is_visible()


@pytest.mark.parametrize("width", [320, 390, 1280])
def test_nothing_is_wider_than_the_window(opened, width):
    page = opened(
        Animation(SmallFilm(size=(900, 600)), pace="steps").to_html(), viewport={"width": width, "height": 800}
    )
    assert page.evaluate("document.documentElement.scrollWidth") == width
    tall = [b.bounding_box()["height"] for b in page.get_by_role("button").all()]
    assert min(tall) >= 36  # a finger hits it


@pytest.mark.parametrize(("width", "height"), [(1280, 600), (844, 390), (1280, 1000)])
def test_picture_and_buttons_fit_into_the_window(opened, width, height):
    page = opened(
        Animation(SmallFilm(size=(900, 600)), pace="steps").to_html(), viewport={"width": width, "height": height}
    )
    canvas, play = page.locator("canvas").bounding_box(), page.get_by_role("button", name="Play").bounding_box()
    assert canvas["width"] / canvas["height"] == pytest.approx(1.5, abs=0.01)
    assert canvas["width"] <= 900
    assert play["y"] + play["height"] <= height
