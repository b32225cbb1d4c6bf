"""The report of a comparison: the content of compare.json as a page, in the frame that `tune` has, too."""

from __future__ import annotations

from statistics import median
from typing import Any

from viz.contest import animate_convergence
from viz.figures_compare import plot_convergence
from viz.findings import duration
from viz.markup import Cell, cell, code, facts, figure, interval_bar, pairs, paragraph, table
from viz.page import Page, Section
from viz.player import player
from viz.svg import themed_svg
from viz.text import plural

from ...explain import number
from ..versions import versions
from .methods import METHODS
from .results import Results
from .tables import Summary, between
from .verdict import last_pair

LOSS = "log loss"
ROWS = {"validation": "validation", "repeated": "validation, again", "test": "test"}  # by measure
SIZE = (640, 420)  # pixels of the figure


def compare_page(results: Results, summary: Summary, *, command: str = "") -> Page:
    """Return the report of a finished comparison; `command` is what was typed."""
    seeds = plural(len(summary["seeds"]), "seed")
    sections = [
        ("What was found", "Found", found(summary)),
        ("How the searches went", "Convergence", convergence(results, summary)),
        ("Watch the race", "Animation", raced(results)),
        ("Differences, seed by seed", "Differences", differences(summary)),
        ("On the test rows", "Test", on_test_rows(summary)),
        ("Every seed", "Seeds", every_seed(results, summary)),
        ("What was compared", "Data", compared(results, summary)),
        ("Repeat the comparison", "Repeat", repeat(command)),
    ]
    return Page(
        title="How much better is it?",
        kicker=f"BayesTuner · {summary['data']} · {summary['trials']} trials, {seeds}",
        lede=paragraph(summary["verdict"].replace("(-", "(−").replace(" -", " −"), kind="lede"),
        sections=[Section(title, short, body) for title, short, body in sections],
        footer=paragraph("This page is one file and asks the network for nothing."),
    )


def signed(value: float | None) -> str:
    """A difference with its sign.

    >>> signed(-0.01234), signed(0.5), signed(None)
    ('−0.0123', '+0.5000', '')
    """
    return "" if value is None else f"{value:+.4f}".replace("-", "−")


def _labels(summary: Summary) -> dict[str, str]:
    return {name: m["label"] for part in ("methods", "baselines") for name, m in summary[part].items()}


# ---- what was found


def found(summary: Summary) -> str:
    """A few large numbers, and what each method came to and cost."""
    hero = summary["methods"][summary["hero"]]
    numbers: list[tuple[str, str, str]] = []
    if summary["grid"] and summary["hero"] != "grid":
        reached = hero["median_reach"]["trials"]
        what = f"trials to equal a grid of {summary['grid']}"
        numbers.append((what, "not reached" if reached is None else f"{reached:g}", f"{hero['label']}, median"))
    for other, measure in (("random", "validation"), ("default", "test")):
        if (pair := last_pair(summary, summary["hero"], other, measure)) is not None:
            interval = (
                f"95 % interval {signed(pair['low'])} to {signed(pair['high'])}" if pair["low"] is not None else ""
            )
            numbers.append((f"against {_labels(summary)[other]}, {measure} rows", signed(pair["mean"]), interval))
    for saving in summary["thrift"]:
        what = f"to the grid's best, {_labels(summary)[saving['method']]}"
        time = "not reached" if saving["median"] is None else duration(saving["median"])
        numbers.append((what, time, f"sooner on {saving['sooner']} of {len(summary['seeds'])} seeds"))
    if above := hero["test"].get("above_lowest"):
        numbers.append(("above the lowest possible", f"{above['mean']:.4f}", "test log loss, mean over the seeds"))
    head = ["method", "trials", f"best {LOSS}", "middle half of the seeds", "time"]
    head += ["grid's best after", "time until then"] if summary["grid"] else []
    rows = [_method(method, summary["grid"]) for method in summary["methods"].values()]
    at = list(summary["methods"]).index(summary["hero"])
    note = (
        f"Validation {LOSS}, median over the seeds; the smaller the better. Times are those of training and of "
        "choosing points, on one core."
    )
    return (
        facts(numbers) + table(head, rows, caption="What each method found", bold=[at]) + paragraph(note, kind="note")
    )


