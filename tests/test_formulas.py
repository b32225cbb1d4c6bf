"""Every formula of a docstring, evaluated once in plain math: the page that one reads is the code that runs."""

import math

import numpy as np
import pytest

from acquisition import (
    Constrained,
    Constraint,
    ExpectedImprovement,
    LogExpectedImprovement,
    LogProbabilityOfImprovement,
    MaxValueEntropySearch,
    Portfolio,
    ProbabilityOfImprovement,
    UpperConfidenceBound,
)
from acquisition.ascent import _bfgs
from acquisition.bound import scheduled_kappa
from acquisition.improvement import mean_moves
from acquisition.normal import Phi, h, inverse_mills, log_h_and_slope, mills, phi
from gp import (
    RBF,
    Constant,
    GaussianProcess,
    Hamming,
    Linear,
    LogNormal,
    Matern,
    Matern12,
    Matern32,
    Matern52,
    Periodic,
    RationalQuadratic,
    SeparableMatern52,
    Stationary,
    White,
    lengthscale_prior,
    linalg,
    squared_distance,
)
from gp import distance as gp_distance
from gp.likelihood import likelihood_and_gradient

# Two points of the plane, in plain numbers.
A, B, LENGTHS = (0.1, 0.9), (0.4, 0.2), (0.5, 2.0)
a, b = np.array([A]), np.array([B])
r2 = sum((p - q) ** 2 / l**2 for p, q, l in zip(A, B, LENGTHS, strict=True))


def exactly(value):
    return pytest.approx(value, rel=1e-13, abs=1e-15)


def test_distances():
    squared = (0.1 - 0.4) ** 2 + (0.9 - 0.2) ** 2
    assert squared_distance(a, b)[0, 0] == exactly(squared)
    assert gp_distance(a, b)[0, 0] == exactly(math.sqrt(squared))


def test_rbf():
    assert RBF(LENGTHS)(a, b)[0, 0] == exactly(math.exp(-r2 / 2))


def test_matern52():
    t = math.sqrt(5) * math.sqrt(r2)
    assert Matern52(LENGTHS)(a, b)[0, 0] == exactly((1 + t + t**2 / 3) * math.exp(-t))


def test_matern12_and_32():
    r = math.sqrt(r2)
    assert Matern12(LENGTHS)(a, b)[0, 0] == exactly(math.exp(-r))
    assert Matern32(LENGTHS)(a, b)[0, 0] == exactly((1 + math.sqrt(3) * r) * math.exp(-math.sqrt(3) * r))


def test_matern_of_any_smoothness():
    # K_{1/2}(t) = sqrt(pi / 2t) exp(-t), and K_{7/2} follows by K_{v+1} = K_{v-1} + 2v/t K_v.
    t = math.sqrt(2 * 3.5 * r2)
    K = [math.sqrt(math.pi / (2 * t)) * math.exp(-t)] * 2
    for v in (0.5, 1.5, 2.5):
        K.append(K[-2] + 2 * v / t * K[-1])
    expected = 2 ** (1 - 3.5) / math.gamma(3.5) * t**3.5 * K[-1]
    assert Matern(LENGTHS, nu=3.5)(a, b)[0, 0] == exactly(expected)


def test_rational_quadratic():
    B = 1 + r2 / (2 * 0.7)
    k = B**-0.7
    kernel = RationalQuadratic(LENGTHS, alpha=0.7)
    assert kernel(a, b)[0, 0] == exactly(k)
    slope = kernel.gradient(np.vstack([a, b]))[0, 1, 2]
    assert slope == exactly(k * (-0.7 * math.log(B) + r2 / (2 * B)))


def test_separable_matern52():
    t = [math.sqrt(5) * abs(p - q) / l for p, q, l in zip(A, B, LENGTHS, strict=True)]
    k = math.prod((1 + u + u * u / 3) * math.exp(-u) for u in t)
    kernel = SeparableMatern52(LENGTHS)
    assert kernel(a, b)[0, 0] == exactly(k)
    slopes = [k * u * u * (1 + u) / (3 + 3 * u + u * u) for u in t]
    assert kernel.gradient(np.vstack([a, b]))[0, 1] == exactly(slopes)


