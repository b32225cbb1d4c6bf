"""Kernels: one contract for all, the reference values, and what each must refuse."""

from dataclasses import dataclass

import numpy as np
import pytest
from contracts import Slanted, check_kernel_contract, differences, floats, reference
from hypothesis import given, settings
from hypothesis import strategies as st

import gp
from gp import (
    RBF,
    Constant,
    DataError,
    GaussianProcess,
    Hamming,
    Kernel,
    Linear,
    Matern,
    Matern12,
    Matern32,
    Matern52,
    ParameterError,
    Periodic,
    RationalQuadratic,
    SeparableMatern52,
    Stationary,
    White,
    check_kernel,
    positive,
    squared_distance,
)
from gp.algebra import Pair


@dataclass(frozen=True)
class Cauchy(Kernel):
    """A learner's kernel: one formula and nothing else."""

    width: float = positive(1.0)

    def __call__(self, x1, x2):
        return 1 / (1 + squared_distance(x1, x2) / self.width**2)


@dataclass(frozen=True)
class Rational(Stationary):
    """A learner's stationary kernel, without a slope."""

    lengthscale: float | tuple[float, ...] = positive(1.0)

    def profile(self, r2):
        return 1 / (1 + r2)


@dataclass(frozen=True)
class Stretched(Stationary):
    """A learner's stationary kernel with two parameters of its own, and no derivative."""

    power: float = positive(1.3)
    floor: float = positive(0.2)

    def profile(self, r2):
        return (self.floor + 1 / (1 + r2) ** self.power) / (1 + self.floor)


KERNELS = [
    (RBF(), 1),
    (RBF(0.3), 3),
    (RBF((0.2, 5.0)), 2),
    (Matern52(0.7), 1),
    (Matern52((0.5, 2.0, 0.1)), 3),
    (Constant(2.5), 2),
    (Cauchy(0.4), 2),
    (Rational(0.5), 2),
    (Rational((0.5, 1.5)), 2),
    (Slanted(), 2),
    (RBF(0.5) + 0.1, 2),
    (RBF(0.5) + (Matern52(0.3) + Cauchy()), 1),
    (2.0 * Matern52(0.5), 2),
    (RBF(0.5) + Matern52((0.3, 2.0)) + Cauchy(), 2),
    (2.0 * RBF(0.5) * Matern52(0.3) + 0.5 * Slanted(), 2),
    ((RBF(0.5) + 0.2) * (Matern52(0.5) + Constant(0.3) * RBF(3.0)), 2),
    (RBF(0.5) * (RBF(0.4) * Matern52(1.0)), 1),
    (RBF(0.5) ** 3, 2),
    ((RBF(0.5) + Slanted(0.2)) ** 2, 2),
    ((RBF(2.0) ** 2) ** 2 + Constant(1.0), 1),
    (RBF(0.5).on([0, 2]), 3),
    (Matern52((0.5, 0.2)).on([2, 0]) * Slanted().on([1]), 3),
    ((RBF(0.5) + Cauchy().on([1])).on([2, 0]), 3),
    (RBF(0.5).fixed("lengthscale"), 2),
    ((2.0 * Matern52((0.5, 0.7))).fixed("left.value"), 2),
    ((2.0 * Slanted() + RBF(0.5).fixed("lengthscale")).fixed("left.left.value"), 2),
    (Matern52(0.5).bounded(lengthscale=(0.1, 10.0)), 2),
    (Matern52((0.5, 0.7)).tied([0, 1, 1]), 3),
    (RationalQuadratic((0.4, 0.6), 1.5).tied([1, 0, 1]).fixed("alpha"), 3),
    (2.0 * RBF(0.5).tied([0, 0]), 2),
    (SeparableMatern52((0.4, 0.6)).tied([1, 0, 1]) + Constant(10.0).fixed("value"), 3),
    (Periodic((0.8, 3.0), period=1.3).tied([0, 1, 0]).bounded(period=(0.1, 2.0)), 3),
    ((2.0 * RBF((0.5, 0.6))).bounded(**{"left.value": (0.5, 4.0)}).fixed("right.lengthscale") + 0.1, 2),
    (Constant(2.0) + Constant(3.0), 1),
    (Constant(2.0) * Constant(3.0) * RBF(), 1),
    (Matern12(0.7), 1),
    (Matern12((0.5, 2.0, 0.3)), 3),
    (Matern32(0.7), 1),
    (Matern32((0.5, 2.0, 0.3)), 3),
    (Matern(0.6), 1),
    (Matern((0.5, 2.0), nu=0.3), 2),
    (Matern(0.5, nu=1.0), 2),
    (Matern((0.5, 2.0, 0.3), nu=1.7), 3),
    (Matern(0.5, nu=30.0), 2),
    (Matern(0.5, nu=100.0), 2),
    (RationalQuadratic(), 1),
    (SeparableMatern52(0.4), 1),
    (SeparableMatern52(0.7), 3),
    (SeparableMatern52((0.3, 2.0, 0.1)), 3),
    (2.0 * SeparableMatern52((0.3, 2.0)) + 0.5, 2),
    (RationalQuadratic((0.3, 2.0), alpha=0.2), 2),
    (RationalQuadratic(0.5, alpha=40.0), 3),
    (RationalQuadratic((0.3, 2.0)).fixed("alpha"), 2),
    (RationalQuadratic(0.5).fixed("lengthscale"), 2),
    (Periodic(), 1),
    (Periodic(0.7, period=0.4), 2),
    (Periodic((0.7, 2.0), period=0.4), 2),
    (Periodic(0.7, period=(0.4, 3.0, 0.9)), 3),
    (Periodic((0.7, 2.0), period=(0.4, 3.0)).fixed("period"), 2),
    (Linear(), 1),
    (Linear(0.3), 3),
    (Linear(0.3) * Slanted(0.4), 2),
    (White(0.3), 2),
    (Hamming(), 1),
    (Hamming(0.5), 3),
    (Hamming((0.5, 2.0)), 2),
    (Stretched(0.5), 2),
    (Stretched((0.5, 0.9)), 2),
    (Periodic(0.8, period=0.6) * RBF(2.0) + Linear(0.5) + White(0.1), 2),
    ((RationalQuadratic(0.4) * Linear() + Matern32((0.5, 0.7))) ** 2, 2),
    (Hamming((0.5, 2.0)).on([0, 3]) * Matern12(0.4).on([1, 2]), 4),
]
IDS = [repr(kernel) for kernel, _ in KERNELS]
NAMES = {"Cauchy": Cauchy, "Rational": Rational, "Slanted": Slanted, "Stretched": Stretched}


