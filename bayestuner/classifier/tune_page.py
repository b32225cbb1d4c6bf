"""The report of a tuned network: the page of a search, and what this job knows of rows, repeats and test scores."""

from __future__ import annotations

import textwrap
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from viz.findings import found, trials
from viz.markup import Cell, cell, code, facts, interval_bar, pairs, paragraph, table
from viz.page import Page, Section
from viz.report import understanding
from viz.text import plural

from ..history import Trial
from .job import Job, Result
from .recorded import NAME, read_evaluations
from .report import Score, gain_in_words, signed
from .trust import generalisation, winner
from .versions import versions

LOSS = "log loss"
Measured = dict[int, dict[str, Any] | None]  # what was recorded of each trial


def tune_page(job: Job, result: Result, folder: Path, *, data: Path | None = None, command: str = "") -> Page:
    """Return the report of a finished job; `data` is the file of its table and `command` what was typed."""
    history, sections = result.history, understanding(result.history, LOSS)
    measured: Measured = dict(zip([t.number for t in history.trials], _evaluations(result, folder), strict=True))
    more = {name: _column(measured, f"{name}_loss") for name in ("train", "test")} if any(measured.values()) else {}
    own: list[tuple[str, str, str]] = [
        ("Is the winner real?", "Winner", winner(result)),
        ("Does it generalise?", "Generalisation", generalisation(result, list(measured.values()))),
        ("All trials", "Trials", trials(history, LOSS, more) + paragraph(_about(more), kind="note")),
        ("Use the model", "Use", use(folder, data)),
        ("Repeat the run", "Repeat", repeat(job, command)),
    ]
    return Page(
        title=f"A tuned classifier of {job.target}",
        kicker=f"BayesTuner · {job.source} · {len(history.trials)} trials",
        lede=paragraph(*in_words(job, result), kind="lede"),
        sections=[
            Section("What was found", "Found", _found(job, result)),
            Section("What was tuned", "Data", tuned(job)),
            *sections,
            *(Section(title, short, body) for title, short, body in own if body),
        ],
        footer=paragraph("This page is one file and asks the network for nothing."),
    )


def _about(more: dict[str, Any]) -> str:
    if not more:
        return ""
    return (
        "train and test: the same networks on the rows that trained them, and on the test rows; they decided nothing."
    )


def _evaluations(result: Result, folder: Path) -> list[dict[str, Any] | None]:
    return read_evaluations(folder / NAME, [t.params for t in result.history.trials])


def _column(measured: Measured, name: str) -> Callable[[Trial], Any]:
    def column(trial: Trial) -> Any:
        seen = measured.get(trial.number)
        return None if seen is None else cell(seen[name], f"{seen[name]:.4f}")

    return column


# ---- what was found


def in_words(job: Job, result: Result) -> tuple[str, str]:
    """The finding, and whether it is better than what one has without any search."""
    score, gain = result.scores[-1], result.gains[0]
    return (
        f"After {plural(len(result.history.trials), 'trial')} the tuned network's log loss is {score.log_loss:.3f} on "
        f"{plural(len(job.objective.splits.test), 'test row')} that no decision has seen.",
        gain_in_words(gain, "the default network's"),
    )


def _found(job: Job, result: Result) -> str:
    best, score, gain = result.history.best, result.scores[-1], result.gains[0]
    numbers = [
        ("test log loss", f"{score.log_loss:.3f}", f"95 % interval {score.low:.3f} to {score.high:.3f}"),
        (
            "against the default network",
            signed(gain.mean),
            f"95 % interval {signed(gain.low)} to {signed(gain.high)}",
        ),
        ("validation log loss", f"{best.value:.3f}", f"trial {best.number}; ±{result.seed_noise:.3f} by first weights"),
    ]
    if result.lowest is not None:
        left = score.minus(result.lowest)
        numbers.append(("above the lowest possible", f"{left.mean:.3f}", f"{left.low:.3f} to {left.high:.3f}"))
    return (
        facts(numbers)
        + found(result.history)
        + "<h3>On the test rows</h3>"
        + _scores(result)
        + "<h3>Differences, row by row</h3>"
        + _differences(result)
    )


