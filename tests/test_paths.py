"""One function drawn from a posterior: what many of them say together, and what each of them is."""

import numpy as np
import pytest
from contracts import Slanted, assert_distributed_as, assert_same_slope, differences
from test_kernels import Cauchy, Rational

import gp.paths
from gp import (
    RBF,
    Constant,
    GaussianProcess,
    Hamming,
    Linear,
    Matern,
    Matern12,
    Matern32,
    Matern52,
    Periodic,
    RationalQuadratic,
    SeparableMatern52,
    White,
)

SPECTRA = [
    (RBF((0.3, 2.0)), 2),
    (Matern12(0.5), 1),
    (Matern32((0.5, 2.0)), 2),
    (Matern52(0.5), 3),
    (Matern(0.5, nu=1.7), 2),
    (RationalQuadratic(0.5, alpha=0.4), 2),
    (RationalQuadratic((0.5, 1.0), alpha=10.0), 2),
    (SeparableMatern52((0.5, 1.0)), 2),
    (Periodic(0.8, period=0.6), 1),
    (Periodic((0.8, 3.0), period=(0.6, 2.0)), 2),
    (Periodic(0.01, period=50.0), 1),
    (Periodic(50.0, period=0.3), 1),
    (Constant(2.5), 2),
    (2.0 * RBF(0.5), 2),
    (0.3 * RBF(0.2) + 2.0 * Matern32(0.9), 2),
    (RBF(0.5) * Periodic(0.8, period=0.6), 2),
    (RBF(0.5) + 1.5, 1),
    (RBF(0.5) * 1.5, 1),
    (Matern52(0.7) ** 3, 2),
    (RBF(0.5) ** 1, 1),
    ((2.0 * RBF(0.5) + Matern52(0.4)) ** 2, 1),
    (RBF((0.3, 0.6)).on([2, 0]), 3),
    (RBF(0.4).fixed("lengthscale") * Matern52(0.5).bounded(lengthscale=(0.1, 1.0)), 2),
    (Hamming(1.5), 2),
    (Hamming((0.5, 2.0)) * RBF(0.5), 2),
    (RBF(0.5).on([0]) * Hamming(0.8).on([1]), 2),
]


@pytest.mark.parametrize(("kernel", "d"), SPECTRA, ids=[repr(k) for k, _ in SPECTRA])
def test_the_kernel_is_the_mean_cosine_of_its_frequencies(kernel, d):
    count = 100_000
    frequencies, variance = kernel.frequencies(count, d, np.random.default_rng(0))
    assert frequencies.shape == (count, d)
    assert variance == pytest.approx(kernel.diagonal(np.zeros((1, d)))[0], rel=1e-14)
    moves = np.random.default_rng(1).normal(scale=0.3, size=(6, d))
    moves[0] *= 0.05  # where a heavy tail of the spectrum would be missed
    moves[1, -1] = 0.0  # the same category
    got = variance * np.cos(frequencies @ moves.T).mean(axis=0)
    np.testing.assert_allclose(got, kernel(np.zeros((1, d)), moves)[0], atol=5 * variance / np.sqrt(2 * count))


@pytest.mark.parametrize(
    "kernel",
    [
        Linear(),
        White(),
        Cauchy(),
        Rational(),
        Slanted(),
        RBF() + Linear(),
        Linear() + RBF(),
        RBF() * White(),
        Linear() ** 2,
        Linear().on([0]),
        Linear().fixed("offset"),
    ],
    ids=repr,
)
def test_kernels_without_a_known_spectrum_say_so(kernel):
    assert kernel.frequencies(10, 2, np.random.default_rng(0)) is None


def test_the_shortest_lengthscale_of_a_period_has_a_spectrum():
    assert np.isfinite(Periodic(1e-10).frequencies(10, 1, np.random.default_rng(0))[0]).all()


