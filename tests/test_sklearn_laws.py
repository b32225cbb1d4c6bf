"""What scikit-learn asks of its kernels and its regression, asked of ours; and its kernels as a second opinion."""

import numpy as np
import pytest
from contracts import assert_distributed_as, assert_same_slope, differences

from gp import (
    RBF,
    Constant,
    GaussianProcess,
    Linear,
    Matern,
    Matern12,
    Matern32,
    Matern52,
    ParameterError,
    Periodic,
    RationalQuadratic,
    White,
)

theirs = pytest.importorskip("sklearn.gaussian_process.kernels")

# Ours, theirs, the number of columns, and the order in which their theta has our entries.
PAIRS = [
    (RBF(0.4), lambda: theirs.RBF(0.4), 2, None),
    (RBF((0.4, 2.0)), lambda: theirs.RBF([0.4, 2.0]), 2, None),
    (Matern12((0.4, 2.0)), lambda: theirs.Matern([0.4, 2.0], nu=0.5), 2, None),
    (Matern32(0.7), lambda: theirs.Matern(0.7, nu=1.5), 3, None),
    (Matern52((0.4, 2.0)), lambda: theirs.Matern([0.4, 2.0], nu=2.5), 2, None),
    (Matern(0.7, nu=1.7), lambda: theirs.Matern(0.7, nu=1.7), 2, None),
    (Matern((0.4, 2.0), nu=0.5), lambda: theirs.Matern([0.4, 2.0], nu=0.5), 2, None),
    (RationalQuadratic(0.6, 0.3), lambda: theirs.RationalQuadratic(0.6, 0.3), 2, [1, 0]),
    (Periodic(0.6, 0.3), lambda: theirs.ExpSineSquared(0.6, 0.3), 1, None),
    (Linear(0.8), lambda: theirs.DotProduct(0.8), 3, None),
    (White(0.2), lambda: theirs.WhiteKernel(0.2), 2, None),
    (Constant(1.7), lambda: theirs.ConstantKernel(1.7), 2, None),
    (RBF(0.4) + 1.7, lambda: theirs.RBF(0.4) + 1.7, 2, None),
    (Linear(0.8) ** 2, lambda: theirs.DotProduct(0.8) ** 2, 2, None),
    (
        1.7 * RBF((0.4, 2.0)) + Linear(0.8) * Matern32(0.5) + White(0.1),
        lambda: (
            theirs.ConstantKernel(1.7) * theirs.RBF([0.4, 2.0])
            + theirs.DotProduct(0.8) * theirs.Matern(0.5, nu=1.5)
            + theirs.WhiteKernel(0.1)
        ),
        2,
        None,
    ),
    (
        (Matern52(0.5) + 0.3) ** 3 * Constant(2.0),
        lambda: (theirs.Matern(0.5, nu=2.5) + 0.3) ** 3 * theirs.ConstantKernel(2.0),
        2,
        None,
    ),
]
IDS = [repr(pair[0]) for pair in PAIRS]


@pytest.mark.parametrize(("ours", "make", "d", "order"), PAIRS, ids=IDS)
def test_scikit_learn_kernels_agree(ours, make, d, order):
    x, z = np.random.default_rng(0).normal(size=(6, d)), np.random.default_rng(1).normal(size=(4, d))
    other = make()
    order = slice(None) if order is None else order
    K, gradient = other(x, eval_gradient=True)
    np.testing.assert_allclose(ours(x, x), K, rtol=1e-12, atol=1e-15)
    np.testing.assert_allclose(ours(x, z), other(x, z), rtol=1e-12, atol=1e-15)
    np.testing.assert_allclose(ours.diagonal(x), other.diag(x), rtol=1e-14)
    np.testing.assert_allclose(ours.theta, other.theta[order], rtol=1e-14)
    # For a Matérn kernel of nu 1.7 theirs are differences with a step of 1e-10.
    tolerance = {"atol": 1e-5} if isinstance(ours, Matern) and ours.nu == 1.7 else {"rtol": 1e-10, "atol": 1e-14}
    np.testing.assert_allclose(ours.gradient(x), gradient[..., order], **tolerance)