def _scores(result: Result) -> str:
    scores = sorted((*result.scores, *([result.lowest] if result.lowest else [])), key=lambda s: -s.log_loss)
    scale = min(s.low for s in scores), max(s.high for s in scores)
    rows = [_score(s, scale, s is result.scores[-1]) for s in scores]
    at = scores.index(result.scores[-1])
    return table(("model", LOSS, "", "95 % interval", "accuracy"), rows, caption="Test scores", bold=[at])


def _score(score: Score, scale: tuple[float, float], marked: bool) -> tuple[Any, ...]:
    return (
        score.name,
        cell(score.log_loss, f"{score.log_loss:.4f}"),
        Cell(html=interval_bar(score.low, score.log_loss, score.high, scale, marked=marked)),
        f"{score.low:.3f} to {score.high:.3f}",
        cell(score.accuracy, f"{100 * score.accuracy:.1f} %"),
    )


def _differences(result: Result) -> str:
    gains = [*result.gains]
    if result.lowest is not None:
        gains.append(result.scores[-1].minus(result.lowest))
    scale = min(0.0, *(g.low for g in gains)), max(0.0, *(g.high for g in gains))
    rows = [
        (
            gain.name.partition(" - ")[2],
            cell(gain.mean, signed(gain.mean)),
            Cell(html=interval_bar(gain.low, gain.mean, gain.high, scale, marked=gain.shown, zero=True)),
            f"{signed(gain.low)} to {signed(gain.high)}",
            "yes" if gain.shown else "no",
        )
        for gain in gains
    ]
    note = (
        "Both models judge the same rows, so their losses are subtracted row by row: that tells far more than two "
        "intervals side by side. Below 0 the tuned network is better; what leaves 0 out is shown."
    )
    head = ("tuned network minus", "difference", "", "95 % interval", "shown")
    return table(head, rows, caption="Differences of test losses") + paragraph(note, kind="note")


# ---- what was tuned


def tuned(job: Job) -> str:
    """The table, its classes, which rows did what, and what is the same for every trial."""
    data, objective = job.table, job.objective
    splits, counts = objective.splits, Counter(job.table.labels)
    classes = ", ".join(f"{name} {count}" for name, count in sorted(counts.items(), key=lambda item: -item[1]))
    rows = [
        ("data", f"{job.source}: {len(data.labels)} rows"),
        ("to be told", f"{job.target}: {classes}"),
        ("numeric columns", ", ".join(data.numeric) or "none"),
        ("categorical columns", ", ".join(data.categorical) or "none"),
        ("to train and validate", f"{len(splits.train)} rows in {objective.folds} folds, stratified"),
        ("to test, once, at the end", f"{len(splits.test)} rows"),
        ("score of a trial", f"validation log loss, averaged over the folds; {objective.repeats} networks in each"),
        ("networks", f"at most {objective.base_neurons} neurons a layer, {objective.epochs} epochs, early stopping"),
        *(("note", note) for note in data.notes),
    ]
    return pairs(rows)


# ---- use it, repeat it


def use(folder: Path, data: Path | None) -> str:
    """Code that predicts with the model, as it can be run where the command was."""
    rows = "load_customers(5, seed=1)" if data is None else f'pd.read_csv("{data.as_posix()}").head()'
    imports = "from bayestuner.classifier import load" + (", load_customers" if data is None else "")
    python = ("import pandas as pd\n\n" if data is not None else "") + textwrap.dedent(
        f"""\
        {imports}

        model = load("{(folder / "model.pt").as_posix()}")
        rows = {rows}  # any frame with these columns
        print(model.predict(rows))
        print(model.predict_proba(rows).round(3))
        """
    )
    shell = f"bayestuner predict {(folder / 'model.pt').as_posix()} new.csv -o predictions.csv"
    words = "The model averages eight networks with the best parameters, trained on all rows but the test rows."
    return paragraph(words) + code(python, "Python code") + paragraph("Or without Python:") + code(shell, "Command")


def repeat(job: Job, command: str) -> str:
    """The command, the seed, the digest of the table and the versions that gave these numbers."""
    rows = [
        ("seed", str(job.seed)),
        ("digest of the table", job.settings["digest"][:16]),
        *versions(),
    ]
    words = "The same table, seed and versions on the same kind of processor give the same trials with one worker."
    shown = code(command, "Command") if command else ""
    return paragraph(words) + shown + pairs(rows)
