"""The search for the top of an acquisition, on functions whose top is known."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from contracts import Fixed, Hills
from scipy.optimize import minimize

from acquisition import (
    Acquisition,
    AcquisitionError,
    ExpectedImprovement,
    LogExpectedImprovement,
    NotFittedError,
    maximize,
)
from acquisition.ascent import ascend
from acquisition.search import around_incumbents, sobol
from gp import RBF, GaussianProcess, ParameterError

SQUARE = np.array([[0.0, 1.0], [0.0, 1.0]])


@dataclass(frozen=True)
class Of(Acquisition):
    """The value of a point is a formula of the point."""

    f: Any

    def __call__(self, posterior, X, best):
        return np.asarray(self.f(X))


class Nobody(Fixed):
    def __init__(self, X=None):
        super().__init__(0.0, 1.0)
        if X is not None:
            self.X = np.asarray(X, dtype=float)


def search(f, bounds=SQUARE, seed=0, posterior=None, **settings):
    return maximize(Of(f), posterior or Nobody(), 0.0, bounds, seed=seed, **settings)


def bowl(top):
    return lambda X: -((X - top) ** 2).sum(axis=1)


@pytest.mark.parametrize("d", [1, 2, 6, 15])
@pytest.mark.parametrize("seed", range(3))
def test_the_top_of_a_bowl(d, seed):
    top = np.linspace(0.2, 0.9, d)
    x, value = search(bowl(top), np.tile([0.0, 1.0], (d, 1)), seed)
    np.testing.assert_allclose(x, top, atol=1e-5)
    assert value == pytest.approx(0.0, abs=1e-9)


@pytest.mark.parametrize("seed", range(3))
def test_a_curved_ridge(seed):
    x, _ = search(lambda X: -((1 - X[:, 0]) ** 2) - 100 * (X[:, 1] - X[:, 0] ** 2) ** 2, SQUARE * 2, seed)
    np.testing.assert_allclose(x, [1.0, 1.0], atol=5e-3)


@pytest.mark.parametrize("seed", range(5))
def test_the_highest_of_many_tops(seed):
    def branin(X):
        a, b = 15 * X[:, 0] - 5, 15 * X[:, 1]
        return -(
            (b - 5.1 * a**2 / (4 * np.pi**2) + 5 * a / np.pi - 6) ** 2 + 10 * (1 - 1 / (8 * np.pi)) * np.cos(a) + 10
        )

    assert search(branin, seed=seed)[1] == pytest.approx(-0.39788735772973816, abs=1e-7)
    waves = search(lambda X: np.cos(9 * np.pi * X).sum(axis=1) - 9 * ((X - 0.45) ** 2).sum(axis=1), seed=seed)
    np.testing.assert_allclose(waves[0], 4 / 9, atol=0.01)


@pytest.mark.parametrize("seed", range(3))
def test_a_top_at_a_corner_and_on_an_edge(seed):
    np.testing.assert_array_equal(search(lambda X: X[:, 0] - X[:, 1], seed=seed)[0], [1.0, 0.0])
    x, _ = search(lambda X: X[:, 0] - (X[:, 1] - 0.3) ** 2, seed=seed)
    np.testing.assert_allclose(x, [1.0, 0.3], atol=1e-5)
    assert x[0] == 1.0


def test_any_box_will_do():
    bounds = np.array([[-1e6, 1e6], [1e-9, 2e-9]])
    top = np.array([2e5, 1.25e-9])
    x, _ = search(lambda X: -(((X - top) / (bounds[:, 1] - bounds[:, 0])) ** 2).sum(axis=1), bounds)
    np.testing.assert_allclose(x, top, rtol=1e-4)
    assert (bounds[:, 0] <= x).all()
    assert (x <= bounds[:, 1]).all()


def test_nothing_outside_the_box_is_asked_for():
    seen = []

    def f(X):
        seen.append(X.copy())
        return X.sum(axis=1)

    class Sloped(Acquisition):
        def score(self, mean, std, best):
            return mean

    class Plane(Nobody):
        def predict(self, X):
            return f(X), np.ones(len(X))

        def predict_gradient(self, X):
            return np.ones(X.shape), np.zeros(X.shape)

    bounds = np.array([[-0.1, 0.3], [0.7, 0.7], [5.0, 6.0]])
    x, _ = maximize(Sloped(), Plane(X=[[9.0, 9.0, 9.0]]), 0.0, bounds, seed=0)
    np.testing.assert_array_equal(x, [0.3, 0.7, 6.0])
    inside = np.vstack(seen[1:])  # the first call asks for the observed points themselves
    assert (inside >= bounds[:, 0]).all()
    assert (inside <= bounds[:, 1]).all()


def test_a_coordinate_that_cannot_move_does_not_stop_the_others():
    x, _ = search(lambda X: bowl(0.3)(X) + 1e7 * X[:, 1], [[0.0, 1.0], [0.3, 0.3]])
    np.testing.assert_allclose(x, [0.3, 0.3], atol=1e-5)
    np.testing.assert_array_equal(search(bowl(0.3), [[0.5, 0.5], [0.1, 0.1]])[0], [0.5, 0.1])


@pytest.mark.parametrize("scale", [1e-12, 1e-6, 1e6, 1e12])
def test_the_scale_of_the_acquisition_does_not_matter(scale):
    x, _ = search(lambda X: scale * bowl(0.3)(X))
    np.testing.assert_allclose(x, 0.3, atol=1e-5)


def test_small_expected_improvements_are_climbed_like_large_ones():
    prior = GaussianProcess(RBF(0.3), noise=1e-6)
    posterior = prior.condition([[0.0], [0.4], [1.0]], [0.0, 1.0, 0.2])
    best = 4.5  # far above: EI is about 1e-6
    x, value = maximize(ExpectedImprovement(), posterior, best, [[0.0, 1.0]], seed=0)
    y, _ = maximize(LogExpectedImprovement(), posterior, best, [[0.0, 1.0]], seed=0)
    assert 0 < value < 1e-4
    np.testing.assert_allclose(x, y, atol=1e-4)


def test_the_same_seed_gives_the_same_point_and_leaves_numpys_generator_alone():
    np.random.seed(7)  # noqa: NPY002
    before = np.random.get_state()[1].copy()  # noqa: NPY002
    f = lambda X: np.sin(20 * X).sum(axis=1)  # noqa: E731
    first, again, other = search(f, seed=1), search(f, seed=1), search(f, seed=2)
    np.testing.assert_array_equal(first[0], again[0])
    assert first[1] == again[1]
    assert not np.array_equal(first[0], other[0])
    np.testing.assert_array_equal(np.random.get_state()[1], before)  # noqa: NPY002
    assert isinstance(first[1], float)
    assert first[0].shape == (2,)


def test_the_value_is_that_of_the_point():
    f = lambda X: np.sin(20 * X).sum(axis=1)  # noqa: E731
    x, value = search(f, seed=3, project=lambda X: np.round(X, 1))
    assert value == f(x[None])[0]


def test_projected_points_are_legal_and_the_best_of_the_legal_ones():
    x, value = search(bowl(np.array([0.32, 0.5])), project=lambda X: np.stack([np.round(X[:, 0]), X[:, 1]], axis=1))
    assert x[0] == 0.0
    assert x[1] == pytest.approx(0.5, abs=1e-5)
    assert value == pytest.approx(-(0.32**2), abs=1e-9)


def test_excluded_points_are_not_proposed_while_there_is_another():
    whole = lambda X: np.round(3 * X) / 3  # noqa: E731
    taken = []
    for _ in range(4):
        x, _ = search(bowl(0.3), [[0.0, 1.0]], project=whole, exclude=np.array(taken).reshape(-1, 1))
        taken.append(x)
    np.testing.assert_allclose(np.ravel(taken), [1 / 3, 0.0, 2 / 3, 1.0])
    x, value = search(bowl(0.3), [[0.0, 1.0]], project=whole, exclude=np.array(taken))
    assert x == pytest.approx(1 / 3)
    assert value == pytest.approx(-((1 / 3 - 0.3) ** 2))


def test_an_excluded_top_is_not_proposed_though_every_climb_ends_there():
    uphill = lambda X: X[:, 0] - X[:, 1]  # noqa: E731
    x, value = search(uphill, exclude=np.array([[1.0, 0.0]]))
    assert np.abs(x - [1.0, 0.0]).max() > 1e-9
    assert 0.9 < value < 1.0
    assert value == uphill(x[None])[0]


# --- nothing to choose by


@pytest.mark.parametrize("level", [0.0, 5.0, -np.inf, np.nan])
def test_without_a_preference_the_farthest_candidate_is_taken(level):
    flat = lambda X: np.full(len(X), level)  # noqa: E731
    X = np.array([[0.1, 0.1], [0.2, 0.15]])
    x, value = search(flat, posterior=Nobody(X))
    assert np.abs(x - X).sum(axis=1).min() > 1.2
    assert value == level or level != level
    np.testing.assert_array_equal(search(flat, posterior=Nobody(X))[0], x)
    assert ((search(flat)[0] >= 0) & (search(flat)[0] <= 1)).all()


@pytest.mark.parametrize("X", [None, [[0.5, 0.5]]])
def test_without_a_preference_excluded_points_are_left_out_too(X):
    flat = lambda X: np.zeros(len(X))  # noqa: E731
    first, _ = search(flat, posterior=Nobody(X))
    second, _ = search(flat, posterior=Nobody(X), exclude=first[None])
    assert np.abs(first - second).max() > 1e-9


def test_a_plateau_among_forbidden_points_is_found():
    x, value = search(
        lambda X: np.where((np.abs(X - 0.5) < 0.03).all(axis=1), 1.0, -np.inf), posterior=Nobody([[0, 0]])
    )
    assert value == 1.0
    assert (np.abs(x - 0.5) < 0.03).all()


def test_a_single_point_that_is_a_number_wins():
    _, value = search(lambda X: np.where(np.arange(len(X)) == len(X) // 2, 3.0, np.nan), candidates=64)
    assert value == 3.0


def test_holes_in_an_acquisition_are_climbed_around():
    x, value = search(lambda X: np.where(X[:, 0] > 0.5, -np.sqrt(np.abs(X[:, 0] - 0.6)), -np.inf))
    assert x[0] == pytest.approx(0.6, abs=1e-3)
    x, value = search(lambda X: np.where(X[:, 0] > 0.5, bowl(0.3)(X), np.nan))
    assert value == pytest.approx(-0.04, abs=2e-3)


# --- the parts


def test_ascend_never_ends_below_its_start_and_stays_in_the_box():
    rng = np.random.default_rng(0)
    starts = rng.uniform(-1, 2, size=(30, 3))
    bounds = np.tile([0.0, 1.0], (3, 1))

    def rough(X):
        gradient = 40 * np.cos(40 * X) + rng.normal(size=X.shape) * 20  # wrong on purpose
        return np.sin(40 * X).sum(axis=1), gradient

    tops, values = ascend(rough, starts, bounds)
    assert (values >= rough(np.clip(starts, 0, 1))[0]).all()
    np.testing.assert_allclose(values, rough(tops)[0], atol=1e-12)
    assert ((tops >= 0) & (tops <= 1)).all()


def test_ascend_finds_the_top_of_a_bowl_from_every_start():
    scales = np.array([1.0, 30.0, 0.05])
    f = lambda X: (-(scales * (X - 0.4) ** 2).sum(axis=1), -2 * scales * (X - 0.4))  # noqa: E731
    tops, values = ascend(f, np.random.default_rng(0).uniform(size=(20, 3)), np.tile([0.0, 1.0], (3, 1)))
    np.testing.assert_allclose(tops, 0.4, atol=1e-4)
    np.testing.assert_allclose(values, 0.0, atol=1e-9)


@pytest.mark.parametrize("seed", range(10))
def test_ascend_along_the_sides_of_the_box_is_as_good_as_scipy(seed):
    rng = np.random.default_rng(seed)
    root, top = rng.normal(size=(6, 6)), rng.uniform(-0.3, 1.3, 6)  # coupled coordinates, the top often outside
    A = root @ root.T + 0.1 * np.eye(6)
    f = lambda X: (-0.5 * ((X - top) @ A * (X - top)).sum(axis=1), -(X - top) @ A)  # noqa: E731
    bounds = np.tile([0.0, 1.0], (6, 1))
    _, values = ascend(f, rng.uniform(size=(4, 6)), bounds)
    downhill = lambda x: tuple(-part[0] for part in f(x[None]))  # noqa: E731
    best = minimize(downhill, np.full(6, 0.5), jac=True, bounds=bounds, options={"ftol": 1e-15, "gtol": 1e-10})
    np.testing.assert_allclose(values, -best.fun, rtol=0, atol=1e-10)


def test_ascend_from_nowhere_and_on_a_plateau():
    flat = lambda X: (np.zeros(len(X)), np.zeros(X.shape))  # noqa: E731
    assert ascend(flat, np.zeros((0, 2)), SQUARE)[0].shape == (0, 2)
    starts = np.array([[0.3, 0.4]])
    np.testing.assert_array_equal(ascend(flat, starts, SQUARE)[0], starts)


def test_ascend_survives_what_is_not_a_number():
    def broken(X):
        return np.where(X[:, 0] > 0.5, np.nan, X[:, 0]), np.where(X > 0.4, np.inf, 1.0)

    tops, values = ascend(broken, np.array([[0.1, 0.5], [0.45, 0.5], [0.9, 0.5]]), SQUARE)
    assert np.isfinite(tops).all()
    assert values[0] >= 0.1
    assert values[1] >= 0.45
    assert values[2] == -np.inf


@pytest.mark.parametrize("n", [1, 5, 64, 100])
def test_sobol_points_fill_the_box(n):
    points = sobol(n, np.array([[0.0, 1.0], [-3.0, -1.0]]), np.random.default_rng(0))
    assert points.shape == (n, 2)
    assert ((points >= [0, -3]) & (points <= [1, -1])).all()
    if n == 64:
        counts = np.histogram2d(*points.T, bins=4, range=[[0, 1], [-3, -1]])[0]
        np.testing.assert_array_equal(counts, 4)


def test_the_surroundings_of_incumbents_hold_the_best_points_themselves():
    class Ramp(Nobody):
        def predict(self, X):
            return X[:, 0], np.ones(len(X))

    X = np.random.default_rng(0).uniform(size=(20, 2))
    around = around_incumbents(Ramp(X), SQUARE, np.random.default_rng(0))
    best = X[np.argsort(-X[:, 0])[:5]]
    np.testing.assert_array_equal(around[:5], best)
    assert ((around >= 0) & (around <= 1)).all()
    assert around_incumbents(Nobody(), SQUARE, np.random.default_rng(0)).shape == (0, 2)


def test_prepare_is_called_once_with_what_it_promises():
    calls = []

    @dataclass(frozen=True)
    class Prepared(Acquisition):
        shift: float = 0.0

        def prepare(self, posterior, best, bounds, *, seed, seconds=None):
            calls.append((best, bounds.tolist(), seed))
            return Prepared(0.7)

        def __call__(self, posterior, X, best):
            return bowl(self.shift)(X)

    x, _ = maximize(Prepared(), Hills(), 0.5, SQUARE, seed=11)
    np.testing.assert_allclose(x, 0.7, atol=1e-5)
    assert calls == [(0.5, SQUARE.tolist(), 11)]


# --- what is refused


@pytest.mark.parametrize("bounds", [[0, 1], [[1, 0]], [[0, np.inf]], [[np.nan, 1]], np.zeros((0, 2)), [[0, 1, 2]]])
def test_bounds_are_checked(bounds):
    with pytest.raises(ParameterError, match="bounds"):
        search(bowl(0.3), bounds)


@pytest.mark.parametrize("shape", [(-1, 1), (1,), ()])
def test_a_wrong_shape_is_named(shape):
    with pytest.raises(AcquisitionError, match="Of returned shape"):
        search(lambda X: np.zeros(len(X)).reshape(shape) if shape == (-1, 1) else np.zeros(shape))


@pytest.mark.parametrize("settings", [{"candidates": 0}, {"candidates": -1}, {"starts": -1}])
def test_counts_are_checked(settings):
    with pytest.raises(ParameterError, match=next(iter(settings))):
        search(bowl(0.3), **settings)


def test_before_any_observation_there_is_nothing_to_improve_on():
    with pytest.raises(NotFittedError, match="no observations"):
        search(bowl(0.3), posterior=Nobody(np.zeros((0, 2))))