@pytest.mark.parametrize(("kernel", "d"), KERNELS, ids=IDS)
def test_contract(kernel, d):
    check_kernel_contract(kernel, d, NAMES)


@pytest.mark.parametrize("broken", ["shape", "symmetry", "positive", "diagonal", "gradient", "writes"])
def test_the_contract_finds_faults(broken):
    @dataclass(frozen=True)
    class Broken(Cauchy):
        def __call__(self, x1, x2):
            K = super().__call__(x1, x2)
            if broken == "shape":
                return K.T
            if broken == "writes":
                x1 *= 1.0
            if broken == "symmetry":
                K = K + 1e-9 * x1[:, :1]
            return -K if broken == "positive" else K

        def diagonal(self, x):
            return np.full(len(x), 1.001 if broken == "diagonal" else 1.0)

        def gradient(self, x):
            return super().gradient(x) * (1.0001 if broken == "gradient" else 1.0)

    with pytest.raises((AssertionError, ValueError)):
        check_kernel_contract(Broken(), 2, {"Broken": Broken, **NAMES})


FROM_REFERENCE = {
    "rbf": lambda p: RBF(p["ls"]),
    "matern12": lambda p: Matern12(p["ls"]),
    "matern32": lambda p: Matern32(p["ls"]),
    "matern52": lambda p: Matern52(p["ls"]),
    "rq": lambda p: RationalQuadratic(p["ls"], p["alpha"]),
    "periodic": lambda p: Periodic(p["ls"], p["period"]),
    "linear": lambda p: Linear(p["s0"]),
}


@pytest.mark.parametrize("entry", reference("kernels"), ids=lambda e: f"{e['kernel']}-{len(e['x'])}d")
def test_reference_values(entry):
    x, z = floats([entry["x"]]), floats([entry["x2"]])
    kernel = FROM_REFERENCE[entry["kernel"]](entry["params"])
    assert kernel(x, z)[0, 0] == pytest.approx(float(entry["k"]), rel=2e-15, abs=0)
    np.testing.assert_allclose(kernel.input_gradient(x[0], z)[0], floats(entry["dk_dx"]), rtol=5e-15)
    pair = np.vstack([x, z])
    expected = np.hstack([floats(slopes) for slopes in entry["dk_dlogparam"].values()])
    np.testing.assert_allclose(kernel.gradient(pair)[0, 1], expected, rtol=1e-14)
    pulled = kernel.value_and_pullback(pair)[1](np.array([[0.0, 1.0], [0.0, 0.0]]))
    np.testing.assert_allclose(pulled, expected, rtol=1e-14)