def test_periodic():
    periods = (0.55, 1.7)
    rows = list(zip(A, B, LENGTHS, periods, strict=True))
    k = math.exp(-2 * sum(math.sin(math.pi * (p - q) / t) ** 2 / l**2 for p, q, l, t in rows))
    kernel = Periodic(LENGTHS, periods)
    assert kernel(a, b)[0, 0] == exactly(k)
    gradient, uphill = kernel.gradient(np.vstack([a, b]))[0, 1], kernel.input_gradient(a[0], b)[0]
    for i, (p, q, l, t) in enumerate(rows):
        d = p - q
        assert gradient[i] == exactly(4 * k * math.sin(math.pi * d / t) ** 2 / l**2)
        assert gradient[2 + i] == exactly(2 * math.pi * k * d / (t * l**2) * math.sin(2 * math.pi * d / t))
        assert uphill[i] == exactly(-k * 2 * math.pi / (t * l**2) * math.sin(2 * math.pi * d / t))


def test_linear_white_and_hamming():
    assert Linear(0.3)(a, b)[0, 0] == exactly(0.3**2 + 0.1 * 0.4 + 0.9 * 0.2)
    assert White(0.3)(a, a)[0, 0] == 0.3
    assert White(0.3)(a, b)[0, 0] == 0.0
    half = np.array([[0.1, 0.2]])  # as a in the first column, as b in the second
    assert Hamming(LENGTHS)(a, half)[0, 0] == exactly(math.exp(-1 / 2.0))
    assert Hamming(LENGTHS)(b, half)[0, 0] == exactly(math.exp(-1 / 0.5))
    assert Hamming(0.7)(a, b)[0, 0] == exactly(math.exp(-2 / 0.7))


@pytest.mark.parametrize("Class", [RBF, Matern12, Matern32, Matern52, Matern, RationalQuadratic])
def test_slope_is_minus_2_dk_by_dr2_and_every_gradient_follows(Class):
    kernel: Stationary = Class(LENGTHS)
    c = kernel.slope(np.array(r2)).item()
    step = 1e-5
    ahead, behind = kernel.profile(np.array(r2 + step)).item(), kernel.profile(np.array(r2 - step)).item()
    assert c == pytest.approx(-2 * (ahead - behind) / (2 * step), rel=1e-8)
    by_log_length = kernel.gradient(np.vstack([a, b]))[0, 1]
    by_input = kernel.input_gradient(a[0], b)[0]
    for i in range(2):
        assert by_log_length[i] == exactly(c * (A[i] - B[i]) ** 2 / LENGTHS[i] ** 2)
        assert by_input[i] == exactly(-c * (A[i] - B[i]) / LENGTHS[i] ** 2)


def test_the_algebra():
    k1, k2 = RBF(0.7), Matern52(0.4)
    v1, v2 = k1(a, b).item(), k2(a, b).item()
    assert Constant(2.5)(a, b).item() == 2.5
    assert (k1 + k2)(a, b).item() == exactly(v1 + v2)
    assert (k1 * k2)(a, b).item() == exactly(v1 * v2)
    assert (k1**3)(a, b).item() == exactly(v1**3)
    assert (2.5 * k1 + 0.5)(a, b).item() == exactly(2.5 * v1 + 0.5)
    assert k1.on([1])(a, b).item() == exactly(math.exp(-((0.9 - 0.2) ** 2) / 0.7**2 / 2))


def test_theta_is_the_logarithm():
    np.testing.assert_allclose((2.0 * RBF(LENGTHS)).theta, [math.log(2.0), math.log(0.5), math.log(2.0)], rtol=1e-15)


def test_pullback_is_a_weighted_sum_of_the_gradient():
    kernel, x, W = 2.0 * RBF(LENGTHS), np.vstack([a, b]), [[1.0, 2.0], [-3.0, 0.5]]
    gradient = kernel.gradient(x)
    pulled = kernel.value_and_pullback(x)[1](np.array(W))
    for p in range(3):
        assert pulled[p] == exactly(sum(W[i][j] * gradient[i, j, p] for i in range(2) for j in range(2)))


def test_log_normal():
    v, mu, sigma = 0.3, -1.0, 0.7
    log_density = -math.log(v) - math.log(sigma * math.sqrt(2 * math.pi)) - (math.log(v) - mu) ** 2 / (2 * sigma**2)
    assert LogNormal(mu, sigma).log_density(v) == exactly(log_density)
    assert LogNormal(mu, sigma).log_slope(v) == exactly(-1 - (math.log(v) - mu) / sigma**2)
    assert LogNormal(mu, sigma).mode == exactly(math.exp(mu - sigma**2))
    assert lengthscale_prior(6) == LogNormal(math.sqrt(2) + math.log(6) / 2, math.sqrt(3))