def _method(method: dict[str, Any], grid: int | None) -> tuple[Any, ...]:
    low, middle, high = (quartile[-1] for quartile in method["quartiles"])
    spent = median(seconds[-1] for seconds in method["seconds"])
    row: tuple[Any, ...] = (
        method["label"], method["budget"], cell(middle, f"{middle:.4f}"), between(low, high),
        cell(spent, duration(spent)),
    )  # fmt: skip
    if not grid:
        return row
    trials, seconds = method["median_reach"]["trials"], method["median_reach"]["seconds"]
    if trials is None or seconds is None:
        return (*row, "not reached", "")
    return (*row, cell(trials, f"{trials:g} trials"), cell(seconds, duration(seconds)))


def convergence(results: Results, summary: Summary) -> str:
    """The best so far by method, medians with the middle half of the seeds."""
    groups = {METHODS[method].label: some for method, some in results.histories.items()}
    drawing = themed_svg(
        lambda theme: plot_convergence(groups, name=LOSS, theme=theme),
        f"The best {LOSS} so far of each method, by trial.", width=SIZE[0], height=SIZE[1],
    )  # fmt: skip
    seeds = plural(len(summary["seeds"]), "seed")
    caption = f"The best validation {LOSS} so far: the line is the median of {seeds}, the shade its middle half."
    return figure(drawing, caption, wide=True)


def raced(results: Results) -> str:
    """The player of the best so far, growing trial by trial."""
    groups = {METHODS[method].label: some for method, some in results.histories.items()}
    animation = animate_convergence(groups, name=f"validation {LOSS}")
    return f'<div class="on-screen player">{player(animation.film, animation.cues)}</div>'


# ---- differences


def differences(summary: Summary) -> str:
    """The hero minus each other, with paired intervals over the seeds."""
    labels, known = _labels(summary), [pair for pair in summary["pairs"] if pair["mean"] is not None]
    ends = [0.0, *(pair[end] for pair in known for end in ("low", "mean", "high") if pair[end] is not None)]
    scale = min(ends), max(ends)
    rows = [
        (
            labels[pair["b"]], f"{ROWS[pair['measure']]}, {pair['trials']} trials",
            cell(pair["mean"], signed(pair["mean"])),
            Cell(html=_bar(pair, scale)), _interval(pair["low"], pair["high"]),
            None if pair["p"] is None else cell(pair["p"], f"{pair['p']:.3f}"), "yes" if pair["shown"] else "no",
        )
        for pair in known
    ]  # fmt: skip
    least = 2 / 2 ** len(summary["seeds"])
    words = (
        f"{LOSS.capitalize()} of {labels[summary['hero']]} minus that of the other, on the same splits with the same "
        "seed: what lies left of the line speaks for it. A difference is shown when its 95 % interval leaves 0 out.",
    )
    note = (
        "Again: the chosen networks with first weights that no search has seen. "
        f"p: by flipping signs; with {plural(len(summary['seeds']), 'seed')} it cannot be below {least:.3g}. The "
        "intervals speak of further splits of this table; for new tables of the kind they are wider, see compare.json."
    )
    head = ("minus", "rows", "difference", "", "95 % interval", "p", "shown")
    shown = table(head, rows, caption="Differences seed by seed", sortable=True)
    return paragraph(*words) + shown + paragraph(note, kind="note")


def _bar(pair: dict[str, Any], scale: tuple[float, float]) -> str:
    low, high = (pair["mean"] if pair[end] is None else pair[end] for end in ("low", "high"))
    return interval_bar(low, pair["mean"], high, scale, marked=pair["shown"], zero=True)


def _interval(low: float | None, high: float | None) -> str:
    return "" if low is None or high is None else f"{signed(low)} to {signed(high)}"