@pytest.mark.parametrize("entry", reference("matern_nu"), ids=lambda e: f"nu={e['nu']}")
def test_reference_values_of_matern_of_any_smoothness(entry):
    k = Matern(nu=float(entry["nu"]))(np.zeros((1, 1)), floats([[entry["r"]]]))
    assert k[0, 0] == pytest.approx(float(entry["k"]), rel=1e-14, abs=0)


inputs = st.builds(
    lambda seed, n, d: np.random.default_rng(seed).normal(size=(n, d)),
    st.integers(0, 2**32 - 1),
    st.integers(1, 12),
    st.integers(1, 5),
)
stationary = st.sampled_from([RBF, Matern12, Matern32, Matern52, Matern, RationalQuadratic, SeparableMatern52])
scales = st.floats(0.05, 5.0)


@settings(max_examples=40, deadline=None, derandomize=True)
@given(inputs, stationary, scales, st.floats(-3, 3))
def test_stationary_kernels_see_only_distances(x, Class, scale, shift):
    K = Class(scale)(x, x)
    assert (K <= 1).all()
    assert (K >= 0).all()
    np.testing.assert_array_equal(np.diagonal(K), 1.0)
    np.testing.assert_allclose(Class(scale)(x + shift, x + shift), K, atol=1e-12)
    scales = tuple(scale * np.arange(1, x.shape[1] + 1))
    np.testing.assert_allclose(Class(scales)(x, x), Class(1.0)(x / scales, x / scales), atol=1e-15)
    line = Class(scale)(np.zeros((1, 1)), np.linspace(0, 4, 50)[:, None])[0]
    assert (np.diff(line) < 0).all() or line[-1] == 0


@settings(max_examples=30, deadline=None, derandomize=True)
@given(inputs, scales, scales)
def test_sums_and_products_commute_associate_and_distribute(x, l1, l2):
    a, b, c = RBF(l1), Matern52(l2), Constant(0.7)
    for left, right in [
        (a + b, b + a),
        (a * b, b * a),
        ((a + b) + c, a + (b + c)),
        ((a * b) * c, a * (b * c)),
        ((a + b) * c, a * c + b * c),
        (a**3, a * a * a),
    ]:
        np.testing.assert_allclose(left(x, x), right(x, x), rtol=1e-13)


@settings(max_examples=30, deadline=None, derandomize=True)
@given(inputs, st.floats(0.3, 3.0))
def test_the_ard_pullback_without_an_array_of_differences_is_the_gradient(x, scale):
    kernel = Matern52(tuple(scale * np.linspace(0.5, 2, x.shape[1])))
    W = np.random.default_rng(0).normal(size=(len(x), len(x)))
    far = x + 1e6  # where squares without their mean would leave four digits
    expected = np.einsum("ij,ijp->p", W, kernel.gradient(far))
    np.testing.assert_allclose(kernel.value_and_pullback(far)[1](W), expected, atol=1e-12 * len(x) ** 2)


def test_a_separable_kernel_is_a_product_over_the_dimensions():
    x = np.random.default_rng(0).uniform(size=(9, 3))
    lengthscale = (0.3, 2.0, 0.1)
    factors = [Matern52(l).on([i]) for i, l in enumerate(lengthscale)]
    product, kernel = factors[0] * factors[1] * factors[2], SeparableMatern52(lengthscale)
    np.testing.assert_allclose(kernel(x, x[:4]), product(x, x[:4]), rtol=1e-13)
    np.testing.assert_allclose(kernel.gradient(x), product.gradient(x), rtol=1e-11, atol=1e-15)
    np.testing.assert_allclose(kernel.input_gradient(x[0], x), product.input_gradient(x[0], x), rtol=1e-11, atol=1e-15)


def test_a_separable_kernel_of_many_dimensions_neither_overflows_nor_is_nan():
    ends = np.vstack([np.zeros(2000), np.ones(2000)])
    for lengthscale in (1e-5, 1.0, 1e5):
        kernel = SeparableMatern52(lengthscale)
        K, pullback = kernel.value_and_pullback(ends)
        assert np.isfinite(K).all()
        np.testing.assert_allclose(K, kernel(ends, ends), rtol=1e-13)
        assert np.isfinite(pullback(np.ones((2, 2)))).all()
    assert kernel(ends, ends)[0, 1] > 0.99


