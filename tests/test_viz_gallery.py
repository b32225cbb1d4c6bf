"""The gallery: every public picture is in it, and its page links only what is there."""

import re

import pytest

import viz
from viz import gallery as module


def test_every_public_function_is_shown():
    shown = module.__dict__
    public = [name for name in vars(viz) if name.startswith(("animate", "plot_")) and callable(vars(viz)[name])]
    assert {"animate", "animate_race", "plot_step"} <= set(public)
    assert [name for name in public if name not in shown] == []
    used = "\n".join(",".join(e.make.__code__.co_names) for e in [*module.ANIMATIONS, *module.FIGURES])
    assert [name for name in public if name not in used] == []


def test_names_differ():
    names = [e.name for e in [*module.ANIMATIONS, *module.FIGURES]]
    assert len(set(names)) == len(names)


def test_a_page_links_what_was_made(tmp_path, monkeypatch):
    kept = [e for e in module.ANIMATIONS if e.name == "noise"]
    monkeypatch.setattr(module, "ANIMATIONS", [module.Exhibit(**{**vars(kept[0]), "player": True, "pace": "keys"})])
    monkeypatch.setattr(module, "FIGURES", [e for e in module.FIGURES if e.name in ("surrogate", "step_1d")])
    page = module.gallery(tmp_path / "new" / "folder").read_text(encoding="utf-8")
    linked = set(re.findall(r'(?:src|href)="([^"]+)"', page))
    made = {path.name for path in (tmp_path / "new" / "folder").iterdir()} - {"index.html"}
    assert linked == made
    assert {"noise_light.gif", "noise_dark.gif", "noise.html", "surrogate_dark.png"} <= made
    assert len(re.findall(r'alt="[^"]{5,}"', page)) == 6


@pytest.mark.slow
def test_the_whole_gallery_can_be_made(tmp_path):
    assert module.gallery(tmp_path, themes=("dark",)).stat().st_size > 5000


def test_the_command_wants_one_folder(capsys):
    assert module.main([]) == 2
    assert capsys.readouterr().err == "usage: python -m viz.gallery FOLDER\n"
