"""A run as a table on the terminal, and what can be read of a damaged one."""

from __future__ import annotations

import json
import os
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from .errors import CorruptStateError, NotFittedError, StateError
from .explain import number, percent
from .history import History, Trial
from .importance import importance
from .recovery import readable_trials, recover
from .storage import load

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

SOURCES = {"initial": "start", "model": "model", "user": "you"}


def table(first: str, *others: str) -> Table:
    """An empty table with a plain head; numbers to the right."""
    from rich import box
    from rich.table import Table

    empty = Table(first, box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0))
    for name in others:
        empty.add_column(name, justify="right")
    return empty


def trials_table(history: History, label: str = "value") -> Table:
    """One row a trial, the best one bold; of an error its last line."""
    best = _best(history)
    rows = table("trial", *history.space.names, label, "seconds", "by")
    for trial in history.trials:
        params = [number(trial.params[name]) if name in trial.params else "" for name in history.space.names]
        seconds = "" if trial.seconds is None else f"{trial.seconds:.1f}"
        cells = [str(trial.number), *params, _result(trial), seconds, SOURCES[trial.source]]
        rows.add_row(*cells, style="bold" if trial is best else "")
    return rows


def _best(history: History) -> Trial | None:
    with suppress(NotFittedError):
        return history.best
    return None


def _result(trial: Trial) -> str:
    if trial.value is not None:
        return f"{trial.value:.6g}"
    return (trial.error or "").strip().rpartition("\n")[-1] or trial.status


def show(console: Console, path: Path) -> None:
    """Print the trials of a run, its best, how far it is, and what each parameter explains."""
    try:
        history = load(path)
    except CorruptStateError:
        raise
    except StateError:  # a kernel or an acquisition of a script that is not here: the trials are
        history = load(path, trials_only=True)
    console.print(trials_table(history))
    statuses = ["stopped early" if trial.stopped_early else trial.status for trial in history.trials]
    known = ("complete", "stopped early", "failed", "running")
    counts = ", ".join(f"{statuses.count(s)} {s}" for s in known if s in statuses)
    console.print(
        f"{path}: {len(statuses)} trials ({counts or 'none'}), to {history.direction}", highlight=False, soft_wrap=True
    )
    if history.stopped:
        console.print(f"ended: {history.stopped}", highlight=False, soft_wrap=True)
    if (best := _best(history)) is not None:
        params = ", ".join(f"{name} {number(value)}" for name, value in best.params.items())
        console.print(f"best: trial {best.number}, {best.value:.6g}, {params}", highlight=False, soft_wrap=True)

    if history.steps:
        shares = sorted(importance(history).items(), key=lambda share: -share[1])
        text = ", ".join(f"{name} {percent(share)}" for name, share in shares)
        console.print(f"importance (share of the variation): {text}", highlight=False, soft_wrap=True)


def show_recovered(console: Console, path: Path) -> None:
    """Write what can be read of a damaged run beside it, and say what that is; the damaged file stays as it is."""
    if not path.exists():
        raise FileNotFoundError(f"there is no file {path}")
    new = path.with_name(f"{path.stem}.recovered.db")
    try:
        history = recover(path)
    except CorruptStateError as error:
        _show_rest(console, path, error)
        return
    _check_free(new)
    history.save(new)
    told = sum(trial.status != "running" for trial in history.trials)
    console.print(
        f"{len(history.trials)} trials, {told} of them told, and {len(history.steps)} steps written to {new}",
        highlight=False,
        soft_wrap=True,
    )


def _show_rest(console: Console, path: Path, error: CorruptStateError) -> None:
    """Where the space is lost, the trials as JSON: a new optimizer can be told them."""
    rows = readable_trials(path)
    if not rows:
        raise CorruptStateError(f"{path}: nothing can be read of it") from error
    new = path.with_name(f"{path.stem}.recovered.json")
    _check_free(new)
    draft = new.with_name(f".{new.name}.draft")
    draft.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")
    os.replace(draft, new)
    console.print(
        f"{error}; {len(rows)} trials written to {new}, to be told to a new optimizer", highlight=False, soft_wrap=True
    )


def _check_free(new: Path) -> None:
    if new.exists():
        raise FileExistsError(f"{new} is there already; move it away first")
