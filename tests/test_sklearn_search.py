"""BayesSearchCV: by scikit-learn's own checks, against GridSearchCV, and as the search that it is."""

import pickle
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
import sklearn
from scipy import sparse
from scipy.stats import loguniform
from sklearn.base import BaseEstimator, ClassifierMixin, clone
from sklearn.datasets import load_digits, load_iris, make_regression
from sklearn.dummy import DummyClassifier
from sklearn.exceptions import FitFailedWarning, UnsetMetadataPassedError
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.metrics import get_scorer, make_scorer
from sklearn.model_selection import (
    GridSearchCV,
    GroupKFold,
    KFold,
    RandomizedSearchCV,
    ShuffleSplit,
    StratifiedKFold,
    cross_val_score,
)
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC
from sklearn.utils.estimator_checks import parametrize_with_checks

from bayestuner import Categorical, Integer, ParameterError, Real, SmallGain, Space, SpaceError, maximize
from bayestuner.sklearn import BayesSearchCV
from gp import RBF

C = {"C": Real(0.01, 100.0, log=True)}
ALPHA = {"alpha": Real(0.01, 100.0, log=True)}


@pytest.fixture(scope="module")
def iris():
    X, y = load_iris(return_X_y=True)
    X = StandardScaler().fit_transform(X)
    order = np.random.default_rng(0).permutation(len(y))
    return X[order], y[order]


def search(estimator=None, space=C, **options):
    options = {"n_iter": 6, "cv": 3, "n_initial": 3, "random_state": 0, **options}
    return BayesSearchCV(SVC() if estimator is None else estimator, space, **options)


class Picky(ClassifierMixin, BaseEstimator):
    """Fits where x is large enough; its score is x."""

    def __init__(self, x=0.0, least=0.5):
        self.x = x
        self.least = least

    def fit(self, X, y):
        if self.x < self.least:
            raise ArithmeticError(f"x = {self.x} is too small")
        self.classes_ = np.unique(y)
        return self

    def predict(self, X):
        return np.full(len(X), self.classes_[0])

    def score(self, X, y):
        return self.x


# scikit-learn's checks, with no expected failure


@pytest.mark.filterwarnings("ignore")  # the checks make estimators warn
@parametrize_with_checks(
    [
        BayesSearchCV(LogisticRegression(), C, n_iter=3, n_initial=2, cv=2, random_state=0),
        BayesSearchCV(Ridge(), ALPHA, n_iter=3, n_initial=2, cv=2, random_state=0),
    ]
)
def test_scikit_learns_checks(estimator, check):
    check(estimator)


# the table of results


def comparable(results):
    return {name: column for name, column in results.items() if not name.endswith("_time")}


@pytest.mark.parametrize("n_points", [1, 4])
@pytest.mark.parametrize(
    "options",
    [{}, {"return_train_score": True}, {"scoring": ["accuracy", "neg_log_loss"], "refit": "neg_log_loss"}],
)
def test_the_table_is_the_one_that_grid_search_makes_of_these_candidates(iris, options, n_points):
    estimator = LogisticRegression()
    ours = search(estimator, n_points=n_points, **options).fit(*iris)
    grid = GridSearchCV(estimator, [{"C": [p["C"]]} for p in ours.cv_results_["params"]], cv=3, **options).fit(*iris)
    expected = comparable(grid.cv_results_)
    found = comparable(ours.cv_results_)
    assert list(found) == list(expected)
    for name in expected:
        assert type(found[name]) is type(expected[name])
        np.testing.assert_array_equal(found[name], expected[name])
    assert (ours.best_params_, ours.best_score_, ours.best_index_) == (
        grid.best_params_, grid.best_score_, grid.best_index_
    )  # fmt: skip
    assert ours.n_splits_ == 3
    assert {"mean_fit_time", "std_score_time"} <= set(ours.cv_results_)
    np.testing.assert_array_equal(ours.predict(iris[0]), grid.predict(iris[0]))
    assert ours.score(*iris) == grid.score(*iris)


def test_parameters_that_are_there_only_sometimes_are_masked(iris):
    space = {"kernel": ["rbf", "linear"], "gamma": Real(0.001, 1.0, log=True).when(kernel="rbf"), **C}
    results = search(space=space, n_iter=8).fit(*iris).cv_results_
    assert set(results["param_kernel"]) == {"rbf", "linear"}
    np.testing.assert_array_equal(results["param_gamma"].mask, results["param_kernel"] == "linear")
    assert not results["param_C"].mask.any()


