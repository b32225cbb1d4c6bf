"""The content of compare.json as tables on the terminal."""

from __future__ import annotations

from functools import partial
from statistics import median
from typing import Any

from rich.console import Console
from rich.table import Table

from ...show import table

Summary = dict[str, Any]


def print_summary(console: Console, summary: Summary) -> None:
    """Print what was found on the validation rows, on the test rows, the differences, and the sentence."""
    seeds = len(summary["seeds"])
    say = partial(console.print, highlight=False, soft_wrap=True)
    say(f"best validation log loss after so many trials, median of {seeds} seeds:")
    console.print(validation_table(summary))
    say("what it cost, medians too; the seconds of training and of choosing points, on one core:")
    console.print(cost_table(summary))
    say(
        "log loss of the chosen networks, means over the seeds: on the validation rows with first weights that no "
        "search has seen; trained anew on the test rows that no decision has seen, with its distance to the lowest "
        "possible where that is known:"
    )
    console.print(test_table(summary))
    say(f"log loss of {summary['methods'][summary['hero']]['label']} minus that of others, seed by seed (-: better):")
    console.print(pairs_table(summary))
    say(
        f"p by flipping signs, at least {2 / 2**seeds:.3g} with {seeds} seeds; intervals for further splits of this "
        "table, those for new tables in compare.json"
    )
    console.print(summary["verdict"], style="bold", highlight=False)


def validation_table(summary: Summary) -> Table:
    """One row a method: after a third, two thirds and all trials, and the quartiles then."""
    looks = sorted({p["trials"] for p in summary["pairs"]})
    rows = table("method", *(f"{look} trials" for look in looks), f"quartiles at {looks[-1]}")
    for method in summary["methods"].values():
        low, middle, high = method["quartiles"]
        at = [min(look, method["budget"]) - 1 for look in looks]
        rows.add_row(method["label"], *(number(middle[k]) for k in at), between(low[at[-1]], high[at[-1]]))
    return rows


def cost_table(summary: Summary) -> Table:
    """One row a method: what all of its trials cost, and those until it was as good as the whole grid."""
    rows = table("method", "trials", "seconds", *(["grid's best after", "seconds"] if summary["grid"] else []))
    for method in summary["methods"].values():
        spent = median(seconds[-1] for seconds in method["seconds"])
        cells = [str(method["budget"]), f"{spent:.0f}"]
        if summary["grid"]:
            reach = method["median_reach"]
            cells += [number(reach["trials"], "g", "not reached"), number(reach["seconds"], ".0f")]
        rows.add_row(method["label"], *cells)
    return rows


def test_table(summary: Summary) -> Table:
    """One row a model: means over the seeds, with an interval; distance from the lowest possible where it is known."""
    known = "lowest" in summary["baselines"]
    columns = ("test", "95 % interval", "accuracy", *(["to lowest"] if known else []))
    rows = table("model", "validation", *columns)
    for model in (*summary["baselines"].values(), *summary["methods"].values()):
        loss, accuracy = model["test"]["log_loss"], model["test"]["accuracy"]
        cells = [number(model["repeated"]["mean"]) if "repeated" in model else "", number(loss["mean"])]
        cells += [between(loss["low"], loss["high"]), f"{100 * accuracy['mean']:.1f} %"]
        rows.add_row(model["label"], *cells, *([number(model["test"]["above_lowest"]["mean"])] if known else []))
    return rows


def pairs_table(summary: Summary) -> Table:
    """One row a difference, bold where it is shown: on validation rows after so many trials, or on test rows."""
    labels = {name: m["label"] for part in ("methods", "baselines") for name, m in summary[part].items()}
    rows = table("minus", "rows", "trials", "difference", "95 % interval", "p")
    for pair in summary["pairs"]:
        cells = [pair["measure"], str(pair["trials"]), number(pair["mean"], "+.4f")]
        cells += [between(pair["low"], pair["high"], "+.4f"), number(pair["p"], ".3f")]
        rows.add_row(labels[pair["b"]], *cells, style="bold" if pair["shown"] else "")
    return rows


def number(value: float | None, form: str = ".4f", missing: str = "") -> str:
    """A number in a form of `format`, or a word where there is none."""
    return missing if value is None else f"{value:{form}}"


def between(low: float | None, high: float | None, form: str = ".4f") -> str:
    """Two ends, or nothing where there are none."""
    return "" if low is None or high is None else f"{low:{form}} to {high:{form}}"