def test_paths_over_categories_vary_as_the_model_says():
    kernel = RBF(0.3).on([0]) * Hamming(1.0).on([1])
    posterior = GaussianProcess(kernel, noise=0.02).condition([[0.1, 0.0], [0.6, 1.0]], [1.0, -0.5])
    at = np.array([[0.1, 0.0], [0.1, 1.0], [0.6, 2.0], [0.9, 3.0]])
    values = np.array([path(at) for path in paths_of(posterior, 2500)])
    assert_distributed_as(values, posterior.predict(at)[0], posterior.covariance(at))


X, y = np.array([[0.1], [0.35], [0.8]]), np.array([1.0, -0.5, 0.4])
AT = np.array([[0.0], [0.2], [0.36], [0.6], [0.95]])
DRAWN = [
    RBF(0.3),
    Matern52(0.4),
    1.5 * Matern12(0.6) + 0.3,
    RBF(0.5) * Matern32(0.7),
    Periodic(0.9, period=0.6),
    Linear(0.5),
    2.0 * Cauchy(0.3),
    RBF(0.3) + Linear(),
    SeparableMatern52(0.3) + Constant(1000.0).fixed("value"),
]


def paths_of(posterior, count):
    return [posterior.sample_path(seed) for seed in range(count)]


@pytest.mark.parametrize("kernel", DRAWN, ids=repr)
def test_many_paths_have_the_mean_and_covariance_of_the_posterior(kernel, monkeypatch):
    monkeypatch.setattr(gp.paths, "FEATURES", 256)  # the law holds for any number: fewer are drawn sooner
    monkeypatch.setattr(gp.paths, "SUPPORT", 64)
    posterior = GaussianProcess(kernel, noise=0.02, mean=0.3).condition(X, y, noise=[0.0, 0.3, 0.0])
    values = np.array([path(AT) for path in paths_of(posterior, 2500)])
    assert_distributed_as(values, posterior.predict(AT)[0], posterior.covariance(AT))


@pytest.mark.parametrize("kernel", [*DRAWN, RBF((0.5,)), White(0.5) + RBF(0.3)], ids=repr)
def test_a_path_passes_through_what_was_seen_without_noise(kernel):
    values = X[:, 0] * 2 - 0.5 if isinstance(kernel, Linear) else y
    posterior = GaussianProcess(kernel, noise=1e-10).condition(X, values)
    for path in paths_of(posterior, 3):
        np.testing.assert_allclose(path(X), values, atol=2e-4)
    spread = np.ptp([path(AT) for path in paths_of(posterior, 3)], axis=0)
    assert (spread > 1e-3).any() or isinstance(kernel, Linear)


@pytest.mark.parametrize("kernel", DRAWN, ids=repr)
def test_the_gradient_of_a_path_is_that_of_its_values(kernel):
    path = GaussianProcess(kernel, noise=1e-2, mean=0.3).condition(X, y).sample_path(0)
    got = path.gradient(AT)
    assert got.shape == AT.shape
    assert_same_slope(got, np.array([differences(lambda u: path(u[None])[0], row, 1e-6) for row in AT]), rtol=2e-5)
    np.testing.assert_allclose(path.gradient(AT[1]), got[1], rtol=1e-10)
    assert path.gradient(AT[1]).shape == (1,)


def test_a_large_constant_takes_nothing_from_the_features_of_the_other_part():
    kernel = 0.5 * Matern52(0.05)
    paths = [
        GaussianProcess(kernel + Constant(1e6).fixed("value"), noise=1e-2).condition(X, y).sample_path(seed)
        for seed in range(100)
    ]
    variances = np.var([path(np.linspace(2, 12, 400)[:, None]) for path in paths], axis=1)
    assert variances.mean() == pytest.approx(0.5, rel=0.03)
    assert variances.std() < 0.1  # with a feature or two for the Matérn part it would be 0.5 and more


