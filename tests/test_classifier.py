import math
import multiprocessing
import pickle
import subprocess
import sys
import warnings
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from sklearn.metrics import log_loss

from bayestuner.classifier import (
    DEFAULT_PARAMS,
    Objective,
    TrainingError,
    as_table,
    baselines,
    default_space,
    fit,
    load,
    load_customers,
    read_table,
    score_model,
)
from bayestuner.classifier.preprocessing import fit_encoder, preprocessor
from bayestuner.classifier.report import score
from bayestuner.classifier.splits import split
from bayestuner.errors import CorruptStateError
from gp.errors import DataError, ParameterError

REAL = Path(__file__).parents[2] / "shared" / "data" / "jh-simple-dataset.csv"
PARAMS = {"dropout": 0.1, "learning_rate": 0.01, "neuron_pct": 0.05, "neuron_shrink": 0.1}


@pytest.fixture(scope="module")
def customers() -> pd.DataFrame:
    return load_customers(800, seed=4)


@pytest.fixture(scope="module")
def objective(customers) -> Objective:
    return Objective(as_table(customers, "product"), folds=3, epochs=8)


@pytest.fixture(scope="module")
def model(objective):
    return fit(objective, PARAMS, epochs=5, members=3)


# splits


def test_splits_are_disjoint_complete_and_stratified(objective):
    parts, codes = objective.splits, objective.table.codes
    assert sorted([*parts.train, *parts.test]) == list(range(800))
    assert sorted(np.concatenate([validation for _, validation in parts.folds])) == sorted(parts.train)
    for training, validation in parts.folds:
        assert not set(training) & set(validation)
        assert not set(parts.test) & {*training, *validation}
    for rows in (parts.test, *(validation for _, validation in parts.folds)):
        np.testing.assert_allclose((codes[rows] == 1).mean(), (codes == 1).mean(), atol=0.01)


def test_a_class_of_three_rows_is_in_every_training_part():
    codes = np.repeat([0, 1, 2], [100, 50, 3])
    for seed in range(10):
        parts = split(codes, folds=5, seed=seed)
        assert all(2 in codes[training] for training, _ in parts.folds)


@pytest.mark.parametrize("settings", [{"test_share": 0.0}, {"test_share": 1.0}, {"folds": 1}])
def test_impossible_splits(settings):
    with pytest.raises(ParameterError):
        split(np.repeat([0, 1], 50), **settings)


def test_too_few_rows_to_split():
    with pytest.raises(DataError, match="6 rows are too few"):
        split(np.repeat([0, 1], 3))


# preprocessing


def test_encoder_computes_what_scikit_learn_computes(objective):
    table, rows = objective.table, objective.splits.train
    training = table.features.iloc[rows]
    steps = preprocessor(table.numeric, table.categorical).fit(training)
    encoder = fit_encoder(training, table.numeric, table.categorical)
    expected = steps.transform(table.features)
    np.testing.assert_allclose(encoder.transform(table.features), expected, atol=1e-12)


def test_encoder_learns_from_training_rows_only(objective):
    table = objective.table
    frame = table.features.copy()
    frame.loc[objective.splits.test, "age"] = 1e6
    frame.loc[objective.splits.test, "job"] = "pilot"
    rows = objective.splits.train
    assert fit_encoder(frame.iloc[rows], table.numeric, table.categorical) == fit_encoder(
        table.features.iloc[rows], table.numeric, table.categorical
    )


def test_values_never_seen_in_training_are_encoded():
    training = pd.DataFrame({"x": [1.0, 2.0, 3.0], "job": ["a", "b", None]})
    encoder = fit_encoder(training, ["x"], ["job"])
    X = encoder.transform(pd.DataFrame({"x": [None, "2"], "job": ["new", None]}))
    assert np.isfinite(X).all()
    assert X[1].tolist() == [0.0, 1.0, 0.0, 0.0]  # levels in order: (missing), a, b


# objective


def test_same_parameters_same_score(objective):
    first, again = objective.evaluate(PARAMS), objective.evaluate(PARAMS)
    assert first.log_loss == again.log_loss == objective(**PARAMS)
    assert first.epochs == again.epochs
    assert first.log_loss == pytest.approx(np.mean(first.fold_losses))
    assert replace(objective, weight_seed=1)(**PARAMS) != first.log_loss


def test_the_test_rows_have_no_influence(objective, customers):
    changed = customers.copy()
    rows = objective.splits.test
    changed.loc[rows, "age"] = 0
    changed.loc[rows, "income"] = np.nan
    assert Objective(as_table(changed, "product"), folds=3, epochs=8)(**PARAMS) == objective(**PARAMS)


def test_runs_in_another_process(objective):
    score_here = objective(**PARAMS)
    assert pickle.loads(pickle.dumps(objective))(**PARAMS) == score_here
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        assert pool.submit(objective.evaluate, PARAMS).result().log_loss == score_here


def test_diverging_training_fails_the_trial_or_scores_badly(objective):
    with pytest.raises(TrainingError, match="NaN in epoch 1"):
        objective(**{**PARAMS, "learning_rate": 1e30})
    worst = objective(dropout=0.2, learning_rate=1.0, neuron_pct=0.5, neuron_shrink=0.9)
    assert worst <= math.log(7)  # never worse than guessing evenly: one explosion must not dwarf all other trials


