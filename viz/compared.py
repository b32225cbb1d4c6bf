"""Runs that are compared: brought into groups by label, and what each group is drawn from and with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from bayestuner import History, ParameterError

from .chart import Array, checked_history, complete
from .moment import best_so_far
from .panel import limits
from .rounds import told_trials
from .style import Theme

Runs = History | Sequence[History] | Mapping[str, History | Sequence[History]]

ORDER = ("LCB", "PI", "Thompson", "EI")  # colours for labels that have none of their own, after the model's blue


def grouped(runs: Any) -> dict[str, list[History]]:
    """Histories by label, whatever way they were given."""
    if isinstance(runs, History):
        runs = {"": [runs]}
    elif not isinstance(runs, Mapping):
        runs = {"": list(runs)} if isinstance(runs, (list, tuple)) else {"": [runs]}
    groups = {str(label): [h] if isinstance(h, History) else list(h) for label, h in runs.items()}
    for label, histories in groups.items():
        if not histories:
            raise ParameterError(f"runs: {label or 'the list'} holds no history")
        for history in histories:
            checked_history("runs: every entry", history)
            complete(history)
    if not groups:
        raise ParameterError("runs is empty: give a history, or {label: [histories]}")
    if len({h.direction for histories in groups.values() for h in histories}) > 1:
        raise ParameterError("runs: some minimise and some maximise; compare runs of one direction")
    return groups


def best_curves(histories: Sequence[History]) -> Array:
    """The best so far of each run, (runs, evaluations); a shorter run keeps its last value."""
    curves = [best_so_far(told_trials(h), h.direction) for h in histories]
    longest = max(map(len, curves))
    return np.array([np.append(c, np.full(longest - len(c), c[-1])) for c in curves])


def settled_limits(curves: Mapping[str, Array], optimum: float | None) -> tuple[float, float]:
    """Limits for what comes after the first fifth: bad values at the start would squeeze all that matters."""
    longest = max(c.shape[1] for c in curves.values())
    begin = longest // 5
    late = np.concatenate([c[:, min(begin, c.shape[1] - 1) :].ravel() for c in curves.values()])
    late = late[np.isfinite(late)]
    ends = [*late, *([] if optimum is None else [optimum])]
    return limits(ends, margin=0.1)


def looks_of(labels: Sequence[str], theme: Theme) -> dict[str, tuple[str, str, str]]:
    """Colour, text colour and marker of each label: random and grid search grey, acquisitions their own."""
    looks: dict[str, tuple[str, str, str]] = {}
    free = [(theme.model, theme.model, "o")]
    free += [(theme.look(n).colour, theme.look(n).text, theme.look(n).marker) for n in ORDER]
    for label in labels:
        low = label.lower()
        known = next((n for n in theme.compared if (n in ("random", "grid") and n in low) or n == label), None)
        if known is not None:
            look = theme.look(known)
            looks[label] = (look.colour, look.text, look.marker)
            free = [f for f in free if f[0] != look.colour]
    for label in labels:
        if label not in looks:
            looks[label] = free.pop(0) if free else (theme.mute, theme.mute, "o")
    return looks
