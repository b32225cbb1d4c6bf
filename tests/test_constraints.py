"""Unknown constraints: told, modelled, searched for, kept by the best, and stored."""

import math
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from acquisition import (
    ExpectedImprovement,
    LogExpectedImprovement,
    LogProbabilityOfImprovement,
    ProbabilityOfImprovement,
    UpperConfidenceBound,
)
from bayestuner import (
    History,
    NotFittedError,
    Optimizer,
    ParameterError,
    StateError,
    grid_search,
    maximize,
    minimize,
    random_search,
)
from bayestuner.constraints import is_feasible, on_log_scale
from bayestuner.storage import load

SPACE = {"x": (0.0, 4.0), "y": (0.0, 4.0)}
LIMITS = {"memory": (None, 2.0)}


def value(x, y):
    return (x - 3) ** 2 + (y - 3) ** 2


def bounded(x, y):
    """The unconstrained minimum (3, 3) needs 6 of memory; the best that keeps 2 is (1, 1), value 8."""
    return value(x, y), {"memory": x + y}


def test_the_best_keeps_the_limits_and_is_on_the_edge():
    history = minimize(bounded, SPACE, 30, seed=0, constraints=LIMITS)
    assert history.best.constraints["memory"] <= 2.0
    assert history.best_value == pytest.approx(8, abs=0.05)
    better = [t for t in history.trials if t.value < history.best_value]
    assert better
    assert all(t.constraints["memory"] > 2.0 for t in better)
    assert not any(history.is_feasible(t) for t in better)


@pytest.mark.parametrize("search", [random_search, grid_search])
def test_the_baselines_measure_constraints_too(search):
    history = search(bounded, SPACE, 25, constraints=LIMITS)
    kept = [t.value for t in history.trials if t.constraints["memory"] <= 2.0]
    assert history.best_value == min(kept) > min(t.value for t in history.trials)


def test_maximizing_is_minimizing_turned():
    up = maximize(lambda x, y: (-value(x, y), {"memory": x + y}), SPACE, 14, seed=0, constraints=LIMITS)
    down = minimize(bounded, SPACE, 14, seed=0, constraints=LIMITS)
    assert [t.params for t in up.trials] == [t.params for t in down.trials]


def test_lower_and_double_limits():
    limits = {"sum": (3.0, None), "difference": (-0.5, 0.5)}
    history = minimize(
        lambda x, y: (x + 2 * y, {"sum": x + y, "difference": x - y}), SPACE, 30, seed=1, constraints=limits
    )
    best = history.best
    assert best.constraints["sum"] >= 3.0
    assert -0.5 <= best.constraints["difference"] <= 0.5
    assert best.value == pytest.approx(4.25, abs=0.1)  # at (1.75, 1.25)


def test_a_small_feasible_region_is_searched_for_first():
    def ring(x, y):
        return x, {"distance": math.hypot(x - 3.1, y - 0.7)}

    limits = {"distance": (None, 0.3)}
    history = minimize(ring, SPACE, 25, seed=0, constraints=limits)
    seeking = [step.seeks_feasible for step in history.steps]
    assert seeking[0]
    assert not seeking[-1]
    assert seeking == sorted(seeking, reverse=True)
    first = next(t.number for t in history.trials if history.is_feasible(t))
    assert all(step.seeks_feasible == (step.number <= first) for step in history.steps)
    assert history.best_value < 2.95


def test_an_objective_that_says_nothing_leaves_the_search_for_a_feasible_point():
    history = minimize(
        lambda x, y: (0.0, {"distance": math.hypot(x - 3.1, y - 0.7)}), SPACE, 15, seed=0,
        constraints={"distance": (None, 0.2)},
    )  # fmt: skip
    assert history.best.constraints["distance"] <= 0.2


def test_without_a_feasible_point_there_is_no_best_and_the_search_goes_on():
    optimizer = Optimizer(SPACE, seed=0, constraints={"memory": (None, -1.0)})
    history = optimizer.run(bounded, 12)
    assert history.stopped == "all 12 trials done"
    for look in (lambda: history.best, lambda: optimizer.best, optimizer.recommend):
        with pytest.raises(NotFittedError, match="no trial keeps the constraints memory yet"):
            look()
    assert min(t.constraints["memory"] for t in history.trials) < 0.1  # it went where it is least
    assert "No point that keeps them is known yet" in optimizer.explain()


