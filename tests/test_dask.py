"""A cluster by changing one argument: Dask's executor, on real worker processes of this machine."""

import logging
import os
import signal
import time
import warnings
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import pytest

from bayestuner import History, minimize
from bayestuner.benchmarks import branin

distributed = pytest.importorskip("distributed")

pytestmark = pytest.mark.filterwarnings("ignore")  # Dask's own

LIMIT = 60


@pytest.fixture(scope="module")
def cluster():
    logging.getLogger("distributed").setLevel(logging.CRITICAL)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        # Nothing is asked of the network but the loopback, and no dashboard is served.
        with distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, processes=True, host="127.0.0.1", dashboard_address=None
        ) as cluster:
            yield cluster


@pytest.fixture(autouse=True)
def quiet(caplog):
    caplog.set_level(logging.CRITICAL, logger="bayestuner")


@pytest.fixture
def client(cluster):
    with distributed.Client(cluster) as client:
        client.wait_for_workers(2, timeout=LIMIT)
        yield client


def facts(history):
    return [(t.number, t.params, t.value, t.status) for t in history.trials]


def where(x):
    time.sleep(0.05)
    return float(os.getpid())


def waits_for(x, folder):
    """The first evaluation above one half leaves a note and waits to be killed; the others return."""
    note = os.path.join(folder, "pid")
    if x > 0.5 and not os.path.exists(note):
        with open(note, "w") as file:
            file.write(str(os.getpid()))
        time.sleep(LIMIT)
    return x


class InFolder:
    """An objective with a setting, to be sent to the workers."""

    def __init__(self, folder):
        self.folder = str(folder)

    def __call__(self, x):
        return waits_for(x, self.folder)


def hangs(x):
    time.sleep(LIMIT if x > 0.5 else 0)
    return x


def test_the_same_run_as_here(client):
    there = minimize(branin, branin.space, 9, seed=0, executor=client.get_executor())
    assert facts(there) == facts(minimize(branin, branin.space, 9, seed=0))


def test_both_workers_are_used(client, tmp_path):
    history = minimize(where, {"x": (0.0, 1.0)}, 8, executor=client.get_executor(), n_parallel=2)
    assert len({t.value for t in history.trials}) == 2
    assert float(os.getpid()) not in {t.value for t in history.trials}


def test_a_killed_worker_costs_no_trial(client, tmp_path):
    def kill(optimizer, trial):
        note = tmp_path / "pid"
        if note.exists() and note.read_text() and not killed:
            killed.append(int(note.read_text()))
            os.kill(killed[0], signal.SIGKILL)

    killed = []
    history = minimize(
        InFolder(tmp_path), {"x": (0.0, 1.0)}, 12, seed=0, executor=client.get_executor(), n_parallel=2,
        callbacks=[kill], storage=tmp_path / "run.db", on_error="continue",
    )  # fmt: skip
    assert killed
    assert [t.status for t in history.trials] == ["complete"] * 12  # Dask sends the lost one to another worker
    assert all(t.value == t.params["x"] for t in history.trials)
    assert facts(History.load(tmp_path / "run.db")) == facts(history)


def test_an_error_and_a_time_limit_come_back(client):
    history = minimize(
        hangs, {"x": (0.0, 1.0)}, 4, seed=0, executor=client.get_executor(), trial_timeout=0.2, on_error="continue"
    )
    assert {(t.status, t.params["x"] > 0.5) for t in history.trials} == {("complete", False), ("failed", True)}
    assert "timeout: no value after 0.2 s" in next(t.error for t in history.trials if t.error)


@pytest.mark.slow
def test_the_classifier_on_the_cluster_is_the_classifier_on_a_pool(client):
    from bayestuner.classifier import Objective, as_table, default_space, load_customers

    objective = Objective(as_table(load_customers(), "product"), folds=2, repeats=1, epochs=3, base_neurons=24)
    there = minimize(objective, default_space(), 7, seed=0, executor=client.get_executor(), n_parallel=1)
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        here = minimize(objective, default_space(), 7, seed=0, executor=pool, n_parallel=1)
        start = minimize(objective, default_space(), 4, seed=0, n_initial=4, executor=pool, n_parallel=2)
    assert facts(there) == facts(here)
    spread = minimize(objective, default_space(), 4, seed=0, n_initial=4, executor=client.get_executor(), n_parallel=2)
    assert facts(spread) == facts(start)  # the start design does not depend on who is done first