def test_blocks_of_dimensions_give_what_all_of_them_together_give(monkeypatch):
    x, kernel = np.random.default_rng(0).uniform(size=(20, 5)), SeparableMatern52((0.3, 2.0, 0.1, 1.0, 0.7))
    W = np.random.default_rng(1).normal(size=(20, 20))
    K, pullback = kernel.value_and_pullback(x)
    monkeypatch.setattr("gp.separable.BLOCK", 1)
    np.testing.assert_allclose(kernel.value_and_pullback(x)[0], K, rtol=1e-14)
    np.testing.assert_allclose(kernel.value_and_pullback(x)[1](W), pullback(W), rtol=1e-12)


def test_distances_that_are_remembered_are_those_of_the_inputs_at_hand(monkeypatch):
    x, kernel, W = np.random.default_rng(0).uniform(size=(9, 3)), SeparableMatern52((0.3, 2.0, 0.1)), np.ones((9, 9))
    kernel.value_and_pullback(x)
    x[4] += 0.25  # the same array, other numbers
    for same in (x, np.asfortranarray(x), x.repeat(2, axis=0)[::2]):
        K, pullback = kernel.value_and_pullback(same)
        np.testing.assert_allclose(K, kernel(x, x), rtol=1e-14)
        np.testing.assert_allclose(pullback(W), kernel.gradient(x).sum(axis=(0, 1)), rtol=1e-12)
    remembered = pullback(W)
    monkeypatch.setattr("gp.separable.REMEMBERED", 0)
    np.testing.assert_array_equal(kernel.value_and_pullback(x)[0], K)
    np.testing.assert_array_equal(kernel.value_and_pullback(x)[1](W), remembered)


def test_a_separable_kernel_is_0_at_an_infinite_distance():
    x, kernel = np.array([[-1.5e308, 0.0], [1.5e308, 0.0], [1.5e308, 1.0]]), SeparableMatern52((1e-300, 1.0))
    K, pullback = kernel.value_and_pullback(x)
    along = SeparableMatern52()(x[:1, 1:], x[2:, 1:])[0, 0]
    for matrix in (K, kernel(x, x)):
        np.testing.assert_allclose(matrix, [[1, 0, 0], [0, 1, along], [0, along, 1]], rtol=1e-15)
    assert np.isfinite(pullback(np.ones((3, 3)))).all()
    assert np.isfinite(kernel.gradient(x)).all()
    assert np.isfinite(kernel.input_gradient(x, x)).all()


@pytest.mark.parametrize("n", [0, 1, 2])
def test_a_separable_kernel_of_hardly_any_points(n):
    x = np.random.default_rng(0).uniform(size=(n, 2))
    K, pullback = SeparableMatern52((0.3, 2.0)).value_and_pullback(x)
    np.testing.assert_allclose(K, SeparableMatern52((0.3, 2.0))(x, x), rtol=1e-14)
    slope = SeparableMatern52((0.3, 2.0)).gradient(x).sum(axis=(0, 1))
    np.testing.assert_allclose(pullback(np.ones((n, n))), slope, rtol=1e-12)


def test_an_isotropic_lengthscale_has_the_summed_gradient_of_equal_ones():
    x = np.random.default_rng(0).uniform(size=(5, 3))
    summed = RBF((0.4, 0.4, 0.4)).gradient(x).sum(axis=-1, keepdims=True)
    np.testing.assert_allclose(RBF(0.4).gradient(x), summed, rtol=1e-14)


def test_the_gradient_at_coinciding_points_is_finite_and_zero():
    x = np.zeros((3, 2))
    kernels = (
        Matern12(0.1),
        Matern(0.1, nu=0.4),
        Matern(0.1, nu=60.0),
        RationalQuadratic(0.1),
        Periodic(0.1),
        SeparableMatern52(0.1),
    )
    for kernel in (RBF(0.1), Matern52((0.1, 2.0)), Rational(0.1), *kernels):
        np.testing.assert_array_equal(kernel.input_gradient(x, x), 0.0)
        np.testing.assert_array_equal(kernel.gradient(x), 0.0)