class Two:
    """Two observations on a line: K, its inverse and all that follows, written out."""

    x1, x2, y1, y2, x, m, noise = 0.1, 0.6, 1.0, -0.4, 0.45, 0.3, 0.05

    def __init__(self):
        self.k = lambda p, q: 1.5 * math.exp(-((p - q) ** 2) / 0.4**2 / 2)
        self.posterior = GaussianProcess(1.5 * RBF(0.4), noise=self.noise, mean=self.m).condition(
            [[self.x1], [self.x2]], [self.y1, self.y2]
        )
        self.diagonal, self.off = 1.5 + self.noise, self.k(self.x1, self.x2)
        self.det = self.diagonal**2 - self.off**2
        self.inverse = [
            [self.diagonal / self.det, -self.off / self.det],
            [-self.off / self.det, self.diagonal / self.det],
        ]
        r1, r2 = self.y1 - self.m, self.y2 - self.m
        self.alpha = [(self.diagonal * r1 - self.off * r2) / self.det, (self.diagonal * r2 - self.off * r1) / self.det]
        self.residuals = (r1, r2)

    def moments(self, x):
        k1, k2 = self.k(x, self.x1), self.k(x, self.x2)
        (p, q), (_, s) = self.inverse
        mean = self.m + k1 * self.alpha[0] + k2 * self.alpha[1]
        return mean, 1.5 - (p * k1 * k1 + 2 * q * k1 * k2 + s * k2 * k2)


def test_posterior_mean_and_variance():
    two = Two()
    mean, std = two.posterior.predict([[two.x]])
    expected_mean, variance = two.moments(two.x)
    np.testing.assert_allclose(two.posterior.alpha, two.alpha, rtol=1e-13)
    assert mean[0] == exactly(expected_mean)
    assert std[0] == exactly(math.sqrt(variance))
    assert two.posterior.covariance([[two.x]])[0, 0] == exactly(variance)


def test_posterior_gradients():
    two, step = Two(), 1e-5
    (ahead, ahead_variance), (behind, behind_variance) = two.moments(two.x + step), two.moments(two.x - step)
    dmean, dstd = two.posterior.predict_gradient([two.x])
    std = math.sqrt(two.moments(two.x)[1])
    assert dmean[0] == pytest.approx((ahead - behind) / (2 * step), rel=1e-8)
    assert dstd[0] == pytest.approx((ahead_variance - behind_variance) / (2 * step) / (2 * std), rel=1e-8)


def test_log_marginal_likelihood_and_its_gradient():
    two = Two()
    quadratic = two.residuals[0] * two.alpha[0] + two.residuals[1] * two.alpha[1]
    # The sum of log L_ii is half the logarithm of the determinant.
    expected = -0.5 * quadratic - 0.5 * math.log(two.det) - 2 / 2 * math.log(2 * math.pi)
    assert two.posterior.log_marginal_likelihood == exactly(expected)
    W = [[0.5 * (two.alpha[i] * two.alpha[j] - two.inverse[i][j]) for j in range(2)] for i in range(2)]
    by_value = W[0][0] * 1.5 + W[1][1] * 1.5 + 2 * W[0][1] * two.off
    by_length = 2 * W[0][1] * two.off * (two.x1 - two.x2) ** 2 / 0.4**2
    by_noise = two.noise * (W[0][0] + W[1][1])
    np.testing.assert_allclose(
        two.posterior.log_marginal_likelihood_gradient, [by_value, by_length, by_noise], rtol=1e-12
    )
    X, y = two.posterior.X, two.posterior.y - two.m
    value, gradient = likelihood_and_gradient(two.posterior.prior.kernel, two.noise, X, y)
    assert value == exactly(expected)
    np.testing.assert_array_equal(gradient, two.posterior.log_marginal_likelihood_gradient)


def test_leave_one_out():
    two = Two()
    mean, std = two.posterior.leave_one_out()
    assert mean[0] == exactly(two.y1 - two.alpha[0] / two.inverse[0][0])
    assert std[1] == exactly(math.sqrt(1 / two.inverse[1][1]))