# the search


def test_it_is_the_search_of_maximize(iris):
    X, y = iris
    found = search(n_iter=8).fit(X, y)
    history = maximize(lambda C: cross_val_score(SVC(C=C), X, y, cv=3).mean(), C, 8, n_initial=3, seed=0)
    assert [t.params for t in found.history_.trials] == [t.params for t in history.trials]
    assert [t.value for t in found.history_.trials] == [t.value for t in history.trials]
    assert found.cv_results_["params"] == [t.params for t in history.trials]
    assert found.history_.best_params == found.best_params_
    assert found.history_.direction == "maximize"
    assert all(trial.seconds > 0 for trial in found.history_.trials)
    assert len(found.history_.steps) == 5


def test_the_same_random_state_is_the_same_search(iris):
    def points(**options):
        return search(**options).fit(*iris).cv_results_["params"]

    first = points()
    assert points() == first
    assert points(random_state=1) != first
    assert points(random_state=None) != points(random_state=None)
    assert points(random_state=np.random.RandomState(5)) == points(random_state=np.random.RandomState(5))


def test_numpys_global_generator_has_no_part_in_it(iris):
    before = np.random.get_state()  # noqa: NPY002
    neighbours = BayesSearchCV(KNeighborsClassifier(), {"n_neighbors": (1, 20)}, n_iter=6, cv=3, n_initial=3)
    neighbours.fit(*iris)  # an estimator that draws nothing itself, as SVC does
    for now, then in zip(np.random.get_state(), before, strict=True):  # noqa: NPY002
        np.testing.assert_array_equal(now, then)


def test_processes_find_what_one_finds(iris):
    alone = search().fit(*iris)
    together = search(n_jobs=2).fit(*iris)
    for name, column in comparable(alone.cv_results_).items():
        np.testing.assert_array_equal(column, together.cv_results_[name])


@pytest.mark.parametrize("cv", [KFold(3, shuffle=True), ShuffleSplit(3, test_size=0.3)])
def test_all_candidates_are_scored_on_the_same_splits(iris, cv):
    found = search(DummyClassifier(strategy="stratified", random_state=0), {"constant": [0, 1, 2]}, cv=cv).fit(*iris)
    scores = np.array([found.cv_results_[f"split{k}_test_score"] for k in range(3)])
    assert len(np.unique(scores, axis=1).T) == 1  # the parameter changes nothing, so only other splits could


def test_a_generator_of_splits(iris):
    splits = StratifiedKFold(3).split(*iris)
    assert search(cv=splits).fit(*iris).best_score_ == search().fit(*iris).best_score_


def test_rounds_of_several_candidates(iris):
    found = search(n_iter=7, n_points=3).fit(*iris)
    assert len(found.cv_results_["params"]) == 7
    assert [step.pending for step in found.history_.steps] == [(), (3,), (3, 4), ()]


def test_a_finite_space_is_tried_once(iris):
    found = search(space={"kernel": ["rbf", "linear"], "degree": (2, 3)}, n_iter=30, n_points=3).fit(*iris)
    assert len(found.cv_results_["params"]) == 4
    assert found.history_.stopped == "every point of the space has been tried"


def test_it_ends_in_time_and_by_a_rule(iris):
    assert len(search(timeout=1e-9).fit(*iris).cv_results_["params"]) == 1
    found = search(n_iter=60, stop=SmallGain(tolerance=1.0)).fit(*iris)
    assert found.history_.stopped.startswith("expected gain below")
    assert len(found.cv_results_["params"]) == 6


def test_a_kernel_of_ones_own(iris):
    assert {step.kernel for step in search(kernel=RBF(0.3).fixed("lengthscale")).fit(*iris).history_.steps} == {
        RBF(0.3).fixed("lengthscale")
    }


def test_pictures_of_the_search(iris):
    from viz import animate

    assert len(animate(search().fit(*iris).history_)) > 6


def test_it_is_better_than_random_search_with_twice_the_fits_on_a_smooth_score():
    X, y = make_regression(60, 30, noise=20.0, random_state=1)
    ours, random = [], []
    for seed in range(3):
        ours.append(search(Ridge(), ALPHA, n_iter=12, random_state=seed).fit(X, y).best_score_)
        distributions = {"alpha": loguniform(0.01, 100.0)}
        other = RandomizedSearchCV(Ridge(), distributions, n_iter=24, cv=3, random_state=seed)
        random.append(other.fit(X, y).best_score_)
    assert np.median(ours) > np.median(random)


