"""What a comparison came to, as plain data: the content of compare.json.

    data, target, rows, classes, seeds, trials, grid, settings, versions    what was compared, and with what
    methods.NAME    label, budget, and for each seed:
        best            best validation log loss so far after each trial
        seconds         spent until then, trainings and suggestions;  searching: of the whole, the suggestions
        reach           {trials, seconds} until the grid's best was reached, null where it never was
        chosen          the network: params, trial, epochs, validation, repeats (other first weights), noise, test
      and over the seeds:
        quartiles       [lower, median, upper] of best, after each trial
        median_reach    {trials, seconds}, null where fewer than half of the seeds reached it
        test            {log_loss, accuracy, above_lowest}, each {mean, low, high}; likewise repeated
    baselines.NAME  label, chosen, test of: default, logistic, shares, lowest (where the truth is known)
    hero            the method that is a in all pairs
    pairs           a and b with measure: "validation" (the best after `trials`), "repeated" (the chosen networks once
                    more with other first weights) or "test"; differences a - b by seed, mean, low, high (95 % t
                    interval), low_new and high_new (for tables of the kind, not only this one), p (exact sign flips),
                    shown (whether low to high excludes zero)
    thrift          for each method that saves time: the seconds until the grid's best was reached, by seed and as
                    median, null where it never was, than (the hero), sooner and later (on so many seeds), p (sign test)
    verdict         one sentence

Infinite numbers are null. Log losses: smaller is better, and so are negative differences for a.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from ...codec import to_plain
from ...history import History
from ...paired import sign_flip_p, t_interval
from ..versions import versions
from . import files
from .curves import Curve, curve_of, first_trials, quartiles
from .methods import METHODS
from .plan import BASELINES, Plan
from .verdict import verdict

Chosen = dict[str, Any]
BASELINE_NAMES = ("default", "logistic", "shares", "lowest")


@dataclass(frozen=True, eq=False)
class Results:
    """All that is in the folder of a comparison, read once."""

    plan: Plan
    histories: dict[str, list[History]]
    chosen: dict[str, list[Chosen]]  # by method and by baseline, one a seed

    @cached_property
    def curves(self) -> dict[str, list[Curve]]:
        """The curves of each method, one a seed."""
        return {method: [curve_of(history) for history in some] for method, some in self.histories.items()}

    @property
    def labels(self) -> dict[str, str]:
        """The name of each method and baseline in tables and pictures."""
        return {
            name: METHODS[name].label if name in METHODS else chosen[0]["name"] for name, chosen in self.chosen.items()
        }

    @property
    def hero(self) -> str:
        """The method that all others are compared with: Bayesian search where it is there."""
        return "bayes" if "bayes" in self.histories else self.plan.methods[-1]

    def test(self, name: str, measure: str = "log_loss") -> list[float]:
        """A measure on the test rows, one a seed."""
        return [chosen["test"][measure] for chosen in self.chosen[name]]

    def repeated(self, name: str) -> list[float]:
        """The validation log loss of the networks with first weights that no search has seen, one a seed."""
        return [float(np.mean(chosen["repeats"])) for chosen in self.chosen[name]]

    def best(self, method: str, trials: int) -> list[float]:
        """The best validation log loss after so many trials, one a seed."""
        return [float(curve.best[min(trials, len(curve.best)) - 1]) for curve in self.curves[method]]

    @property
    def grid_best(self) -> list[float]:
        """What the grid came to, one a seed; infinite without a grid, so that nothing reaches it too early."""
        if "grid" not in self.curves:
            return [-math.inf] * len(self.plan.seeds)
        return [float(curve.best[-1]) for curve in self.curves["grid"]]

    def reach(self, method: str) -> list[tuple[float, float]]:
        """Trials and seconds until the grid's best of the same seed was reached, one a seed."""
        return [curve.reach(target) for curve, target in zip(self.curves[method], self.grid_best, strict=True)]

    @property
    def looks(self) -> list[int]:
        """After how many trials methods are compared: a third, two thirds and all of the budget."""
        return sorted({max(1, round(self.plan.trials * k / 3)) for k in (1, 2, 3)})

    @property
    def overlap(self) -> float:
        """Test rows per training row."""
        splits = self.plan.objective(self.plan.seeds[0]).splits
        return len(splits.test) / len(splits.train)


def read_results(plan: Plan) -> Results:
    """Read what `carry_out` has left in the folder."""
    histories = {
        method: [first_trials(History.load(plan.storage(method, seed)), plan.budget(method)) for seed in plan.seeds]
        for method in plan.methods
    }
    chosen = {method: [_read(plan, method, seed) for seed in plan.seeds] for method in plan.methods}
    bases = [_read(plan, BASELINES, seed) for seed in plan.seeds]
    chosen |= {name: [base[name] for base in bases] for name in BASELINE_NAMES if name in bases[0]}
    return Results(plan, histories, chosen)


def _read(plan: Plan, method: str, seed: int) -> Chosen:
    content = files.read(plan.final(method, seed))
    assert content is not None
    return content


# ---- as plain data


