"""The fault catalogue, section 9: what goes wrong while a network is trained."""

import logging
import math
import os
import signal
import subprocess
import sys
import time

import numpy as np
import pytest
import torch

from bayestuner import CorruptStateError, DataError, History, ParameterError, Real, minimize
from bayestuner.classifier import Objective, TrainingError, as_table, default_space, fit, load, load_customers
from bayestuner.classifier.network import build_network
from bayestuner.classifier.training import Rows, choose_device, stack_rows, train

GOOD = {"dropout": 0.1, "learning_rate": 0.01, "neuron_pct": 0.3, "neuron_shrink": 0.3}


@pytest.fixture(autouse=True)
def quiet(caplog):
    caplog.set_level(logging.CRITICAL, logger="bayestuner")


@pytest.fixture(scope="module")
def table():
    frame = load_customers(260, seed=5)
    return as_table(frame[frame["product"].isin(["a", "b", "c"])].head(120), "product")


def make(table, **settings):
    return Objective(table, **{"folds": 2, "repeats": 1, "epochs": 3, "base_neurons": 24, **settings})


def rows(n=24, classes=3, seed=0):
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(n, 4, generator=generator), torch.arange(n) % classes


def network(**options):
    return build_network(4, 3, (8,), **options)


@pytest.mark.parametrize("rate", [1e30, 1e38], ids=["N01", "N01-larger"])
def test_n01_a_nan_loss_is_a_failed_trial_with_its_reason(table, rate):
    space = {"learning_rate": Real(1e-3, rate, log=True)}
    history = minimize(make(table), space, 6, seed=0, on_error="continue")
    failed = [t for t in history.trials if t.status == "failed"]
    assert failed
    for trial in failed:
        assert (
            trial.error.strip()
            .splitlines()[-1]
            .split("TrainingError: ")[1]
            .startswith(("loss is", "validation loss is"))
        )
    assert math.isfinite(history.best_value)
    assert len(history) == 6


def test_n02_a_finite_explosion_is_a_poor_score(table):
    even = math.log(len(table.classes))
    try:
        score = make(table)(**{**GOOD, "learning_rate": 1e3})
    except TrainingError:
        return
    assert score == pytest.approx(even, rel=0.2)
    assert score <= even


@pytest.mark.parametrize("label", [3, -1], ids=["N03-above", "N03-below"])
def test_n03_labels_are_class_numbers_from_the_start(table, label):
    assert set(table.codes) == set(range(len(table.classes)))  # made by the table itself
    X, y = rows()
    y[5] = label
    with pytest.raises((DataError, IndexError, RuntimeError)):
        train(network(), stack_rows([(X, y)]), learning_rate=0.01, epochs=1, batch_size=8)


@pytest.mark.parametrize("batch_size", [23, 1, 1000], ids=["N04-one-left-over", "N04-one", "N04-all"])
def test_n04_any_size_of_a_batch(batch_size):
    trained = train(network(), stack_rows([rows()]), learning_rate=0.01, epochs=2, batch_size=batch_size)
    assert np.isfinite(trained.train_losses).all()


@pytest.mark.parametrize("rate", [-0.1, 0.0, math.nan, math.inf], ids=["N05-negative", "N05-0", "N05-nan", "N05-inf"])
def test_n05_learning_rates(table, rate):
    with pytest.raises(ParameterError, match=r"learning_rate = .* must be a finite number above 0"):
        make(table)(**{**GOOD, "learning_rate": rate})


def test_n06_out_of_memory_is_a_failed_trial_and_the_search_goes_on(table):
    objective = make(table)

    def hungry(neuron_pct):
        if neuron_pct > 0.5:
            torch.empty(10**15)
        return objective(neuron_pct=neuron_pct)

    history = minimize(hungry, {"neuron_pct": Real(0.1, 1.0)}, 7, seed=0, on_error="continue")
    assert {(t.status, t.params["neuron_pct"] > 0.5) for t in history.trials} == {("complete", False), ("failed", True)}
    assert "memory" in next(t.error for t in history.trials if t.error)


