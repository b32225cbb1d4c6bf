"""Evaluations that hang, workers that die, executors that break: the loop goes on and nothing stays open."""

import concurrent.futures
import contextlib
import ctypes
import gc
import logging
import os
import signal
import threading
import time
import weakref
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing import get_context

import numpy as np
import pytest

from bayestuner import History, Optimizer, ParameterError, minimize
from bayestuner.benchmarks import branin
from bayestuner.limits import TrialTimeoutError, call_within, held
from bayestuner.workers import WorkerDiedError, Workers

SPACE = {"x": (0.0, 1.0)}


@pytest.fixture(autouse=True)
def quiet(caplog):
    caplog.set_level(logging.CRITICAL, logger="bayestuner")


def hangs_above_a_half(x):
    while x > 0.5:
        time.sleep(0.01)
    return x


def swallows_and_hangs(x):
    while x > 0.5:
        with contextlib.suppress(Exception):
            time.sleep(0.01)
    return x


def deaf_above_a_half(x):
    if x > 0.5:  # never comes back to Python, so no signal handler runs
        ctypes.PyDLL(None).sleep(60)
    return x


def killed_above_a_half(x):
    if x > 0.5:
        os.kill(os.getpid(), signal.SIGKILL)
    return x


def fails_above_a_half(x):
    if x > 0.5:
        raise ValueError(f"no value at {x}")
    time.sleep(0.05)
    return x


def process_id():
    return os.getpid()


def statuses(history):
    return [(t.status, t.params["x"] > 0.5) for t in history.trials]


EXPECTED = {("complete", False), ("failed", True)}


# ---- L12: a time limit


@pytest.mark.parametrize("objective", [hangs_above_a_half, swallows_and_hangs])
@pytest.mark.parametrize("on_error", ["raise", "continue"])
def test_l12_a_hanging_objective_is_a_failed_trial(objective, on_error):
    history = minimize(objective, SPACE, 8, seed=0, trial_timeout=0.1, on_error=on_error)
    assert set(statuses(history)) == EXPECTED
    late = next(t for t in history.trials if t.status == "failed")
    assert late.error.startswith("timeout: no value after 0.1 s")
    assert late.seconds == pytest.approx(0.1, abs=0.09)


def test_l12_on_threads_it_is_left_behind():
    ended = threading.Event()

    def objective(x):
        while x > 0.5 and not ended.is_set():
            time.sleep(0.01)
        return x

    with ThreadPoolExecutor(2) as executor:
        history = minimize(objective, SPACE, 8, seed=0, executor=executor, n_parallel=2, trial_timeout=0.1)
    ended.set()
    assert set(statuses(history)) == EXPECTED
    assert "left behind" in next(t.error for t in history.trials if t.status == "failed")


@pytest.mark.parametrize("objective", [hangs_above_a_half, deaf_above_a_half])
def test_l12_on_workers_it_is_ended_for_good(objective, monkeypatch):
    monkeypatch.setattr("bayestuner.workers.GRACE", 0.2)
    with Workers(2) as executor:
        history = minimize(objective, SPACE, 7, seed=0, executor=executor, n_parallel=2, trial_timeout=0.2)
    assert set(statuses(history)) == EXPECTED
    assert all(t.error.startswith("timeout: no value after 0.2 s") for t in history.trials if t.status == "failed")


@pytest.mark.parametrize("limit", [0, -1.0, float("nan")])
def test_a_wrong_limit(limit):
    with pytest.raises(ParameterError, match="trial_timeout must be a number of seconds > 0"):
        minimize(hangs_above_a_half, SPACE, 3, trial_timeout=limit)


def test_the_alarm_is_put_back():
    before = signal.getsignal(signal.SIGALRM)
    assert call_within(5.0, lambda: 3) == 3
    assert signal.getsignal(signal.SIGALRM) == before
    assert signal.getitimer(signal.ITIMER_REAL)[0] == 0
    with pytest.raises(TrialTimeoutError):
        call_within(0.05, lambda: time.sleep(5))
    with pytest.raises(KeyError):
        call_within(5.0, lambda: {}[1])


def test_ctrl_c_waits_until_the_writing_is_done():
    done = []

    def write():
        with held():
            signal.raise_signal(signal.SIGINT)
            done.append("written")

    with pytest.raises(KeyboardInterrupt):
        write()
    assert done == ["written"]
    assert signal.getsignal(signal.SIGINT) == signal.default_int_handler


# ---- L13: workers that die


@pytest.mark.parametrize("n_parallel", [1, 2])
def test_l13_only_the_evaluation_of_a_killed_worker_fails(n_parallel):
    with Workers(2) as executor:
        history = minimize(
            killed_above_a_half, SPACE, 8, seed=0, executor=executor, n_parallel=n_parallel, on_error="continue"
        )
    assert set(statuses(history)) == EXPECTED
    assert "killed by SIGKILL; perhaps the system ran out of memory" in next(t.error for t in history.trials if t.error)


def test_l13_with_on_error_raise_the_death_is_raised():
    with Workers(2) as executor, pytest.raises(WorkerDiedError, match="SIGKILL") as caught:
        minimize(killed_above_a_half, SPACE, 8, seed=0, executor=executor, n_parallel=2)
    assert "running" not in [t.status for t in caught.value.history.trials]


def test_l13_a_broken_pool_ends_the_run_and_burns_no_trials():
    with (
        ProcessPoolExecutor(2, mp_context=get_context("spawn")) as executor,
        pytest.raises(concurrent.futures.BrokenExecutor) as caught,
    ):
        minimize(killed_above_a_half, SPACE, 30, seed=0, executor=executor, n_parallel=2, on_error="continue")
    history = caught.value.history
    assert "running" not in [t.status for t in history.trials]
    assert [t.status for t in history.trials].count("failed") <= 3