def summary(results: Results) -> dict[str, Any]:
    """Return the content of compare.json, as this module's first lines describe it."""
    plan, table = results.plan, results.plan.job.table
    content: dict[str, Any] = {
        "data": plan.job.source,
        "target": plan.job.target,
        "rows": len(table.labels),
        "classes": list(table.classes),
        "seeds": list(plan.seeds),
        "trials": plan.trials,
        "grid": plan.budget("grid") if "grid" in plan.methods else None,
        "versions": dict(versions()),
        "settings": {"space": to_plain(plan.job.space.dimensions), **_settings(plan)},
        "methods": {method: _method(results, method) for method in plan.methods},
        "baselines": {name: _baseline(results, name) for name in BASELINE_NAMES if name in results.chosen},
        "hero": results.hero,
        "pairs": pairs(results),
        "thrift": thrift(results),
    }
    finite = _finite(content)
    return {**finite, "verdict": verdict(finite)}


def _settings(plan: Plan) -> dict[str, Any]:
    return {"base_neurons": plan.job.base_neurons, "epochs": plan.epochs, "device": plan.job.device}


def _method(results: Results, method: str) -> dict[str, Any]:
    curves, reach = results.curves[method], results.reach(method)
    middle = np.median(np.array(reach), axis=0).tolist()
    return {
        "label": METHODS[method].label,
        "budget": results.plan.budget(method),
        "best": [curve.best.tolist() for curve in curves],
        "quartiles": quartiles([curve.best for curve in curves]).tolist(),
        "seconds": [curve.seconds.tolist() for curve in curves],
        "searching": [curve.searching for curve in curves],
        "reach": [{"trials": trials, "seconds": seconds} for trials, seconds in reach],
        "median_reach": {"trials": middle[0], "seconds": middle[1]},
        "chosen": [_chosen(chosen) for chosen in results.chosen[method]],
        "repeated": vars(t_interval(results.repeated(method))),
        "test": _tests(results, method),
    }


def _baseline(results: Results, name: str) -> dict[str, Any]:
    chosen = results.chosen[name]
    found = {"label": chosen[0]["name"], "chosen": [_chosen(c) for c in chosen], "test": _tests(results, name)}
    return found | ({"repeated": vars(t_interval(results.repeated(name)))} if "repeats" in chosen[0] else {})


def _chosen(chosen: Chosen) -> dict[str, Any]:
    """One network without the losses of single rows; noise is the spread over first weights."""
    kept: dict[str, Any] = {
        name: chosen[name] for name in ("params", "trial", "epochs", "repeats", "train_losses") if name in chosen
    }
    if "repeats" in chosen:
        kept["validation"] = float(np.mean(chosen["repeats"]))
        kept["noise"] = float(np.std(chosen["repeats"], ddof=1))
    return {**kept, "test": chosen["test"]}


def _tests(results: Results, name: str) -> dict[str, Any]:
    measures = {measure: results.test(name, measure) for measure in ("log_loss", "accuracy")}
    if "lowest" in results.chosen:
        lowest = results.test("lowest")
        measures["above_lowest"] = [a - b for a, b in zip(measures["log_loss"], lowest, strict=True)]
    return {measure: vars(t_interval(values)) for measure, values in measures.items()}


def pairs(results: Results) -> list[dict[str, Any]]:
    """The hero against each other method, and on the test rows against the baselines, too."""
    hero, others = results.hero, [m for m in results.plan.methods if m != results.hero]
    found = [
        {"a": hero, "b": other, "measure": "validation", "trials": look}
        | _difference(results.best(hero, look), results.best(other, look))
        for other in others
        for look in results.looks
    ]
    for measure, values, bases in (
        ("repeated", results.repeated, ("default",)),
        ("test", results.test, ("default", "logistic")),
    ):
        found += [
            {"a": hero, "b": other, "measure": measure, "trials": results.plan.trials}
            | _difference(values(hero), values(other), results.overlap)
            for other in (*others, *bases)
        ]
    return found


def thrift(results: Results) -> list[dict[str, Any]]:
    """Which of the methods that save time reached the grid's best sooner than the hero; nothing without a grid."""
    if "grid" not in results.curves:
        return []
    methods = [method for method in results.plan.methods if METHODS[method].thrifty and method != results.hero]
    return [{"method": method, "than": results.hero, **_sooner(results, method)} for method in methods]


def _sooner(results: Results, method: str) -> dict[str, Any]:
    own, other = ([seconds for _, seconds in results.reach(name)] for name in (method, results.hero))
    order = [int(b < a) - int(a < b) for a, b in zip(own, other, strict=True)]  # later 1, sooner -1; both never 0
    return {
        "seconds": own,
        "median": float(np.median(own)),
        "sooner": order.count(-1),
        "later": order.count(1),
        "p": sign_flip_p(order),
    }


def _difference(a: list[float], b: list[float], overlap: float | None = None) -> dict[str, Any]:
    differences = [x - y for x, y in zip(a, b, strict=True)]
    interval = t_interval(differences)
    new = None if overlap is None else t_interval(differences, overlap=overlap)
    return {
        "differences": differences,
        **vars(interval),
        "low_new": None if new is None else new.low,
        "high_new": None if new is None else new.high,
        "p": sign_flip_p(differences),
        "shown": interval.excludes_zero,
    }


def _finite(value: Any) -> Any:
    """The same data with null for what JSON cannot say."""
    if isinstance(value, dict):
        return {key: _finite(v) for key, v in value.items()}
    if isinstance(value, list):
        return [_finite(v) for v in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