def test_the_default_slope_is_minus_twice_the_derivative_of_the_profile():
    r2 = np.array([0.0, 1e-7, 0.3, 1.0, 4.0, 1e3, 1e12])
    np.testing.assert_allclose(Rational().slope(r2), 2 / (1 + r2) ** 2, rtol=3e-6)


def test_the_default_slope_asks_for_no_negative_squared_distance():
    @dataclass(frozen=True)
    class OfRoot(Stationary):
        def profile(self, r2):
            return np.exp(-np.sqrt(r2))

    assert np.isfinite(OfRoot().slope(np.array([0.0, 1e-9, 1.0]))).all()


def test_a_stationary_kernel_without_a_profile_cannot_be_made():
    @dataclass(frozen=True)
    class Empty(Stationary):
        pass

    with pytest.raises(TypeError, match="profile"):
        Empty()


def test_points_too_far_to_share_anything_have_no_gradient_at_all():
    rng = np.random.default_rng(0)
    _, pullback = RBF((0.3, 2.0)).value_and_pullback(1e6 * rng.normal(size=(6, 2)))
    np.testing.assert_array_equal(pullback(rng.normal(size=(6, 6))), 0.0)


def test_the_settings_that_one_may_leave_out():
    r2 = np.array([0.1, 1.0, 4.0])
    np.testing.assert_allclose(Matern().profile(r2), Matern52().profile(r2), rtol=1e-13)
    np.testing.assert_allclose(RationalQuadratic().profile(r2), 1 / (1 + r2 / 2), rtol=1e-14)
    zero, one = np.zeros((1, 1)), np.ones((1, 1))
    assert Hamming()(zero, one)[0, 0] == pytest.approx(np.exp(-1), rel=1e-15)
    assert Periodic()(zero, one / 4)[0, 0] == pytest.approx(np.exp(-1), rel=1e-15)
    assert [Constant()(zero, one)[0, 0], Linear()(zero, one)[0, 0], White()(one, one)[0, 0]] == [1.0, 1.0, 1.0]


def test_squared_distances_do_not_cancel():
    x = 1e8 + np.array([[0.0], [0.5]])
    np.testing.assert_array_equal(squared_distance(x, x), [[0, 0.25], [0.25, 0]])
    np.testing.assert_array_equal(gp.distance(x, x), [[0, 0.5], [0.5, 0]])


@pytest.mark.parametrize(
    ("make", "printed"),
    [
        (lambda: 2.0 * RBF() + 0.1, "2.0 * RBF(lengthscale=1.0) + 0.1"),
        (lambda: (RBF() + 1) * 2, "(RBF(lengthscale=1.0) + 1.0) * 2.0"),
        (lambda: (2 * RBF()) ** 2, "(2.0 * RBF(lengthscale=1.0)) ** 2"),
        (lambda: (RBF() + RBF()).on([0]), "(RBF(lengthscale=1.0) + RBF(lengthscale=1.0)).on([0])"),
        (lambda: np.float64(2.0) * RBF() + np.int64(1), "2.0 * RBF(lengthscale=1.0) + 1.0"),
    ],
)
def test_kernels_print_as_the_algebra_that_makes_them(make, printed):
    assert repr(make()) == printed


@pytest.mark.parametrize("other", ["a", None, True, [1.0], 1j])
def test_only_kernels_and_numbers_combine(other):
    for combine in (lambda: RBF() + other, lambda: RBF() * other):
        with pytest.raises(TypeError):
            combine()


def test_a_constant_is_one_number():
    with pytest.raises(TypeError, match="value"):
        Constant((1.0, 2.0))


@pytest.mark.parametrize("exponent", [0, -1, 0.5, float("nan"), float("inf"), True])
def test_powers_are_whole_numbers_from_1(exponent):
    with pytest.raises(ParameterError, match="whole number"):
        RBF() ** exponent


@pytest.mark.parametrize("exponent", ["2", None])
def test_powers_are_numbers(exponent):
    with pytest.raises(TypeError):
        RBF() ** exponent


@pytest.mark.parametrize("columns", [[], [0, 0], [-1]])
def test_columns_are_different_and_not_negative(columns):
    with pytest.raises(ParameterError, match="column"):
        RBF().on(columns)


def test_columns_are_whole_numbers():
    with pytest.raises(TypeError):
        RBF().on([0.7])


def test_a_column_that_is_not_there_is_named():
    with pytest.raises(DataError, match=r"column 2.*2 columns"):
        RBF().on([2])(np.zeros((3, 2)), np.zeros((3, 2)))