# --- the laws of their regression


def f(x):
    return x * np.sin(x)


X = np.array([[1.0], [3.0], [5.0], [6.0], [7.0], [8.0]])
X2 = np.array([[2.0], [4.0], [5.5], [6.5], [7.5]])
y = f(X[:, 0])

LAWS = [
    RBF(1.0),
    RBF(1.0).fixed("lengthscale"),
    RBF(1.0).bounded(lengthscale=(0.1, 1000.0)),
    1.0 * RBF(1.0).bounded(lengthscale=(0.1, 1000.0)),
    (10.0 * RBF(1.0)).fixed("left.value"),
    1.0 * Matern32(1.0),
    1.0 * Matern12(2.0),
    1.0 * Matern(1.0, nu=1.7),
    1.0 * RationalQuadratic(1.0, 0.5),
    1.0 * RBF(1.0) + 0.1 * Linear(),
    1.0 * RBF(1.0) * Periodic(2.0, period=6.0).fixed("period"),
]
laws = pytest.mark.parametrize("kernel", LAWS, ids=repr)
learning = pytest.mark.parametrize("kernel", [k for k in LAWS if len(k.learned)], ids=repr)


@laws
def test_interpolation(kernel):
    posterior = GaussianProcess(kernel, noise=1e-10).fit(X, y, seed=0, learn_noise=False)
    mean, std = posterior.predict(X)
    np.testing.assert_allclose(mean, y, atol=1e-6)
    np.testing.assert_allclose(std, 0.0, atol=2e-5)
    assert (posterior.predict(X2)[1] > std.max()).all()


@learning
def test_fit_never_lowers_the_likelihood_and_stops_where_it_is_flat(kernel):
    prior = GaussianProcess(kernel, noise=1e-6)
    fitted = prior.fit(X, y, seed=0, learn_noise=False)
    assert fitted.log_marginal_likelihood > prior.condition(X, y).log_marginal_likelihood
    bounds, theta = fitted.prior.kernel.log_bounds, fitted.prior.kernel.theta
    slope = fitted.log_marginal_likelihood_gradient[:-1]
    flat = np.abs(slope) < 1e-2 * (1 + abs(fitted.log_marginal_likelihood))
    assert (flat | (theta <= bounds[:, 0] + 1e-9) | (theta >= bounds[:, 1] - 1e-9)).all()
    assert (theta >= bounds[:, 0] - 1e-12).all()
    assert (theta <= bounds[:, 1] + 1e-12).all()


@laws
def test_the_likelihood_gradient_is_its_differences(kernel):
    posterior = GaussianProcess(kernel, noise=0.01).condition(X, y)

    def at(point):
        prior = GaussianProcess(kernel.with_theta(point[:-1]), noise=float(np.exp(point[-1])))
        return prior.condition(X, y).log_marginal_likelihood

    expected = differences(at, np.append(kernel.theta, np.log(0.01)), 1e-3)
    assert_same_slope(posterior.log_marginal_likelihood_gradient, expected, rtol=1e-6)


@laws
def test_samples_of_prior_and_posterior(kernel):
    prior = GaussianProcess(kernel, noise=1e-3)
    assert_distributed_as(prior.sample(X2, 20_000, seed=0), 0.0, kernel(X2, X2))
    posterior = prior.condition(X, y)
    draws = posterior.sample(X2, 20_000, seed=1)
    assert_distributed_as(draws, posterior.predict(X2)[0], posterior.covariance(X2))


@laws
def test_std_and_covariance_tell_the_same(kernel):
    posterior = GaussianProcess(kernel, noise=1e-4).condition(X, y)
    variance = np.diagonal(posterior.covariance(X2))
    np.testing.assert_allclose(posterior.predict(X2)[1] ** 2, variance, rtol=1e-8, atol=1e-11)


