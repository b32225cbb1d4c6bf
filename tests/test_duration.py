"""EI per second: a model of how long evaluations take, recorded so that every step can be rebuilt."""

import math
from contextlib import closing

import numpy as np
import pytest

from acquisition import ExpectedImprovementPerSecond, LogExpectedImprovement, Portfolio, ThompsonSampling
from bayestuner import History, Optimizer
from bayestuner.duration import learn_duration
from bayestuner.surrogate import default_processes

SPACE = {"x": (0.0, 1.0), "size": (0.0, 1.0)}


def loss(x, size):
    """As low at any size."""
    return (x - 0.3) ** 2


def dear(x, size):
    """The largest takes a hundred times as long as the smallest."""
    return 10 ** (2 * size)


def searched(acquisition, n_trials=16, storage=None, seed=0, seconds=dear, **options):
    optimizer = Optimizer(SPACE, acquisition=acquisition, seed=seed, storage=storage, **options)
    while optimizer.count < n_trials:
        params = optimizer.ask()
        optimizer.tell(params, loss(**params), seconds=seconds(**params))
    return optimizer


def spent(trials):
    return sum(trial.seconds for trial in trials)


@pytest.mark.parametrize("seed", range(3))
def test_where_all_promise_the_same_the_cheap_is_chosen(seed):
    usual = searched(LogExpectedImprovement(), seed=seed).history
    thrifty = searched(ExpectedImprovementPerSecond(), seed=seed).history
    assert spent(thrifty.trials[5:]) < 0.4 * spent(usual.trials[5:])
    assert thrifty.best_value < 1e-3


def test_without_seconds_it_is_expected_improvement():
    usual = searched(LogExpectedImprovement(), 10, seconds=lambda **_: None).history
    thrifty = searched(ExpectedImprovementPerSecond(), 10, seconds=lambda **_: None).history
    assert [t.params for t in thrifty.trials] == [t.params for t in usual.trials]
    assert all(step.duration is None for step in thrifty.steps)


def test_all_as_long_as_each_other_is_expected_improvement_too():
    usual = searched(LogExpectedImprovement(), 9, seconds=lambda **_: 3.0).history
    thrifty = searched(ExpectedImprovementPerSecond(), 9, seconds=lambda **_: 3.0).history
    ours, theirs = ([list(t.params.values()) for t in h.trials] for h in (thrifty, usual))
    np.testing.assert_allclose(ours, theirs, atol=1e-3)


def test_the_model_of_the_seconds_knows_what_it_was_told():
    U = np.linspace(0.0, 1.0, 9)[:, None]
    seconds = 10 ** (2 * U[:, 0])
    model, log_seconds = learn_duration(default_processes([0]), U, seconds, None, True)
    mean, std = log_seconds.predict(U)
    np.testing.assert_allclose(mean, 2 * math.log(10) * U[:, 0], atol=0.05)
    assert (std < 0.1).all()
    again = model.log_seconds(U, seconds).predict(U)
    np.testing.assert_array_equal(again, (mean, std))
    slope = log_seconds.predict_gradient(U)[0]
    np.testing.assert_allclose(slope[2:-2], 2 * math.log(10), rtol=0.1)


MAKERS = {
    "alone": ExpectedImprovementPerSecond(),
    "in a portfolio": Portfolio([ExpectedImprovementPerSecond(), LogExpectedImprovement()]),
}


@pytest.mark.parametrize("acquisition", MAKERS.values(), ids=MAKERS)
def test_a_step_is_rebuilt_from_the_file(acquisition, tmp_path):
    with closing(searched(acquisition, 9, tmp_path / "run.db")) as optimizer:
        history = optimizer.history
    history.save(tmp_path / "saved.db")
    points = history.space.sample(7, seed=0)
    for other in (History.load(tmp_path / "run.db"), History.load(tmp_path / "saved.db")):
        for ours, theirs in zip(history.steps, other.steps, strict=True):
            assert ours.duration == theirs.duration is not None
            np.testing.assert_allclose(theirs.score(points), ours.score(points), rtol=1e-9, atol=1e-9)
            np.testing.assert_allclose(theirs.score([ours.params]), ours.value, rtol=1e-6, atol=1e-6)


def test_a_run_in_pieces_is_the_run_in_one(tmp_path):
    whole = searched(ExpectedImprovementPerSecond(), 11).history
    for n in (6, 8, 11):
        with closing(searched(ExpectedImprovementPerSecond(), n, tmp_path / "run.db")) as optimizer:
            pieces = optimizer.history
    assert [(t.params, t.value) for t in pieces.trials] == [(t.params, t.value) for t in whole.trials]


def test_it_keeps_to_constraints():
    optimizer = Optimizer(SPACE, acquisition=ExpectedImprovementPerSecond(), constraints={"k": (0.5, None)}, seed=0)
    for _ in range(16):
        params = optimizer.ask()
        optimizer.tell(params, loss(**params), seconds=dear(**params), constraints={"k": params["x"]})
    assert optimizer.best.params["x"] == pytest.approx(0.5, abs=0.05)
    step = optimizer.history.steps[-1]
    # Chosen by a posterior that grew by rows, rebuilt by one of a single factorisation: they differ by rounding.
    np.testing.assert_allclose(step.score([step.params]), step.value, rtol=1e-5)


def test_seconds_of_others_are_left_alone():
    history = searched(ThompsonSampling(), 8).history
    assert all(step.duration is None for step in history.steps)
