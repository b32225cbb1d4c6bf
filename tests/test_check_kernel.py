"""check_kernel: each typical mistake is found and named, and no kernel that is right is accused."""

from dataclasses import dataclass

import numpy as np
import pytest
from test_kernels import KERNELS

import bayestuner
from acquisition import Acquisition
from gp import (
    RBF,
    DataError,
    GaussianProcess,
    Hamming,
    Kernel,
    KernelError,
    Linear,
    Matern52,
    Periodic,
    RationalQuadratic,
    SeparableMatern52,
    check_kernel,
    distance,
    positive,
    squared_distance,
)


def right(self, x1, x2):
    return np.exp(-0.5 * squared_distance(x1, x2) / self.width**2)


def slope(self, x):
    """The right gradient by log width, (n, n, 1)."""
    r2 = squared_distance(x, x) / self.width**2
    return (right(self, x, x) * r2)[..., None]


def uphill(self, x, z):
    """The right gradient by the first argument."""
    points = np.atleast_2d(x)
    result = right(self, points, z)[..., None] * (z - points[:, None]) / self.width**2
    return result[0] if x.ndim == 1 else result


def kernel(formula=right, width=1.0, **methods):
    """A learner's kernel with one parameter, this formula, and these methods."""

    @dataclass(frozen=True)
    class Mine(Kernel):
        width: float = positive(1.0)

        def __call__(self, x1, x2):
            return formula(self, x1, x2)

    for name, method in methods.items():
        setattr(Mine, name, method)
    return Mine(width)


def in_place(self, x1, x2):
    x1 /= self.width
    return right(self, x1, x2)


class Undecorated(Kernel):
    width = 1.0

    def __call__(self, x1, x2):
        return right(self, x1, x2)


@dataclass(frozen=True)
class Wave(Kernel):
    """In a plane a kernel only while its waves are as long as the lengthscale, in space only while they are longer."""

    lengthscale: float = positive(0.3, bounds=(0.1, 0.3))
    wave: float = positive(0.5)

    def __call__(self, x1, x2):
        r = distance(x1, x2)
        return np.exp(-r / self.lengthscale) * np.cos(r / self.wave)


generator = np.random.default_rng(0)

