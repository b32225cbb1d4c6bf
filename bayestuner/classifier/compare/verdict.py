"""The answer in one sentence, made from the content of compare.json; it says so where no difference is shown.

Methods that save time have their part of it: seconds until the grid's best was reached.
"""

from __future__ import annotations

from typing import Any

Summary = dict[str, Any]


def verdict(summary: Summary) -> str:
    """Return one sentence: when the grid's best was reached, and how far random search and the default are behind."""
    hero, seeds = summary["hero"], len(summary["seeds"])
    label = summary["methods"][hero]["label"]
    parts = [
        _reached(summary, hero),
        _against_random(summary, hero),
        _against_default(summary, hero),
        _by_seconds(summary),
    ]
    said = "; ".join(part for part in parts if part)
    return f"{label[0].upper()}{label[1:]}, over {seeds} seed{'s' if seeds > 1 else ''}: {said}."


def _reached(summary: Summary, hero: str) -> str:
    if "grid" not in summary["methods"] or hero == "grid":
        return ""
    median = summary["methods"][hero]["median_reach"]["trials"]
    grid = f"the best validation log loss of a grid of {summary['grid']} points"
    if median is None:
        return f"{grid} was not reached in {summary['trials']} trials (median)"
    return f"{grid} was reached after {median:g} trials (median)"


def _against_random(summary: Summary, hero: str) -> str:
    if (pair := last_pair(summary, hero, "random", "validation")) is None:
        return ""
    label, when = summary["methods"]["random"]["label"], f"after {pair['trials']} trials"
    if not pair["shown"]:
        return f"no difference shown from {label} {when} ({interval(pair)})"
    return f"{when} it is {_size(pair)} {'ahead of' if pair['mean'] < 0 else 'behind'} {label} ({interval(pair)})"


def _against_default(summary: Summary, hero: str) -> str:
    if (pair := last_pair(summary, hero, "default", "test")) is None:
        return ""
    if not pair["shown"]:
        return f"no difference shown on the test rows between its networks and the default one ({interval(pair)})"
    way = "below" if pair["mean"] < 0 else "above"
    return f"the test log loss of its networks is {_size(pair)} {way} the default network's ({interval(pair)})"


def _by_seconds(summary: Summary) -> str:
    if not summary["thrift"]:
        return ""
    seeds, hero = len(summary["seeds"]), summary["methods"][summary["hero"]]
    found = [
        f"{_seconds(saving['median'])} by {summary['methods'][saving['method']]['label']} "
        f"(sooner on {saving['sooner']} of {seeds} seeds, later on {saving['later']})"
        for saving in summary["thrift"]
    ]
    own = f"{_seconds(hero['median_reach']['seconds'])} by {hero['label']}"
    return f"the time to the grid's best, in medians: {', '.join((*found, own))}"


def _seconds(value: float | None) -> str:
    return "not reached" if value is None else f"{value:.3g} s"


def last_pair(summary: Summary, a: str, b: str, measure: str) -> dict[str, Any] | None:
    """The comparison of a with b after all trials, None where there is none."""
    found = [p for p in summary["pairs"] if (p["a"], p["b"], p["measure"]) == (a, b, measure)]
    return max(found, key=lambda pair: int(pair["trials"])) if found else None


def interval(pair: dict[str, Any]) -> str:
    """The difference with its interval, in words."""
    if pair["low"] is None:
        return f"{pair['mean']:+.4f}, one seed has no interval"
    return f"{pair['mean']:+.4f}, 95 % interval {pair['low']:+.4f} to {pair['high']:+.4f}"


def _size(pair: dict[str, Any]) -> str:
    return f"{abs(pair['mean']):.4f}"