# ---- on the test rows, and seed by seed


def on_test_rows(summary: Summary) -> str:
    """The chosen networks and the baselines on rows that no decision has seen."""
    models = {**summary["baselines"], **summary["methods"]}
    losses = [model["test"]["log_loss"] for model in models.values()]
    scale = tuple(f(v for loss in losses for v in loss.values() if v is not None) for f in (min, max))
    rows = [_on_test_rows(name, model, summary, (scale[0], scale[1])) for name, model in models.items()]
    rows.sort(key=lambda row: -row[1].value)
    head = ("model", LOSS, "", "95 % interval", "accuracy", *(["above the lowest"] if "lowest" in models else []))
    at = [i for i, row in enumerate(rows) if row[0] == models[summary["hero"]]["label"]]
    words = "The networks that were chosen, trained anew on all other rows; the mean over the seeds and their splits."
    return paragraph(words) + table(head, rows, caption="Test scores", sortable=True, bold=at)


def _on_test_rows(name: str, model: dict[str, Any], summary: Summary, scale: tuple[float, float]) -> tuple[Any, ...]:
    loss, accuracy, above = (model["test"].get(measure) for measure in ("log_loss", "accuracy", "above_lowest"))
    low, high = (loss["mean"] if loss[end] is None else loss[end] for end in ("low", "high"))
    row = (
        model["label"], cell(loss["mean"], f"{loss['mean']:.4f}"),
        Cell(html=interval_bar(low, loss["mean"], high, scale, marked=name == summary["hero"])),
        between(loss["low"], loss["high"]), cell(accuracy["mean"], f"{100 * accuracy['mean']:.1f} %"),
    )  # fmt: skip
    return row if above is None else (*row, cell(above["mean"], f"{above['mean']:.4f}"))


def every_seed(results: Results, summary: Summary) -> str:
    """One row a search: what it found, when it was as good as the grid, and the network it chose."""
    names = results.plan.job.space.names
    rows = [
        (*_seed(method, at, seed), *(method["chosen"][at]["params"].get(name) for name in names))
        for method in summary["methods"].values()
        for at, seed in enumerate(summary["seeds"])
    ]
    head = ("method", "seed", f"best {LOSS}", "grid's best after", "time", f"test {LOSS}", "accuracy", *names)
    return table(head, rows, caption="Every search", sortable=True)


def _seed(method: dict[str, Any], at: int, seed: int) -> tuple[Any, ...]:
    best, spent = method["best"][at][-1], method["seconds"][at][-1]
    reached, test = method["reach"][at]["trials"], method["chosen"][at]["test"]
    return (
        method["label"], seed, cell(best, f"{best:.4f}"), cell(reached, "" if reached is None else f"{reached:g}"),
        cell(spent, duration(spent)), cell(test["log_loss"], f"{test['log_loss']:.4f}"),
        cell(test["accuracy"], f"{100 * test['accuracy']:.1f} %"),
    )  # fmt: skip


# ---- what was compared, and how to do it again


def compared(results: Results, summary: Summary) -> str:
    """The table, the splits, the budgets, and what is the same for all methods."""
    splits = results.plan.objective(summary["seeds"][0]).splits
    return pairs(
        [
            ("data", f"{summary['data']}: {summary['rows']} rows"),
            ("to be told", f"{summary['target']}: {', '.join(summary['classes'])}"),
            ("methods", ", ".join(f"{m['label']} ({m['budget']} trials)" for m in summary["methods"].values())),
            ("seeds", ", ".join(map(str, summary["seeds"]))),
            ("a seed draws", "the test rows, the folds, the first weights and the search; all methods get the same"),
            (
                "each split",
                f"{len(splits.train)} rows to train and validate, {len(splits.test)} to test once, at the end",
            ),
            *((name, number(value)) for name, value in summary["settings"].items() if name != "space"),
        ]
    )


def repeat(command: str) -> str:
    """The command and the versions that gave these numbers."""
    shown = code(command, "Command") if command else ""
    return shown + pairs(versions())