def test_fixed_and_bounded_name_the_parameters_there_are():
    with pytest.raises(ParameterError, match=r"left\.value, right\.lengthscale"):
        (2.0 * RBF()).fixed("lengthscale")
    with pytest.raises(ParameterError, match="lengthscale"):
        RBF().bounded(length=(1.0, 2.0))


@pytest.mark.parametrize("bounds", [(2.0, 1.0), (0.0, 1.0), (-1.0, 1.0), (1.0, float("inf")), (float("nan"), 1.0)])
def test_bounds_are_ordered_positive_and_finite(bounds):
    with pytest.raises(ParameterError, match="bounds"):
        RBF().bounded(lengthscale=bounds)
    with pytest.raises(ParameterError, match="bounds"):
        positive(1.0, bounds)


def test_bounds_reach_the_search():
    kernel = (2.0 * RBF((1.0, 2.0))).bounded(**{"right.lengthscale": (0.1, 10.0)})
    np.testing.assert_allclose(np.exp(kernel.log_bounds), [[1e-10, 1e10], [0.1, 10.0], [0.1, 10.0]])


def test_a_kernel_without_a_formula_cannot_be_made():
    @dataclass(frozen=True)
    class Empty(Kernel):
        pass

    with pytest.raises(TypeError, match="__call__"):
        Empty()


def test_the_one_number_of_a_constant_cannot_be_overwritten():
    K = Constant(2.0)(np.zeros((2, 1)), np.zeros((3, 1)))
    with pytest.raises(ValueError, match="read-only"):
        K += 1.0


def test_a_pair_without_a_formula_cannot_be_made():
    with pytest.raises(TypeError, match="__call__"):
        Pair(RBF(), Matern52())


def test_the_default_derivatives_of_a_learners_kernel():
    x = np.random.default_rng(0).uniform(size=(4, 2))
    expected = differences(lambda t: Cauchy().with_theta(t)(x, x), Cauchy().theta, step=1e-3)
    np.testing.assert_allclose(Cauchy().gradient(x), expected, atol=1e-9)
    assert Cauchy().diagonal(np.zeros((100, 2))).shape == (100,)


def test_sum_adds_kernels():
    assert sum([RBF(), Matern52(), 0.5]) == RBF() + Matern52() + 0.5


@dataclass(frozen=True)
class Warped(Kernel):
    """Of x ** 1.5, which has no value below 0; from the other end, none beyond 1. Its width is no length in x."""

    width: float = positive(0.5)
    turned: bool = False

    def __call__(self, x1, x2):
        first, second = ((1 - x if self.turned else x) ** 1.5 for x in (x1, x2))
        return np.exp(-squared_distance(first, second) / self.width**2)


@pytest.mark.parametrize("turned", [False, True])
def test_differences_are_one_sided_at_the_edge_of_what_a_kernel_is_defined_on(turned):
    kernel, edge = Warped(turned=turned), float(turned)
    x, z = np.array([[edge, 0.5], [0.3, 0.4]]), np.array([[0.2, 0.4], [0.7, 0.6]])
    slopes = kernel.input_gradient(x, z)
    inner = differences(lambda u: kernel(np.array([[edge, u[0]]]), z)[0], x[0, 1:], step=1e-4)
    assert slopes[0, :, 0] == pytest.approx(0.0, abs=0.01)  # of x ** 1.5 at 0
    assert slopes[0, :, 1] == pytest.approx(inner[:, 0], abs=1e-6)
    assert slopes[1] == pytest.approx(differences(lambda u: kernel(u[None], z)[0], x[1], step=1e-4), abs=1e-6)
    check_kernel(kernel, np.vstack([x, z]))


def test_a_model_with_a_kernel_that_ends_at_0_has_slopes_there():
    posterior = GaussianProcess(Warped(), noise=1e-6).condition([[0.0], [0.4], [1.0]], [0.0, 1.0, 0.5])
    assert np.isfinite(posterior.predict_gradient([[0.0], [0.2]])).all()


@pytest.mark.parametrize("kernel", [RBF(), SeparableMatern52(), Periodic(), Linear(), White(), Hamming()], ids=repr)
def test_tables_with_different_columns_are_refused(kernel):
    one, two = np.zeros((3, 1)), np.zeros((3, 2))
    for x1, x2 in ((one, two), (two, one)):
        with pytest.raises(DataError, match="two tables with the same columns"):
            kernel(x1, x2)
    with pytest.raises(DataError):
        SeparableMatern52().input_gradient(one, two)
