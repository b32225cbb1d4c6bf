"""The report of a search as one page: what was searched and found, what matters, and whether to believe it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from bayestuner import (
    History,
    __version__,
    calibration,
    importance,
    partial_dependence,
)
from bayestuner.calibration import LEVELS
from bayestuner.importance import REST

from .animate import animate
from .chart import checked_history, complete
from .figures_compare import plot_convergence
from .figures_effects import plot_partial_dependence
from .figures_honesty import honesty_in_words, plot_residuals
from .figures_model import plot_surrogate
from .figures_run import plot_calibration
from .findings import best_in_words, found, numbers_of, summary, trials
from .markup import Cell, cell, figure, interval_bar, paragraph, table
from .page import Page, Section
from .player import player
from .svg import themed_svg
from .text import percent, plural

FRAMES = 45  # key frames of the animation, evenly spread where there are more steps
SINGLE = (500, 350)  # pixels of a figure: small enough to be read on a phone
FEWEST = 8  # values that tell anything about honesty


def report(history: History, *, title: str = "", value: str = "value", pace: str | None = "keys") -> Page:
    """Return the report of a search as a page: `.save("report.html")`, or look at it in a notebook.

    `value` is what the objective returns, in words; `pace` that of the animation ("keys", "brief" or "lesson": more
    frames, more megabytes; None: no animation). Nothing is evaluated again.

    Raises NotFittedError where no trial has a value.
    """
    complete(checked_history("report", history))
    verb = {"minimize": "Minimising", "maximize": "Maximising"}[history.direction]
    names = history.space.names
    return Page(
        title=title or f"{verb} over {plural(len(names), 'parameter')}",
        kicker="BayesTuner · report of a search",
        lede=paragraph(best_in_words(history, value), kind="lede"),
        sections=[
            Section("What was found", "Found", summary(history, value) + found(history)),
            *understanding(history, value, pace),
            Section("All trials", "Trials", trials(history, value)),
        ],
        footer=paragraph(f"Made by BayesTuner {__version__}. This page is one file and asks the network for nothing."),
    )


def understanding(history: History, value: str, pace: str | None = "keys") -> list[Section]:
    """How the search went, what matters, the animation, and whether the model was honest, as far as there is any."""
    alone = len(history.space.names) == 1
    parts: list[tuple[str, str, Callable[[], str]]] = [
        ("How the search went", "Convergence", lambda: convergence(history, value)),
        ("What the model believes", "Model", lambda: believed(history, value) if alone else ""),
        ("What matters", "Importance", lambda: "" if alone else matters(history, value)),
        ("Watch it think", "Animation", lambda: watched(history, pace)),
        ("Was the model honest?", "Honesty", lambda: honest(history)),
    ]
    sections = [Section(title, short, body()) for title, short, body in parts]
    return [section for section in sections if section.body]


# ---- how it went


def convergence(history: History, value: str) -> str:
    """The best value so far, and which part of it the start design had found."""
    shown = numbers_of(history)
    start = [t for t in complete(history) if t.source == "initial"]
    words = ""
    if start and len(start) < len(history.trials):
        pick = min if history.direction == "minimize" else max
        first = pick(t.value for t in start if t.value is not None)
        words = (
            f"The {plural(len(start), 'point')} of the start design reached {shown(first)}; the model's own "
            f"choices brought it to {shown(history.best_value)}."
            if first != history.best_value
            else f"The best value, {shown(first)}, is of the start design: the model found none better."
        )
    drawing = themed_svg(
        lambda theme: plot_convergence(history, trials=True, name=value, theme=theme),
        f"The best {value} so far, by evaluation.", width=SINGLE[0], height=SINGLE[1],
    )  # fmt: skip
    return paragraph(words) + figure(drawing, f"Circles: the {value} of each trial; the line: the best so far.")


# ---- what matters


def believed(history: History, value: str) -> str:
    """The model of one parameter, with all that was told."""
    drawing = themed_svg(
        lambda theme: plot_surrogate(history, None, theme=theme),
        f"The model of {value}: mean, bands and observations.", width=SINGLE[0], height=SINGLE[1],
    )  # fmt: skip
    return figure(drawing, f"Mean and ±1σ, ±2σ of {value}, after all trials.")


def matters(history: History, value: str) -> str:
    """Each parameter's share with its interval, where it is best on average, and the matrix of average effects."""
    shares = importance(history, None)
    shown = numbers_of(history)
    if not any(shares.values()):
        return paragraph("The model sees no variation at all: nothing matters, as far as these trials can tell.")
    rows: list[tuple[Any, ...]] = []
    for name in sorted(history.space.names, key=lambda n: -shares[n]):
        grid, mean, _ = partial_dependence(history, name, None)
        at = int(mean.argmin() if history.direction == "minimize" else mean.argmax())
        worth = float(np.ptp(mean))
        rows.append((name, *_share(shares, name), cell(_plain(grid[at])), cell(worth, shown(worth))))
    rows.append((REST, *_share(shares, REST), "", ""))
    head = ("parameter", "explains", "5 to 95 %", "", "best on average at", "worth on average")
    words = (
        "The share of the variation that each parameter explains alone over the whole space (first-order Sobol index "
        "of the surrogate), with the interval that the model's uncertainty leaves; interactions are the rest. "
        f"Worth: how far the average {value} moves along the parameter, all others averaged out.",
    )
    top = max(history.space.names, key=lambda n: shares[n])
    lead = f"{top} matters most: it explains {percent(shares[top])} of the variation that the model sees."
    body = paragraph(lead) + table(head, rows, caption="Importance of each parameter") + paragraph(*words, kind="note")
    drawing = themed_svg(
        lambda theme: plot_partial_dependence(history, None, theme=theme),
        "Matrix of average effects: each parameter on the diagonal, each pair below it.",
    )
    return body + figure(
        drawing,
        "Average effects. On the diagonal: one parameter, all others averaged out, and the uncertainty of that "
        "average. Below: each two together. Dark is better on a light page, bright on a dark one.",
        wide=True,
    )