def test_a_step_says_how_probable_feasibility_was():
    optimizer = Optimizer(SPACE, seed=0, constraints=LIMITS)
    history = optimizer.run(bounded, 15)
    step = history.steps[-1]
    probability = step.feasibility([{"x": 0.1, "y": 0.1}, {"x": 3.9, "y": 3.9}])
    assert probability[0] > 0.99
    assert probability[1] < 0.01
    assert step.score([{"x": 3.9, "y": 3.9}])[0] < 1e-6
    # Much later steps know so much that rounding is seen in what little they do not know.
    first = next(step for step in history.steps if not step.seeks_feasible)
    assert first.score([first.params])[0] == pytest.approx(math.exp(first.value) * abs(first.scale), rel=1e-6)
    assert "Chance that memory is within limits" in optimizer.explain()
    assert minimize(value, SPACE, 7, seed=0).steps[0].feasibility([step.params]) == [1.0]


def test_ask_and_tell():
    optimizer = Optimizer(SPACE, seed=0, constraints=LIMITS)
    for _ in range(9):
        params = optimizer.ask()
        optimizer.tell(params, value(**params), constraints={"memory": params["x"] + params["y"]})
    same = minimize(bounded, SPACE, 9, seed=0, constraints=LIMITS)
    assert [t.params for t in optimizer.history.trials] == [t.params for t in same.trials]
    batch = optimizer.ask(4)
    assert len({repr(p) for p in batch}) == 4


def test_workers_measure_too():
    with ThreadPoolExecutor(2) as executor:
        history = minimize(bounded, SPACE, 12, seed=0, constraints=LIMITS, executor=executor, n_parallel=2)
    assert all(t.constraints == {"memory": t.params["x"] + t.params["y"]} for t in history.trials)
    assert history.best.constraints["memory"] <= 2.0
    step = next(step for step in history.steps if step.pending and not step.seeks_feasible)
    assert step.score([step.params])[0] == pytest.approx(math.exp(step.value) * abs(step.scale), rel=1e-6)


WRONG_TELLS = [
    (None, ParameterError, "this search has constraints; tell what was measured"),
    ({}, ParameterError, "expected a dict with memory, got {}"),
    ({"memory": 1.0, "time": 2.0}, ParameterError, "expected a dict with memory"),
    (1.0, ParameterError, "expected a dict with memory, got 1.0"),
    ({"memory": "much"}, TypeError, "constraints: .*one real number"),
]


@pytest.mark.parametrize(
    ("measured", "error", "words"), WRONG_TELLS, ids=[w[:20] + str(i) for i, (_, _, w) in enumerate(WRONG_TELLS)]
)
def test_what_is_told_must_match(measured, error, words):
    optimizer = Optimizer(SPACE, seed=0, constraints=LIMITS)
    params = optimizer.ask()
    with pytest.raises(error, match=words):
        optimizer.tell(params, 1.0, constraints=measured)
    assert optimizer.trial(0).status == "running"


def test_constraints_that_nobody_asked_for_are_refused():
    optimizer = Optimizer(SPACE, seed=0)
    with pytest.raises(ParameterError, match="this search has no constraints"):
        optimizer.tell({"x": 1.0, "y": 1.0}, 1.0, constraints={"memory": 1.0})


WRONG_LIMITS = [
    ([("memory", 1)], TypeError, "constraints are a dict"),
    ({"memory": 8.0}, ParameterError, r"constraint memory: expected limits \(low, high\)"),
    ({"memory": (None, None)}, ParameterError, "both limits are None"),
    ({"memory": (2.0, 1.0)}, ParameterError, "low must be below high"),
    ({"memory": (1.0, 1.0)}, ParameterError, "low must be below high"),
    ({"memory": (None, math.inf)}, ParameterError, "must be finite"),
    ({"memory": ("1", None)}, TypeError, "must be a number or None"),
    ({1: (0, 1)}, TypeError, "must be a string"),
    ({"x": (0, 1)}, ParameterError, "constraint x: this is a parameter"),
]


@pytest.mark.parametrize(("limits", "error", "words"), WRONG_LIMITS, ids=[repr(c[0]) for c in WRONG_LIMITS])
def test_wrong_limits_are_refused(limits, error, words):
    with pytest.raises(error, match=words):
        Optimizer(SPACE, constraints=limits)


