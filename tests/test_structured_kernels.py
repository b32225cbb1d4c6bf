"""The kernels beyond the first two: limits of their families, and what makes Periodic, White and Hamming special."""

from dataclasses import dataclass

import mpmath
import numpy as np
import pytest
from contracts import differences

from gp import (
    RBF,
    Constant,
    DataError,
    GaussianProcess,
    Hamming,
    Linear,
    Matern,
    Matern12,
    Matern32,
    Matern52,
    Periodic,
    RationalQuadratic,
    Stationary,
    White,
    positive,
)

x = np.random.default_rng(0).uniform(size=(8, 2))
R2 = np.array([0.0, 1e-12, 1e-6, 0.01, 0.3, 1.0, 4.0, 30.0])


# --- families and their limits


@pytest.mark.parametrize(("nu", "Class"), [(0.5, Matern12), (1.5, Matern32), (2.5, Matern52)])
def test_the_general_matern_contains_the_half_integers(nu, Class):
    general, own = Matern((0.3, 0.7), nu=nu), Class((0.3, 0.7))
    np.testing.assert_allclose(general(x, x), own(x, x), rtol=1e-13)
    np.testing.assert_allclose(general.gradient(x), own.gradient(x), rtol=1e-12)
    np.testing.assert_allclose(general.input_gradient(x, x), own.input_gradient(x, x), rtol=1e-12, atol=1e-14)


def exact_matern(nu, r2):
    with mpmath.workdps(60):
        t = mpmath.sqrt(2 * mpmath.mpf(nu) * mpmath.mpf(float(r2)))
        k = 2 ** (1 - mpmath.mpf(nu)) / mpmath.gamma(nu) * t**nu * mpmath.besselk(nu, t)
        slope = 2 ** (2 - mpmath.mpf(nu)) * nu / mpmath.gamma(nu) * t ** (nu - 1) * mpmath.besselk(nu - 1, t)
        return float(k), float(slope)


@pytest.mark.parametrize("nu", [0.1, 0.8, 1.0, 1.7, 3.0, 12.3, 26.0, 40.5, 50.0, 100.0])
def test_the_general_matern_is_right_at_every_distance(nu):
    r2 = np.concatenate([np.logspace(-60, -18, 15), np.logspace(-17, -1, 40), np.linspace(0.2, 9, 15)])
    values, slopes = zip(*(exact_matern(nu, v) for v in r2), strict=True)
    np.testing.assert_allclose(Matern(nu=nu).profile(r2), values, rtol=1e-12)
    np.testing.assert_allclose(Matern(nu=nu).slope(r2), slopes, rtol=1e-12)


@pytest.mark.parametrize("nu", [0.3, 0.5, 1.0, 1.001, 1.7, 3.0, 100.0])
def test_the_slope_of_the_general_matern_at_0_is_its_limit_or_0_where_it_has_none(nu):
    assert Matern(nu=nu).slope(np.zeros(1))[0] == pytest.approx(nu / (nu - 1) if nu > 1 else 0.0, rel=1e-12)


def test_the_slope_of_the_exponential_kernel_at_0_is_given_as_0():
    assert Matern12().slope(np.zeros(1))[0] == 0


def test_the_general_matern_loses_nothing_where_bessel_functions_overflow():
    kernel, r2 = Matern(nu=100.0), np.array([1e-7, 1e-6, 1e-5, 1.7e-5])
    values, slopes = zip(*(exact_matern(kernel.nu, v) for v in r2), strict=True)
    np.testing.assert_allclose(kernel.profile(r2), values, rtol=2e-15)
    np.testing.assert_allclose(kernel.slope(r2), slopes, rtol=2e-15)


@pytest.mark.parametrize(
    ("near", "rtol"),
    [(RationalQuadratic(alpha=1e5), 5e-3), (RationalQuadratic(alpha=1e12), 1e-9), (Matern(nu=100.0), 1)],
)
def test_the_families_end_in_rbf(near, rtol):
    np.testing.assert_allclose(near.profile(R2), RBF().profile(R2), rtol=rtol, atol=5e-3 if rtol == 1 else 0)
    np.testing.assert_allclose(near.slope(R2), RBF().slope(R2), rtol=rtol, atol=6e-3 if rtol == 1 else 0)


def test_rougher_matern_kernels_fall_faster_near_0():
    near = np.array([1e-4])
    values = [Matern(nu=nu).profile(near)[0] for nu in (0.3, 0.5, 0.8, 1.5, 2.5, 10.0)]
    assert (np.diff([*values, RBF().profile(near)[0]]) > 0).all()


