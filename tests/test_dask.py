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


class KilledOnce:
    """The classifier's objective; the evaluation that is begun third waits, with its epochs reported, to be killed."""

    def __init__(self, objective, folder):
        self.objective, self.folder = objective, str(folder)

    def __call__(self, *, trial, **params):
        begun = len(os.listdir(self.folder))
        with open(os.path.join(self.folder, f"{begun}-{os.getpid()}"), "w"):
            pass
        if begun != 2:
            return self.objective(trial=trial, **params)
        self.objective(trial=trial, **params)
        time.sleep(LIMIT)
        raise AssertionError("it was to be killed")


def small_objective():
    from bayestuner.classifier import Objective, as_table, load_customers

    customers = load_customers(400, seed=5)
    table = as_table(customers[customers["product"].isin(["b", "c"])].head(120), "product")
    return Objective(table, folds=2, repeats=1, epochs=3, base_neurons=16)


def test_the_classifier_with_a_worker_killed_in_the_middle(client, tmp_path):
    from bayestuner.classifier import default_space

    def kill(optimizer, trial):
        victims = [int(name.split("-")[1]) for name in os.listdir(tmp_path / "begun") if name.startswith("2-")]
        if victims and not killed:
            killed.extend(victims)
            os.kill(victims[0], signal.SIGKILL)

    killed = []
    (tmp_path / "begun").mkdir()
    objective, options = small_objective(), {"seed": 0, "n_initial": 6}  # the order of finishing says nothing
    there = minimize(
        KilledOnce(objective, tmp_path / "begun"), default_space(), 6, executor=client.get_executor(), n_parallel=2,
        callbacks=[kill], storage=tmp_path / "run.db", on_error="continue", **options,
    )  # fmt: skip
    assert killed
    assert all(t.status == "complete" and len(t.reports) == 3 for t in there.trials)
    assert History.load(tmp_path / "run.db").trials == there.trials
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        here = minimize(objective, default_space(), 6, executor=pool, **options)
    assert facts(there) == facts(here)
    assert there.best_params == here.best_params