@pytest.mark.slow
def test_thirty_candidates_are_as_good_as_sixty_random_ones():
    X, y = load_digits(return_X_y=True)
    rows = np.random.default_rng(0).permutation(len(y))[:600]
    space = {"C": Real(1e-3, 1e3, log=True), "gamma": Real(1e-5, 10.0, log=True)}
    distributions = {"C": loguniform(1e-3, 1e3), "gamma": loguniform(1e-5, 10.0)}
    ours, random = [], []
    for seed in range(5):
        options = {"cv": 3, "random_state": seed}
        ours.append(BayesSearchCV(SVC(), space, n_iter=30, **options).fit(X[rows], y[rows]).best_score_)
        other = RandomizedSearchCV(SVC(), distributions, n_iter=60, **options)
        random.append(other.fit(X[rows], y[rows]).best_score_)
    assert np.median(ours) >= np.median(random)


# scoring


def test_the_metric_that_is_searched(iris):
    def values(**options):
        found = search(LogisticRegression(), scoring=["accuracy", "neg_log_loss"], **options).fit(*iris)
        assert len(found.cv_results_["rank_test_accuracy"]) == len(found.cv_results_["rank_test_neg_log_loss"]) == 6
        return found.history_.best_value

    assert values(refit="accuracy") > 0
    assert values(refit="neg_log_loss") < 0
    assert values(refit=False) > 0  # the first
    assert values(refit=False, metric="neg_log_loss") < 0
    assert values(refit=lambda results: 2, metric="neg_log_loss") < 0


def test_a_metric_that_is_not_there(iris):
    with pytest.raises(ParameterError, match="metric = 'f1' is none of the scores accuracy, recall_macro"):
        search(scoring=["accuracy", "recall_macro"], refit=False, metric="f1").fit(*iris)
    with pytest.raises(ParameterError, match="metric = 'f1' is none of the scores score"):
        search(metric="f1").fit(*iris)


def test_scoring_by_a_function_of_several_scores(iris):
    def scoring(estimator, X, y):
        return {"right": estimator.score(X, y), "C": -estimator.C}

    found = search(scoring=scoring, refit="C").fit(*iris)
    assert found.best_params_["C"] == min(p["C"] for p in found.cv_results_["params"])


def test_refit(iris):
    with pytest.raises(AttributeError, match="no attribute 'predict'"):
        search(refit=False).fit(*iris).predict(iris[0])
    found = search(refit=lambda results: int(np.argmin(results["param_C"]))).fit(*iris)
    assert found.best_estimator_.C == found.best_params_["C"] == min(found.cv_results_["param_C"])


# failures


def test_candidates_that_fail_are_failed_trials_in_their_places(iris):
    found = search(Picky(), {"x": (0.0, 1.0)}, n_iter=10, return_train_score=True)
    failures = pytest.warns(FitFailedWarning, match="All fits of .*'x'.* failed, the score is set to nan")
    with failures, pytest.warns(UserWarning, match="scores are non-finite"):
        found.fit(*iris)
    x = np.array([p["x"] for p in found.cv_results_["params"]])
    failed = x < 0.5
    assert 0 < failed.sum() < 5  # the search keeps away from there
    np.testing.assert_allclose(found.cv_results_["mean_test_score"], np.where(failed, np.nan, x), rtol=1e-14)
    np.testing.assert_array_equal(found.cv_results_["split1_train_score"], np.where(failed, np.nan, x))
    assert [trial.status == "failed" for trial in found.history_.trials] == failed.tolist()
    assert "is too small" in next(trial.error for trial in found.history_.trials if trial.error)
    assert found.best_params_["x"] == x.max()
    assert found.cv_results_["rank_test_score"][failed].min() > found.cv_results_["rank_test_score"][~failed].max()


def test_failures_of_several_metrics(iris):
    scoring = {"x": lambda estimator, X, y: estimator.x, "half": lambda estimator, X, y: estimator.x / 2}
    options = {"scoring": scoring, "refit": "half", "metric": "x"}
    with pytest.warns(FitFailedWarning), pytest.warns(UserWarning, match="non-finite"):
        found = search(Picky(), {"x": (0.0, 1.0)}, n_iter=8, **options).fit(*iris)
    half = found.cv_results_["mean_test_half"]
    assert np.isnan(half).any()
    np.testing.assert_array_equal(half, found.cv_results_["mean_test_x"] / 2)
    assert found.best_score_ == np.nanmax(half)