def _share(shares: Any, name: str) -> tuple[Cell, Cell, Cell]:
    low, high = shares.intervals[name]
    bar = interval_bar(low, shares[name], high, (0.0, 1.0), marked=name != REST)
    return (
        cell(shares[name], percent(shares[name])),
        Cell(f"{100 * low:.0f} to {100 * high:.0f} %", low),
        Cell(html=bar),
    )


def _plain(value: Any) -> Any:
    return value.item() if isinstance(value, np.generic) else value


# ---- the animation


def watched(history: History, pace: str | None = "keys") -> str:
    """The player of the animation, with as many steps as a page can carry."""
    if pace is None or not history.steps:
        return ""
    if len(history.space.names) < 3 and any(d.conditions for d in history.space.dimensions.values()):
        return ""  # the stories of one and two parameters have no place for one that is not there
    count = len(history.steps)
    steps = None if count <= FRAMES else [round(i) for i in np.linspace(0, count - 1, FRAMES)]
    animation = animate(history, pace=pace, steps=steps)
    words = paragraph(
        "What the model believed before each choice, and what it learned from it. The space bar plays, the arrow keys "
        "step; the whole story can be read as text below."
    )
    return f'<div class="on-screen">{words}<div class="player">{player(animation.film, animation.cues)}</div></div>'


# ---- was the model honest?


def honest(history: History) -> str:
    """How often values lay where the model said they would."""
    known = calibration(history, None)
    if len(known.values) < FEWEST:
        return ""
    found_ = [known.coverage(level) for level in LEVELS]
    rows = [
        (
            cell(c.level, f"{100 * c.level:.0f} %"), cell(c.share, f"{100 * c.share:.0f} %"),
            Cell(f"{c.inside} of {c.count}"), Cell(f"{100 * c.low:.0f} to {100 * c.high:.0f} %"),
            Cell(html=interval_bar(c.low, c.share, c.high, (0.0, 1.0), marked=True)),
        )
        for c in found_
    ]  # fmt: skip
    head = ("interval", "held", "values", "true share (95 %)", "")
    words = (
        "Each value is taken out and predicted from all the others. An honest model's 80 % interval holds the value "
        "four times out of five.",
        honesty_in_words(known),
    )
    drawings = [
        figure(
            themed_svg(
                lambda theme: plot_residuals(history, theme=theme),
                "Histogram of the differences between values and predictions.", width=SINGLE[0], height=SINGLE[1],
            ),
            "Left out and predicted: the distance of each value from its prediction, beside the normal curve.",
        )
    ]  # fmt: skip
    complete_ = {t.number for t in complete(history)}
    if any(step.number in complete_ for step in history.steps):
        drawings.append(
            figure(
                themed_svg(
                    lambda theme: plot_calibration(history, theme=theme),
                    "Predictions made before evaluating, against the values that came.",
                ),
                "Said beforehand, when it knew less: the prediction at each chosen point, against the value that came.",
            )
        )  # fmt: skip
    coverage = table(head, rows, caption="Coverage of the model's intervals")
    return paragraph(*words) + coverage + f'<div class="pair">{"".join(drawings)}</div>'
