"""`bayestuner compare`: equal splits and budgets, nothing run twice, and words that the numbers bear out."""

import csv
import io
import json
import math
import os
import signal
import subprocess
import sys
import time
from concurrent.futures import Executor, Future
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from children import hears_ctrl_c
from rich.console import Console

from bayestuner import History, ParameterError, StateError, Trial, minimize
from bayestuner.baselines import grid_points
from bayestuner.classifier import load_customers
from bayestuner.classifier.compare import Plan, page, work
from bayestuner.classifier.compare.curves import Curve, curve_of, quartiles
from bayestuner.classifier.compare.methods import METHODS, checked_methods
from bayestuner.classifier.compare.results import read_results, summary, thrift
from bayestuner.classifier.compare.tables import print_summary
from bayestuner.classifier.compare.verdict import verdict
from bayestuner.classifier.job import read_job
from bayestuner.classifier.space_file import read_space
from bayestuner.cli import main
from bayestuner.space import Space
from bayestuner.workers import WorkerDiedError

TRIALS, GRID, NEURONS, EPOCHS = 6, 8, 16, 3
SIZE = ["--trials", TRIALS, "--grid", GRID, "--seeds", "2", "--base-neurons", NEURONS, "--epochs", EPOCHS]


@pytest.fixture(scope="module")
def table(tmp_path_factory):
    path = tmp_path_factory.mktemp("data") / "customers.csv"
    frame = load_customers(160, seed=5)
    frame[frame["product"].isin(["b", "c"])].head(120).to_csv(path, index=False)
    return path


def plan_of(table, folder, **options):
    job = read_job(table, "product", read_space(None), base_neurons=NEURONS)
    return Plan(job, folder, **{"seeds": (0, 1), "trials": TRIALS, "grid": GRID, "epochs": EPOCHS} | options)


@pytest.fixture(scope="module")
def plan(table, tmp_path_factory):
    """A finished comparison, done in this process."""
    plan = plan_of(table, tmp_path_factory.mktemp("compared"))
    for method, seed in plan.parts:
        plan.final(method, seed).parent.mkdir(exist_ok=True)
        work.do(plan, method, seed)
    return plan


@pytest.fixture(scope="module")
def found(plan):
    return summary(read_results(plan))


def command(table, folder, *more):
    return [
        "compare",
        *map(str, ["--data", table, "--target", "product", "--out", folder, "--no-report", *SIZE, *more]),
    ]


# ---- what is run


def test_all_methods_minimise_the_same_objective_with_the_same_seed(plan):
    objective = plan.objective(1)
    assert (objective.split_seed, objective.weight_seed, objective.epochs) == (1, 1, EPOCHS)
    for method in plan.methods:
        trial = History.load(plan.storage(method, 1)).trials[0]
        assert trial.value == objective(**trial.params)


def test_the_bayesian_search_is_that_of_minimize(plan):
    stored = History.load(plan.storage("bayes", 0))
    alone = minimize(plan.objective(0), plan.job.space, TRIALS, seed=0)
    assert [(t.params, t.value) for t in stored.trials] == [(t.params, t.value) for t in alone.trials]


def test_the_grid_has_at_least_the_points_asked_for(plan):
    told = [trial.params for trial in History.load(plan.storage("grid", 0)).trials]
    points = grid_points(plan.job.space, GRID)
    assert len(told) == len(points) >= GRID
    assert sorted(map(str, told)) == sorted(map(str, points))


def test_the_longest_work_comes_first_and_the_baselines_last(plan):
    assert plan.parts == [(m, s) for m in ("grid", "random", "bayes", "baselines") for s in (0, 1)]


def test_networks_are_chosen_by_validation_and_repeated_with_weights_that_no_search_has_seen(plan):
    chosen = json.loads(plan.final("random", 0).read_text())
    assert chosen["params"] == History.load(plan.storage("random", 0)).best_params
    assert len(chosen["repeats"]) == len(work.REPEATS)
    assert not set(work.REPEATS) & set(plan.seeds)
    rows = np.array(chosen["row_losses"])
    assert len(rows) == len(plan.objective(0).splits.test)
    assert chosen["test"]["log_loss"] == pytest.approx(rows.mean())


# ---- workers that die


class Dying(Executor):
    """Ends so many of the calls, and does the others at once."""

    def __init__(self, deaths):
        self.deaths = list(deaths)

    def submit(self, call, *part):
        future = Future()
        if self.deaths:
            future.set_exception(self.deaths.pop())
        else:
            future.set_result(call(*part))
        return future


