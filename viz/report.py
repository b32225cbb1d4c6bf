"""The report of a search as one page: what was searched and found, what matters, and whether to believe it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from bayestuner import (
    Categorical,
    History,
    Integer,
    NotFittedError,
    Real,
    Trial,
    __version__,
    calibration,
    importance,
    partial_dependence,
)
from bayestuner.calibration import LEVELS
from bayestuner.importance import REST

from .animate import animate
from .axis import Axis
from .chart import checked_history, complete
from .figures_compare import plot_convergence
from .figures_effects import plot_partial_dependence
from .figures_honesty import honesty_in_words, plot_residuals
from .figures_run import plot_calibration
from .markup import Cell, cell, facts, figure, interval_bar, paragraph, place_bar, table
from .page import Page, Section
from .player import player
from .svg import themed_svg
from .text import Numbers, number, percent, plural

FRAMES = 45  # key frames of the animation, evenly spread where there are more steps
SINGLE = (500, 350)  # pixels of a figure: small enough to be read on a phone
SOURCES = {"initial": "start design", "model": "model", "user": "you"}
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
    parts: list[tuple[str, str, Callable[[], str]]] = [
        ("How the search went", "Convergence", lambda: convergence(history, value)),
        ("What matters", "Importance", lambda: matters(history, value)),
        ("Watch it think", "Animation", lambda: watched(history, pace)),
        ("Was the model honest?", "Honesty", lambda: honest(history)),
    ]
    sections = [Section(title, short, body()) for title, short, body in parts]
    return [section for section in sections if section.body]


# ---- what was found


def numbers_of(history: History) -> Numbers:
    """How the better half of the values is put into words: a bad one would take the decimals of all."""
    values = np.array([t.value for t in complete(history)], dtype=float)
    good = values if history.direction == "minimize" else -values
    kept = values[good <= np.median(good)]
    return Numbers.of(float(kept.min()), float(kept.max()))


def best_in_words(history: History, value: str) -> str:
    """The best trial in a sentence."""
    best, shown = history.best, numbers_of(history)
    where = ", ".join(f"{name} = {number(v)}" for name, v in best.params.items())
    word = "smallest" if history.direction == "minimize" else "largest"
    return f"The {word} {value} of {plural(len(history.trials), 'trial')} is {shown(history.best_value)}, at {where}."


def summary(history: History, value: str) -> str:
    """The few numbers that one would ask for first."""
    shown, trials_ = numbers_of(history), history.trials
    seconds = sum(t.seconds or 0.0 for t in trials_)
    failed = sum(t.status == "failed" for t in trials_)
    by_model = sum(t.source == "model" for t in trials_)
    return facts(
        [
            (f"best {value}", shown(history.best_value), f"trial {history.best.number}"),
            ("trials", str(len(trials_)), f"{by_model} chosen by the model" + (f", {failed} failed" if failed else "")),
            ("time to evaluate", duration(seconds), "all trials together"),
        ]
    )


def duration(seconds: float) -> str:
    """Seconds in words.

    >>> duration(0.42), duration(95), duration(7300)
    ('0.4 s', '1.6 min', '2.0 h')
    """
    if seconds < 60:
        return f"{seconds:.1f} s"
    return f"{seconds / 60:.1f} min" if seconds < 3600 else f"{seconds / 3600:.1f} h"


def found(history: History) -> str:
    """The parameters, where they were searched, and the best."""
    rows = [_parameter(Axis(name, dimension), history.best) for name, dimension in history.space.dimensions.items()]
    return table(
        ("parameter", "best", "within its range", "searched", "scale"), rows, caption="Parameters and the best"
    )


def _parameter(axis: Axis, best: Trial) -> tuple[Any, ...]:
    there = axis.name in best.params
    place = float(axis.places([best.params[axis.name]])[0]) if there else 0.0
    value = cell(best.params[axis.name]) if there else cell("not there")
    return (
        axis.name,
        value,
        Cell(html=place_bar(place) if there else ""),
        _range(axis.dimension),
        _scale(axis.dimension),
    )


def _range(dimension: Real | Integer | Categorical) -> str:
    if isinstance(dimension, Categorical):
        return ", ".join(map(str, dimension.choices))
    return f"{number(dimension.low)} to {number(dimension.high)}"


def _scale(dimension: Real | Integer | Categorical) -> str:
    if isinstance(dimension, Categorical):
        return "choice"
    whole = "whole numbers" if isinstance(dimension, Integer) else "linear"
    return ("whole numbers, " if isinstance(dimension, Integer) else "") + "logarithmic" if dimension.log else whole


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
    if len(history.space.names) < 2:
        return body
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
                "Said beforehand: the prediction at each chosen point before it was evaluated, against what came.",
            )
        )  # fmt: skip
    coverage = table(head, rows, caption="Coverage of the model's intervals")
    return paragraph(*words) + coverage + f'<div class="pair">{"".join(drawings)}</div>'


# ---- all trials


def trials(history: History, value: str, more: dict[str, Callable[[Trial], Any]] | None = None) -> str:
    """Every trial in a table that sorts; `more` columns are functions of a trial."""
    shown, best = numbers_of(history), _best(history)
    names = history.space.names
    head = ("trial", value, *(more or {}), *names, *history.limits, "seconds", "chosen by")
    rows = [
        (
            trial.number,
            cell(trial.value, shown(trial.value)) if trial.value is not None else _outcome(trial),
            *(column(trial) for column in (more or {}).values()),
            *(trial.params.get(name) for name in names),
            *((trial.constraints or {}).get(name) for name in history.limits),
            None if trial.seconds is None else cell(trial.seconds, f"{trial.seconds:.1f}"),
            SOURCES[trial.source],
        )
        for trial in history.trials
    ]
    at = [i for i, trial in enumerate(history.trials) if best is not None and trial.number == best.number]
    hint = paragraph("The heads of the columns sort; the star is the best trial.", kind="note on-screen")
    return hint + table(head, rows, caption="All trials", sortable=True, starred=at)


def _outcome(trial: Trial) -> Cell:
    last = (trial.error or "").strip().rpartition("\n")[-1]
    return Cell(f"{trial.status}: {last[:60]}" if last else trial.status)


def _best(history: History) -> Trial | None:
    try:
        return history.best
    except NotFittedError:
        return None
