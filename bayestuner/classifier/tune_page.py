"""The report of a tuned network: the page of a search, and what this job knows of rows, repeats and test scores."""

from __future__ import annotations

import textwrap
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from scipy.special import stdtrit
from scipy.stats import spearmanr

from viz.figures_honesty import plot_gap
from viz.markup import Cell, cell, code, facts, figure, interval_bar, pairs, paragraph, table
from viz.page import Page, Section
from viz.report import found, numbers_of, trials, understanding
from viz.svg import themed_svg
from viz.text import percent, plural

from ..history import Trial
from .job import Job, Result
from .recorded import NAME, read_evaluations
from .report import Difference, Score
from .versions import versions

LOSS = "log loss"
Measured = dict[int, dict[str, Any] | None]  # what was recorded of each trial
FEWEST = 5  # trials with losses on other rows, below which nothing is said of them


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


def gain_in_words(gain: Difference, whose: str) -> str:
    """A difference of log losses, and whether the rows show it."""
    side = "below" if gain.mean < 0 else "above"
    interval = f"95 % interval of the difference, row by row: {_signed(gain.low)} to {_signed(gain.high)}"
    verdict = "" if gain.shown else "; with 0 inside, these rows show no difference"
    return f"That is {abs(gain.mean):.3f} {side} {whose} ({interval}{verdict})."


def _signed(value: float) -> str:
    return f"{value:+.3f}".replace("-", "−")


def _found(job: Job, result: Result) -> str:
    best, score, gain = result.history.best, result.scores[-1], result.gains[0]
    numbers = [
        ("test log loss", f"{score.log_loss:.3f}", f"95 % interval {score.low:.3f} to {score.high:.3f}"),
        (
            "against the default network",
            _signed(gain.mean),
            f"95 % interval {_signed(gain.low)} to {_signed(gain.high)}",
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
            cell(gain.mean, _signed(gain.mean)),
            Cell(html=interval_bar(gain.low, gain.mean, gain.high, scale, marked=gain.shown, zero=True)),
            f"{_signed(gain.low)} to {_signed(gain.high)}",
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


# ---- is the winner real?


def winner(result: Result) -> str:
    """The best trials with first weights that the search has not seen, and the chance of each to be the best."""
    rivals, history = result.rivals, result.history
    if len(rivals) < 2:
        return ""
    losses = np.array([rival.repeats for rival in rivals])
    repeats = losses.shape[1]
    pooled = float(np.sqrt(losses.var(axis=1, ddof=1).mean()))
    half = float(stdtrit(len(rivals) * (repeats - 1), 0.975)) * pooled / np.sqrt(repeats)
    means = losses.mean(axis=1)
    scale = float(means.min() - half), float(means.max() + half)
    named = {trial.number: trial for trial in history.trials}
    rows = [
        (
            rival.trial, cell(rival.found, f"{rival.found:.4f}"), cell(float(mean), f"{mean:.4f}"),
            Cell(html=interval_bar(mean - half, mean, mean + half, scale, marked=at == 0)),
            cell(rival.chance, percent(rival.chance)), *(named[rival.trial].params.get(n) for n in history.space.names),
        )
        for at, (rival, mean) in enumerate(zip(rivals, means, strict=True))
    ]  # fmt: skip
    first = rivals[0]
    words = (
        f"The lowest of many noisy values is lower than it deserves. So the best {len(rivals)} trials were trained "
        f"again with {repeats} other first weights each: trial {first.trial} is the best of them with a probability of "
        f"{percent(first.chance)}.",
        _verdict(first.chance, len(rivals)),
        f"The standard deviation over first weights is {pooled:.4f}.",
    )
    head = ("trial", "as found", "again, mean", "95 % interval", "chance to be best", *history.space.names)
    note = (
        "The chance is that of the lowest true mean, for one common variance and flat priors. It speaks of first "
        "weights; other folds of the same rows would add noise of their own."
    )
    return paragraph(*words) + table(head, rows, caption="The best trials again") + paragraph(note, kind="note")


def _verdict(chance: float, count: int) -> str:
    if chance >= 0.9:
        return "The winner is real."
    if chance >= 1 / count:
        return "They cannot be told apart: any of them is as good a choice, as far as this noise allows to say."
    return "It probably was luck: another of them is at least as good, and the differences are small."


# ---- does it generalise?


def generalisation(result: Result, measured: list[dict[str, Any] | None]) -> str:
    """Losses of the very same networks on the rows that trained them, chose them, and tested them."""
    known = [
        (t, m) for t, m in zip(result.history.trials, measured, strict=True) if m is not None and t.value is not None
    ]
    if len(known) < FEWEST or result.history.best.number not in [t.number for t, _ in known]:
        return ""
    validation = [float(t.value or 0.0) for t, _ in known]
    train, test = ([float(m[name]) for _, m in known] for name in ("train_loss", "test_loss"))
    best = [t.number for t, _ in known].index(result.history.best.number)
    rank = 1 + sum(loss < test[best] for loss in test)
    agreement = float(spearmanr(validation, test).statistic)
    shown = numbers_of(result.history)
    words = (
        f"The best trial's networks have a log loss of {shown(train[best])} on the rows that trained them, "
        f"{shown(validation[best])} on those that chose them and {shown(test[best])} on the test rows. "
        f"By these it is number {rank} of {len(known)}.",
        f"Validation and test {'mostly' if agreement > 0.7 else 'do not quite'} agree on the order of the trials "
        f"(rank correlation {agreement:.2f}).",
        "None of the test losses was looked at before the search had ended.",
    )
    drawing = themed_svg(
        lambda theme: plot_gap(validation, {"test": test, "train": train}, best, name=LOSS, theme=theme),
        "Log loss on test and training rows against the validation log loss, a point each trial.",
    )
    caption = "Above the line: worse than on the validation rows. Far below it: learned by heart."
    return paragraph(*words) + figure(drawing, caption)


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