@pytest.mark.parametrize(
    "wrong",
    [{"neuron_pct": 0.0}, {"dropout": 1.5}, {"learning_rate": -1.0}, {"batch_size": 0}, {"layers": 3}],
)
def test_impossible_parameters(objective, wrong):
    with pytest.raises(ParameterError):
        objective(**{**PARAMS, **wrong})


def test_optional_parameters_change_the_network(objective):
    scores = {
        objective(**PARAMS, **extra)
        for extra in ({}, {"activation": "tanh"}, {"batch_size": 64}, {"weight_decay": 0.1})
    }
    assert len(scores) == 4


def test_wide_networks_get_fewer_epochs(objective):
    wide = objective.recipe({**PARAMS, "neuron_pct": 1.0, "neuron_shrink": 1.0}, 40).epochs
    assert wide < objective.recipe(PARAMS, 40).epochs == 8


def test_no_gpu_no_cuda(objective):
    if torch.cuda.is_available():
        pytest.skip("there is a GPU")
    with pytest.raises(ParameterError, match="no GPU"):
        replace(objective, device="cuda")(**PARAMS)


def test_default_space_has_the_networks_parameters():
    assert set(default_space()) == set(DEFAULT_PARAMS)


# model


def test_probabilities_sum_to_one_and_lead_to_the_prediction(model, customers):
    p = model.predict_proba(customers)
    assert list(p.columns) == list("abcdefg")
    np.testing.assert_allclose(p.sum(axis=1), 1.0, atol=1e-12)
    assert (model.predict(customers) == p.idxmax(axis=1)).all()
    assert (model.predict(customers) == customers["product"]).mean() > 0.55


def test_a_stored_model_predicts_the_same_in_a_new_process(model, customers, tmp_path):
    model.save(tmp_path / "model.pt")
    customers.to_pickle(tmp_path / "frame.pickle")
    code = (
        "import sys, pandas as pd; from bayestuner.classifier import load; folder = sys.argv[1]; "
        "p = load(folder + '/model.pt').predict_proba(pd.read_pickle(folder + '/frame.pickle')); "
        "p.to_pickle(folder + '/p.pickle')"
    )
    subprocess.run([sys.executable, "-c", code, str(tmp_path)], check=True)
    np.testing.assert_allclose(pd.read_pickle(tmp_path / "p.pickle"), model.predict_proba(customers), atol=1e-7)
    assert [file.name for file in tmp_path.iterdir() if "model" in file.name] == ["model.pt"]


@pytest.mark.parametrize("damage", ["cut", "empty", "garbage", "other"])
def test_a_damaged_model_is_named(model, tmp_path, damage):
    path = tmp_path / "model.pt"
    model.save(path)
    if damage == "other":
        torch.save({"weights": 1}, path)
    else:
        content = path.read_bytes()
        path.write_bytes({"cut": content[: len(content) // 2], "empty": b"", "garbage": b"hello" * 100}[damage])
    with pytest.raises(CorruptStateError, match=r"model\.pt is not a readable model") as error:
        load(path)
    assert "\n" not in str(error.value)


def test_a_model_file_cannot_run_code(tmp_path):
    class Bomb:
        def __reduce__(self):
            return (Path.touch, (tmp_path / "exploded",))

    torch.save({"format": Bomb()}, tmp_path / "model.pt")
    with pytest.raises(CorruptStateError):
        load(tmp_path / "model.pt")
    assert not (tmp_path / "exploded").exists()


def test_no_model_file(tmp_path):
    with pytest.raises(FileNotFoundError):
        load(tmp_path / "model.pt")


def test_new_frames(model, customers):
    p = model.predict_proba(customers)
    shuffled = customers[customers.columns[::-1]].assign(extra=1)
    pd.testing.assert_frame_equal(model.predict_proba(shuffled), p)
    with pytest.raises(DataError, match=r"lacks the column\(s\) income, job"):
        model.predict_proba(customers.drop(columns=["income", "job"]))
    with pytest.raises(DataError, match="row 0, column age: 'old' is not a number"):
        model.predict_proba(customers.head(1).assign(age="old"))
    odd = customers.head(3).assign(job="pilot", area=None, age=np.nan)
    assert np.isfinite(model.predict_proba(odd)).all(axis=None)
    assert model.predict_proba(customers.head(0)).shape == (0, 7)


# report


def test_score_is_the_mean_loss_with_an_interval():
    rng = np.random.default_rng(0)
    p, codes = rng.dirichlet(np.ones(3), size=500), rng.integers(0, 3, 500)
    found = score("random", p, codes)
    assert found.log_loss == pytest.approx(log_loss(codes, p, labels=[0, 1, 2]))
    resampled = [log_loss(codes[k], p[k], labels=[0, 1, 2]) for k in rng.integers(0, 500, (400, 500))]
    assert found.low == pytest.approx(np.quantile(resampled, 0.025), abs=0.02)
    assert found.high == pytest.approx(np.quantile(resampled, 0.975), abs=0.02)


def test_baselines(objective, model):
    shares, logistic, default = baselines(objective, members=2)
    assert shares.log_loss > logistic.log_loss
    assert shares.log_loss > default.log_loss
    assert score_model("tuned", model, objective).log_loss < shares.log_loss


# the real table


@pytest.mark.skipif(not REAL.exists(), reason="the real table is not part of the repository")
def test_real_table_with_its_class_of_eight_rows():
    table = read_table(REAL, "product")
    assert min(np.bincount(table.codes)) == 8
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = Objective(table, epochs=12).evaluate(PARAMS)
    assert found.log_loss < 0.75
