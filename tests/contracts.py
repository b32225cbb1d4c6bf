"""The contracts that every kernel and every acquisition keeps, and the reference values, for the tests.

A failing contract raises AssertionError; a new kernel is tested by one more line in test_kernels.py.
"""

import inspect
import json
import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np

import gp
from acquisition import Acquisition

FLAT = 1e-9  # below this, relative to the largest entry, two derivatives count as the same


def reference(section):
    """One section of numerics_reference.json: values of 25 digits, made with mpmath."""
    return json.loads((Path(__file__).parent / "numerics_reference.json").read_text())[section]


def floats(values):
    """The strings of the reference, however nested, as an array."""
    return np.array(values, dtype=float)


def locked(array):
    """A copy that raises if anybody writes to it."""
    copy = np.array(array, dtype=float)
    copy.setflags(write=False)
    return copy


def differences(f, x, step=1e-5):
    """df/dx_i by central differences of the fourth order, stacked on a last axis; x is (p,)."""
    columns = []
    for e in np.eye(len(x)):
        h = step * (1 + abs(x @ e))
        near, far = f(x + h * e) - f(x - h * e), f(x + 2 * h * e) - f(x - 2 * h * e)
        columns.append((8 * near - far) / (12 * h))
    return np.stack(columns, axis=-1) if columns else np.zeros((*np.shape(f(x)), 0))


def assert_same_slope(got, expected, rtol=1e-6, scale=0.0):
    scale = max(scale, np.abs(expected).max(initial=0.0))
    assert got.shape == expected.shape
    np.testing.assert_allclose(got, expected, rtol=rtol, atol=max(rtol * scale, FLAT))


def assert_distributed_as(draws, mean, covariance):
    """Mean and covariance of n draws, within five standard errors."""
    n = len(draws)
    variance = np.diagonal(covariance)
    error = 5 * np.sqrt((np.outer(variance, variance) + covariance**2) / n) + 1e-12
    assert (np.abs(draws.mean(axis=0) - mean) <= 5 * np.sqrt(variance / n) + 1e-12).all()
    assert (np.abs(np.cov(draws.T) - covariance) <= error).all()


def check_kernel_contract(kernel, d, namespace=None, seed=0):
    """All that a kernel promises, at random inputs (n, d); `namespace` holds names that its repr needs besides gp's."""
    rng = np.random.default_rng(seed)
    x, z = locked(rng.uniform(size=(7, d))), locked(rng.uniform(size=(4, d)))
    _check_matrices(kernel, x, z)
    _check_theta(kernel)
    _check_parameter_gradients(kernel, x, rng)
    _check_input_gradients(kernel, x, z)
    _check_algebra(kernel, x, z)
    _check_value_object(kernel, x, namespace or {})


def _check_matrices(kernel, x, z):
    K = kernel(x, x)
    assert K.dtype == np.float64
    assert K.shape == (7, 7)
    assert kernel(x, z).shape == (7, 4)
    assert kernel(x[:0], z).shape == (0, 4)
    assert kernel(z, x[:0]).shape == (4, 0)
    np.testing.assert_array_equal(K, K.T)
    np.testing.assert_allclose(kernel(x, z), kernel(z, x).T, rtol=1e-14)
    assert kernel.diagonal(x).shape == (7,)
    assert kernel.diagonal(x[:0]).shape == (0,)
    np.testing.assert_allclose(kernel.diagonal(x), np.diagonal(K), rtol=1e-14)
    assert np.linalg.eigvalsh(K).min() >= -1e-10 * len(x) * np.diagonal(K).max()


