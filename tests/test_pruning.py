"""Early stopping of hopeless trials: the rule, what becomes of a stopped trial, and workers."""

import math
import pickle
import re
from contextlib import closing
from dataclasses import dataclass

import numpy as np
import pytest

from bayestuner import History, MedianRule, Optimizer, ParameterError, PruningRule, Workers, minimize, random_search
from bayestuner.history import Record, Trial
from bayestuner.pruning import RunningTrial, TrialStopped, running_trial
from bayestuner.space import Space

SPACE = {"x": (0.0, 1.0)}
STEPS = 20


def curve(x, step):
    """Falls from 1 towards its end, the faster the sooner."""
    return x**2 + (1 - x**2) * 0.8**step


def train(x, trial):
    for step in range(1, STEPS + 1):
        trial.report(curve(x, step), step)
    return curve(x, STEPS)


def rising(curves):
    return [tuple(enumerate(values)) for values in curves]


# ---- the rule


def test_the_bars_are_the_medians_of_what_was_reached():
    rng = np.random.default_rng(0)
    values = rng.normal(size=(7, 9)).cumsum(axis=1)
    bars = MedianRule(warmup_steps=0, warmup_trials=1).bars(rising(values))
    np.testing.assert_allclose(list(bars.values()), np.median(values, axis=0))
    assert list(bars) == list(range(9))


def test_what_a_trial_came_to_last_counts_later_and_nothing_counts_before_its_first_report():
    curves = [((1, 0.0), (3, 1.0)), ((2, 0.5), (9, 0.6))]
    bars = MedianRule(warmup_steps=0, warmup_trials=2).bars(curves)
    assert bars == {1: 0.0, 2: 0.25, 3: 0.75, 9: pytest.approx(0.8)}


def test_warm_ups():
    curves = rising(np.ones((4, 6)))
    assert MedianRule(warmup_steps=2, warmup_trials=5).bars(curves) == {}
    assert list(MedianRule(warmup_steps=2, warmup_trials=4).bars(curves)) == [2, 3, 4, 5]
    assert MedianRule(warmup_steps=6, warmup_trials=4).bars(curves) == {}
    assert MedianRule(warmup_trials=1).bars([]) == {}


@pytest.mark.parametrize("wrong", [{"warmup_steps": -1}, {"warmup_trials": 0}, {"warmup_trials": 1.5}])
def test_wrong_settings(wrong):
    with pytest.raises(ParameterError, match=f"MedianRule: {next(iter(wrong))}"):
        MedianRule(**wrong)


# ---- a running trial


def test_a_report_below_the_bar_ends_it():
    trial = RunningTrial(3, sign=1.0, bars={2: 0.5, 6: 0.9}, judged=True)
    trial.report(0.1, 1)
    trial.report(0.5, 2)
    trial.report(0.2, 5)  # its best was good enough
    with pytest.raises(TrialStopped, match=r"stopped early at step 8: 0\.8"):
        trial.report(0.8, 8)
    assert trial.reports == [(1, 0.1), (2, 0.5), (5, 0.2), (8, 0.8)]
    assert not issubclass(TrialStopped, Exception)


def test_directions_are_turned():
    space, reports = Space(SPACE), ((1, 5.0), (2, 4.0))
    for direction, good, bad in (("minimize", 3.0, 4.5), ("maximize", 4.5, 3.0)):
        record = Record(space, direction)
        record.add(Trial(0, {"x": 0.5}, 4.0, "complete", reports=reports))
        rule = MedianRule(warmup_steps=1, warmup_trials=1)
        running_trial(1, record, rule).report(good, 2)
        with pytest.raises(TrialStopped):
            running_trial(1, record, rule).report(bad, 2)
        running_trial(1, record, None).report(bad, 2)


@pytest.mark.parametrize("step", [1, 0, -1, 2.5, "3", None])
def test_steps_are_whole_numbers_that_grow(step):
    trial = RunningTrial(0)
    trial.report(1.0, 1)
    with pytest.raises(ParameterError, match="step must be"):
        trial.report(1.0, step)
    assert trial.reports == [(1, 1.0)]


@pytest.mark.parametrize("value", [None, "0.5", 1j, [0.5]])
def test_a_report_is_a_number(value):
    with pytest.raises(TypeError, match="one real number"):
        RunningTrial(0).report(value, 1)


