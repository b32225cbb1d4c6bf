"""Whether to believe a tuned network, as pieces of a page: is the winner real, and what was learned by heart?"""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.special import stdtrit
from scipy.stats import spearmanr

from viz.figures_honesty import plot_gap
from viz.findings import numbers_of
from viz.markup import Cell, cell, figure, interval_bar, paragraph, table
from viz.svg import themed_svg
from viz.text import percent

from .job import Result

LOSS = "log loss"
SURE = 0.9
FEWEST = 5  # trials with losses on other rows, below which nothing is said of them


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
        _verdict([rival.chance for rival in rivals]),
        f"The standard deviation over first weights is {pooled:.4f}.",
    )
    head = ("trial", "as found", "again, mean", "95 % interval", "chance to be best", *history.space.names)
    note = (
        "The chance is that of the lowest true mean, for one common variance and flat priors. It speaks of first "
        "weights; other folds of the same rows would add noise of their own."
    )
    return paragraph(*words) + table(head, rows, caption="The best trials again") + paragraph(note, kind="note")


def _verdict(chances: list[float]) -> str:
    first, *others = chances
    if first >= SURE:
        return "The winner is real."
    if max(others) >= SURE:
        return "It was luck: another of them is better."
    return "They cannot be told apart: each is as good a choice, as far as this noise allows to say."


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