def test_a_score_in_place_of_failures(iris):
    with pytest.warns(FitFailedWarning, match="set to -1"):
        found = search(Picky(), {"x": (0.0, 1.0)}, error_score=-1.0).fit(*iris)
    values = [trial.value for trial in found.history_.trials]
    assert values == found.cv_results_["mean_test_score"].tolist()
    assert min(values) == -1.0


def test_a_scorer_that_fails_or_gives_nan(iris):
    def nan_below_one(estimator, X, y):
        return np.nan if estimator.C < 1 else estimator.score(X, y)

    with pytest.warns(UserWarning, match="non-finite"):
        found = search(scoring=nan_below_one, n_iter=8).fit(*iris)
    status = [trial.status for trial in found.history_.trials]
    assert status == ["failed" if p["C"] < 1 else "complete" for p in found.cv_results_["params"]]
    assert found.best_params_["C"] >= 1


def test_failures_can_be_raised(iris):
    with pytest.raises(ArithmeticError, match="too small"):
        search(Picky(), {"x": (0.0, 0.4)}, error_score="raise").fit(*iris)


def test_nothing_but_failures(iris):
    found = search(Picky(), {"x": (0.0, 0.4)}, n_iter=4)
    with pytest.raises(ValueError, match="None of 12 fits succeeded"), pytest.warns(FitFailedWarning):
        found.fit(*iris)
    assert [trial.status for trial in found.history_.trials] == ["failed"] * 4


def test_a_search_that_is_interrupted_keeps_what_was_found(iris):
    calls = []

    def scoring(estimator, X, y):
        calls.append(estimator)
        if len(calls) > 12:
            raise KeyboardInterrupt
        return estimator.score(X, y)

    found = search(scoring=scoring)
    with pytest.raises(KeyboardInterrupt):
        found.fit(*iris)
    assert [trial.status for trial in found.history_.trials] == ["complete"] * 4 + ["running"]
    assert found.history_.stopped == "stopped by KeyboardInterrupt"


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"n_iter": 0}, ParameterError, "n_iter must be >= 1"),
        ({"n_points": 1.5}, ParameterError, "n_points must be a whole number"),
        ({"timeout": -1}, ParameterError, "timeout must be a number of seconds > 0"),
        ({"space": {}}, SpaceError, "at least one parameter"),
        ({"space": {"C": (1.0, 0.1)}}, SpaceError, "C.*low must not be above high"),
        ({"space": {"c": (0.1, 1.0)}}, ValueError, "Invalid parameter 'c' for estimator SVC"),
        ({"random_state": -1}, ParameterError, "seed must be >= 0"),
        ({"scoring": "acuracy"}, ValueError, "acuracy"),
    ],
)
def test_what_cannot_be_searched(iris, options, error, message):
    with pytest.raises(error, match=message):
        search(**options).fit(*iris)


# what goes in


def test_pipelines_whose_steps_are_searched(iris):
    pipeline = Pipeline([("scale", StandardScaler()), ("model", SVC())])
    svc, logistic = SVC(), LogisticRegression()
    space = {
        "model": [svc, logistic],
        "model__C": Real(0.01, 100.0, log=True),
        "model__gamma": Real(0.01, 1.0, log=True).when(model=svc),
        "scale": [StandardScaler(), "passthrough"],
    }
    found = clone(search(pipeline, Space(space), n_iter=10)).fit(*iris)
    assert {type(model) for model in found.cv_results_["param_model"]} == {SVC, LogisticRegression}
    assert found.best_params_["model__C"] == found.best_estimator_["model"].C
    assert svc.C == 1.0  # the caller's own is not touched
    assert not hasattr(svc, "support_")


def test_every_way_to_write_a_space(iris):
    for space in (
        Space({"C": (0.1, 10.0), "degree": (2, 4), "kernel": ["rbf", "poly"]}),
        {"C": Real(0.1, 10.0), "degree": Integer(2, 4), "kernel": Categorical(["rbf", "poly"])},
        {"C": [0.1, 1.0, 10.0], "kernel": ["rbf", "poly"]},  # as it was written for GridSearchCV
    ):
        assert set(search(space=space).fit(*iris).best_params_) == set(space)


def test_frames_and_sparse_matrices(iris):
    X, y = iris
    frame = pd.DataFrame(X, columns=["a", "b", "c", "d"])
    found = search(make_pipeline(StandardScaler(), SVC()), {"svc__C": (0.1, 10.0)}).fit(frame, pd.Series(y))
    assert list(found.feature_names_in_) == ["a", "b", "c", "d"]
    assert found.n_features_in_ == 4
    dense = search(LogisticRegression()).fit(X, y)
    thin = search(LogisticRegression()).fit(sparse.csr_array(X), y)
    assert dense.best_params_ == thin.best_params_