def test_the_default_shape_gradient_is_that_of_a_formula():
    r2 = np.linspace(0, 9, 20).reshape(4, 5)
    for alpha in (0.1, 1.0, 30.0):
        kernel = RationalQuadratic((0.5, 2.0), alpha)
        default = Stationary.shape_gradient(kernel, r2)
        assert default.shape == (4, 5, 1)
        np.testing.assert_allclose(default, kernel.shape_gradient(r2), atol=1e-10)
    assert RBF().shape_gradient(r2).shape == (4, 5, 0)


@dataclass(frozen=True)
class Blend(Stationary):
    """Two parameters of its own, of which the gradient must come in the order of the fields."""

    first: float = positive(0.5)
    second: float = positive(2.0)

    def profile(self, r2):
        return (self.first / (1 + r2) + self.second * np.exp(-r2)) / 10


def test_the_parameters_of_a_new_stationary_kernel_keep_their_order():
    kernel = Blend((0.4, 0.9))
    assert kernel.learned == ("lengthscale", "lengthscale", "first", "second")
    expected = differences(lambda t: kernel.with_theta(t)(x, x), kernel.theta, step=1e-3)
    np.testing.assert_allclose(kernel.gradient(x), expected, atol=1e-8)
    np.testing.assert_allclose(
        kernel.gradient(x)[0, 1, 2:], [0.05 / (1 + _r2(kernel)), 0.2 * np.exp(-_r2(kernel))], rtol=1e-8
    )


def _r2(kernel):
    return (((x[0] - x[1]) / kernel.lengthscale) ** 2).sum()


# --- periodic


def test_a_periodic_kernel_repeats_in_every_dimension():
    kernel = Periodic((0.5, 1.5), period=(0.25, 2.0))
    for turns in ([1, 0], [0, 1], [-3, 7]):
        moved = x + turns * np.array([0.25, 2.0])
        np.testing.assert_allclose(kernel(x, moved), kernel(x, x), atol=1e-13)
        np.testing.assert_allclose(kernel.input_gradient(x, moved), kernel.input_gradient(x, x), atol=1e-11)
    assert kernel(x[:1], x[:1] + np.array([0.125, 0.0]))[0, 0] == pytest.approx(np.exp(-2 / 0.5**2))


def test_a_periodic_kernel_counts_whole_periods_of_any_size():
    far = np.array([[0.25], [2.0**52], [-(2.0**52) + 0.5]])
    K = Periodic(1.0, period=1.0)(far, far)
    np.testing.assert_allclose(K, Periodic()(far % 1.0, far % 1.0), rtol=1e-14)
    assert K[0, 1] == pytest.approx(np.exp(-1.0))


@pytest.mark.parametrize("d", [2, 3])
def test_K10_the_product_over_dimensions_is_positive_where_the_sine_of_the_distance_is_not(d):
    points = np.random.default_rng(0).uniform(-3, 3, size=(40, d))
    of_distance = np.exp(-2 * np.sin(np.pi * np.linalg.norm(points[:, None] - points, axis=-1)) ** 2)
    assert np.linalg.eigvalsh(of_distance).min() < -0.5
    assert np.linalg.eigvalsh(Periodic()(points, points)).min() > -1e-12
    y = points[:, 0]
    posterior = GaussianProcess(Periodic(), noise=1e-3).condition(points, y)
    assert np.isfinite(posterior.log_marginal_likelihood)


def test_a_periodic_kernel_of_next_to_no_lengthscale_knows_a_point_only_by_itself():
    kernel, points = Periodic(1e-200), np.array([[0.0], [0.3]])
    np.testing.assert_array_equal(kernel(points, points), np.eye(2))
    np.testing.assert_array_equal(kernel.gradient(points), 0.0)
    np.testing.assert_array_equal(kernel.input_gradient(points, points), 0.0)


def test_a_periodic_product_is_the_product_of_its_dimensions():
    both = Periodic((0.5, 1.5), period=(0.25, 2.0))
    product = Periodic(0.5, 0.25).on([0]) * Periodic(1.5, 2.0).on([1])
    np.testing.assert_allclose(both(x, x), product(x, x), rtol=1e-13)


# --- lines, equality, categories