def test_n07_an_empty_part():
    X, y = rows()
    with pytest.raises(DataError, match="a part of the rows is empty"):
        stack_rows([(X, y), (X[:0], y[:0])])


IMPOSSIBLE = {
    "N08-dropout": {"dropout": 1.5},
    "N08-nan": {"dropout": math.nan},
    "N08-width": {"neuron_pct": 0.0},
    "N08-batch": {"batch_size": 0},
    "N08-decay": {"weight_decay": -1.0},
    "N08-activation": {"activation": "cubic"},
    "N08-unknown": {"momentum": 0.9},
}


@pytest.mark.parametrize("wrong", IMPOSSIBLE.values(), ids=IMPOSSIBLE)
def test_n08_impossible_networks(table, wrong):
    with pytest.raises(ParameterError):
        make(table)(**{**GOOD, **wrong})


def test_n09_a_missing_or_infinite_cell_never_reaches_the_network(table):
    for rows in make(table)._rows:
        assert torch.isfinite(rows.X).all()
    frame = load_customers().astype({"age": float})
    frame.loc[7, "age"] = math.inf
    with pytest.raises(DataError, match=r"age.*infinite"):
        as_table(frame, "product")


def test_n10_doubles_are_cast():
    X, y = rows()
    stacked = stack_rows([(X.double(), y)])
    assert stacked.X.dtype == torch.float32
    assert isinstance(stacked, Rows)
    train(network(), stacked, learning_rate=0.01, epochs=1, batch_size=8)


@pytest.mark.parametrize("share", [0.0, 0.5, 0.99], ids=["N11-empty", "N11-half", "N11-end"])
def test_n11_a_truncated_model(table, tmp_path, share):
    file = tmp_path / "model.pt"
    fit(make(table), GOOD, 2, members=1).save(file)
    content = file.read_bytes()
    file.write_bytes(content[: int(share * len(content))])
    with pytest.raises(CorruptStateError, match=r"model\.pt"):
        load(file)


TUNING = """
import sys
from bayestuner import minimize
from bayestuner.classifier import Objective, as_table, default_space, load_customers
frame = load_customers(260, seed=5)
table = as_table(frame[frame["product"].isin(["a", "b", "c"])].head(120), "product")
objective = Objective(table, folds=2, repeats=1, epochs=int(sys.argv[2]), patience=1000, base_neurons=24)
def said(**params):
    print("begin", flush=True)
    return objective(**params)
minimize(said, default_space(), 5, seed=0, storage=sys.argv[1])
"""


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGINT for one child process")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL], ids=["N12", "N13"])
def test_n12_n13_an_interrupted_training_is_repeated_with_the_same_score(table, tmp_path, number):
    file, epochs = tmp_path / "run.db", 100
    process = subprocess.Popen([sys.executable, "-c", TUNING, file, str(epochs)], stdout=subprocess.PIPE, text=True)
    for _ in range(3):
        process.stdout.readline()
    time.sleep(0.02)  # inside an epoch of the third trial
    process.send_signal(number)
    process.communicate(timeout=60)
    assert process.returncode == (0 if number == signal.SIGINT else -signal.SIGKILL)
    first = History.load(file)
    assert [t.status for t in first.trials] == ["complete", "complete", "running"]
    objective = make(table, epochs=epochs, patience=1000)
    second = minimize(objective, default_space(), 5, storage=file)
    assert second.trials[2].params == first.trials[2].params
    assert [t.value for t in second.trials] == [objective(**t.params) for t in second.trials]


def test_n14_any_number_of_threads_gives_the_same_score(table):
    scores, before = set(), torch.get_num_threads()
    for threads in (1, 2, 4):
        torch.set_num_threads(threads)
        scores.add(make(table)(**GOOD))
        assert torch.get_num_threads() == threads
    torch.set_num_threads(before)
    assert len(scores) == 1


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU")
def test_n15_a_gpu_that_is_not_there(table):
    with pytest.raises(ParameterError, match="PyTorch finds no GPU here: choose cpu, or auto"):
        make(table, device="cuda")(**GOOD)
    assert choose_device("auto") == torch.device("cpu")
