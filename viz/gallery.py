"""Every picture and animation of the package in one folder, with a page to look through: python -m viz.gallery OUT."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

from bayestuner.benchmarks import branin
from gp import Matern52

from .animate import animate, plot_step
from .animation import Animation
from .contest import animate_convergence
from .exploration import animate_exploration
from .figures_compare import plot_convergence, plot_regret
from .figures_effects import plot_importance, plot_partial_dependence
from .figures_honesty import plot_gap, plot_residuals
from .figures_kernel import plot_kernel, plot_lengthscale
from .figures_model import plot_acquisition, plot_surrogate
from .figures_parallel import plot_parallel
from .figures_run import plot_calibration, plot_timeline
from .figures_slices import plot_slices
from .gallery_runs import along_one, four_ways, losses, many_seeds, model, of_many, on_a_map, waves
from .lengthscale import animate_lengthscale
from .race import animate_race
from .samples import animate_samples
from .strip import plot_strip


@dataclass(frozen=True)
class Exhibit:
    """A file to be, its title, what it shows, and the function of a theme that makes it; animations have a pace."""

    name: str
    title: str
    about: str
    make: Callable[[str], Any]
    pace: str = "brief"
    player: bool = False


def _samples(theme: str) -> Animation:
    x = [3.2, 5.1, 6.6, 4.2]
    prior, known = 1.0 * Matern52(0.9), [waves(v) for v in x]
    return animate_samples(prior, x, known, bounds=(2.7, 7.5), objective=waves, theme=theme)


ANIMATIONS = [
    Exhibit("story_1d", "Step by step, one parameter", "Fit, score, choose, evaluate, update: why this point.",
            lambda theme: animate(along_one(), objective=waves, theme=theme), player=True),
    Exhibit("story_2d", "Step by step, two parameters", "The same story on maps.",
            lambda theme: animate(on_a_map(), objective=branin, theme=theme), player=True),
    Exhibit("matrix", "Many parameters", "Average effects of each parameter and each pair, evaluation by evaluation.",
            lambda theme: animate(of_many(), theme=theme), player=True),
    Exhibit("samples", "From prior to posterior", "Functions that could be f, bent by every observation.", _samples,
            "lesson"),
    Exhibit("lengthscale", "The length-scale", "How the marginal likelihood picks it.",
            lambda theme: animate_lengthscale(model(), bounds=(2.7, 7.5), objective=waves, theme=theme), "lesson"),
    Exhibit("noise", "The noise", "What is taken for noise, and what for the function.",
            lambda theme: animate_lengthscale(model(), parameter="noise", bounds=(2.7, 7.5), theme=theme)),
    Exhibit("amplitude", "The amplitude", "How far the function may stray.",
            lambda theme: animate_lengthscale(model(), parameter="amplitude", bounds=(2.7, 7.5), theme=theme)),
    Exhibit("kappa", "Exploit or explore", "One frozen model: which point is picked as κ grows.",
            lambda theme: animate_exploration(along_one(), 2, objective=waves, theme=theme), "lesson"),
    Exhibit("xi", "How much gain is asked for", "One frozen model: which point is picked as ξ grows.",
            lambda theme: animate_exploration(along_one(), 2, "xi", objective=waves, theme=theme)),
    Exhibit("race", "A race", "The same start, four ways to choose.",
            lambda theme: animate_race(four_ways(), objective=waves, theme=theme), "lesson", player=True),
    Exhibit("contest", "Two methods, many seeds", "The best so far, trial by trial: medians, and the middle half.",
            lambda theme: animate_convergence(many_seeds(), theme=theme), "lesson"),
]  # fmt: skip

FIGURES = [
    Exhibit("step_1d", "One step", "Any frame of a story as a figure.",
            lambda theme: plot_step(along_one(), 4, objective=waves, theme=theme)),
    Exhibit("step_2d", "One step on a map", "Any frame of a story as a figure.",
            lambda theme: plot_step(on_a_map(), 5, "update", objective=branin, theme=theme)),
    Exhibit("strip", "A strip", "A run at a glance, for a README or a paper.",
            lambda theme: plot_strip(along_one(), objective=waves, theme=theme)),
    Exhibit("surrogate", "The model", "Mean, bands and data.",
            lambda theme: plot_surrogate(along_one(), samples=3, objective=waves, theme=theme)),
    Exhibit("acquisition", "The acquisition", "What it thought of every x.",
            lambda theme: plot_acquisition(along_one(), 3, theme=theme)),
    Exhibit("acquisition_2d", "The acquisition on a map", "What it thought of every point.",
            lambda theme: plot_acquisition(on_a_map(), 5, theme=theme)),
    Exhibit("slices", "Slices", "One parameter at a time, through the best point.",
            lambda theme: plot_slices(of_many(), theme=theme)),
    Exhibit("partial_dependence", "Average effects", "Each parameter and each pair, averaged over all others.",
            lambda theme: plot_partial_dependence(of_many(), theme=theme)),
    Exhibit("importance", "Importance", "What matters, with its uncertainty.",
            lambda theme: plot_importance(of_many(), theme=theme)),
    Exhibit("relevance", "Relevance", "By the lengthscales of the model.",
            lambda theme: plot_importance(of_many(), method="ard", theme=theme)),
    Exhibit("parallel", "All trials at once", "A line for each, the best in gold.",
            lambda theme: plot_parallel(of_many(), theme=theme)),
    Exhibit("convergence", "Convergence", "Bayesian against random search over five seeds.",
            lambda theme: plot_convergence(many_seeds(), theme=theme)),
    Exhibit("regret", "Regret", "The distance from the true minimum.",
            lambda theme: plot_regret(many_seeds(), -1.8996, theme=theme)),
    Exhibit("timeline", "Timeline", "Where the time went, and when it explored.",
            lambda theme: plot_timeline(on_a_map(), theme=theme)),
    Exhibit("calibration", "Calibration", "Was the model honest?",
            lambda theme: plot_calibration(on_a_map(), theme=theme)),
    Exhibit("residuals", "Residuals", "Each value left out and predicted from the others.",
            lambda theme: plot_residuals(of_many(), theme=theme)),
    Exhibit("gap", "Generalisation", "Losses on test and training rows against those that chose.",
            lambda theme: plot_gap(*losses(), 3, theme=theme)),
    Exhibit("likelihood", "Marginal likelihood", "And its parts.",
            lambda theme: plot_lengthscale(model(), theme=theme)),
    Exhibit("kernel", "A kernel", "Likeness against distance, and functions drawn from it.",
            lambda theme: plot_kernel(Matern52(0.6), theme=theme)),
]  # fmt: skip


def gallery(folder: str | Path, themes: tuple[str, ...] = ("light", "dark")) -> Path:
    """Make every picture and animation in a folder, which is created if need be, and return the path of its page.

    Each animation is a .gif, the stories are players (.html), too; each figure is a .png.
    Raises FileExistsError where the folder is a file.
    """
    target = Path(folder)
    target.mkdir(parents=True, exist_ok=True)
    cards = [*_animations(target, themes), *_figures(target, themes)]
    page = target / "index.html"
    page.write_text(PAGE.replace("CARDS", "\n".join(cards)), encoding="utf-8")
    return page


def _animations(target: Path, themes: tuple[str, ...]) -> Iterator[str]:
    for exhibit in ANIMATIONS:
        names = []
        for theme in themes:
            animation: Animation = exhibit.make(theme)
            names.append(animation.save(target / f"{exhibit.name}_{theme}.gif", pace=exhibit.pace).name)
        player = exhibit.make(themes[0]).save(target / f"{exhibit.name}.html").name if exhibit.player else ""
        yield _card(exhibit, names, animation.alt_text, player)


def _figures(target: Path, themes: tuple[str, ...]) -> Iterator[str]:
    for exhibit in FIGURES:
        names = []
        for theme in themes:
            made = exhibit.make(theme)
            names.append(f"{exhibit.name}_{theme}.png")
            (made if hasattr(made, "savefig") else made.figure).savefig(target / names[-1])
        yield _card(exhibit, names, exhibit.about)


def _card(exhibit: Exhibit, names: list[str], alt: str, player: str = "") -> str:
    images = "".join(f'<img loading="lazy" src="{name}" alt="{escape(alt)}">' for name in names)
    link = f' <a href="{player}">Open the player</a>' if player else ""
    return f"<section><h2>{escape(exhibit.title)}</h2><p>{escape(exhibit.about)}{link}</p><div>{images}</div></section>"


PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>BayesTuner: gallery</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>
body { margin: 2rem auto; max-width: 1880px; padding: 0 1rem; font-family: "DejaVu Sans", Verdana, sans-serif;
  color: #1B1F27; background: #F1F3F6; }
h1 { font-size: 1.5rem; } h2 { font-size: 1.1rem; margin-bottom: .2rem; } p { color: #5B6472; margin-top: 0; }
section > div { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 480px), 1fr)); gap: 1rem;
  align-items: start; }
img { width: 100%; border-radius: 8px; } a { color: #0072B2; }
</style></head><body>
<h1>Every picture and animation</h1>
CARDS
</body></html>
"""


def main(arguments: list[str]) -> int:
    """Make the gallery in the folder named; 2 where none is."""
    if len(arguments) != 1:
        print("usage: python -m viz.gallery FOLDER", file=sys.stderr)
        return 2
    print(gallery(arguments[0]))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
