"""Animations and their files: GIF and MP4 byte by byte and frame by frame, errors before anything is drawn."""

import io
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from films import SmallFilm, colour
from PIL import Image

from bayestuner import ParameterError
from viz.animation import Animation
from viz.gif import write_gif
from viz.mp4 import repeats
from viz.palette import SAME, make_palette, palette_of
from viz.style import DARK, LIGHT

ROOT = Path(__file__).parent.parent
needs_ffmpeg = pytest.mark.skipif(
    not (shutil.which("ffmpeg") and shutil.which("ffprobe")), reason="no ffmpeg (Debian: apt-get install ffmpeg)"
)


# ---- frames


def test_nothing_is_drawn_before_it_is_asked_for():
    film = SmallFilm()
    animation = Animation(film)
    assert (len(animation), animation.seconds) == (18, 3.0)
    assert len(animation.captions) == 6
    assert repr(animation) == "<Animation 'f <on> [0, 1]', pace 'lesson': 18 frames, 3 seconds>"
    assert animation.captions[0] == "Fit number 1. The disc is <b>bold</b> & at 1."
    frames = animation.frames()
    assert film.drawn == []
    first = next(frames)
    assert len(film.drawn) == 1
    assert (first.ms, first.step, first.phase, first.image.shape) == (50, 1, "Fit", (80, 120, 3))
    assert first.caption == animation.cues[0].caption


def test_single_frames():
    animation = Animation(SmallFilm())
    every = list(animation.frames())
    assert (animation.frame(4).image == every[4].image).all()
    assert (animation.frame(-1).image == every[-1].image).all()
    for index in (18, -19):
        with pytest.raises(IndexError, match=f"no frame {index}: the animation has 18, from 0 to 17"):
            animation.frame(index)


def test_paces():
    assert [len(Animation(SmallFilm(), pace)) for pace in ("lesson", "keys", "steps")] == [18, 6, 2]
    with pytest.raises(ParameterError, match="no pace 'slow'; choose one of lesson, brief, keys, steps"):
        Animation(SmallFilm(), "slow")


def test_markdown_shows_the_alt_text_whatever_it_contains():
    words = "A disc goes round \\[twice\\] & ends at the top."
    assert Animation(SmallFilm()).markdown("my pictures/run.gif") == f"![{words}](<my pictures/run.gif>)"


def test_contact_sheet_has_every_key_frame(tmp_path):
    animation = Animation(SmallFilm())
    sheet = animation.contact_sheet(tmp_path / "sheet.png", columns=4)
    assert sheet.shape == (2 * (80 + 12) + 12, 4 * (120 + 12) + 12, 3)
    assert (np.asarray(read((tmp_path / "sheet.png").read_bytes())) == sheet).all()
    keys = [i for i, cue in enumerate(animation.cues) if cue.key]
    assert (sheet[12:92, 12:132] == animation.frame(keys[0]).image).all()
    assert (sheet[104:184, 144:264] == animation.frame(keys[5]).image).all()
    assert Animation(SmallFilm(size=(900, 600)), "steps").contact_sheet().shape == (324, 2 * 462 + 12, 3)
    with pytest.raises(ParameterError, match="columns must be at least 1, got 0"):
        animation.contact_sheet(columns=0)


def read(content):
    return Image.open(io.BytesIO(content))


# ---- GIF


def gif(film, **options):
    out = io.BytesIO()
    write_gif(out, film, film.cues("lesson"), **options)
    return out.getvalue()


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize("scale", [1, 2])
def test_a_gif_holds_the_frames_as_mapped_and_their_times(theme, scale):
    film = SmallFilm(theme=theme, scale=scale)
    cues = film.cues("lesson")
    palette = palette_of(film, cues)
    image = read(gif(film))
    assert (image.n_frames, image.size) == (18, (120 * scale, 80 * scale))
    for number, cue in enumerate(cues):
        image.seek(number)
        drawn = film.draw(cue)
        decoded = np.asarray(image.convert("RGB"))
        assert (decoded == palette.colours[palette.indices(drawn)]).all()
        assert image.info["duration"] == cue.ms
        for token in (theme.new, theme.bg):  # what carries meaning is exact
            assert ((drawn == colour(token)).all(axis=-1) == (decoded == colour(token)).all(axis=-1)).all()


def test_how_often_a_gif_plays():
    assert read(gif(SmallFilm())).info["loop"] == 0
    assert "loop" not in read(gif(SmallFilm(), loop=1)).info
    assert read(gif(SmallFilm(), loop=3)).info["loop"] == 2  # repetitions


def test_a_gif_keeps_its_length_when_times_are_odd():
    film = SmallFilm()
    film.cues = lambda pace: [cue.__class__(**{**vars(cue), "ms": 57}) for cue in SmallFilm().cues(pace)]
    image = read(gif(film))
    times = []
    for number in range(image.n_frames):
        image.seek(number)
        times.append(image.info["duration"])
    assert abs(sum(times) - 18 * 57) <= 5
    assert set(times) == {50, 60}


