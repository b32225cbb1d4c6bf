"""The network as a scikit-learn classifier: by scikit-learn's own checks, and against what `tune` trains."""

import math
import pickle
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pandas as pd
import pytest
import torch
from sklearn.base import clone
from sklearn.compose import make_column_transformer
from sklearn.datasets import load_iris
from sklearn.metrics import log_loss
from sklearn.model_selection import cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from sklearn.utils.estimator_checks import parametrize_with_checks

from bayestuner.classifier import DEFAULT_PARAMS, Objective, TunableClassifier, as_table, fit, load_customers
from bayestuner.classifier.space_file import TUNABLE
from bayestuner.classifier.training import TrainingError
from gp.errors import DataError, ParameterError

SMALL = TunableClassifier(learning_rate=0.01, neuron_pct=0.05, epochs=25, random_state=0)


@pytest.fixture(scope="module")
def iris():
    X, y = load_iris(return_X_y=True)
    return StandardScaler().fit_transform(X), np.array(["setosa", "versicolor", "virginica"])[y]


@pytest.mark.filterwarnings("ignore")  # the checks make estimators warn
@parametrize_with_checks([SMALL])
def test_scikit_learns_checks(estimator, check):
    check(estimator)


# the same training as `tune`


def test_it_is_what_tune_trains():
    objective = Objective(as_table(load_customers(800, seed=1), "product"))
    params = {"dropout": 0.1, "learning_rate": 0.01, "neuron_pct": 0.03, "neuron_shrink": 0.4}
    model = fit(objective, params, epochs=4, members=3, seed=5)
    table, rows = objective.table, objective.splits.train
    X = model.encoder.transform(table.features)
    classifier = TunableClassifier(**params, epochs=4, members=3, early_stopping=False, random_state=5)
    classifier.fit(X[rows], table.labels[rows])
    assert tuple(classifier.classes_) == table.classes
    for name, value in classifier.network_.state_dict().items():
        torch.testing.assert_close(value, model.weights[name], rtol=0, atol=0)
    np.testing.assert_allclose(classifier.predict_proba(X), model.predict_proba(table.features), atol=1e-6)


def test_what_tune_can_search_are_parameters_with_the_same_defaults():
    params = TunableClassifier().get_params()
    assert set(TUNABLE) <= set(params)
    assert {name: params[name] for name in DEFAULT_PARAMS} == DEFAULT_PARAMS


# early stopping


def test_the_best_weights_are_put_back(iris):
    model = clone(SMALL).set_params(learning_rate=0.1, epochs=40, patience=5, validation_fraction=0.3).fit(*iris)
    losses = [mean for (mean,) in model.training_.validation_losses]
    assert model.n_epochs_ == 1 + int(np.argmin(losses))
    assert len(losses) == model.n_epochs_ + 5 < 40
    shorter = clone(model).set_params(epochs=model.n_epochs_).fit(*iris)
    np.testing.assert_array_equal(shorter.predict_proba(iris[0]), model.predict_proba(iris[0]))


def test_rows_held_out_have_every_class_and_do_not_train(iris):
    X, y = iris
    codes = np.unique(y, return_inverse=True)[1]
    training, validation = SMALL._parts(codes, seed=0)
    assert sorted([*training, *validation]) == list(range(150))
    assert np.bincount(codes[validation]).tolist() == [5, 5, 5]
    moved = X.copy()
    moved[validation] += 0.5
    once, again = (clone(SMALL).set_params(epochs=1).fit(rows, y).network_.state_dict() for rows in (X, moved))
    assert all(torch.equal(once[name], again[name]) for name in once)


@pytest.mark.parametrize(("labels", "held_out"), [("ab", 0), ("aabb", 2), ("aab", 1), ("aaaaab", 1), ("aaabbbc", 2)])
def test_few_rows(labels, held_out):
    X, y = np.arange(len(labels))[:, None] / len(labels), np.array(list(labels))
    training, validation = SMALL._parts(np.unique(y, return_inverse=True)[1], seed=0)
    assert len(validation) == held_out
    assert set(y[training]) == set(labels)
    model = clone(SMALL).set_params(epochs=3).fit(X, y)
    assert len(model.training_.validation_losses) == (3 if held_out else 0)
    assert model.predict(X).shape == (len(labels),)


def test_without_early_stopping_every_row_trains_for_all_epochs(iris):
    model = clone(SMALL).set_params(early_stopping=False).fit(*iris)
    assert (model.n_epochs_, model.training_.validation_losses) == (25, ())


# learning


def test_it_learns(iris):
    assert cross_val_score(SMALL, *iris, cv=3).min() > 0.9