def test_an_anisotropic_kernel_finds_the_column_that_matters():
    rng = np.random.default_rng(0)
    points = rng.uniform(-1, 1, (50, 2))
    values = np.sin(3 * points[:, 0]) + 1e-3 * rng.normal(size=50)
    fitted = GaussianProcess(RBF((1.0, 1.0)), noise=1e-4).fit(points, values, seed=0)
    assert fitted.prior.kernel.lengthscale[1] > 5 * fitted.prior.kernel.lengthscale[0]
    one = GaussianProcess(RBF(1.0), noise=1e-4).fit(points, values, seed=0)
    assert fitted.log_marginal_likelihood > one.log_marginal_likelihood + 10


def test_more_random_starts_are_never_worse():
    rng = np.random.default_rng(0)
    points = rng.normal(size=(25, 2))
    values = np.sin(points[:, 0]) + np.sin(3 * points[:, 1]) + 0.1 * rng.normal(size=25)
    kernel = 1.0 * RationalQuadratic((1.0, 1e-1), 1.0)
    tops = [GaussianProcess(kernel, noise=1e-2).fit(points, values, restarts=n, seed=0) for n in range(4)]
    assert (np.diff([top.log_marginal_likelihood for top in tops]) >= -1e-9).all()


def test_a_mean_taken_off_is_a_mean_put_back():
    shifted = GaussianProcess(1.0 * RBF(), mean=100.0).condition(X, y + 100)
    plain = GaussianProcess(1.0 * RBF()).condition(X, y)
    np.testing.assert_allclose(shifted.predict(X2)[0], plain.predict(X2)[0] + 100, rtol=1e-12)
    np.testing.assert_array_equal(shifted.predict(X2)[1], plain.predict(X2)[1])


def test_large_values_are_the_same_problem_in_other_units():
    large, plain = 1e5 * y, y
    ours = GaussianProcess(1e10 * Matern52(2.0), noise=1e6).condition(X, large)
    same = GaussianProcess(1.0 * Matern52(2.0), noise=1e-4).condition(X, plain)
    np.testing.assert_allclose(ours.predict(X2), 1e5 * np.array(same.predict(X2)), rtol=1e-10)
    fitted = GaussianProcess(
        (1e10 * Matern52(2.0)).bounded(**{"left.value": (1.0, 1e15)}), noise=1e6, noise_bounds=(1, 1e9)
    )
    np.testing.assert_allclose(fitted.fit(X, large, seed=0).predict(X)[0], large, atol=0.02 * large.std())


def test_equal_rows_with_more_noise_are_nearly_one_row():
    rng = np.random.default_rng(0)
    twice = np.vstack([X, X[:1] + 1e-12])
    one = GaussianProcess(RBF(), noise=1e-2).condition(X, y)
    two = GaussianProcess(RBF(), noise=1e-2).condition(twice, np.append(y, y[0]))
    query = rng.uniform(0, 10, (30, 1))
    np.testing.assert_allclose(two.predict(query)[0], one.predict(query)[0], atol=0.02)
    exact_twin = GaussianProcess(RBF(), noise=1e-2).condition(np.vstack([X, X[:1]]), np.append(y, y[0]))
    np.testing.assert_allclose(two.predict(query), exact_twin.predict(query), atol=1e-9)


@pytest.mark.parametrize("kernel", [1.0 * RBF(), 1.0 * Matern12(), 1.0 * RationalQuadratic()], ids=repr)
@pytest.mark.parametrize("level", [0.0, 2.0])
def test_a_constant_target(kernel, level):
    posterior = GaussianProcess(kernel, noise=1e-6, mean=level).fit(X, np.full(6, level), seed=0)
    mean, std = posterior.predict(X2)
    np.testing.assert_allclose(mean, level, atol=1e-9)
    assert np.isfinite(std).all()


def test_nothing_to_learn_leaves_everything_as_it_was():
    kernel = (2.0 * RBF(1.5)).fixed("left.value", "right.lengthscale")
    prior = GaussianProcess(kernel, noise=1e-3)
    assert prior.fit(X, y, seed=0, learn_noise=False).prior == prior


def test_sampled_functions_are_shaped_by_their_number():
    posterior = GaussianProcess(RBF()).condition(X, y)
    assert posterior.sample(X2, 10, seed=0).shape == (10, 5)
    assert posterior.sample(X2, seed=0).shape == (1, 5)
    with pytest.raises(ParameterError):
        posterior.sample(X2, -1)