MISTAKES = {
    "not symmetric": (kernel(lambda s, a, b: right(s, a, b) * (1 + a[:, :1])), ["not symmetric", "x - x'"]),
    "signed difference": (kernel(lambda s, a, b: np.exp(a[:, :1] - b[:, 0])), ["not symmetric", "square"]),
    "negative": (kernel(lambda s, a, b: -right(s, a, b)), ["not positive semi-definite", "minus sign"]),
    "no exponential": (kernel(lambda s, a, b: 1 - squared_distance(a, b) / s.width**2), ["not positive semi-definite"]),
    "distance itself": (kernel(lambda s, a, b: distance(a, b) / s.width), ["not positive semi-definite"]),
    "cubed distance": (
        kernel(lambda s, a, b: np.exp(-((distance(a, b) / s.width) ** 3))),
        ["not positive semi-definite", "eigenvalue"],
    ),
    "triangle of the distance": (
        kernel(lambda s, a, b: np.maximum(0, 1 - distance(a, b) / s.width)),
        ["not positive semi-definite", "one dimension"],
    ),
    "cosine of the distance": (
        kernel(lambda s, a, b: np.cos(distance(a, b) / s.width)),
        ["not positive semi-definite", "one dimension"],
    ),
    "periodic in the distance": (
        kernel(lambda s, a, b: np.exp(-2 * np.sin(np.pi * distance(a, b) / s.width) ** 2)),
        ["not positive semi-definite", "several"],
    ),
    "one row": (
        kernel(lambda s, a, b: np.squeeze(right(s, a, b))),
        ["shape", "(1, 100)", "one row for each row of x1"],
    ),
    "transposed": (kernel(lambda s, a, b: right(s, a, b).T), ["(100, 3)", "transposed"]),
    "pairs of rows": (kernel(lambda s, a, b: np.exp(-((a - b) ** 2).sum(axis=1))), ["(100, 100)", "squared_distance"]),
    "one column": (kernel(lambda s, a, b: right(s, a, b)[:, :1]), ["(100, 1)", "one column for each row of x2"]),
    "no sum over columns": (
        kernel(lambda s, a, b: np.exp(-0.5 * ((a[:, None] - b) / s.width) ** 2)),
        ["(100, 100, 2)", "squared_distance"],
    ),
    "one number": (kernel(lambda s, a, b: float(right(s, a, b).sum())), ["array of real numbers", "float"]),
    "a list": (kernel(lambda s, a, b: right(s, a, b).tolist()), ["array of real numbers", "list"]),
    "complex": (kernel(lambda s, a, b: right(s, a, b) + 0j), ["real numbers", "complex"]),
    "broken": (kernel(lambda s, a, b: squared_distance(a, b) / s.lengthscale), ["lengthscale", "AttributeError"]),
    "root forgotten": (kernel(lambda s, a, b: np.exp(-squared_distance(a, b) / s.width)), ["no length", "width**2"]),
    "square too many": (
        kernel(lambda s, a, b: np.exp(-distance(a, b) / s.width**2)),
        ["no length", "distance / width"],
    ),
    "width multiplied": (kernel(lambda s, a, b: np.exp(-distance(a, b) * s.width)), ["no length"]),
    "by the parameter": (kernel(gradient=lambda s, x: slope(s, x) / s.width), ["width", "logarithm", "multiply"]),
    "by the parameter 0.3": (
        kernel(width=0.3, gradient=lambda s, x: slope(s, x) / s.width),
        ["gradient by width", "not by its logarithm"],
    ),
    "gradient sign": (kernel(gradient=lambda s, x: -slope(s, x)), ["gradient by width", "sign is turned"]),
    "gradient factor": (kernel(gradient=lambda s, x: 2 * slope(s, x)), ["gradient by width is off by 100 %"]),
    "gradient shape": (kernel(gradient=lambda s, x: slope(s, x)[..., 0]), ["gradient returns shape", "last axis"]),
    "gradient of an old formula": (
        kernel(lambda s, a, b: 1 / (1 + squared_distance(a, b) / s.width**2), gradient=slope),
        ["gradient by width is off", "compare with differences"],
    ),
    "pullback": (
        kernel(value_and_pullback=lambda s, x: (s(x, x), lambda W: np.zeros(1))),
        ["pullback(W)", "sum of W dK/dtheta"],
    ),
    "pullback value": (
        kernel(value_and_pullback=lambda s, x: (2 * s(x, x), lambda W: np.zeros(1))),
        ["value_and_pullback gives another K"],
    ),
    "input sign": (
        kernel(input_gradient=lambda s, x, z: -uphill(s, x, z)),
        ["input_gradient", "sign", "first argument"],
    ),
    "input factor": (kernel(input_gradient=lambda s, x, z: 0.5 * uphill(s, x, z)), ["input_gradient is off by 50 %"]),
    "input shape": (
        kernel(input_gradient=lambda s, x, z: uphill(s, x, z).sum(axis=-1)),
        ["input_gradient returns shape", "(b, m, d)"],
    ),
    "input at one point": (
        kernel(input_gradient=lambda s, x, z: uphill(s, np.atleast_2d(x), z)),
        ["input_gradient at one point", "(d,)"],
    ),
    "in place": (kernel(in_place), ["in place", "x = x / width"]),
    "NaN at distance 0": (
        kernel(lambda s, a, b: np.sin(distance(a, b) / s.width) / distance(a, b)),
        ["nan", "distance 0", "limit"],
    ),
    "random": (
        kernel(lambda s, a, b: right(s, a, b) * generator.uniform()),
        ["called again", "random"],
    ),
    "diagonal wrong": (kernel(diagonal=lambda s, x: np.zeros(len(x))), ["diagonal says 0", "k(x, x) there is 1"]),
    "diagonal shape": (
        kernel(diagonal=lambda s, x: np.ones((len(x), 1))),
        ["diagonal returns shape (100, 1)", "(100,)"],
    ),
    "diagonal gradient": (
        kernel(diagonal_gradient=lambda s, x: np.ones(x.shape)),
        ["diagonal_gradient is off", "leave it out"],
    ),
    "unused parameter": (
        kernel(lambda s, a, b: np.exp(-squared_distance(a, b))),
        ["width changes nothing", "self.width"],
    ),
    "right as long as it is not learned": (Wave(), ["'wave': 0.111", "a fit may come there", "keep wave away"]),
    "not a number beside": (
        kernel(lambda s, a, b: right(s, a, b) * np.sqrt(3 - s.width)),
        ["gives nan", "'width': 4.48"],
    ),
    "not decorated": (Undecorated(), ["@dataclass(frozen=True)", "above the class"]),
    "a class": (RBF, ["is a class", "check_kernel(RBF())"]),
    "a function": (lambda a, b: a @ b.T, ["not a kernel", "gp.Kernel"]),
    "a name": ("rbf", ["'rbf' is not a kernel"]),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_a_typical_mistake_is_named(name):
    wrong, words = MISTAKES[name]
    with pytest.raises(KernelError) as caught:
        check_kernel(wrong)
    for word in words:
        assert word in str(caught.value), f"{word!r} is not in: {caught.value}"


def test_parameters_lost_on_the_way_are_named():
    class Forgetful(RBF):
        @property
        def parameters(self):
            return {"lengthscale": 1.0, "other": 2.0} if self.lengthscale == 0.5 else {"lengthscale": 1.0}

        def with_theta(self, theta):
            return RBF(0.7)

    lost = dataclass(frozen=True)(Forgetful)(0.5)
    with pytest.raises(KernelError, match="loses parameters"):
        check_kernel(lost)


def test_a_kernel_that_its_bounds_keep_right_passes():
    check_kernel(Wave().bounded(wave=(0.3, 5.0)))


def test_what_is_right_on_a_line_may_be_wrong_in_a_plane():
    check_kernel(kernel(lambda s, a, b: np.maximum(0, 1 - distance(a, b) / s.width)), columns=1)
    with pytest.raises(KernelError, match="not positive semi-definite"):
        check_kernel(Wave(wave=0.35).bounded(wave=(0.3, 5.0)), columns=5)
    with pytest.raises(KernelError, match="columns must be 1 or more, got 0"):
        check_kernel(RBF(), columns=0)


def test_a_fit_that_comes_to_an_impossible_kernel_names_it():
    X = np.random.default_rng(0).random((30, 2))
    process = GaussianProcess(Wave(lengthscale=5.0, wave=0.1).bounded(lengthscale=(0.1, 10.0)), noise=1e-6)
    with pytest.raises(DataError, match=r"learning the kernel came to Wave\(lengthscale=.*not positive definite"):
        process.fit(X, np.sin(X[:, 0]), restarts=0, learn_noise=False)


def test_the_points_may_be_given():
    only_far = kernel(lambda s, a, b: right(s, a, b) * np.where(a[:, :1] > 10, -1, 1) * np.where(b[:, 0] > 10, -1, 1))
    flawed = kernel(lambda s, a, b: right(s, a, b) + np.where(a[:, :1] > 10, 1.0, 0.0))
    check_kernel(only_far)
    check_kernel(flawed)
    with pytest.raises(KernelError, match="not symmetric"):
        check_kernel(flawed, 20 * np.random.default_rng(0).random((12, 1)))
    check_kernel(RBF(), np.random.default_rng(0).random((9, 4)).tolist())


# --- no false alarms


@pytest.mark.parametrize(("right_one", "d"), KERNELS, ids=[repr(k) for k, _ in KERNELS])
def test_every_kernel_of_the_contract_passes(right_one, d):
    check_kernel(right_one, np.random.default_rng(0).random((12, d)))


BUILT_IN = [
    RBF((0.5,)),
    RBF().on([2]),
    RBF((1.0, 2.0)).on([0, 3]),
    RBF(0.3).on([0]) + Matern52((0.2, 0.4, 0.6)),
    Hamming(),
    Hamming(0.2),
    Hamming((1.0, 2.0)),
    Hamming(0.5).on([1]) * RBF(0.5).on([0]),
    2.0 * Periodic(period=0.3) * RBF(0.7) + Linear(),
    RationalQuadratic(20.0, alpha=0.05),
    Matern52(1e-3),
    SeparableMatern52(0.5),
    SeparableMatern52(1e-3),
    Matern52(1e3),
    1e-4 * RBF(),
    1e4 * RBF(),
    RBF(0.5).fixed("lengthscale"),
]


@pytest.mark.parametrize("built_in", [*BUILT_IN, *(k for k, d in KERNELS if d <= 2)], ids=repr)
def test_every_built_in_kernel_passes(built_in):
    check_kernel(built_in)


def test_a_right_kernel_with_all_its_derivatives_passes():
    check_kernel(kernel(gradient=slope, input_gradient=uphill, width=0.4))


@dataclass(frozen=True)
class Cauchy(Kernel):
    """A correct kernel of a learner, with parameters whose names are not lengths."""

    scale: float = positive(0.7)
    width: float = positive(0.5)

    def __call__(self, x1, x2):
        return self.scale / (1 + squared_distance(x1, x2) / self.width**2)


@dataclass(frozen=True)
class Amplitude(Kernel):
    scale: float = positive(2.0)

    def __call__(self, x1, x2):
        return self.scale * np.exp(-distance(x1, x2))


@dataclass(frozen=True)
class Wiener(Kernel):
    """Not stationary, and with no parameter at all."""

    def __call__(self, x1, x2):
        return np.minimum(np.abs(x1[:, :1]), np.abs(x2[:, 0]))


@pytest.mark.parametrize("own", [Cauchy(), Cauchy() + RBF(), 2.0 * Cauchy().on([1]), Amplitude(), Wiener()], ids=repr)
def test_a_learners_right_kernel_passes(own):
    check_kernel(own)


# --- one's own kernel and acquisition, all the way


@dataclass(frozen=True)
class Hopeful(Acquisition):
    courage: float = 1.0

    def score(self, mean, std, best):
        return mean - best + self.courage * std


def test_a_learners_kernel_and_acquisition_tune():
    history = bayestuner.minimize(
        lambda x, y: (x - 0.3) ** 2 + (y + 0.5) ** 2,
        {"x": (-1.0, 1.0), "y": (-1.0, 1.0)},
        n_trials=16,
        kernel=Cauchy(),
        acquisition=Hopeful(courage=0.5),
        n_initial=5,
        seed=0,
    )
    assert history.best_value < 0.02
    assert history.best_params["x"] == pytest.approx(0.3, abs=0.2)
    fitted = GaussianProcess(Cauchy()).fit(np.linspace(0, 1, 6)[:, None], np.sin(np.arange(6.0)), seed=0)
    assert type(fitted.prior.kernel) is Cauchy
    assert fitted.prior.kernel != Cauchy()