def test_colours_of_the_theme_are_exact_and_the_rest_is_near():
    rng = np.random.default_rng(0)
    image = np.concatenate([np.full((40, 200, 3), colour(c), dtype=np.uint8) for c in LIGHT.colours])
    image[::7] = np.linspace([20, 90, 160], [240, 200, 170], 200).astype(np.uint8)
    image[0, 0] = colour("#123456")
    palette = make_palette(LIGHT.colours, [image, rng.permutation(image)])
    assert len(palette.colours) <= SAME
    mapped = palette.colours[palette.indices(image)].astype(int)
    assert {tuple(colour(c)) for c in LIGHT.colours} <= set(map(tuple, palette.colours.tolist()))
    assert np.abs(mapped - image).mean() < 0.3
    distances = ((palette.colours.astype(int) - colour("#123456")) ** 2).sum(axis=1)
    assert ((mapped[0, 0] - colour("#123456")) ** 2).sum() == distances.min()


def test_an_unchanged_frame_costs_next_to_nothing():
    film = SmallFilm()
    still = film.cues("keys")[:1]
    sizes = []
    for cues in (still, still * 11):
        out = io.BytesIO()
        write_gif(out, film, cues)
        sizes.append(len(out.getvalue()))
    assert sizes[1] - sizes[0] < 10 * 40


# ---- MP4


@needs_ffmpeg
@pytest.mark.parametrize("size", [(120, 80), (121, 81)])
def test_a_video_is_what_browsers_play(tmp_path, size):
    film = SmallFilm(size=size)
    animation = Animation(film)
    path = animation.save(tmp_path / "run.mp4", fps=20)
    probe = ["ffprobe", "-v", "error", "-count_frames", "-show_streams", "-show_format", "-of", "json", str(path)]
    found = json.loads(subprocess.run(probe, capture_output=True, check=True).stdout)
    [stream] = found["streams"]
    assert (stream["codec_name"], stream["pix_fmt"], stream["avg_frame_rate"]) == ("h264", "yuv420p", "20/1")
    assert (stream["width"], stream["height"]) == (size[0] + size[0] % 2, size[1] + size[1] % 2)
    assert int(stream["nb_read_frames"]) == animation.seconds * 20
    assert found["format"]["tags"]["title"] == film.title
    assert found["format"]["tags"]["comment"] == film.alt_text
    content = path.read_bytes()
    assert content.index(b"moov") < content.index(b"mdat")  # it plays while it loads
    assert animation.save(tmp_path / "again.mp4").read_bytes() == content


@needs_ffmpeg
def test_a_video_shows_the_right_colours(tmp_path):
    film = SmallFilm()
    path = Animation(film).save(tmp_path / "run.mp4")
    decode = ["ffmpeg", "-v", "error", "-i", str(path), "-f", "rawvideo", "-pix_fmt", "rgb24", "-"]
    pixels = np.frombuffer(subprocess.run(decode, capture_output=True, check=True).stdout, dtype=np.uint8)
    last = pixels.reshape(-1, 80, 120, 3)[-1].astype(int)
    assert np.abs(last - film.draw(film.cues("lesson")[-1])).mean() < 4


def test_pictures_of_a_video_keep_the_time():
    cues = SmallFilm().cues("lesson")
    for fps in (1, 12, 20, 60):
        counts = list(repeats(cues, fps))
        assert sum(counts) == round(3.0 * fps)
        late = np.cumsum(counts) / fps - np.cumsum([cue.ms for cue in cues]) / 1000
        assert np.abs(late).max() <= 0.5 / fps
    assert list(repeats(cues[:1], 1)) == [1]


# ---- saving


def test_png_is_the_last_frame(tmp_path):
    animation = Animation(SmallFilm())
    image = read(animation.save(tmp_path / "run.png").read_bytes())
    assert (np.asarray(image) == animation.frame(-1).image).all()
    assert image.info == {}


@pytest.mark.parametrize("name", ["run.gif", "RUN.GIF", "run.html", "run.png"])
def test_save_returns_the_path_and_leaves_nothing_else(tmp_path, name):
    animation = Animation(SmallFilm())
    assert animation.save(str(tmp_path / name)) == tmp_path / name
    assert os.listdir(tmp_path) == [name]
    first = (tmp_path / name).read_bytes()
    animation.save(tmp_path / name)
    assert (tmp_path / name).read_bytes() == first


def test_save_at_another_pace(tmp_path):
    animation = Animation(SmallFilm())
    assert read(animation.save(tmp_path / "run.gif", pace="keys").read_bytes()).n_frames == 6
    assert len(animation) == 18


def test_html_is_utf8_as_in_memory(tmp_path):
    animation = Animation(SmallFilm(title="ƒ → −1"))
    assert animation.save(tmp_path / "run.html").read_bytes() == animation.to_html().encode()