def test_append_extends_the_triangle():
    two = Two()
    (l11, _), (l21, l22) = two.posterior.cholesky
    k1, k2 = two.k(two.x, two.x1), two.k(two.x, two.x2)
    first = k1 / l11
    second = (k2 - l21 * first) / l22
    corner = math.sqrt(1.5 + two.noise - first**2 - second**2)
    row = two.posterior.append([[two.x]], [0.0]).cholesky[2]
    np.testing.assert_allclose(row, [first, second, corner], rtol=1e-13)


def test_a_tempered_observation():
    two, share, y = Two(), 0.25, 2.0
    mean, variance = two.moments(two.x)
    v = variance + two.noise
    tempered = two.posterior.append([[two.x]], [y], noise=[v * (1 / share - 1)])
    assert tempered.predict([[two.x]])[0][0] == exactly(mean + share * variance / v * (y - mean))


def test_cholesky_and_solutions():
    L = linalg.cholesky(np.array([[4.0, 2.0], [2.0, 5.0]]))
    np.testing.assert_array_equal(L, [[2.0, 0.0], [1.0, 2.0]])
    np.testing.assert_allclose(linalg.solve_lower(L, np.array([2.0, 5.0])), [1.0, 2.0])
    np.testing.assert_allclose(linalg.solve(L, np.array([8.0, 12.0])), [1.0, 2.0])
    np.testing.assert_allclose(linalg.half_inverse(L), [[5 / 16, 0], [-2 / 16, 4 / 16]])


# --- acquisitions


def normal_density(z):
    return math.exp(-(z**2) / 2) / math.sqrt(2 * math.pi)


def normal_distribution(z):
    return math.erfc(-z / math.sqrt(2)) / 2


Z = [-2.5, -1.0, -0.3, 0.0, 1.7]


@pytest.mark.parametrize("z", Z)
def test_the_normal_distribution(z):
    at = np.array(z)
    improvement = normal_density(z) + z * normal_distribution(z)
    assert phi(at) == exactly(normal_density(z))
    assert Phi(at) == exactly(normal_distribution(z))
    assert h(at) == exactly(improvement)
    value, slope = log_h_and_slope(at)
    assert value == exactly(math.log(improvement))
    assert slope == exactly(normal_distribution(z) / improvement)
    assert inverse_mills(at) == exactly(normal_density(z) / normal_distribution(z))
    if z <= 0:
        assert mills(at) == exactly(normal_distribution(z) / normal_density(z))


@pytest.mark.parametrize("z", [-50.0, -60.0, -1e3])
def test_the_series_far_below(z):
    u = 1 / z**2
    series = 1 - 3 * u + 15 * u**2 - 105 * u**3 + 945 * u**4
    ratio = 1 - u + 3 * u**2 - 15 * u**3 + 105 * u**4
    value, slope = log_h_and_slope(np.array(z))
    log_density = -(z**2) / 2 - math.log(2 * math.pi) / 2
    assert value == exactly(log_density - 2 * math.log(-z) + math.log(series))
    assert slope == pytest.approx(-z * ratio / series, rel=3e-15)


@pytest.mark.parametrize(("std", "noise"), [(0.8, 0.3), (1e-3, 4.0), (2.0, 1e-10), (5.0, 0.0)])
def test_improvement_of_the_mean_after_a_noisy_measurement(std, noise):
    moves = std**2 / math.sqrt(std**2 + noise)
    slope = std * (std**2 + 2 * noise) / (std**2 + noise) ** 1.5
    np.testing.assert_allclose(np.ravel(mean_moves(std, noise)), [moves, slope], rtol=1e-14)
    at = np.array([1.2]), np.array([std]), 1.5
    after = np.array([1.2]), np.array([moves]), 1.5
    for kind in (ExpectedImprovement, LogExpectedImprovement):
        assert kind(0.1, noise).score(*at)[0] == pytest.approx(kind(0.1).score(*after)[0], rel=1e-12, abs=0)
        by_mean, by_std = kind(0.1).partials(*after)
        np.testing.assert_allclose(kind(0.1, noise).partials(*at), [by_mean, by_std * slope], rtol=1e-11)


