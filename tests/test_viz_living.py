"""Functions that move and bend are exact draws of the model in every frame."""

import numpy as np
import pytest

from gp import RBF, GaussianProcess, Linear, Matern52
from viz.living import TURN, living, prior_bundle

GRID = np.linspace(0, 1, 31)[:, None]
X = np.array([[0.13], [0.9], [0.5], [0.501]])
y = np.array([0.4, -1.2, 0.7, 0.9])
PROCESSES = [
    GaussianProcess(1.4 * Matern52(0.3), noise=1e-3, mean=0.3),
    GaussianProcess(RBF(0.2), noise=0.2),
    GaussianProcess(Linear(0.5) + 0.1 * RBF(0.1), noise=1e-6),
]


def bent(process, gain=None):
    """All observations but the last, then that one with a gain."""
    bundle = prior_bundle(process, np.vstack([GRID, X]), len(X))
    m = len(GRID)
    for i in range(len(X)):
        last = gain is not None and i == len(X) - 1
        bundle = bundle.observe(m + i, y[i], process.noise, i - len(X), gain if last else 1.0)
    return bundle


@pytest.mark.parametrize("process", PROCESSES)
def test_before_any_data_they_are_draws_of_the_prior(process):
    bundle = prior_bundle(process, GRID, 3)
    np.testing.assert_allclose(bundle.root @ bundle.root.T, process.kernel(GRID, GRID), atol=1e-12)
    np.testing.assert_array_equal(bundle.mean, process.mean)
    np.testing.assert_allclose(bundle.std, np.sqrt(process.kernel.diagonal(GRID)), atol=1e-10)


@pytest.mark.parametrize("process", PROCESSES)
def test_bent_through_all_data_they_are_draws_of_the_posterior(process):
    bundle, posterior = bent(process), process.condition(X, y)
    m = len(GRID)
    mean, std = posterior.predict(GRID)
    np.testing.assert_allclose(bundle.mean[:m], mean, atol=1e-8)
    np.testing.assert_allclose((bundle.root @ bundle.root.T)[:m, :m], posterior.covariance(GRID), atol=1e-8)
    np.testing.assert_allclose(bundle.std[:m] ** 2, std**2, atol=1e-8)


@pytest.mark.parametrize("process", PROCESSES)
@pytest.mark.parametrize("gain", [1e-6, 0.1, 0.5, 0.9, 1.0])
def test_on_the_way_they_are_draws_of_the_posterior_with_extra_noise(process, gain):
    before = process.condition(X[:-1], y[:-1])
    v = before.predict(X[-1:])[1] ** 2 + process.noise
    exact = before.append(X[-1:], y[-1:], noise=v * (1 / gain - 1))
    m, bundle = len(GRID), bent(process, gain)
    np.testing.assert_allclose(bundle.mean[:m], exact.predict(GRID)[0], atol=1e-8)
    np.testing.assert_allclose((bundle.root @ bundle.root.T)[:m, :m], exact.covariance(GRID), atol=1e-8)


def test_with_a_gain_of_0_nothing_has_moved_yet():
    process = PROCESSES[0]
    before = prior_bundle(process, np.vstack([GRID, X]), len(X))
    after = before.observe(len(GRID), y[0], process.noise, -4, 0.0)
    np.testing.assert_array_equal(after.mean, before.mean)
    np.testing.assert_array_equal(after.root, before.root)


def test_a_small_gain_moves_every_curve_a_little():
    process = PROCESSES[0]
    before = prior_bundle(process, np.vstack([GRID, X]), len(X))
    z = np.random.default_rng(0).standard_normal((before.root.shape[1], 5))
    after = before.observe(len(GRID), y[0], process.noise, -4, 1e-6)
    assert 0 < np.abs(after.curves(z) - before.curves(z)).max() < 0.01


def test_curves_meet_what_was_seen_without_noise():
    process = GaussianProcess(RBF(0.3), noise=1e-12)
    bundle = prior_bundle(process, np.vstack([GRID, X[:3]]), 3)
    for i in range(3):
        bundle = bundle.observe(len(GRID) + i, y[i], process.noise, i - 3)
    z = np.random.default_rng(1).standard_normal((bundle.root.shape[1], 6))
    np.testing.assert_allclose(bundle.curves(z)[:, len(GRID) :], np.tile(y[:3], (6, 1)), atol=1e-4)


def test_living_numbers_stay_normal_and_come_back():
    rng = np.random.default_rng(2)
    z0, z1 = rng.standard_normal((2, 4, 3))
    np.testing.assert_array_equal(living(z0, z1, 0), z0)
    np.testing.assert_array_equal(living(z0, z1, TURN), z0)
    np.testing.assert_allclose(living(z0, z1, TURN // 4), z1, atol=1e-15)
    np.testing.assert_allclose(living(z0, z1, TURN // 2), -z0, atol=1e-15)
    t = 2 * np.pi * 7 / TURN
    np.testing.assert_allclose(living(z0, z1, 7), np.cos(t) * z0 + np.sin(t) * z1)
    steps = [np.abs(living(z0, z1, f + 1) - living(z0, z1, f)).max() for f in range(TURN)]
    assert max(steps) < 2 * np.pi / TURN * np.hypot(z0, z1).max() + 1e-12