@pytest.mark.parametrize(
    ("name", "options", "error", "words"),
    [
        ("run.bmp", {}, ParameterError, "'run.bmp': the suffix must be one of .gif, .mp4, .html, .png"),
        ("run", {}, ParameterError, "the suffix must be one of .gif"),
        ("folder", {}, IsADirectoryError, "folder is a folder; give the name of a file in it"),
        ("folder.gif", {}, IsADirectoryError, "folder.gif is a folder"),
        ("missing/run.gif", {}, FileNotFoundError, "missing does not exist; create it first"),
        ("old.gif/run.gif", {}, FileNotFoundError, "old.gif does not exist"),
        ("old.gif", {"overwrite": False}, FileExistsError, "old.gif exists; choose another name, or overwrite=True"),
        ("run.gif", {"pace": "fast"}, ParameterError, "there is no pace 'fast'; choose one of lesson"),
        ("run.gif", {"fps": 0}, ParameterError, "fps must be a number above 0, got 0"),
        ("run.mp4", {"fps": -1}, ParameterError, "fps must be a number above 0, got -1"),
        ("run.mp4", {"fps": float("nan")}, ParameterError, "fps must be a number above 0, got nan"),
        ("run.gif", {"fps": "20"}, ParameterError, "fps must be a number above 0, got '20'"),
        ("run.gif", {"loop": -1}, ParameterError, "loop must be a whole number, 0"),
        ("run.gif", {"loop": 1.5}, ParameterError, "loop must be a whole number, 0"),
    ],
)
def test_errors_come_before_any_drawing(tmp_path, name, options, error, words):
    for folder in ("folder", "folder.gif"):
        (tmp_path / folder).mkdir()
    (tmp_path / "old.gif").write_bytes(b"old")
    before = sorted(os.listdir(tmp_path))
    film = SmallFilm()
    with pytest.raises(error) as caught:
        Animation(film).save(tmp_path / name, **options)
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)
    assert film.drawn == []
    assert sorted(os.listdir(tmp_path)) == before
    assert (tmp_path / "old.gif").read_bytes() == b"old"


def test_mp4_without_ffmpeg_says_what_to_do(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setitem(sys.modules, "imageio_ffmpeg", None)
    film = SmallFilm()
    with pytest.raises(
        FileNotFoundError, match=r"mp4 needs ffmpeg \(or pip install imageio-ffmpeg\); gif and html work"
    ):
        Animation(film).save(tmp_path / "run.mp4")
    assert film.drawn == []


def test_a_folder_that_cannot_be_written(tmp_path, monkeypatch):
    def refuse(*_, **__):
        raise PermissionError(13, "Permission denied", "somewhere")

    monkeypatch.setattr("viz.files.tempfile.TemporaryDirectory", refuse)  # for root every folder is writable
    film = SmallFilm()
    with pytest.raises(PermissionError, match=r"cannot write in the folder .*: Permission denied"):
        Animation(film).save(tmp_path / "run.gif")
    assert film.drawn == []


@pytest.mark.parametrize("name", ["run.gif", "run.html", "run.png", pytest.param("run.mp4", marks=needs_ffmpeg)])
def test_after_a_failure_the_old_file_is_as_it_was(tmp_path, name):
    class Broken(SmallFilm):
        def draw(self, cue):
            if cue.step == 2:
                raise KeyboardInterrupt
            return super().draw(cue)

    (tmp_path / name).write_bytes(b"old")
    with pytest.raises(KeyboardInterrupt):
        Animation(Broken()).save(tmp_path / name)
    assert os.listdir(tmp_path) == [name]
    assert (tmp_path / name).read_bytes() == b"old"


@needs_ffmpeg
def test_what_ffmpeg_complains_of_is_told(tmp_path, monkeypatch):
    script = tmp_path / "ffmpeg"
    script.write_text("#!/bin/sh\necho 'Unknown encoder libx264' >&2\nexit 1\n")
    script.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    with pytest.raises(RuntimeError, match=r"ffmpeg could not write run\.mp4: Unknown encoder libx264"):
        Animation(SmallFilm()).save(tmp_path / "run.mp4")
    assert os.listdir(tmp_path) == ["ffmpeg"]


def test_the_same_film_gives_the_same_gif_in_another_process():
    code = "import sys; sys.path.insert(0, 'tests'); from films import SmallFilm; from viz.gif import write_gif;"
    code += "film = SmallFilm(); write_gif(sys.stdout.buffer, film, film.cues('lesson'))"
    threads = {"OMP_NUM_THREADS": "2", "OPENBLAS_NUM_THREADS": "2", "PYTHONHASHSEED": "7"}
    other = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, cwd=ROOT, check=True, env=os.environ | threads
    )
    assert other.stdout == gif(SmallFilm())