# ---- on_error="raise" with evaluations in flight


@pytest.mark.parametrize("kind", [ThreadPoolExecutor, Workers])
def test_an_error_lets_running_evaluations_end_and_tells_them(kind, tmp_path):
    file = tmp_path / "run.db"
    with kind(4) as executor, pytest.raises(ValueError, match="no value at") as caught:
        minimize(fails_above_a_half, SPACE, 20, seed=0, executor=executor, n_parallel=4, storage=file)
    for history in (caught.value.history, History.load(file)):
        assert set(statuses(history)) == EXPECTED
        assert 4 <= len(history) < 20
        assert history.stopped == "stopped by ValueError"


def test_an_error_in_a_callback_lets_them_end_too():
    def broken(optimizer, trial):
        raise LookupError("callback")

    with ThreadPoolExecutor(3) as executor, pytest.raises(LookupError) as caught:
        minimize(lambda x: x, SPACE, 20, executor=executor, n_parallel=3, callbacks=[broken])
    assert {t.status for t in caught.value.history.trials} == {"complete"}


def test_ctrl_c_ends_what_workers_do_and_a_second_run_asks_for_it_again(tmp_path):
    threading.Timer(2.0, signal.raise_signal, [signal.SIGINT]).start()
    with Workers(2) as executor:
        options = {"seed": 0, "executor": executor, "n_parallel": 2, "storage": tmp_path / "run.db"}
        first = minimize(deaf_above_a_half, SPACE, 8, **options)
        assert first.stopped == "interrupted"
        unfinished = [t.number for t in first.trials if t.status == "running"]
        assert unfinished
        second = minimize(abs_of, SPACE, 8, **options)
    assert [t.status for t in second.trials] == ["complete"] * 8
    assert [second.trials[n].params for n in unfinished] == [first.trials[n].params for n in unfinished]


def abs_of(x):
    return abs(x)


# ---- out of memory, sys.exit


def test_out_of_memory_is_a_failed_trial_and_the_memory_is_free_again():
    kept = []

    def objective(x):
        big = np.ones(10_000_000)
        kept.append(weakref.ref(big))
        if len(kept) == 2:
            np.ones(10**16)
        return x

    history = minimize(objective, SPACE, 4, seed=0, on_error="continue")
    assert [t.status for t in history.trials] == ["complete", "failed", "complete", "complete"]
    assert "MemoryError" in history.trials[1].error
    gc.collect()
    assert [ref() for ref in kept] == [None] * 4


def test_an_objective_that_exits_is_a_failed_trial():
    def objective(x):
        raise SystemExit("wrong arguments")

    history = minimize(objective, SPACE, 2, on_error="continue")
    assert {t.status for t in history.trials} == {"failed"}
    assert "SystemExit: wrong arguments" in history.trials[0].error


# ---- the executor itself


def test_workers_are_an_executor():
    with Workers(2) as workers:
        assert list(workers.map(pow, [2, 3, 4], [3, 2, 1])) == [8, 9, 4]
        ids = {workers.submit(process_id).result() for _ in range(6)}
        assert os.getpid() not in ids
        assert len(ids) <= 2
        with pytest.raises(ZeroDivisionError):
            workers.submit(divmod, 1, 0).result()
        with pytest.raises((AttributeError, TypeError), match="pickle"):
            workers.submit(lambda: 0).result()
        with pytest.raises(RuntimeError, match="cannot be sent back"):
            workers.submit(threading.Lock).result()
        assert workers.submit(pow, 2, 5).result() == 32
    with pytest.raises(RuntimeError, match="shut down"):
        workers.submit(pow, 1, 1)


def failing_start():
    raise OSError("no data here")


def test_workers_that_cannot_start(capfd):
    with Workers(1, initializer=failing_start) as workers, pytest.raises(WorkerDiedError, match="exit status 1"):
        workers.submit(pow, 1, 1).result()
    assert "no data here" in capfd.readouterr().err


def test_results_do_not_depend_on_the_worker():
    with Workers(1) as workers:
        there = minimize(branin, branin.space, 9, seed=4, executor=workers)
    here = minimize(branin, branin.space, 9, seed=4)
    assert [(t.params, t.value) for t in there.trials] == [(t.params, t.value) for t in here.trials]


# ---- points asked for together


@pytest.mark.parametrize(
    "space",
    [branin.space, {"x1": (-5.0, 10.0), "x2": (0, 15)}, {"x1": (0, 3), "x2": (0, 15)}],
    ids=["real", "mixed", "few"],
)
def test_a_batch_has_no_near_duplicates(space):
    optimizer = Optimizer(space, seed=0)
    for _ in range(6):
        batch = optimizer.ask(6)
        U = optimizer.space.encode(batch)
        gaps = np.abs(U[:, None] - U).max(axis=2) + np.eye(6)
        assert gaps.min() > 0.009
        for params in batch:
            optimizer.tell(params, branin(**params))


def test_four_at_a_time_branin():
    regrets = []
    for seed in range(3):
        optimizer = Optimizer(branin.space, seed=seed)
        for _ in range(10):
            for params in optimizer.ask(4):
                optimizer.tell(params, branin(**params))
        U = optimizer.space.encode([t.params for t in optimizer.history.trials])
        assert (np.abs(U[:, None] - U).max(axis=2) + np.eye(40)).min() > 1e-6
        regrets.append(optimizer.best.value - branin.minimum)
    assert np.median(regrets) < 1e-2