@pytest.mark.parametrize("kernel", [RBF((0.3, 0.8)), Linear() + 0.1, Cauchy(0.5)], ids=repr)
def test_paths_in_the_plane(kernel):
    points = np.random.default_rng(0).uniform(size=(5, 2))
    path = GaussianProcess(kernel, noise=0.1).condition(points, points.sum(axis=1)).sample_path(1)
    query = np.random.default_rng(1).uniform(size=(4, 2))
    expected = np.array([differences(lambda u: path(u[None])[0], row, 1e-4) for row in query])
    assert_same_slope(path.gradient(query), expected, rtol=2e-5)


@pytest.mark.parametrize("kernel", [RBF(0.3), Linear()], ids=repr)
def test_paths_are_told_apart_by_their_seed(kernel):
    posterior = GaussianProcess(kernel, noise=1e-2).condition(X, y)
    np.testing.assert_array_equal(posterior.sample_path(5)(AT), posterior.sample_path(5)(AT))
    np.testing.assert_array_equal(
        posterior.sample_path(5)(AT), posterior.sample_path(np.random.default_rng(5))(AT.tolist())
    )
    assert not np.array_equal(posterior.sample_path(5)(AT), posterior.sample_path(6)(AT))
    before = np.random.get_state()[1].copy()  # noqa: NPY002 - that it is left alone is the point
    posterior.sample_path(7)
    np.testing.assert_array_equal(np.random.get_state()[1], before)  # noqa: NPY002


def test_a_path_is_one_function_and_not_a_new_draw_for_each_question():
    path = GaussianProcess(Matern52(0.2)).condition(X, y).sample_path(0)
    np.testing.assert_allclose(path(AT), np.concatenate([path(row[None]) for row in AT]), rtol=1e-12)
    np.testing.assert_allclose(path(AT[::-1]), path(AT)[::-1], rtol=1e-12)
    assert path(AT[:0]).shape == (0,)


@pytest.mark.parametrize("kernel", [RBF(0.3), Cauchy(0.3)], ids=repr)
def test_before_any_observation_paths_are_drawn_from_the_prior(kernel, monkeypatch):
    monkeypatch.setattr(gp.paths, "SUPPORT", 64)
    posterior = GaussianProcess(2.0 * kernel, mean=1.5).condition(np.zeros((0, 1)), [])
    values = np.array([path(AT) for path in paths_of(posterior, 1000)])
    assert_distributed_as(values, 1.5, 2.0 * kernel(AT, AT))
    assert posterior.sample_path(0).gradient(AT).shape == (5, 1)


def test_the_support_of_a_kernel_without_spectrum_reaches_as_far_as_the_data(monkeypatch):
    monkeypatch.setattr(gp.paths, "SUPPORT", 64)
    far = np.array([[-3.0, 0.5], [0.2, 7.0]])
    path = GaussianProcess(Cauchy(0.5)).condition(far, [0.0, 1.0]).sample_path(0)
    np.testing.assert_array_equal(path.prior_path.Z.min(axis=0) >= [-3, 0], True)
    assert path.prior_path.Z[:, 0].min() < -2.8
    assert path.prior_path.Z[:, 1].max() > 6.8
    assert path.prior_path.Z[:, 0].max() > 0.9


# --- joint posteriors


@pytest.mark.parametrize("kernel", [RBF(0.3), Linear() + White(0.1), 2.0 * Periodic(period=0.7)], ids=repr)
def test_cross_covariance_is_a_block_of_the_covariance(kernel):
    posterior = GaussianProcess(kernel, noise=0.01, mean=1.0).condition(X, y)
    together = posterior.covariance(np.vstack([AT, X]))
    np.testing.assert_allclose(posterior.cross_covariance(AT, X), together[:5, 5:], atol=1e-13)
    np.testing.assert_allclose(posterior.cross_covariance(AT, AT), posterior.covariance(AT), atol=1e-13)
    assert posterior.cross_covariance(AT[:0], X).shape == (0, 3)
    empty = posterior.prior.condition(X[:0], y[:0])
    np.testing.assert_array_equal(empty.cross_covariance(AT, X), kernel(AT, X))