def test_nan_is_not_kept_and_ends_a_judged_trial():
    trial = RunningTrial(0)
    trial.report(math.nan, 1)
    assert trial.reports == []
    with pytest.raises(TrialStopped):
        RunningTrial(0, judged=True).report(math.inf, 1)


# ---- a run


def test_reports_are_recorded_and_nothing_is_stopped_without_a_rule():
    history = minimize(train, SPACE, 8, seed=0)
    for trial in history.trials:
        assert trial.reports == tuple((s, curve(trial.params["x"], s)) for s in range(1, STEPS + 1))
        assert not trial.stopped_early


def test_hopeless_trials_are_stopped_and_the_best_is_as_good():
    whole = random_search(train, SPACE, 40, seed=0)
    pruned = random_search(train, SPACE, 40, seed=0, prune=MedianRule(warmup_steps=5))
    stopped = [trial for trial in pruned.trials if trial.stopped_early]
    assert 10 <= len(stopped) <= 25  # about half of the 35 that were judged
    assert pruned.best_value == whole.best_value
    assert sum(len(t.reports) for t in pruned.trials) < 0.75 * sum(len(t.reports) for t in whole.trials)
    for trial in stopped:
        step, value = trial.reports[-1]
        assert step > 5
        assert (trial.status, trial.value, trial.error) == (
            "failed",
            None,
            f"stopped early at step {step}: {value:.6g}",
        )
        assert trial.number >= 5


def test_a_stopped_trial_is_never_the_best_and_its_place_is_no_better_than_average():
    optimizer = Optimizer(SPACE, seed=0, n_initial=3)
    for x in (0.1, 0.5, 0.9):
        optimizer.tell({"x": x}, x)
    optimizer.tell_failure({"x": 0.02}, "stopped early at step 2: 0", reports=((1, 0.2), (2, 0.0)), stopped_early=True)
    assert optimizer.best.params == {"x": 0.1}
    mean, _ = optimizer.predict([{"x": 0.02}, {"x": 0.9}])
    assert mean[0] < mean[1]  # the values say so, and the report is none
    optimizer.ask()
    near, far = optimizer.history.steps[-1].score([{"x": 0.02}, {"x": 0.2}])
    assert near < far


def test_with_constraints_a_stopped_trial_was_not_measured():
    history = minimize(
        lambda x, trial: (train(x, trial), {"memory": x}),
        SPACE, 20, seed=0, constraints={"memory": (0.2, None)}, prune=MedianRule(1, 3), n_initial=12,
    )  # fmt: skip
    stopped = [t for t in history.trials if t.stopped_early]
    assert stopped
    assert all(t.constraints is None for t in stopped)
    assert 0.2 <= history.best_params["x"] < 0.4


@dataclass(frozen=True)
class Severe(PruningRule):
    def bars(self, curves):
        return {3: math.inf}


def test_a_rule_of_ones_own():
    history = minimize(train, SPACE, 6, seed=0, prune=Severe())  # and on_error="raise": to be stopped is no error
    assert all(trial.reports[-1][0] == 3 and trial.stopped_early for trial in history.trials)
    with pytest.raises(RuntimeError, match="all 6 trials that were told failed"):
        _ = history.best


def test_a_nan_on_the_way_is_a_failed_trial():
    def diverging(x, trial):
        trial.report(math.nan, 4)

    history = minimize(diverging, SPACE, 2, seed=0, prune=MedianRule())
    assert [t.status for t in history.trials] == ["failed"] * 2
    assert history.trials[0].error == "stopped early at step 4: nan"


def test_a_failed_trial_keeps_what_it_reported():
    def failing(x, trial):
        trial.report(x, 0)
        raise ValueError("no")

    history = minimize(failing, SPACE, 1, seed=0, on_error="continue")
    assert history.trials[0].reports == ((0, history.trials[0].params["x"]),)


def test_a_parameter_called_trial_is_a_parameter():
    assert minimize(lambda trial: trial**2, {"trial": (0.0, 1.0)}, 3, seed=0).best_value <= 1


