"""Densities of positive parameters."""

import math

import numpy as np
import pytest
from contracts import differences, reference
from scipy.integrate import quad
from scipy.stats import lognorm

from gp import RBF, GaussianProcess, LogNormal, ParameterError, Prior, lengthscale_prior
from gp.fit import log_posterior, prior_of_entries
from gp.priors import join_log_normals


@pytest.mark.parametrize("entry", reference("lognormal_prior"), ids=lambda e: f"D={e['D']}")
def test_reference_values(entry):
    prior = lengthscale_prior(entry["D"])
    assert prior.mu == pytest.approx(float(entry["mu"]), rel=1e-15)
    assert prior.sigma == pytest.approx(float(entry["sigma"]), rel=1e-15)
    assert prior.mode == pytest.approx(float(entry["mode"]), rel=1e-14)
    value = float(entry["ell"])
    assert prior.log_density(value) == pytest.approx(float(entry["logpdf"]), rel=1e-14)
    assert prior.log_slope(value) == pytest.approx(float(entry["dlogpdf_dlog_ell"]), rel=1e-12)


@pytest.mark.parametrize("prior", [LogNormal(0.0, 1.0), LogNormal(-4.0, 0.3), lengthscale_prior(6)])
def test_the_density_is_that_of_scipy_and_integrates_to_one(prior):
    values = np.array([1e-3, 0.1, 1.0, 7.0])
    expected = lognorm(prior.sigma, scale=math.exp(prior.mu)).logpdf(values)
    np.testing.assert_allclose(prior.log_density(values), expected, rtol=1e-13)
    # Over log v, where the density is v p(v).
    total, _ = quad(lambda u: math.exp(prior.log_density(math.exp(u)) + u), prior.mu - 40, prior.mu + 40, points=[0])
    assert total == pytest.approx(1.0, rel=1e-7)


def test_the_slope_is_the_derivative_by_the_logarithm_and_0_at_the_mode():
    prior, h = LogNormal(0.5, 0.7), 1e-5
    for value in (0.1, 1.0, 4.0):
        ahead, behind = prior.log_density(value * math.exp(h)), prior.log_density(value * math.exp(-h))
        assert prior.log_slope(value) == pytest.approx((ahead - behind) / (2 * h), rel=1e-8)
    assert prior.log_slope(prior.mode) == pytest.approx(0.0, abs=1e-14)


def test_samples_follow_the_density():
    draws = np.log(LogNormal(-1.0, 0.5).sample(np.random.default_rng(0), 20_000))
    assert draws.mean() == pytest.approx(-1.0, abs=5 * 0.5 / math.sqrt(20_000))
    assert draws.std() == pytest.approx(0.5, rel=0.03)


@pytest.mark.parametrize(
    ("mu", "sigma"), [(0.0, 0.0), (0.0, -1.0), (math.nan, 1.0), (0.0, math.nan), (math.inf, 1.0), (0.0, math.inf)]
)
def test_settings_that_are_no_density_are_refused(mu, sigma):
    with pytest.raises(ParameterError, match="LogNormal"):
        LogNormal(mu, sigma)


def test_priors_are_checked_by_the_process():
    with pytest.raises(TypeError, match="LogNormal"):
        GaussianProcess(RBF(), priors={"lengthscale": 0.5})
    with pytest.raises(ParameterError, match="no parameter 'period'"):
        GaussianProcess(RBF(), priors={"period": LogNormal(0.0, 1.0)})


def test_the_log_prior_of_a_process_counts_every_entry():
    density = LogNormal(0.0, 1.0)
    process = GaussianProcess(RBF((0.5, 2.0)), noise=0.1, priors={"lengthscale": density, "noise": density})
    expected = sum(density.log_density(v) for v in (0.5, 2.0, 0.1))
    assert process.log_prior == pytest.approx(expected, rel=1e-14)
    assert GaussianProcess(RBF()).log_prior == 0


def test_priors_that_are_joined_say_what_they_say_one_by_one():
    values = np.array([0.2, 0.5, 3.0, 1e-3])
    steep = _Steep()
    pairs = [
        (LogNormal(-1.0, 0.5), np.array([0, 1])),
        (steep, np.array([2])),
        (LogNormal(0.3, 2.0), np.array([1])),  # an entry of two priors
        (LogNormal(-8.0, 4.0), np.array([3])),
    ]
    joined = join_log_normals(pairs)
    assert len(joined) == 2
    assert joined[1][0] is steep
    for say in ("log_density", "log_slope"):
        together, alone = np.zeros(4), np.zeros(4)
        for prior, where in joined:
            np.add.at(together, where, getattr(prior, say)(values[where]))
        for prior, where in pairs:
            alone[where] += getattr(prior, say)(values[where])
        np.testing.assert_allclose(together, alone, rtol=1e-15)
    assert join_log_normals([(steep, np.array([0]))]) == [(steep, np.array([0]))]
    assert join_log_normals([]) == []


class _Steep(Prior):
    def log_density(self, value):
        return -5.0 * np.asarray(value)

    def log_slope(self, value):
        return -5.0 * np.asarray(value)

    def sample(self, rng, size):
        return rng.exponential(0.2, size)


def test_an_entry_with_two_priors_feels_both():
    X, y = np.linspace(0, 1, 6)[:, None], np.sin(np.arange(6.0))
    kernel = 2.0 * RBF(0.3)
    pairs = prior_of_entries(kernel, (("lengthscale", LogNormal(-1.0, 0.5)), ("right.lengthscale", _Steep())))
    twice = prior_of_entries(
        kernel, (("lengthscale", LogNormal(-1.0, 0.5)), ("right.lengthscale", LogNormal(2.0, 0.1)))
    )
    point = np.append(kernel.theta, math.log(0.01))
    for priors in (pairs, twice):
        evaluate = log_posterior(kernel, X, y, None, priors)
        expected = differences(lambda p: evaluate(p)[0], point, 1e-3)  # noqa: B023
        np.testing.assert_allclose(evaluate(point)[1], expected, rtol=1e-8)
