import inspect
import logging
import threading
import time
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from functools import partial
from multiprocessing import get_context

import numpy as np
import pytest

from acquisition import ExpectedImprovement, UpperConfidenceBound
from bayestuner import Optimizer, ParameterError, maximize, minimize
from bayestuner.benchmarks import branin, hartmann6
from gp import RBF

SPACE = {"x": (0.0, 4.0)}


def bowl(x):
    return (x - 3) ** 2


def fails_above_2(x):
    if x > 2:
        raise ValueError(f"no value at {x}")
    return bowl(x)


def parameters(history):
    return [t.params for t in history.trials]


@pytest.fixture(autouse=True)
def quiet(caplog):
    caplog.set_level(logging.CRITICAL, logger="bayestuner")


def test_minimize_finds_the_minimum_and_maximize_the_maximum():
    down, up = minimize(bowl, SPACE, 12, seed=0), maximize(lambda x: -bowl(x), SPACE, 12, seed=0)
    assert down.best_params["x"] == pytest.approx(3, abs=0.01)
    assert parameters(down) == parameters(up)
    assert (down.direction, up.direction) == ("minimize", "maximize")
    assert up.best_value == -down.best_value
    assert down.stopped == "all 12 trials done"
    assert [t.number for t in down.trials] == list(range(12))
    assert {t.status for t in down.trials} == {"complete"}
    assert all(t.seconds >= 0 for t in down.trials)


def test_the_loop_is_ask_and_tell():
    optimizer = Optimizer(SPACE, seed=0)
    for _ in range(9):
        params = optimizer.ask()
        optimizer.tell(params, bowl(**params))
    assert parameters(minimize(bowl, SPACE, 9, seed=0)) == parameters(optimizer.history)


def test_options_reach_the_optimizer():
    kernel, acquisition = 1.0 * RBF(), UpperConfidenceBound(1.0)
    history = minimize(bowl, SPACE, 5, seed=0, n_initial=3, kernel=kernel, acquisition=acquisition)
    assert [t.source for t in history.trials] == ["initial"] * 3 + ["model"] * 2
    assert history.steps[-1].acquisition == acquisition
    assert history.steps[-1].kernel.parameters.keys() == kernel.parameters.keys()


def test_run_goes_on_where_it_was():
    optimizer = Optimizer(SPACE, seed=0)
    first = optimizer.run(bowl, 4)
    second = optimizer.run(bowl, 5)
    assert (len(first), len(second)) == (4, 9)
    assert parameters(second) == parameters(minimize(bowl, SPACE, 9, seed=0))


def test_the_objective_gets_its_own_copy():
    def greedy(**params):
        value = bowl(**params)
        params.clear()
        np.random.seed(0)  # noqa: NPY002
        return value

    assert parameters(minimize(greedy, SPACE, 7, seed=0)) == parameters(minimize(bowl, SPACE, 7, seed=0))


def test_callbacks_see_every_trial_and_may_stop_the_run():
    seen = []

    def look(optimizer, trial):
        seen.append((trial.number, trial.status, optimizer.best.value))

    history = minimize(bowl, SPACE, 9, seed=0, callbacks=[look, lambda optimizer, trial: trial.number == 3])
    assert history.stopped == "stopped by a callback"
    assert [number for number, _, _ in seen] == [0, 1, 2, 3]
    assert seen[-1][2] == history.best_value
    assert len(history) == 4


def test_timeout_starts_no_new_trial():
    def slow(x):
        time.sleep(0.05)
        return x

    history = minimize(slow, SPACE, 100, seed=0, timeout=0.12)
    assert history.stopped == "timeout"
    assert 2 <= len(history) <= 3
    assert {t.status for t in history.trials} == {"complete"}