def _check_theta(kernel):
    theta = kernel.theta
    p = len(theta)
    assert theta.shape == (p,)
    assert len(kernel.learned) == p
    assert set(kernel.learned) <= set(kernel.parameters)
    assert kernel.log_bounds.shape == (p, 2)
    assert (kernel.log_bounds[:, 0] <= kernel.log_bounds[:, 1]).all()
    moved = kernel.with_theta(theta + 0.1)
    assert type(moved) is type(kernel)
    np.testing.assert_allclose(moved.theta, theta + 0.1, rtol=1e-13, atol=1e-14)
    assert moved.learned == kernel.learned
    for name, value in moved.parameters.items():
        if isinstance(value, tuple):
            assert all(type(v) is float for v in value)
        else:
            assert type(value) is float
        if name not in kernel.learned:
            assert value == kernel.parameters[name]
    for wrong in (np.append(theta, 0.0), theta[:-1]):
        if len(wrong) != p:
            try:
                kernel.with_theta(wrong)
            except gp.ParameterError:
                continue
            raise AssertionError(f"with_theta accepted {len(wrong)} entries for {p}")


def _check_parameter_gradients(kernel, x, rng):
    expected = differences(lambda theta: kernel.with_theta(theta)(x, x), kernel.theta, step=1e-3)
    assert_same_slope(kernel.gradient(x), expected)
    K, pullback = kernel.value_and_pullback(x)
    np.testing.assert_allclose(K, kernel(x, x), rtol=1e-15)
    for W in (rng.normal(size=(7, 7)), np.eye(7), np.tri(7)):  # not symmetric, the diagonal alone, a triangle
        pulled = pullback(locked(W))
        assert_same_slope(pulled, np.einsum("ij,ijp->p", W, expected), scale=np.abs(expected).sum(initial=0.0))
    np.testing.assert_array_equal(pulled, pullback(np.tri(7)))


def _check_input_gradients(kernel, x, z):
    expected = np.array([differences(lambda u: kernel(u[None], z)[0], row, step=1e-4) for row in x])
    batch, single = kernel.input_gradient(x, z), kernel.input_gradient(x[0], z)
    assert_same_slope(batch, expected)
    assert single.shape == (4, x.shape[1])
    np.testing.assert_allclose(single, batch[0], rtol=1e-14)
    assert kernel.input_gradient(x[:0], z).shape == (0, *z.shape)
    expected = np.array([differences(lambda u: kernel.diagonal(u[None])[0], row, step=1e-4) for row in x])
    assert_same_slope(kernel.diagonal_gradient(x), expected)
    at_itself = np.array([2 * kernel.input_gradient(row, row[None])[0] for row in x])
    assert np.isfinite(at_itself).all()
    assert_same_slope(kernel.diagonal_gradient(x), at_itself)


def _check_algebra(kernel, x, z):
    K = kernel(x, z)
    np.testing.assert_allclose((kernel + 0.5)(x, z), K + 0.5, rtol=1e-15)
    np.testing.assert_allclose((0.5 + kernel)(x, z), K + 0.5, rtol=1e-15)
    np.testing.assert_allclose((3.0 * kernel)(x, z), 3 * K, rtol=1e-15)
    np.testing.assert_allclose((kernel * 3.0)(x, z), 3 * K, rtol=1e-15)
    np.testing.assert_allclose((kernel**2)(x, z), K**2, rtol=1e-14)


def _check_value_object(kernel, x, namespace):
    twin = eval(repr(kernel), {**vars(gp), **namespace})
    assert twin == kernel
    assert hash(twin) == hash(kernel)
    assert repr(twin) == repr(kernel)
    assert kernel != 2.0 * kernel
    np.testing.assert_array_equal(twin(x, x), kernel(x, x))
    _check_frozen(kernel)


def _check_frozen(value):
    try:
        value.something_new = 1
    except (AttributeError, TypeError):
        return
    raise AssertionError(f"{value!r} is not frozen")


@dataclass(frozen=True)
class Slanted(gp.Kernel):
    """A learner's kernel that is not stationary: offset + x.x'."""

    offset: float = gp.positive(0.5)

    def __call__(self, x1, x2):
        return self.offset + np.einsum("ik,jk->ij", x1, x2)


class Hills:
    """Anything with predict is a posterior: here mean and std are two formulas, and no data were seen."""

    def predict(self, X):
        return np.sin(3 * X).sum(axis=1), 0.3 + 0.2 * np.cos(2 * X).mean(axis=1)


class SlopingHills(Hills):
    """Hills that knows its gradients too."""

    def predict_gradient(self, X):
        return 3 * np.cos(3 * X), -0.4 * np.sin(2 * X) / X.shape[1]