@pytest.mark.parametrize("error", [SystemExit(143), WorkerDiedError("killed")], ids=["SIGTERM", "kill -9"])
def test_the_work_of_a_worker_that_was_ended_is_taken_up_by_another(plan, tmp_path, monkeypatch, error):
    done = []
    monkeypatch.setattr(work, "work_on_worker", lambda *part: done.append(part))
    monkeypatch.setattr(work, "Workers", lambda *_, **__: Dying([error, error]))
    fresh = replace(plan, folder=tmp_path)
    work.carry_out(fresh, 2)
    assert sorted(done) == sorted(fresh.parts)


def test_work_on_which_every_worker_dies_ends_the_comparison_in_words(plan, tmp_path, monkeypatch):
    monkeypatch.setattr(work, "Workers", lambda *_, **__: Dying([SystemExit(143)] * 99))
    with pytest.raises(WorkerDiedError, match="search with seed 0: 3 workers died on it"):
        work.carry_out(replace(plan, folder=tmp_path))


# ---- nothing twice


def test_what_is_finished_is_not_run_again(plan, table, monkeypatch, capsys):
    monkeypatch.setattr(work, "Workers", lambda *_, **__: pytest.fail("began to work"))
    before = {path: path.read_bytes() for path in plan.folder.glob("*/*") if path.suffix in (".db", ".json")}
    assert main(command(table, plan.folder)) == 0
    assert {path: path.read_bytes() for path in before} == before
    said = capsys.readouterr().out
    assert json.loads((plan.folder / "compare.json").read_text())["verdict"] in " ".join(said.split())


def test_only_what_is_missing_is_done(plan, table):
    assert all(plan.is_done(*part) for part in plan.parts)
    longer = plan_of(table, plan.folder, trials=TRIALS + 1)
    assert [part for part in longer.parts if longer.is_done(*part)] == [
        (method, seed) for method in ("grid", "baselines") for seed in (0, 1)
    ]


