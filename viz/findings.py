"""What a search found, as pieces of a page: the best in words and numbers, its parameters, and every trial."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from bayestuner import Categorical, History, Integer, NotFittedError, Real, Trial

from .axis import Axis
from .chart import complete
from .markup import Cell, cell, facts, paragraph, place_bar, table
from .text import Numbers, number, plural

SOURCES = {"initial": "start design", "model": "model", "user": "you"}


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
        return f"{seconds:.1f} s" if seconds >= 0.05 else "<0.1 s"
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
