import numpy as np
import pandas as pd
import pytest
from scipy.integrate import quad
from scipy.special import logit
from scipy.stats import norm
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold, cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from bayestuner.classifier.customers import (
    FARTHEST_UNHEALTHY,
    PRODUCTS,
    SEGMENTS,
    load_customers,
    lowest_log_loss,
    true_probabilities,
)

COLUMNS = (
    "id job area income aspect subscriptions dist_healthy save_rate dist_unhealthy age pop_dense retail_dense crime"
)


@pytest.fixture(scope="module")
def many() -> pd.DataFrame:
    return load_customers(40_000, seed=3)


def test_columns_and_missing_incomes():
    frame = load_customers()
    assert list(frame.columns) == [*COLUMNS.split(), "product"]
    assert len(frame) == 2000
    assert 0.02 < frame["income"].isna().mean() < 0.04
    assert not frame.drop(columns="income").isna().any(axis=None)


def test_same_seed_same_rows_other_seed_other_rows():
    pd.testing.assert_frame_equal(load_customers(100, seed=1), load_customers(100, seed=1))
    assert not load_customers(100, seed=1).equals(load_customers(100, seed=2))


def test_every_seed_has_every_class():
    assert all(load_customers(seed=seed)["product"].value_counts().min() == 8 for seed in range(5))


def test_probabilities_are_probabilities_in_the_frames_order():
    frame = load_customers(200).iloc[::-1]
    p = true_probabilities(frame)
    assert p.index.equals(frame.index)
    assert tuple(p.columns) == PRODUCTS
    np.testing.assert_allclose(p.sum(axis=1), 1.0)


@pytest.mark.parametrize("missing", [False, True])
def test_probabilities_are_calibrated(many, missing):
    rows = many[many["income"].isna() == missing]
    p = true_probabilities(rows)
    for product in "bc":
        sure = np.digitize(p[product], [0.2, 0.4, 0.6, 0.8])
        for group in range(5):
            here = sure == group
            expected, seen = p[product][here].mean(), (rows["product"][here] == product).mean()
            assert abs(expected - seen) < 4 * np.sqrt(expected * (1 - expected) / here.sum()) + 1e-3


def test_missing_income_is_integrated_out():
    """p(product | no income) must be the income's average of p(product | income)."""
    row = load_customers(50).iloc[[7]]
    without = true_probabilities(row.assign(income=np.nan))
    segments = SEGMENTS[SEGMENTS["area"] == row["area"].iloc[0]]
    far, crime = logit(row["dist_unhealthy"].iloc[0] / FARTHEST_UNHEALTHY), logit(row["crime"].iloc[0])
    weight = segments["rows"] * norm.pdf(far, segments["far"], segments["far_sd"])
    weight *= norm.pdf(crime, segments["crime"], segments["crime_sd"])
    by_hand = dict(zip(segments["product"], weight / weight.sum(), strict=True))
    for product in PRODUCTS:
        assert without[product].iloc[0] == pytest.approx(by_hand.get(product, 0.0), abs=1e-12)


def test_income_density_integrates_to_one():
    from bayestuner.classifier.customers import _log_joint

    row = load_customers(50).iloc[[7]].reset_index(drop=True)
    total = np.exp(_log_joint(row.assign(income=np.nan), "c"))[0]
    area = quad(lambda x: np.exp(_log_joint(row.assign(income=x * 1000.0), "c"))[0], 20, 110, points=[60], epsabs=1e-6)
    assert area[0] == pytest.approx(total, rel=1e-4)


def test_no_probabilities_do_better(many):
    p, codes = true_probabilities(many).to_numpy(), pd.Categorical(many["product"], categories=PRODUCTS).codes
    lowest = lowest_log_loss(many)
    assert lowest == pytest.approx(lowest_log_loss(many, expected=False), abs=0.01)
    for power in (0.8, 1.25):  # less and more sure of itself than the truth
        q = p**power / (p**power).sum(axis=1, keepdims=True)
        assert -np.log(q[np.arange(len(q)), codes]).mean() > lowest_log_loss(many, expected=False)
    assert 0.4 < lowest < 0.6


def test_difficulty_is_that_of_the_real_table():
    frame = load_customers(seed=0)
    X = pd.get_dummies(frame.drop(columns=["id", "product"]), dtype=float)
    X["income"] = X["income"].fillna(X["income"].median())
    folds = StratifiedKFold(5, shuffle=True, random_state=0)
    codes = pd.Categorical(frame["product"]).codes

    def log_loss(model):
        p = cross_val_predict(model, X, codes, cv=folds, method="predict_proba")
        return -np.log(p[np.arange(len(p)), codes].clip(1e-15)).mean()

    forest = RandomForestClassifier(100, min_samples_leaf=3, random_state=0)
    assert 0.70 < log_loss(make_pipeline(StandardScaler(), LogisticRegression(max_iter=2000))) < 0.81
    assert 0.67 < log_loss(forest) < 0.74