def test_linear_is_bayesian_linear_regression():
    rng = np.random.default_rng(1)
    y = 0.7 + x @ [2.0, -1.0] + 0.1 * rng.normal(size=8)
    design = np.column_stack([np.ones(8), x])
    precision = design.T @ design / 0.01 + np.diag([1 / 3.0**2, 1, 1])
    weights = np.linalg.solve(precision, design.T @ y / 0.01)
    query = rng.normal(size=(5, 2))
    rows = np.column_stack([np.ones(5), query])
    mean, std = GaussianProcess(Linear(offset=3.0), noise=0.01).condition(x, y).predict(query)
    np.testing.assert_allclose(mean, rows @ weights, rtol=1e-9)
    np.testing.assert_allclose(std**2, np.einsum("ij,ji->i", rows, np.linalg.solve(precision, rows.T)), rtol=1e-8)


def test_white_noise_is_shared_by_equal_rows_only():
    rows = np.array([[0.0, 1.0], [0.0, 1.0], [0.0, np.nextafter(1.0, 2)]])
    np.testing.assert_array_equal(White(0.3)(rows, rows), [[0.3, 0.3, 0.0], [0.3, 0.3, 0.0], [0.0, 0.0, 0.3]])


def test_white_as_a_part_is_noise_as_a_setting():
    y = np.sin(5 * x[:, 0])
    part = GaussianProcess(Matern52(0.5) + White(0.2), noise=0.0).condition(x, y)
    setting = GaussianProcess(Matern52(0.5), noise=0.2).condition(x, y)
    query = x + 0.05
    np.testing.assert_allclose(part.predict(query)[0], setting.predict(query)[0], rtol=1e-12)
    np.testing.assert_allclose(part.predict(query)[1] ** 2, setting.predict(query)[1] ** 2 + 0.2, rtol=1e-12)
    assert part.log_marginal_likelihood == pytest.approx(setting.log_marginal_likelihood, rel=1e-13)


def test_hamming_counts_the_columns_that_differ():
    rows = np.array([[0.0, 0.0, 0.0], [0.0, 5.0, 0.0], [1.0, 2.0, 3.0]])
    expected = np.exp(-np.array([[0, 1, 3], [1, 0, 3], [3, 3, 0]]) / 2.0)
    np.testing.assert_allclose(Hamming(2.0)(rows, rows), expected, rtol=1e-15)
    weighed = Hamming((1.0, 2.0, 4.0))(rows[:1], rows)
    np.testing.assert_allclose(weighed, [[1.0, np.exp(-0.5), np.exp(-1.75)]], rtol=1e-15)


def test_hamming_gradient_where_columns_agree():
    rows = np.random.default_rng(2).integers(0, 3, size=(12, 3)).astype(float)
    for kernel in (Hamming(0.7), Hamming((0.7, 2.0, 0.4))):
        expected = differences(lambda t, k=kernel: k.with_theta(t)(rows, rows), kernel.theta, step=1e-3)
        np.testing.assert_allclose(kernel.gradient(rows), expected, atol=1e-11)
        np.testing.assert_array_equal(kernel.input_gradient(rows, rows), 0.0)
        assert np.linalg.eigvalsh(kernel(rows, rows)).min() > -1e-12


@pytest.mark.parametrize("kernel", [Periodic(), Linear(), White(), Hamming(), RBF()], ids=repr)
@pytest.mark.parametrize("shape", [(3, 1), (3, 3), (2,), (3, 2, 2)])
def test_two_tables_have_the_same_columns(kernel, shape):
    for pair in ((x, np.zeros(shape)), (np.zeros(shape), x)):
        with pytest.raises(DataError, match="same columns"):
            kernel(*pair)


def test_a_parameter_for_each_dimension_is_fitted_by_name():
    y = np.sin(2 * np.pi * x[:, 0] / 0.5)
    kernel = Periodic((1.0, 1.0), period=(0.45, 1.0)).bounded(period=(0.3, 0.7)).fixed("lengthscale")
    fitted = GaussianProcess(kernel, noise=1e-4).fit(x, y, seed=0).prior.kernel
    assert fitted.parameters["lengthscale"] == (1.0, 1.0)
    assert all(0.3 <= p <= 0.7 for p in fitted.parameters["period"])
    assert fitted.parameters["period"][0] == pytest.approx(0.5, rel=0.1)


def test_a_constant_added_to_any_kernel_shifts_every_entry():
    for kernel in (Periodic(), Linear(), White(), Hamming(), RationalQuadratic()):
        np.testing.assert_allclose((kernel + Constant(0.5))(x, x), kernel(x, x) + 0.5, rtol=1e-15)
