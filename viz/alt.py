"""A run in three sentences, for who cannot see its pictures."""

from __future__ import annotations

from collections.abc import Sequence

from bayestuner import History, Integer, Real, Trial

from .axis import Axis, axes_of
from .moment import best_of, better
from .rounds import Round
from .terms import short_name
from .text import elided, number, plural
from .words import NAME, Words


def alt_text(history: History, all_rounds: Sequence[Round], words: Words) -> str:
    """The whole story in three sentences, for who cannot see it."""
    doing = "minimising" if history.direction == "minimize" else "maximising"
    axes = axes_of(history.space)
    where = ", ".join(_range(axis, words) for axis in axes)
    told = sorted((t for t in history.trials if t.told is not None), key=lambda t: t.told or 0)
    count = all_rounds[0].number and len(all_rounds)
    start = best_of(all_rounds[0].told, history.direction)
    end = best_of(told, history.direction)
    if end is None or end.value is None:
        return ""
    intro = f"Animation of {plural(count, 'iteration')} of Bayesian optimisation {doing} f on {where}."
    known = "" if start is None or start.value is None else f", best {words.y(start.value)}"
    intro += f" Starts with {plural(len(all_rounds[0].told), 'point')}{known}."
    if not count:
        return intro
    ends = f"ends at {words.y(end.value)} at {_named(end, axes, words)} after {plural(len(told), 'evaluation')}."
    name = short_name(all_rounds[0].step)
    first = next((t for t in told[len(all_rounds[0].told) :] if _improves(t, start, history.direction)), None)
    if first is None or first.value is None:
        return f"{intro} {name} finds nothing better; {ends}"
    return (
        f"{intro} {name} explores until evaluation {(first.told or 0) + 1}, which finds {words.y(first.value)}; {ends}"
    )


def _improves(trial: Trial, best: Trial | None, direction: str) -> bool:
    if trial.value is None or trial.status != "complete":
        return False
    return best is None or best.value is None or better(trial.value, best.value, direction)


def _range(axis: Axis, words: Words) -> str:
    dimension = axis.dimension
    if isinstance(dimension, (Real, Integer)):
        return f"[{number(dimension.low)}, {number(dimension.high)}]"
    return f"{{{', '.join(elided(choice, NAME) for choice in dimension.choices[:6])}}}"


def _named(trial: Trial, axes: Sequence[Axis], words: Words) -> str:
    return ", ".join(f"{elided(axis.name, 40)} = {words.value(axis, trial.params[axis.name])}" for axis in axes)
