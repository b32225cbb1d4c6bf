"""What a frame of each kind of animation costs, beside a new figure for every frame, and how large the files are."""

import math
import tempfile
import time
from pathlib import Path

from bayestuner import Integer, Real, minimize
from bayestuner.benchmarks import branin
from viz import animate

NEW_FIGURES = 8  # so many frames are drawn into new figures
FIGURE = ("_set", "_scene", "_stage", "_picture", "_words")  # where the films keep theirs


def wave(x):
    return math.sin(x) + math.sin(10 / 3 * x)


def training(rate, units, decay, momentum):
    bowl = (math.log10(rate) + 2) ** 2 + 0.3 * math.log2(units / 48) ** 2 + 0.1 * (math.log10(decay) + 3) ** 2
    return 0.05 + 0.1 * bowl + 0.2 * (momentum - 0.9) ** 2


def runs():
    """One parameter, two, and four: 8, 14 and 18 iterations."""
    four = {
        "rate": Real(1e-4, 1e-1, log=True),
        "units": Integer(4, 128, log=True),
        "decay": Real(1e-6, 1.0, log=True),
        "momentum": (0.5, 0.99),
    }
    yield "1-D", minimize(wave, {"x": (2.7, 7.5)}, 10, n_initial=2, seed=0), wave, 20
    yield "2-D", minimize(branin, branin.space, 18, n_initial=4, seed=0), branin, 50
    yield "matrix of 4", minimize(training, four, 23, seed=0), None, 100


def milliseconds(draw, cues):
    """CPU milliseconds a frame."""
    begin = time.process_time()
    for cue in cues:
        draw(cue)
    return 1e3 * (time.process_time() - begin) / len(cues)


def frames():
    for name, history, truth, budget in runs():
        animation = animate(history, objective=truth)
        film, cues = animation.film, animation.cues
        film.draw(cues[0])  # builds the figure and the limits of the whole run
        each = milliseconds(film.draw, cues)

        def in_a_new_figure(cue):
            for part in FIGURE:
                film.__dict__.pop(part, None)  # noqa: B023
            film.draw(cue)  # noqa: B023

        new = milliseconds(in_a_new_figure, cues[:: max(1, len(cues) // NEW_FIGURES)])
        with tempfile.TemporaryDirectory() as folder:
            size = animation.save(Path(folder) / "run.gif").stat().st_size / 1e6
        print(
            f"{name}: {each:.1f} ms a frame of {len(cues)} (budget {budget}), new figures {new / each:.1f} x; "
            f"GIF {size:.2f} MB"
        )