def test_groups_are_kept_together(iris):
    groups = np.arange(150) % 5
    found = search(cv=GroupKFold(3)).fit(*iris, groups=groups)
    expected = GridSearchCV(SVC(), {"C": [found.best_params_["C"]]}, cv=GroupKFold(3)).fit(*iris, groups=groups)
    assert found.best_score_ == expected.best_score_
    with pytest.raises(ValueError, match="groups"):
        search(cv=GroupKFold(3)).fit(*iris)


def test_weights_reach_the_fits(iris):
    X, y = iris
    weights = np.where(y == 0, 0.0, 1.0)
    found = search(LogisticRegression()).fit(X, y, sample_weight=weights)
    assert set(found.predict(X)) == {1, 2}


def test_metadata_is_routed_as_asked_for(iris):
    X, y = iris
    weights = np.where(y == 0, 0.0, 1.0)
    with sklearn.config_context(enable_metadata_routing=True):
        with pytest.raises(UnsetMetadataPassedError, match="sample_weight"):
            search(SVC()).fit(X, y, sample_weight=weights)
        scorer = get_scorer("accuracy").set_score_request(sample_weight=True)
        asking = search(SVC().set_fit_request(sample_weight=False), scoring=scorer)
        found = asking.fit(X, y, sample_weight=weights)
        assert set(found.predict(X)) == {0, 1, 2}  # the weights went to the scores alone
        grouped = search(cv=GroupKFold(3)).fit(X, y, groups=np.arange(150) % 5)
        assert grouped.n_splits_ == 3


def test_a_score_of_a_decision(iris):
    X, y = iris
    two = y > 0
    scoring = make_scorer(lambda y, decision: float(np.mean((decision > 0) == y)), response_method="decision_function")
    found = search(scoring=scoring).fit(X, two)
    assert found.decision_function(X).shape == (150,)
    assert found.best_score_ > 0.95


def test_unsupervised(iris):
    from sklearn.neighbors import KernelDensity

    found = search(KernelDensity(), {"bandwidth": Real(0.01, 10.0, log=True)}, n_iter=10).fit(iris[0])
    assert 0.05 < found.best_params_["bandwidth"] < 2
    with pytest.raises(ValueError, match="SVC requires y to be passed"):
        search().fit(iris[0])


# clones, copies, displays


def test_clones_and_pickles(iris):
    found = search(space=Space(C)).fit(*iris)
    copied = pickle.loads(pickle.dumps(found))
    np.testing.assert_array_equal(copied.predict(iris[0]), found.predict(iris[0]))
    assert copied.history_.best == found.history_.best
    again = clone(found)
    assert not hasattr(again, "history_")
    assert again.fit(*iris).cv_results_["params"] == found.cv_results_["params"]
    assert found.set_params(n_iter=4, estimator__kernel="linear").fit(*iris).best_estimator_.kernel == "linear"
    assert len(found.cv_results_["params"]) == 4


def test_it_can_be_cross_validated_itself(iris):
    assert cross_val_score(search(), *iris, cv=3).mean() > 0.9


def test_it_shows_itself(iris):
    found = search(make_pipeline(StandardScaler(), SVC()), {"svc__C": (0.1, 10.0)})
    assert "BayesSearchCV" in repr(found)
    assert "StandardScaler" in found._repr_html_()
    assert "best_estimator_" in found.fit(*iris)._repr_html_()


def test_a_search_without_networks_does_not_load_pytorch():
    code = "import sys; from bayestuner.sklearn import BayesSearchCV; print('torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_networks_are_searched_like_any_estimator(iris):
    from bayestuner.sklearn import TunableClassifier

    model = make_pipeline(StandardScaler(), TunableClassifier(neuron_pct=0.02, epochs=15, random_state=0))
    name = "tunableclassifier__learning_rate"
    found = search(model, {name: Real(1e-4, 0.1, log=True)}, scoring="neg_log_loss").fit(*iris)
    assert found.best_estimator_[-1].learning_rate == found.best_params_[name] > 0.001


def test_no_such_name():
    with pytest.raises(ImportError, match="HalvingBayesSearchCV"):
        from bayestuner.sklearn import HalvingBayesSearchCV  # noqa: F401