def test_an_objective_that_returns_only_a_value_is_told_what_to_return():
    with pytest.raises(TypeError, match=r'must return \(value, {"memory": ...}\), got 18'):
        minimize(lambda x, y: 18.0, SPACE, 3, seed=0, constraints=LIMITS)
    history = minimize(value, SPACE, 3, seed=0, constraints=LIMITS, on_error="continue")
    assert {t.status for t in history.trials} == {"failed"}


@pytest.mark.parametrize("quantity", [math.nan, math.inf])
def test_a_constraint_that_is_no_number_is_a_failed_trial(quantity):
    optimizer = Optimizer(SPACE, seed=0, constraints=LIMITS)
    optimizer.tell(optimizer.ask(), 1.0, constraints={"memory": quantity})
    assert (optimizer.trial(0).status, optimizer.trial(0).constraints) == ("failed", None)
    assert "the constraint memory is" in optimizer.trial(0).error


def test_what_a_failed_trial_measured_is_learned_from():
    """Where memory runs over there is no value: the model of memory must know all the same."""

    def crashes(x, y):
        return (math.nan if x + y > 2 else value(x, y)), {"memory": x + y}

    history = minimize(crashes, SPACE, 30, seed=0, constraints=LIMITS)
    failed = [t for t in history.trials if t.status == "failed"]
    assert failed
    assert all(t.constraints is not None for t in failed)
    assert history.best_value == pytest.approx(8, abs=0.2)


def test_only_acquisitions_on_a_log_scale_can_be_weighed():
    assert on_log_scale(ExpectedImprovement(0.1)) == LogExpectedImprovement(0.1)
    assert on_log_scale(ProbabilityOfImprovement()) == LogProbabilityOfImprovement()
    assert (
        Optimizer(SPACE, constraints=LIMITS, acquisition=ExpectedImprovement()).acquisition == LogExpectedImprovement()
    )
    with pytest.raises(ParameterError, match="UpperConfidenceBound does not allow"):
        Optimizer(SPACE, constraints=LIMITS, acquisition=UpperConfidenceBound())


def test_limits_belong_to_the_feasible_side():
    assert is_feasible({"m": 2.0}, {"m": (None, 2.0)})
    assert is_feasible({"m": 2.0}, {"m": (2.0, 3.0)})
    assert not is_feasible({"m": 2.1}, {"m": (None, 2.0)})
    assert not is_feasible(None, {"m": (None, 2.0)})
    assert is_feasible(None, {})


def test_a_stored_run_goes_on_the_same_and_is_loaded_whole(tmp_path):
    whole = minimize(bounded, SPACE, 14, seed=0, constraints=LIMITS)
    path = tmp_path / "run.db"
    minimize(bounded, SPACE, 9, seed=0, constraints=LIMITS, storage=path)
    resumed = minimize(bounded, SPACE, 14, seed=0, storage=path)  # limits left out are the run's own
    assert [t.params for t in resumed.trials] == [t.params for t in whole.trials]
    assert [t.constraints for t in resumed.trials] == [t.constraints for t in whole.trials]
    with pytest.raises(StateError, match="constraints"):
        Optimizer(SPACE, constraints={"memory": (None, 3.0)}, storage=path)
    assert load(path, trials_only=True).best.params == whole.best.params
    loaded = History.load(path)
    assert loaded.best.params == whole.best.params
    points = whole.space.sample(5, seed=0)
    for a, b in zip(whole.steps, loaded.steps, strict=True):
        np.testing.assert_array_equal(a.feasibility(points), b.feasibility(points))
        np.testing.assert_array_equal(a.score(points), b.score(points))


def test_tables_have_a_column_for_each_constraint(tmp_path):
    history = minimize(bounded, SPACE, 6, seed=0, constraints=LIMITS)
    frame = history.to_frame()
    assert frame["memory"].tolist() == [t.constraints["memory"] for t in history.trials]
    header, first, *_ = history.save(tmp_path / "run.csv").read_text().splitlines()
    assert header == "number,x,y,value,memory,status,error,seconds,source"
    assert first.count(",") == header.count(",")


def test_a_probability_of_improvement_is_shown_as_one():
    run = minimize(
        lambda x: ((x - 0.3) ** 2, {"size": x}),
        {"x": (0.0, 1.0)},
        8,
        seed=0,
        constraints={"size": (0.2, None)},
        acquisition=ProbabilityOfImprovement(),
    )
    scores = run.steps[-1].score([{"x": 0.25}, {"x": 0.9}])
    assert (scores >= 0).all()
    assert (scores <= 1).all()