@pytest.mark.parametrize(("prune", "words"), [(MedianRule, "MedianRule"), (3, "3"), ("median", "median")])
def test_a_rule_must_be_one(prune, words):
    with pytest.raises(TypeError, match=words):
        minimize(train, SPACE, 3, prune=prune)


def test_a_rule_is_of_no_use_where_nothing_is_reported():
    with pytest.raises(TypeError, match=r"trial\.report"):
        minimize(lambda x: x, SPACE, 3, prune=MedianRule())


def test_reports_are_kept_in_the_file(tmp_path):
    file = tmp_path / "run.db"
    whole = minimize(train, SPACE, 9, seed=1, n_initial=7, prune=MedianRule(1, 2))
    minimize(train, SPACE, 8, seed=1, n_initial=7, prune=MedianRule(1, 2), storage=file)
    pieces = minimize(train, SPACE, 9, prune=MedianRule(1, 2), storage=file)
    facts = [[(t.params, t.value, t.status, t.error, t.reports) for t in h.trials] for h in (whole, pieces)]
    assert facts[0] == facts[1]
    assert any(t.stopped_early for t in whole.trials)
    assert History.load(file).trials == pieces.trials
    assert History.load(whole.save(tmp_path / "saved.db")).trials == whole.trials
    assert "failed,stopped early at step" in whole.save(tmp_path / "trials.csv").read_text()
    assert '"reports"' in whole.save(tmp_path / "trials.json").read_text()


def test_a_worker_decides_by_what_was_known_when_it_began():
    here = random_search(train, SPACE, 12, seed=0, prune=MedianRule(2, 3))
    with Workers(2) as workers, closing(Optimizer(SPACE, seed=0)):
        there = random_search(train, SPACE, 12, seed=0, prune=MedianRule(2, 3), executor=workers)
        both = random_search(train, SPACE, 12, seed=0, prune=MedianRule(2, 3), executor=workers, n_parallel=2)
    facts = [[(t.params, t.value, t.error, t.reports) for t in h.trials] for h in (here, there)]
    assert facts[0] == facts[1]
    assert sum(t.stopped_early for t in both.trials) >= 2
    assert both.best_value == here.best_value


def test_a_running_trial_can_be_sent():
    trial = RunningTrial(2, -1.0, {1: 0.5}, judged=True)
    assert pickle.loads(pickle.dumps(trial)) == trial


def test_the_network_reports_what_it_would_return():
    from bayestuner.classifier import as_table, load_customers
    from bayestuner.classifier.objective import Objective

    customers = load_customers()
    table = as_table(customers[customers["product"].isin(["b", "c"])].head(200), "product")
    objective = Objective(table, folds=2, repeats=1, epochs=4, base_neurons=32)
    params, trial = {"learning_rate": 0.02}, RunningTrial(0)
    assert objective(**params, trial=trial) == trial.reports[-1][1] == objective(**params)
    assert [step for step, _ in trial.reports] == [1, 2, 3, 4]
    values = [value for _, value in trial.reports]
    assert values == sorted(values, reverse=True)
    with pytest.raises(TrialStopped):
        objective(**params, trial=RunningTrial(0, -1.0, {2: 0.0}, judged=True))


def test_show_and_animate_say_so(tmp_path, capsys):
    from bayestuner.cli import main
    from viz import animate

    history = minimize(train, SPACE, 9, seed=1, n_initial=7, prune=MedianRule(1, 2))
    stopped = sum(t.stopped_early for t in history.trials)
    assert main(["show", str(history.save(tmp_path / "run.db"))]) == 0
    assert f"{9 - stopped} complete, {stopped} stopped early" in capsys.readouterr().out
    assert animate(history).captions


@pytest.mark.parametrize(("options", "rule"), [((), None), (("--prune",), MedianRule())], ids=["off", "on"])
def test_tune_hands_the_rule_on(options, rule, tmp_path, monkeypatch):
    from bayestuner.classifier import job
    from bayestuner.cli import main

    class Enough(Exception):  # noqa: N818
        pass

    def search(*_, prune, **__):
        raise Enough(repr(prune))

    monkeypatch.setattr(job, "search", search)
    with pytest.raises(Enough, match=re.escape(repr(rule))):
        main(["tune", "--out", str(tmp_path), "--debug", *options])