class Fixed:
    """A posterior that says the same mean and std everywhere."""

    def __init__(self, mean, std):
        self.mean, self.std = mean, std

    def predict(self, X):
        return np.full(len(X), float(self.mean)), np.full(len(X), float(self.std))


def check_acquisition_contract(acquisition, finite_at_zero=True, best=0.8):
    """All that an acquisition of mean and std promises; it sees only posteriors that are formulas."""
    _check_call(acquisition, best)
    _check_score(acquisition, finite_at_zero, best)
    _check_acquisition_gradient(acquisition, best)
    _check_prepare(acquisition, best)
    assert hash(acquisition) == hash(eval(repr(acquisition), {type(acquisition).__name__: type(acquisition)}))
    _check_frozen(acquisition)


def _check_prepare(acquisition, best):
    """Prepared by the same seed it says the same, and prepared once more it stays as it is."""
    asked, told = (
        [(p.name, p.kind, p.default) for p in inspect.signature(cls.prepare).parameters.values()]
        for cls in (Acquisition, type(acquisition))
    )
    assert told == asked
    bounds, X = np.array([[0.0, 1.0]]), locked(np.linspace(0, 1, 5)[:, None])
    ready, twin = (acquisition.prepare(Hills(), best, bounds, seed=3) for _ in range(2))
    assert type(ready) is type(acquisition)
    assert ready == twin
    np.testing.assert_array_equal(ready(Hills(), X, best), twin(Hills(), X, best))
    again = ready.prepare(Hills(), best, bounds, seed=4)
    np.testing.assert_array_equal(ready(Hills(), X, best), again(Hills(), X, best))


def _check_call(acquisition, best):
    X = locked(np.random.default_rng(0).uniform(size=(6, 2)))
    values = acquisition(Hills(), X, best)
    assert values.shape == (6,)
    assert acquisition(Hills(), X[:0], best).shape == (0,)
    np.testing.assert_array_equal(values, acquisition.score(*Hills().predict(X), best))


def _check_score(acquisition, finite_at_zero, best):
    mean, std = (locked(a.ravel()) for a in np.meshgrid(best + np.linspace(-3, 3, 25), [0.01, 0.1, 1.0, 3.0]))
    values = acquisition.score(mean, std, best)
    assert np.isfinite(values).all()
    by_mean, by_std = acquisition.partials(mean, std, best)
    assert by_mean.shape == by_std.shape == mean.shape
    rises = np.diff(values.reshape(4, 25), axis=1)
    assert (rises >= -1e-15).all(), "a larger mean must not score lower"
    assert (by_mean >= 0).all()
    for i in range(0, len(mean), 7):
        at = np.array([mean[i], std[i]])
        slope = differences(lambda v: acquisition.score(v[:1], v[1:], best)[0], at, step=1e-4 * std[i] / (1 + std[i]))
        size = abs(slope).max() + abs(values[i]) * 1e-6 / std[i]
        assert math.isclose(by_mean[i], slope[0], rel_tol=1e-5, abs_tol=1e-5 * size)
        assert math.isclose(by_std[i], slope[1], rel_tol=1e-5, abs_tol=1e-5 * size)
    if finite_at_zero:
        certain, zero = best + np.array([-1.0, 0.0, 1.0]), locked(np.zeros(3))
        assert np.isfinite(acquisition.score(certain, zero, best)).all()
        assert np.isfinite(acquisition.partials(certain, zero, best)).all()


def _check_acquisition_gradient(acquisition, best):
    X = locked(np.random.default_rng(1).uniform(size=(6, 3)))
    expected = np.array([differences(lambda u: acquisition(Hills(), u[None], best)[0], row, step=1e-4) for row in X])
    for posterior in (Hills(), SlopingHills()):
        assert_same_slope(acquisition.gradient(posterior, X, best), expected, rtol=2e-6)
        np.testing.assert_allclose(acquisition.gradient(posterior, X[0], best), expected[0], rtol=1e-5, atol=1e-6)
        assert acquisition.gradient(posterior, X[0], best).shape == (3,)