@pytest.mark.parametrize("z", Z)
def test_improvement(z):
    std, xi, best = 0.8, 0.1, 1.5
    at = np.array([best + xi + z * std]), np.array([std]), best
    z = (at[0].item() - best - xi) / std
    density, distribution = normal_density(z), normal_distribution(z)
    ei, g = density + z * distribution, distribution / (density + z * distribution)
    assert ExpectedImprovement(xi).score(*at)[0] == exactly(std * ei)
    np.testing.assert_allclose(np.ravel(ExpectedImprovement(xi).partials(*at)), [distribution, density], rtol=1e-13)
    assert ProbabilityOfImprovement(xi).score(*at)[0] == exactly(distribution)
    np.testing.assert_allclose(
        np.ravel(ProbabilityOfImprovement(xi).partials(*at)),
        [density / std, -z * density / std],
        rtol=1e-13,
        atol=1e-15,
    )
    assert LogExpectedImprovement(xi).score(*at)[0] == exactly(math.log(std) + math.log(ei))
    np.testing.assert_allclose(
        np.ravel(LogExpectedImprovement(xi).partials(*at)), [g / std, (1 - z * g) / std], rtol=1e-12
    )


@pytest.mark.parametrize("z", Z)
def test_log_probability_of_improvement(z):
    at = np.array([1.6 + 0.8 * z]), np.array([0.8]), 1.5
    ratio = normal_density(z) / normal_distribution(z)
    acquisition = LogProbabilityOfImprovement(0.1)
    assert acquisition.score(*at)[0] == exactly(math.log(normal_distribution(z)))
    np.testing.assert_allclose(
        np.ravel(acquisition.partials(*at)), [ratio / 0.8, -z * ratio / 0.8], rtol=1e-12, atol=1e-15
    )


@pytest.mark.parametrize("gamma", Z)
def test_max_value_entropy(gamma):
    density, distribution = normal_density(gamma), normal_distribution(gamma)
    at = np.array([2.0 - 0.8 * gamma]), np.array([0.8]), 0.0
    expected = gamma * density / (2 * distribution) - math.log(distribution)
    assert MaxValueEntropySearch(maxima=(2.0,)).score(*at)[0] == pytest.approx(expected, rel=1e-12)


def test_weights_of_constraints_and_portfolios():
    class Two:
        def predict(self, X):
            return np.array([0.5]), np.array([2.0])

    at = Two(), np.zeros((1, 1)), 0.1
    log_ei = LogExpectedImprovement()(*at)[0]
    share = normal_distribution((3.0 - 0.5) / 2.0) - normal_distribution((-1.0 - 0.5) / 2.0)
    weighed = Constrained([Constraint(Two(), -1.0, 3.0), Constraint(Two(), -1.0, 3.0)])(*at)[0]
    assert weighed == pytest.approx(log_ei + 2 * math.log(share), rel=1e-12)
    chances = Portfolio([UpperConfidenceBound()] * 2, eta=0.5, gains=(1.0, -2.0)).probabilities()
    assert chances[0] == exactly(math.exp(0.5) / (math.exp(0.5) + math.exp(-1.0)))


def test_the_schedule_of_kappa():
    inside = 7 ** (3 / 2 + 2) * math.pi**2 / (3 * 0.05)
    assert scheduled_kappa(7, 3, delta=0.05, nu=0.4) == exactly(math.sqrt(0.4 * 2 * math.log(inside)))


def test_upper_confidence_bound():
    at = np.array([1.25]), np.array([0.5]), 0.0
    assert UpperConfidenceBound(3.0).score(*at)[0] == 1.25 + 3.0 * 0.5
    np.testing.assert_array_equal(np.ravel(UpperConfidenceBound(3.0).partials(*at)), [1.0, 3.0])


def test_the_update_of_the_inverse_hessian():
    H, s, change = np.array([[2.0, 0.5], [0.5, 1.0]]), np.array([0.3, -0.2]), np.array([0.4, 0.1])
    rho = 1 / (change[0] * s[0] + change[1] * s[1])
    left = np.eye(2) - rho * np.outer(s, change)
    expected = left @ H @ left.T + rho * np.outer(s, s)
    updated = _bfgs(H[None], s[None], change[None])[0]
    np.testing.assert_allclose(updated, expected, rtol=1e-14)
    np.testing.assert_allclose(updated @ change, s, rtol=1e-13)  # the secant condition
    np.testing.assert_array_equal(_bfgs(H[None], s[None], -change[None])[0], H)
