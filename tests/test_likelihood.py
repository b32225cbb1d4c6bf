"""The marginal likelihood and its gradient, and the linear algebra under them."""

import logging
import math
import tracemalloc

import numpy as np
import pytest
from contracts import differences
from scipy.stats import multivariate_normal

from gp import RBF, DataError, Matern52, SeparableMatern52, linalg
from gp.likelihood import likelihood_and_gradient, log_likelihood
from gp.linalg import with_noise


def problem(n=8, d=2, seed=0):
    rng = np.random.default_rng(seed)
    return rng.uniform(size=(n, d)), rng.normal(size=n)


def test_one_observation_by_hand():
    value, gradient = likelihood_and_gradient(2.0 * RBF(), 0.5, np.array([[0.3]]), np.array([1.2]))
    total = 2.0 + 0.5
    assert value == pytest.approx(-0.5 * 1.44 / total - 0.5 * math.log(total) - 0.5 * math.log(2 * math.pi), rel=1e-15)
    by_total = 0.5 * (1.44 / total**2 - 1 / total)
    np.testing.assert_allclose(gradient, [2.0 * by_total, 0.0, 0.5 * by_total], rtol=1e-14)


@pytest.mark.parametrize("extra", [None, np.linspace(0, 0.3, 8)])
def test_value_is_the_density_of_a_normal(extra):
    X, y = problem()
    value, _ = likelihood_and_gradient(1.3 * Matern52(0.5), 0.01, X, y, extra)
    covariance = 1.3 * Matern52(0.5)(X, X) + np.diag(0.01 + (np.zeros(8) if extra is None else extra))
    assert value == pytest.approx(multivariate_normal(np.zeros(8), covariance).logpdf(y), rel=1e-12)


@pytest.mark.parametrize("extra", [None, np.linspace(0, 0.3, 8)])
@pytest.mark.parametrize("kernel", [1.3 * Matern52((0.5, 0.8)), RBF(0.4) + 0.3, (0.5 * RBF(0.4)) ** 2])
def test_gradient_is_differences(kernel, extra):
    X, y = problem()

    def at(point):
        return likelihood_and_gradient(kernel.with_theta(point[:-1]), math.exp(point[-1]), X, y, extra)[0]

    point = np.append(kernel.theta, math.log(0.01))
    gradient = likelihood_and_gradient(kernel, 0.01, X, y, extra)[1]
    np.testing.assert_allclose(gradient, differences(at, point, 1e-3), rtol=1e-8, atol=1e-9)


def test_nothing_observed_is_certain():
    value, gradient = likelihood_and_gradient(RBF((1.0, 2.0)), 0.1, np.zeros((0, 2)), np.zeros(0))
    assert value == 0
    np.testing.assert_array_equal(gradient, np.zeros(3))


def test_inputs_stay_as_they_were():
    X, y = problem()
    X0, y0 = X.copy(), y.copy()
    likelihood_and_gradient(1.3 * Matern52((0.5, 0.8)), 0.01, X, y)
    np.testing.assert_array_equal(X, X0)
    np.testing.assert_array_equal(y, y0)


@pytest.mark.parametrize("order", ["C", "F"])
def test_with_noise_adds_to_the_diagonal_of_a_copy(order):
    K = np.array([[1.0, 2.0], [3.0, 4.0]], order=order)
    np.testing.assert_array_equal(with_noise(K, 0.5), [[1.5, 2.0], [3.0, 4.5]])
    np.testing.assert_array_equal(with_noise(K, 0.5, np.array([0.0, 1.0])), [[1.5, 2.0], [3.0, 5.5]])
    np.testing.assert_array_equal(K, [[1.0, 2.0], [3.0, 4.0]])


def test_triangles():
    A = np.random.default_rng(0).normal(size=(5, 5))
    K, B = A @ A.T + np.eye(5), np.arange(15.0).reshape(5, 3)
    L = linalg.cholesky(K)
    np.testing.assert_array_equal(L, np.tril(L))
    np.testing.assert_allclose(L @ L.T, K, rtol=1e-13)
    np.testing.assert_allclose(linalg.solve_lower(L, B), np.linalg.solve(L, B), rtol=1e-11)
    np.testing.assert_allclose(linalg.solve(L, B), np.linalg.solve(K, B), rtol=1e-11)
    np.testing.assert_allclose(linalg.solve(L, B[:, 0]), np.linalg.solve(K, B[:, 0]), rtol=1e-11)
    np.testing.assert_allclose(linalg.half_inverse(L), np.tril(np.linalg.inv(K)), rtol=1e-11)
    y = B[:, 1]
    assert log_likelihood(L, y, linalg.solve(L, y)) == pytest.approx(multivariate_normal(cov=K).logpdf(y), rel=1e-13)


def test_jitter_is_as_small_as_helps_and_is_logged_once(caplog):
    with caplog.at_level(logging.WARNING, logger="bayestuner"):
        L = linalg.cholesky(np.full((3, 3), 4.0))
    assert "added 4.0e-10" in caplog.text
    assert len(caplog.records) == 1
    np.testing.assert_allclose(L @ L.T, np.full((3, 3), 4.0), atol=1e-9)


@pytest.mark.parametrize("order", ["C", "F"])
@pytest.mark.parametrize("noise", [0.5, np.linspace(0.1, 0.4, 4)])
def test_a_factor_with_noise_leaves_the_covariance_as_it_is(order, noise):
    K = np.array(Matern52(0.5)(*[problem(4)[0]] * 2), order=order)
    before = K.copy()
    L = linalg.cholesky(K, noise)
    np.testing.assert_array_equal(K, before)
    np.testing.assert_allclose(L @ L.T, K + np.diag(np.broadcast_to(noise, 4)), rtol=1e-14)
    linalg.half_inverse(L)
    np.testing.assert_array_equal(L, linalg.cholesky(K, noise))


def test_jitter_is_a_share_of_the_diagonal_with_noise(caplog):
    K = np.full((3, 3), 4.0) - np.diag([1.0, 1.0, 1.0])
    with caplog.at_level(logging.WARNING, logger="bayestuner"):
        linalg.cholesky(K, 1.0)
    assert "added 4.0e-10" in caplog.text


@pytest.mark.parametrize("kernel", [1.3 * Matern52((0.5,) * 4), 1.3 * SeparableMatern52((0.5,) * 4) + 10.0], ids=repr)
def test_a_likelihood_needs_the_memory_of_five_matrices(kernel, monkeypatch):
    monkeypatch.setattr("gp.separable.REMEMBERED", 0)
    X, y = problem(300, 4)
    tracemalloc.start()
    likelihood_and_gradient(kernel, 0.01, X, y)
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert most <= 5.3 * 300 * 300 * 8


def test_no_jitter_where_none_is_needed(caplog):
    L = linalg.cholesky(np.array([[4.0, 2.0], [2.0, 5.0]]))
    np.testing.assert_array_equal(L, [[2.0, 0.0], [1.0, 2.0]])
    assert not caplog.records


@pytest.mark.parametrize("bad", [np.nan, np.inf])
@pytest.mark.parametrize("at", [(0, 0), (1, 1), (2, 0), (2, 2)])
def test_a_matrix_that_is_not_finite_is_refused(bad, at):
    K = np.eye(3)
    K[at] = K[at[::-1]] = bad
    with pytest.raises(DataError, match="NaN or inf"):
        linalg.cholesky(K)


def test_a_matrix_that_is_not_positive_definite_is_refused():
    with pytest.raises(DataError, match="not positive definite"):
        linalg.cholesky(np.array([[1.0, 2.0], [2.0, 1.0]]))