def test_probabilities_are_the_mean_of_the_members(iris):
    X, y = iris
    model = clone(SMALL).set_params(members=3, early_stopping=False).fit(X, y)
    with torch.no_grad():
        each = model.network_(torch.tensor(X).float().expand(3, -1, -1)).double().softmax(2)
    np.testing.assert_allclose(model.predict_proba(X), each.mean(0), atol=1e-6)
    assert len({float(p[0, 0]) for p in each}) == 3
    np.testing.assert_allclose(model.predict_proba(X).sum(1), 1, atol=1e-12)


def test_the_validation_loss_is_the_log_loss_of_the_rows_held_out(iris):
    X, y = iris
    model = clone(SMALL).set_params(members=2).fit(X, y)
    validation = model._parts(np.unique(y, return_inverse=True)[1], seed=0)[1]
    expected = log_loss(y[validation], model.predict_proba(X[validation]), labels=model.classes_)
    assert model.training_.best[0] == pytest.approx(expected, abs=1e-6)


def test_in_a_pipeline_with_texts_and_names():
    frame = load_customers(300, seed=2).dropna()
    steps = make_column_transformer((OneHotEncoder(handle_unknown="ignore", sparse_output=False), ["area"]))
    model = make_pipeline(steps.set_output(transform="pandas"), clone(SMALL)).fit(frame, frame["product"])
    assert list(model[-1].feature_names_in_) == [f"onehotencoder__area_{area}" for area in "abcd"]
    assert set(model.predict(frame)) <= set("abcdefg")


# the same numbers, whatever happens around


def test_one_random_state_one_network_and_the_callers_generator_stays(iris):
    X, y = iris
    before = torch.get_rng_state()
    first = clone(SMALL).fit(X, y).predict_proba(X)
    assert torch.equal(torch.get_rng_state(), before)
    torch.manual_seed(99)
    np.testing.assert_array_equal(clone(SMALL).fit(X, y).predict_proba(X), first)
    for other in (1, None, np.random.RandomState(0)):
        assert not np.array_equal(clone(SMALL).set_params(random_state=other).fit(X, y).predict_proba(X), first)


def test_networks_trained_in_threads_are_those_trained_alone(iris):
    X, y = iris
    alone = [clone(SMALL).set_params(random_state=seed).fit(X, y).predict_proba(X) for seed in range(4)]
    with ThreadPoolExecutor(4) as pool:
        models = [pool.submit(clone(SMALL).set_params(random_state=seed).fit, X, y) for seed in range(4)]
    for expected, model in zip(alone, models, strict=True):
        np.testing.assert_array_equal(model.result().predict_proba(X), expected)


def test_a_row_has_the_same_probabilities_in_any_company(iris):
    model = clone(SMALL).fit(*iris)
    alone = np.vstack([model.predict_proba(row[None]) for row in iris[0][:20]])
    np.testing.assert_allclose(alone, model.predict_proba(iris[0])[:20], rtol=1e-12)


def test_pickled_and_read_in_a_new_process(iris, tmp_path):
    model = clone(SMALL).fit(*iris)
    (tmp_path / "model.pickle").write_bytes(pickle.dumps(model))
    np.save(tmp_path / "X.npy", iris[0])
    code = (
        "import pickle, sys, numpy as np; folder = sys.argv[1]; "
        "model = pickle.load(open(folder + '/model.pickle', 'rb')); "
        "np.save(folder + '/p.npy', model.predict_proba(np.load(folder + '/X.npy')))"
    )
    subprocess.run([sys.executable, "-c", code, str(tmp_path)], check=True)
    np.testing.assert_allclose(np.load(tmp_path / "p.npy"), model.predict_proba(iris[0]), rtol=1e-12)


# what it refuses


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"dropout": 1.0}, "dropout = 1.0 must be"),
        ({"neuron_pct": 0.0}, "neuron_pct = 0.0 must be"),
        ({"learning_rate": -1.0}, "learning_rate = -1.0 must be"),
        ({"activation": "step"}, "choose from prelu, relu"),
        ({"epochs": 0}, "epochs = 0 must be"),
        ({"members": 0}, "members must be >= 1"),
        ({"validation_fraction": 1.0}, "validation_fraction = 1.0 must lie"),
        ({"device": "tpu"}, "choose auto, cpu or cuda"),
    ],
)
def test_impossible_settings(iris, settings, message):
    with pytest.raises(ParameterError, match=message):
        clone(SMALL).set_params(**settings).fit(*iris)


def test_a_training_that_explodes_says_so(iris):
    with pytest.raises(TrainingError, match="NaN in epoch"):
        clone(SMALL).set_params(learning_rate=1e30).fit(*iris)


def test_one_class_is_nothing_to_tell_apart(iris):
    with pytest.raises(DataError, match=r"1 class only, \['setosa'\]"):
        clone(SMALL).fit(iris[0][:50], iris[1][:50])


def test_missing_numbers_are_named(iris):
    X = pd.DataFrame(iris[0])
    X.iloc[3, 1] = math.nan
    with pytest.raises(ValueError, match="contains NaN"):
        clone(SMALL).fit(X.to_numpy(), iris[1])
