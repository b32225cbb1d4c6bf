"""The fault catalogue, section 6: what goes wrong while an objective is evaluated."""

import logging
import math
import os
import signal
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import numpy as np
import pytest

from bayestuner import NotFittedError, Optimizer, ParameterError, minimize
from bayestuner.benchmarks import branin

SPACE = {"x": (0.0, 1.0)}


@pytest.fixture(autouse=True)
def quiet(caplog):
    caplog.set_level(logging.CRITICAL, logger="bayestuner")


class FailsAt:
    """An objective whose nth evaluation goes wrong."""

    def __init__(self, nth, error):
        self.nth, self.error, self.calls = nth, error, 0

    def __call__(self, x):
        self.calls += 1
        if self.calls == self.nth:
            raise self.error
        return x


def killed_above_a_half(x):
    if x > 0.5:
        os.kill(os.getpid(), signal.SIGKILL)
    return x


def test_l01_an_error_in_evaluation_4():
    with pytest.raises(OSError, match="disk") as caught:
        minimize(FailsAt(4, OSError("disk")), SPACE, 9, seed=0)
    assert [t.status for t in caught.value.history.trials] == ["complete"] * 3 + ["failed"]
    history = minimize(FailsAt(4, OSError("disk")), SPACE, 9, seed=0, on_error="continue")
    assert [t.status for t in history.trials].count("complete") == 8
    assert "Traceback" in history.trials[3].error
    assert history.trials[3].error.strip().endswith("OSError: disk")


def test_l02_ctrl_c():
    history = minimize(FailsAt(4, KeyboardInterrupt()), SPACE, 9, seed=0)
    assert history.stopped == "interrupted"
    assert [t.status for t in history.trials].count("complete") == 3


def test_l03_nan_sometimes():
    history = minimize(lambda x: np.nan if int(x * 100) % 3 == 0 else (x - 0.4) ** 2, SPACE, 14, seed=0)
    failed = sorted(t.params["x"] for t in history.trials if t.status == "failed")
    assert len(failed) > 1
    assert np.diff(failed).min() > 1e-3
    assert history.best_value < 0.01


@pytest.mark.parametrize("value", [None, (1.0, 2.0), np.zeros(2)], ids=["none", "tuple", "array"])
def test_l04_no_number(value):
    history = minimize(lambda x: value, SPACE, 2, on_error="continue")
    assert all("must be one real number" in t.error for t in history.trials)


def test_l05_a_meddling_objective(capsys):
    def meddling(**params):
        x = params.pop("x")
        np.random.seed(0)  # noqa: NPY002
        print("here")
        return x

    plain = minimize(lambda x: x, SPACE, 8, seed=0)
    assert [t.params for t in minimize(meddling, SPACE, 8, seed=0).trials] == [t.params for t in plain.trials]


@pytest.mark.parametrize("objective", [None, lambda y: y, 3], ids=["none", "signature", "number"])
def test_l06_not_a_function_of_the_parameters(objective):
    with pytest.raises(TypeError, match="x"):
        minimize(objective, SPACE, 3)


def test_l07_budgets():
    nothing = minimize(lambda x: x, SPACE, 0)
    assert (len(nothing), nothing.stopped) == (0, "all 0 trials done")
    for wrong in (-1, 2.0, "3", None, True):
        with pytest.raises(ParameterError, match="n_trials must be"):
            minimize(lambda x: x, SPACE, wrong)


def test_l08_seeds():
    same = [Optimizer(SPACE, seed=seed).ask() for seed in (7, np.int64(7))]
    assert same[0] == same[1]
    for wrong in ("7", 1.5, True, np.random.default_rng(0)):
        with pytest.raises(TypeError, match="seed must be a whole number"):
            minimize(lambda x: x, SPACE, 1, seed=wrong)
    with pytest.raises(ParameterError, match="seed must be >= 0, got -1"):
        minimize(lambda x: x, SPACE, 1, seed=-1)


def test_l09_the_same_seed_is_bit_identical():
    first, second = (minimize(branin, branin.space, 12, seed=4) for _ in range(2))
    assert [(t.params, t.value) for t in first.trials] == [(t.params, t.value) for t in second.trials]
    for a, b in zip(first.steps, second.steps, strict=True):
        assert (a.kernel, a.noise, a.value, a.mean, a.std) == (b.kernel, b.noise, b.value, b.mean, b.std)


def test_l11_a_constant_objective_is_explored():
    history = minimize(lambda x: 3.0, SPACE, 24, seed=0)
    xs = np.sort([t.params["x"] for t in history.trials])
    assert np.diff(np.concatenate([[0], xs, [1]])).max() < 0.3
    assert len(np.unique(xs.round(6))) >= 10


@pytest.mark.parametrize("on_error", ["raise", "continue"])
def test_l13_a_killed_worker_leaves_no_zombie(on_error):
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as executor:
        try:
            history = minimize(killed_above_a_half, SPACE, 6, seed=0, executor=executor, on_error=on_error)
        except RuntimeError as error:  # the pool is broken: no later evaluation can work
            history = error.history
    statuses = [t.status for t in history.trials]
    assert "running" not in statuses
    assert "BrokenProcessPool" in history.trials[statuses.index("failed")].error


def test_l16_an_unknown_option():
    with pytest.raises(TypeError, match="alpha"):
        minimize(lambda x: x, SPACE, 3, alpha=1e-6)


def test_l17_300_rows():
    optimizer = Optimizer(branin.space, seed=0)
    for point in optimizer.space.sample(300, seed=1):
        optimizer.tell(point, branin(**point))
    begin = time.perf_counter()
    params = optimizer.ask()
    print(f"\nsuggestion after 300 rows: {time.perf_counter() - begin:.2f} s")
    assert optimizer.space.check(params) == params
    assert optimizer.history.steps[-1].observed == 300


def test_a_run_of_failures_says_so_and_why():
    run = minimize(lambda x: math.nan, SPACE, 3, seed=0)
    assert repr(run) == "History(minimize: 3 trials, all failed)"
    with pytest.raises(NotFittedError, match=r"all 3 trials that were told failed, the first with: .*nan"):
        _ = run.best
    optimizer = Optimizer(SPACE, seed=0)
    with pytest.raises(NotFittedError, match="run the objective, or tell one"):
        _ = optimizer.best
    optimizer.tell_failure(optimizer.ask(), "the oven is broken")
    with pytest.raises(NotFittedError, match="the first with: the oven is broken"):
        _ = optimizer.best


def test_an_error_says_where_and_what_to_try():
    with pytest.raises(TypeError, match="got None; does the objective return it") as caught:
        minimize(lambda x: None, {"x": (2.0, 2.0)}, 3, seed=0)
    assert caught.value.__notes__[0] == "at {'x': 2.0}; on_error=\"continue\" would go on without this trial"
    assert caught.value.__notes__[1].startswith("1 trial is kept")


def test_a_run_that_ends_early_says_why():
    run = minimize(lambda x: x, {"x": [1, 2]}, 9, seed=0)
    assert repr(run) == "History(minimize: 2 trials, best 1; every point of the space has been tried)"


@pytest.mark.parametrize(
    ("options", "error", "words"),
    [
        ({"timeout": "a"}, TypeError, "timeout must be a number of seconds"),
        ({"callbacks": print}, TypeError, "callbacks must be a list of functions"),
        ({"executor": 3}, TypeError, "executor must have a method submit"),
        ({"clock": 3}, TypeError, "clock must be a function"),
    ],
)
def test_options_of_a_wrong_kind(options, error, words):
    with pytest.raises(error, match=words):
        minimize(lambda x: x, SPACE, 3, **options)