def test_an_error_is_raised_and_what_was_done_is_kept():
    with pytest.raises(ValueError, match="no value at") as caught:
        minimize(fails_above_2, SPACE, 9, seed=0)
    history = caught.value.history
    assert history.trials[-1].status == "failed"
    assert "Traceback" in history.trials[-1].error
    assert "ValueError: no value at" in history.trials[-1].error
    assert any("trials are kept" in note for note in caught.value.__notes__)


def test_errors_are_recorded_and_the_run_goes_on():
    history = minimize(fails_above_2, SPACE, 12, seed=0, on_error="continue")
    assert len(history) == 12
    for trial in history.trials:
        assert trial.status == ("failed" if trial.params["x"] > 2 else "complete")
    assert history.best_params["x"] <= 2


def test_failed_points_are_not_asked_for_again():
    history = minimize(fails_above_2, SPACE, 20, seed=0, on_error="continue")
    failed = sorted(t.params["x"] for t in history.trials if t.status == "failed")
    assert np.diff(failed).min() > 1e-3
    assert history.best_value < 1.5  # the best there is without failing is 1, at x = 2


@pytest.mark.parametrize("value", [None, "1", (1.0, 2.0), np.array([1.0]), 1j], ids=repr)
def test_a_value_that_is_no_number_is_a_failed_trial(value):
    history = minimize(lambda x: value, SPACE, 2, on_error="continue")
    assert {t.status for t in history.trials} == {"failed"}
    assert "must be one real number, got" in history.trials[0].error
    with pytest.raises(TypeError, match="must be one real number"):
        minimize(lambda x: value, SPACE, 2)


@pytest.mark.parametrize("on_error", ["raise", "continue"])
def test_nan_is_a_failed_trial_whatever_on_error_says(on_error):
    history = minimize(lambda x: np.nan if x < 2 else bowl(x), SPACE, 9, seed=0, on_error=on_error)
    assert len(history) == 9
    assert {t.status for t in history.trials} == {"complete", "failed"}
    assert np.isfinite(history.best_value)


def test_ctrl_c_ends_the_run_and_keeps_what_is_done():
    def interrupted(x, calls=[]):  # noqa: B006
        calls.append(x)
        if len(calls) == 4:
            raise KeyboardInterrupt
        return bowl(x)

    history = minimize(interrupted, SPACE, 9, seed=0)
    assert history.stopped == "interrupted"
    assert [t.status for t in history.trials] == ["complete"] * 3 + ["running"]
    assert history.best_value == min(t.value for t in history.trials[:3])


def test_a_finite_space_ends_the_run():
    history = minimize(lambda a, b: a + len(b), {"a": (1, 3), "b": ["x", "yy"]}, 50, seed=0)
    assert history.stopped == "every point of the space has been tried"
    assert len(history) == 6
    assert history.best_params == {"a": 1, "b": "x"}


# ---- on workers


def test_threads_keep_n_parallel_evaluations_going():
    busy, most, lock = [0], [0], threading.Lock()

    def objective(x):
        with lock:
            busy[0] += 1
            most[0] = max(most[0], busy[0])
        time.sleep(0.02)
        with lock:
            busy[0] -= 1
        return bowl(x)

    with ThreadPoolExecutor(4) as executor:
        history = minimize(objective, SPACE, 10, seed=0, executor=executor, n_parallel=3)
    assert most[0] == 3
    assert [t.status for t in history.trials] == ["complete"] * 10
    assert any(step.pending for step in history.steps)
    assert all(t.value == bowl(**t.params) for t in history.trials)


def test_processes():
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as executor:
        history = minimize(branin, branin.space, 8, seed=0, executor=executor, n_parallel=2)
        assert all(t.value == branin(**t.params) for t in history.trials)
        with pytest.raises(ValueError, match="no value at") as caught:
            minimize(fails_above_2, SPACE, 8, seed=0, executor=executor, n_parallel=2)
    assert "fails_above_2" in next(t.error for t in caught.value.history.trials if t.status == "failed")