def test_a_network_that_is_not_the_best_of_its_search_is_chosen_again(plan, table):
    final = plan.final("random", 1)
    before = final.read_text()
    final.write_text(json.dumps(json.loads(before) | {"params": {"dropout": 0.1}}))
    assert not plan.is_done("random", 1)
    final.write_text(before[: len(before) // 2])
    assert not plan.is_done("random", 1)
    final.write_text(before)
    assert plan.is_done("random", 1)


def test_a_longer_search_is_looked_at_as_it_was_then(plan, table):
    shorter = read_results(plan_of(table, plan.folder, trials=TRIALS - 2))
    whole = read_results(plan)
    for method in ("random", "bayes"):
        for part, all_of_it in zip(shorter.curves[method], whole.curves[method], strict=True):
            assert part.best.tolist() == all_of_it.best[: TRIALS - 2].tolist()


@pytest.mark.parametrize("option", [["--epochs", "4"], ["--grid", "20"], ["--base-neurons", "20"]])
def test_other_settings_are_refused_before_anything_is_run(plan, table, option, capsys):
    assert main(command(table, plan.folder, *option)) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert "was begun with other settings (" in said.err
    assert "--force" in said.err


def test_force_removes_searches_with_other_settings(plan, table, tmp_path):
    old, new = plan_of(table, tmp_path, methods=("random",)), plan_of(table, tmp_path, methods=("random",), epochs=4)
    old.storage("random", 0).parent.mkdir()
    work.search(old, "random", 0)
    with pytest.raises(StateError, match="epochs"):
        new.check()
    assert old.told("random", 0) == TRIALS
    new.check(force=True)
    assert not new.storage("random", 0).exists()


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGINT for one child process")
def test_ctrl_c_keeps_what_is_done_and_the_same_command_finishes(table, tmp_path, capsys):
    def arguments(trials):
        one = ["--methods", "random", "--seeds", "1", "--trials", str(trials), "--workers", "1"]
        return command(table, tmp_path, *one)

    whole = [sys.executable, "-m", "bayestuner.cli", *arguments(500)]
    process = subprocess.Popen(
        whole, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, preexec_fn=hears_ctrl_c
    )
    plan = plan_of(table, tmp_path, methods=("random",), seeds=(0,))
    deadline = time.monotonic() + 400
    while time.monotonic() < deadline and plan.told("random", 0) < 3:
        time.sleep(0.1)
    process.send_signal(signal.SIGINT)
    _, complaint = process.communicate(timeout=120)
    told = plan.told("random", 0)
    assert process.returncode == 130, complaint
    assert "Traceback" not in complaint
    assert told >= 3
    assert complaint.splitlines()[-1] == f"bayestuner: interrupted, {told} trials saved in {tmp_path}"
    assert main(arguments(told + 1)) == 0
    assert plan.told("random", 0) == told + 1
    assert "random search" in capsys.readouterr().out


# ---- what is found


def test_the_files_hold_the_same_numbers(plan, found, table):
    assert main(command(table, plan.folder)) == 0
    written = json.loads((plan.folder / "compare.json").read_text())
    assert written == found
    with (plan.folder / "compare.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 2 * (len(grid_points(plan.job.space, GRID)) + 2 * TRIALS)
    last = {(row["method"], row["seed"]): row for row in rows}
    for method, content in found["methods"].items():
        for seed in (0, 1):
            assert float(last[method, str(seed)]["best"]) == content["best"][seed][-1]
            assert float(last[method, str(seed)]["seconds"]) == content["seconds"][seed][-1]
    assert (plan.folder / "convergence.png").read_bytes().startswith(b"\x89PNG")
    assert (plan.folder / "race.gif").read_bytes().startswith(b"GIF89a")
    assert not list(plan.folder.glob(".*"))


def test_the_summary_says_what_the_searches_did(plan, found):
    for method in plan.methods:
        history = History.load(plan.storage(method, 1))
        values = [trial.value for trial in history.trials]
        content = found["methods"][method]
        assert content["best"][1] == np.minimum.accumulate(values).tolist()
        assert content["quartiles"][1] == pytest.approx(np.median(content["best"], axis=0).tolist())
        costs = [t.seconds for t in history.trials] + [sum(s.seconds.values()) for s in history.steps]
        assert content["seconds"][1][-1] == pytest.approx(sum(costs))
    assert found["methods"]["bayes"]["searching"][0] > 0
    assert found["methods"]["grid"]["searching"] == [0.0, 0.0]


def test_reaching_the_grids_best_is_measured_seed_by_seed(found):
    grid = found["methods"]["grid"]
    for at, reach in enumerate(grid["reach"]):
        assert reach["trials"] == 1 + int(np.argmin(grid["best"][at]))
    for at, reach in enumerate(found["methods"]["bayes"]["reach"]):
        best = found["methods"]["bayes"]["best"][at]
        if reach["trials"] is None:
            assert best[-1] > grid["best"][at][-1]
        else:
            assert best[int(reach["trials"]) - 1] <= grid["best"][at][-1]


def test_pairs_are_differences_of_the_same_seed(plan, found):
    pairs = {(p["b"], p["measure"], p["trials"]): p for p in found["pairs"]}
    assert {p["a"] for p in found["pairs"]} == {"bayes"}
    methods = found["methods"]
    for look in (2, 4, 6):
        pair = pairs["random", "validation", look]
        expected = [methods["bayes"]["best"][s][look - 1] - methods["random"]["best"][s][look - 1] for s in (0, 1)]
        assert pair["differences"] == pytest.approx(expected)
    test = [[json.loads(plan.final(m, s).read_text())["test"]["log_loss"] for s in (0, 1)] for m in ("bayes", "grid")]
    assert pairs["grid", "test", TRIALS]["differences"] == pytest.approx(np.subtract(*test).tolist())
    assert {b for b, measure, _ in pairs if measure == "test"} == {"grid", "random", "default", "logistic"}
    again = [[np.mean(json.loads(plan.final(m, s).read_text())["repeats"]) for s in (0, 1)] for m in ("bayes", "grid")]
    assert pairs["grid", "repeated", TRIALS]["differences"] == pytest.approx(np.subtract(*again).tolist())
    wider = pairs["default", "test", TRIALS]
    assert wider["low_new"] < wider["low"] < wider["mean"] < wider["high"] < wider["high_new"]


def test_on_the_bundled_customers_the_distance_from_the_lowest_loss_is_known(tmp_path):
    job = read_job(None, None, read_space(None), base_neurons=4)
    plan = Plan(job, tmp_path, methods=("random",), seeds=(0,), trials=1, epochs=1)
    for method, seed in plan.parts:
        plan.final(method, seed).parent.mkdir(exist_ok=True)
        work.do(plan, method, seed)
    found = summary(read_results(plan))
    lowest = found["baselines"]["lowest"]["chosen"][0]["test"]["log_loss"]
    for model in (*found["methods"].values(), *found["baselines"].values()):
        distance = model["test"]["above_lowest"]["mean"]
        assert distance == pytest.approx(model["chosen"][0]["test"]["log_loss"] - lowest)
        assert distance >= 0
    assert found["grid"] is None
    assert "one seed has no interval" in found["verdict"]


def test_the_tables_fit_a_terminal_and_leave_nothing_empty_unsaid(found):
    console = Console(width=80, file=io.StringIO(), highlight=False)
    print_summary(console, found)
    said = console.file.getvalue()
    for method in (*found["methods"].values(), *found["baselines"].values()):
        assert method["label"].split()[0] in said
    assert found["verdict"] in " ".join(said.split())
    assert "nan" not in said
    assert "None" not in said
    never = {name: m | {"median_reach": {"trials": None, "seconds": None}} for name, m in found["methods"].items()}
    print_summary(console, found | {"methods": never})
    assert "not reached" in console.file.getvalue()


# ---- curves


def history_of(values, seconds=1.0):
    trials = tuple(
        Trial(i, {"x": 0.5}, v, "failed" if v is None else "complete", None, seconds, "initial", told=i)
        for i, v in enumerate(values)
    )
    return History(Space({"x": (0.0, 1.0)}), "minimize", trials)


def test_a_curve_goes_on_where_a_trial_failed():
    curve = curve_of(history_of([3.0, None, 2.0, 2.5], seconds=2.0))
    assert curve.best.tolist() == [3.0, 3.0, 2.0, 2.0]
    assert math.isnan(curve.values[1])
    assert curve.seconds.tolist() == [2.0, 4.0, 6.0, 8.0]
    assert math.isnan(curve_of(history_of([None, 1.0])).best[0])


def test_reaching_means_at_most_the_target():
    curve = curve_of(history_of([3.0, 2.0, 1.0]))
    assert curve.reach(2.0) == (2.0, 2.0)
    assert curve.reach(0.5) == (math.inf, math.inf)
    assert isinstance(curve, Curve)


def test_quartiles_by_hand():
    rows = [np.array([value, 1.0]) for value in (1.0, 2.0, 3.0, 4.0, 5.0)]
    assert quartiles(rows).tolist() == [[2.0, 1.0], [3.0, 1.0], [4.0, 1.0]]


# ---- words


def words(
    reached=9.0, random=(-0.004, -0.006, -0.002), default=(-0.02, -0.03, -0.01), methods=("grid", "random"), thrift=()
):
    pairs = []
    for b, measure, (mean, low, high) in (("random", "validation", random), ("default", "test", default)):
        shown = low is not None and (low > 0 or high < 0)
        pairs.append(
            {"a": "bayes", "b": b, "measure": measure, "trials": 30, "mean": mean, "low": low, "high": high}
            | {"shown": shown}
        )
    labels = {name: {"label": f"{name} search"} for name in methods}
    bayes = {"label": "Bayesian search", "median_reach": {"trials": reached, "seconds": None}}
    content = {"hero": "bayes", "seeds": [0, 1, 2], "grid": 81, "trials": 30, "methods": labels | {"bayes": bayes}}
    content["thrift"] = list(thrift)
    return verdict(content | {"pairs": [p for p in pairs if p["b"] in (*methods, "default")]})


def test_one_sentence_says_what_is_shown():
    assert words() == (
        "Bayesian search, over 3 seeds: the best validation log loss of a grid of 81 points was reached after 9 trials "
        "(median); after 30 trials it is 0.0040 ahead of random search (-0.0040, 95 % interval -0.0060 to -0.0020); "
        "the test log loss of its networks is 0.0200 below the default network's "
        "(-0.0200, 95 % interval -0.0300 to -0.0100)."
    )


def test_it_says_so_where_no_difference_is_shown():
    said = words(reached=None, random=(-0.004, -0.009, 0.001), default=(0.001, -0.03, 0.032))
    assert "was not reached in 30 trials (median)" in said
    assert "no difference shown from random search after 30 trials" in said
    assert "no difference shown on the test rows between its networks and the default one" in said


def test_it_says_so_where_the_others_are_better():
    said = words(random=(0.004, 0.001, 0.007), default=(0.02, 0.01, 0.03))
    assert "0.0040 behind random search" in said
    assert "0.0200 above the default network's" in said


def test_methods_that_save_time_are_judged_by_seconds():
    said = words(
        methods=("grid", "random", "quick", "never"),
        thrift=[
            {"method": "quick", "median": 12.34, "sooner": 2, "later": 1},
            {"method": "never", "median": None, "sooner": 0, "later": 2},
        ],
    )
    assert said.endswith(
        "the time to the grid's best, in medians: 12.3 s by quick search (sooner on 2 of 3 seeds, later on 1), not "
        "reached by never search (sooner on 0 of 3 seeds, later on 2), not reached by Bayesian search."
    )


def test_it_speaks_of_nothing_that_was_not_run():
    said = words(methods=())
    assert "grid" not in said
    assert "random" not in said


# ---- methods


def test_methods_by_name():
    assert checked_methods(["bayes", "optuna", "bayes", "optuna-gp"]) == ("bayes", "optuna-tpe", "optuna-gp")
    with pytest.raises(ParameterError, match=r"no method 'bayse': choose from grid, random, bayes"):
        checked_methods(["bayse"])
    with pytest.raises(ParameterError, match="no method is left"):
        checked_methods([])


def test_the_cost_aware_searches():
    def objective(x, trial):
        for step in range(15):
            trial.report(x + 0.9**step, step)
        return x + 0.9**14

    searched = {
        name: METHODS[name].search(objective, {"x": (0.0, 1.0)}, 14, seed=0, n_initial=11)
        for name in checked_methods(["bayes", "bayes-per-second", "bayes-pruned"])
    }
    assert [name for name, h in searched.items() if any(t.stopped_early for t in h.trials)] == ["bayes-pruned"]
    assert [name for name, h in searched.items() if any(s.duration for s in h.steps)] == ["bayes-per-second"]


@pytest.fixture(scope="module")
def thrifty(table, tmp_path_factory):
    """A finished comparison of methods that save time, with trainings long enough to be stopped."""
    methods = ("grid", "bayes", "bayes-per-second", "bayes-pruned")
    folder = tmp_path_factory.mktemp("thrifty")
    plan = plan_of(table, folder, methods=methods, seeds=(0,), trials=12, grid=1, epochs=16)
    for method, seed in plan.parts:
        plan.final(method, seed).parent.mkdir(exist_ok=True)
        work.do(plan, method, seed)
    return plan


def test_a_stopped_training_counts_its_seconds_and_no_result(thrifty):
    assert all(thrifty.is_done(*part) for part in thrifty.parts)
    history = History.load(thrifty.storage("bayes-pruned", 0))
    stopped = np.array([trial.stopped_early for trial in history.trials])
    assert stopped.any()
    curve = curve_of(history)
    assert np.isnan(curve.values[stopped]).all()
    assert np.isfinite(curve.values[~stopped]).all()
    assert (np.diff(curve.seconds, prepend=0.0) > 0).all()
    chosen = json.loads(thrifty.final("bayes-pruned", 0).read_text())
    assert not history.trials[chosen["trial"]].stopped_early


def test_methods_that_save_time_are_compared_in_seconds_to_the_grids_best(thrifty):
    results = read_results(thrifty)
    found = summary(results)
    assert [saving["method"] for saving in found["thrift"]] == ["bayes-per-second", "bayes-pruned"]
    other = results.reach("bayes")[0][1]
    for saving in found["thrift"]:
        [seconds] = [reach[1] for reach in results.reach(saving["method"])]
        assert saving["than"] == "bayes"
        assert saving["seconds"] == [None if math.isinf(seconds) else seconds]
        assert (saving["sooner"], saving["later"]) == (int(seconds < other), int(other < seconds))
    assert "the time to the grid's best" in found["verdict"]
    assert "sooner on" in page.found(found)
    assert not summary(read_results(replace(thrifty, methods=("bayes", "bayes-pruned"))))["thrift"]


def test_what_reaches_the_grids_best_on_no_seed_is_neither_sooner_nor_later():
    reached = {"bayes": [(3, 10.0), (math.inf, math.inf)], "bayes-pruned": [(9, 4.0), (math.inf, math.inf)]}

    class Searches:
        plan, curves, hero, reach = SimpleNamespace(methods=tuple(reached)), {"grid": []}, "bayes", reached.get

    [saving] = thrift(Searches)
    assert (saving["sooner"], saving["later"]) == (1, 0)
    assert saving["median"] == math.inf
    assert saving["p"] == 1.0


def test_a_package_that_is_not_installed_is_named(monkeypatch):
    monkeypatch.setattr("bayestuner.classifier.compare.methods.find_spec", lambda name: None)
    with pytest.raises(ParameterError, match=r"optuna-tpe needs optuna: .*\[peers\]"):
        checked_methods(["optuna"])