def test_one_worker_is_the_same_run_as_none():
    with ThreadPoolExecutor(1) as executor:
        history = minimize(bowl, SPACE, 8, seed=0, executor=executor)
    assert parameters(history) == parameters(minimize(bowl, SPACE, 8, seed=0))


def test_an_objective_that_cannot_be_sent_is_a_failure_with_a_reason():
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as executor:
        history = minimize(lambda x: x, SPACE, 2, executor=executor, on_error="continue")
    assert {t.status for t in history.trials} == {"failed"}
    assert "pickle" in history.trials[0].error


def test_a_callback_that_stops_lets_running_evaluations_end():
    with ThreadPoolExecutor(2) as executor:
        history = minimize(bowl, SPACE, 50, executor=executor, n_parallel=2, callbacks=[lambda *_: True])
    assert history.stopped == "stopped by a callback"
    assert {t.status for t in history.trials} == {"complete"}


# ---- what is asked for


@pytest.mark.parametrize(
    ("error", "words", "options"),
    [
        (ParameterError, "n_parallel must be >= 1, got 0", {"n_parallel": 0}),
        (ParameterError, "on_error must be 'raise' or 'continue', got 'ignore'", {"on_error": "ignore"}),
        (ParameterError, "timeout must be a number of seconds > 0, got 0", {"timeout": 0}),
        (ParameterError, "timeout must be", {"timeout": float("nan")}),
        (TypeError, "'patience'", {"patience": 3}),
        (TypeError, "acquisition must be", {"acquisition": ExpectedImprovement}),
    ],
)
def test_options_are_checked_before_anything_is_evaluated(error, words, options):
    called = []
    with pytest.raises(error, match=words):
        minimize(lambda x: called.append(x), SPACE, 3, **options)
    assert not called


@pytest.mark.parametrize(
    ("objective", "words"),
    [
        (None, "objective must be a function of x, got None"),
        (lambda y: y, "cannot be called with x: .*'y'"),
        (lambda: 0, "cannot be called with x"),
        (lambda x, y: 0, "missing a required argument: 'y'"),
        (lambda x, /: 0, "cannot be called with x"),
    ],
    ids=["none", "other-name", "nothing", "one-more", "positional"],
)
def test_a_wrong_signature_is_a_type_error_that_names_the_parameter(objective, words):
    with pytest.raises(TypeError, match=words):
        minimize(objective, SPACE, 3)


@pytest.mark.parametrize("objective", [lambda **p: 0.0, lambda x, y=1: 0.0, partial(lambda a, x: 0.0, 1)])
def test_signatures_that_fit(objective):
    assert len(minimize(objective, SPACE, 1)) == 1


def test_a_progress_bar_is_shown_on_stderr(capsys):
    history = minimize(bowl, SPACE, 6, seed=0, progress=True)
    shown = capsys.readouterr()
    assert shown.out == ""
    assert "6/6" in shown.err
    assert f"best {history.best_value:.6g}" in shown.err


def test_benchmarks_know_their_parameters_by_name():
    assert branin(x2=2.0, x1=1.0) == branin(x1=1.0, x2=2.0)
    x = dict(zip(hartmann6.space, (0.20169, 0.150011, 0.476874, 0.275332, 0.311652, 0.6573), strict=True))
    assert hartmann6(**dict(reversed(x.items()))) == pytest.approx(hartmann6.minimum, abs=1e-5)
    with pytest.raises(TypeError, match="x1, x2"):
        branin(a=1.0, b=2.0)


@pytest.mark.parametrize("search", [minimize, maximize])
def test_a_call_shows_all_that_it_takes(search):
    parameters = inspect.signature(search).parameters
    assert list(parameters)[:3] == ["objective", "space", "n_trials"]
    assert parameters["n_trials"].default == 30
    assert {"executor", "n_parallel", "timeout", "trial_timeout", "callbacks", "progress", "on_error"} <= set(
        parameters
    )
    assert all(each.kind is not inspect.Parameter.VAR_KEYWORD for each in parameters.values())
