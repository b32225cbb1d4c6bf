"""Acquisitions that draw, look ahead, weigh or choose among others: against hand values, integrals and Monte Carlo."""

import json
import math
from dataclasses import dataclass, replace

import mpmath
import numpy as np
import pytest
from contracts import (
    Fixed,
    Hills,
    SlopingHills,
    assert_same_slope,
    check_acquisition_contract,
    differences,
    floats,
    reference,
)
from scipy.integrate import quad
from scipy.special import log_ndtr
from scipy.stats import norm

from acquisition import (
    Acquisition,
    AcquisitionError,
    Constrained,
    Constraint,
    ExpectedImprovement,
    ExpectedImprovementPerSecond,
    KnowledgeGradient,
    LogExpectedImprovement,
    LogProbabilityOfImprovement,
    MaxValueEntropySearch,
    Portfolio,
    ProbabilityOfImprovement,
    ThompsonSampling,
    UpperConfidenceBound,
    maximize,
)
from acquisition.bound import scheduled_kappa
from acquisition.entropy import gumbel_maxima
from acquisition.feasibility import log_probability_between
from gp import RBF, GaussianProcess, Matern52, ParameterError

EI, LogEI, LogPI, UCB = ExpectedImprovement, LogExpectedImprovement, LogProbabilityOfImprovement, UpperConfidenceBound
SQUARE = np.array([[0.0, 1.0], [0.0, 1.0]])
rng = np.random.default_rng(0)
X = rng.uniform(size=(6, 2))
y = np.sin(5 * X[:, 0]) - X[:, 1]
posterior = GaussianProcess(Matern52(0.5), noise=1e-2).condition(X, y)
best = float(posterior.predict(X)[0].max())
AT = rng.uniform(size=(7, 2))


class Slope:
    """A posterior of log seconds that rises along the first column."""

    def predict(self, X):
        return 3.0 * X[:, 0], np.full(len(X), 0.1)


OF_MEAN_AND_STD = [
    LogPI(),
    LogPI(0.5),
    UCB(delta=0.1),
    UCB(1.5, nu=0.2),
    MaxValueEntropySearch(maxima=(0.9,)),
    MaxValueEntropySearch(maxima=(0.8, 1.5, 4.0)),
]


@pytest.mark.parametrize("acquisition", OF_MEAN_AND_STD, ids=repr)
def test_contract(acquisition):
    check_acquisition_contract(acquisition)


OF_THE_POSTERIOR = [
    ThompsonSampling(),
    ThompsonSampling(seed=3),
    KnowledgeGradient(),
    KnowledgeGradient(size=5),
    MaxValueEntropySearch(),
    MaxValueEntropySearch(size=1),
    UCB(delta=0.2),
    EI(noise="learned"),
    LogEI(0.1, noise="learned"),
    ExpectedImprovementPerSecond(),
    ExpectedImprovementPerSecond(xi=0.2),
    Portfolio([LogEI(), UCB(1.0), ThompsonSampling()]),
    Portfolio([MaxValueEntropySearch(), KnowledgeGradient(8)]),
    Constrained((Constraint(posterior, low=-0.5),)),
    Constrained((Constraint(posterior, high=0.5), Constraint(Hills(), -1.0, 0.7)), LogPI()),
    Constrained((Constraint(posterior, low=-0.5),), None),
]
IDS = [f"{i}-{acquisition.label}" for i, acquisition in enumerate(OF_THE_POSTERIOR)]


@pytest.mark.parametrize("acquisition", OF_THE_POSTERIOR, ids=IDS)
def test_prepared_by_one_seed_they_say_one_thing(acquisition):
    ready, twin = (acquisition.prepare(posterior, best, SQUARE, seed=5, seconds=Slope()) for _ in range(2))
    values = ready(posterior, AT, best)
    assert values.shape == (7,)
    assert np.isfinite(values).all()
    assert ready(posterior, AT[:0], best).shape == (0,)
    np.testing.assert_array_equal(twin(posterior, AT, best), values)
    alone = np.concatenate([ready(posterior, row[None], best) for row in AT])
    np.testing.assert_allclose(alone, values, rtol=1e-9, atol=1e-12)
    # The optimizer prepares, records, and hands over to maximize, which prepares again: that must change nothing.
    again = ready.prepare(posterior, best, SQUARE, seed=6)
    np.testing.assert_array_equal(again(posterior, AT, best), values)
    assert acquisition == replace(acquisition), "settings are left as they were"


@pytest.mark.parametrize("acquisition", OF_THE_POSTERIOR, ids=IDS)
def test_gradients_are_differences(acquisition):
    ready = acquisition.prepare(posterior, best, SQUARE, seed=5, seconds=Slope())
    expected = np.array([differences(lambda u: ready(posterior, u[None], best)[0], row, 1e-5) for row in AT])
    assert_same_slope(ready.gradient(posterior, AT, best), expected, rtol=2e-5)
    assert ready.gradient(posterior, AT[0], best).shape == (2,)


@pytest.mark.parametrize("acquisition", OF_THE_POSTERIOR, ids=IDS)
def test_maximize_finds_no_worse_than_a_grid(acquisition):
    ready = acquisition.prepare(posterior, best, SQUARE, seed=5)
    x, value = maximize(ready, posterior, best, SQUARE, seed=0)
    grid = np.stack(np.meshgrid(*[np.linspace(0, 1, 40)] * 2), axis=-1).reshape(-1, 2)
    values = ready(posterior, grid, best)
    assert value >= values.max() - 1e-3 * np.ptp(values)
    assert value == pytest.approx(ready(posterior, x[None], best)[0], rel=1e-9)


# --- log PI


@pytest.mark.parametrize("entry", reference("ei"), ids=lambda e: f"z={float(e['z']):.4g}")
def test_log_pi_against_the_reference(entry):
    mean, std, over, xi = (float(entry[name]) for name in ("mu", "sigma", "best", "xi"))
    got = LogPI(xi).score(np.array([mean]), np.array([std]), over)[0]
    assert got == pytest.approx(float(entry["log_pi"]), rel=2e-14, abs=0)


@pytest.mark.parametrize("entry", reference("log_h"), ids=lambda e: f"z={float(e['z']):.4g}")
def test_the_slope_of_log_pi_against_the_reference(entry):
    z = np.array([float(entry["z"])])
    if abs(z[0]) < 1e100:
        by_mean, by_std = LogPI().partials(z, np.ones(1), 0.0)
        assert by_mean[0] == pytest.approx(float(entry["phi_over_Phi"]), rel=1e-12, abs=0)
        assert by_std[0] == -z[0] * by_mean[0]


def test_log_pi_is_the_logarithm_of_pi():
    mean, std = np.linspace(-2, 5, 21), np.geomspace(0.1, 10, 21)
    np.testing.assert_allclose(
        LogPI(0.1).score(mean, std, 0.3), np.log(ProbabilityOfImprovement(0.1).score(mean, std, 0.3)), atol=1e-12
    )
    assert LogPI().partials(np.array([-1.0]), np.array([0.0]), 0.0)[1] == 0


# --- the schedule of UCB


@pytest.mark.parametrize("entry", reference("kappa_t"), ids=lambda e: f"t={e['t']}")
def test_scheduled_kappa_against_the_reference(entry):
    t, d, delta, nu = int(entry["t"]), int(entry["d"]), float(entry["delta"]), float(entry["nu"])
    assert scheduled_kappa(t, d, delta, nu) == pytest.approx(float(entry["kappa"]), rel=1e-14)


def test_the_schedule_counts_observations_and_dimensions():
    ready = UCB(delta=0.1, nu=0.5).prepare(posterior, best, SQUARE, seed=0)
    assert ready.kappa == scheduled_kappa(6, 2, 0.1, 0.5)
    more = posterior.append(AT, np.zeros(7))
    assert UCB(delta=0.1).prepare(more, best, SQUARE, seed=0).kappa == scheduled_kappa(13, 2, 0.1)
    assert UCB(delta=0.1).prepare(Hills(), best, SQUARE, seed=0).kappa == scheduled_kappa(1, 2, 0.1)
    assert UCB(3.0).prepare(posterior, best, SQUARE, seed=0) == UCB(3.0)
    kappas = [scheduled_kappa(t, 3) for t in (1, 2, 5, 100)]
    assert (np.diff(kappas) > 0).all()
    assert scheduled_kappa(5, 3, delta=0.01) > scheduled_kappa(5, 3, delta=0.1)


# --- entropy search


def entropy_lost(gamma):
    """Entropy of N(0, 1) less that of N(0, 1) cut off above gamma, by integration."""
    mass = norm.cdf(gamma)

    def integrand(t):
        density = norm.pdf(t) / mass
        return -density * math.log(density)

    return 0.5 * math.log(2 * math.pi * math.e) - quad(integrand, -12, gamma, epsabs=1e-12, limit=200)[0]


@pytest.mark.parametrize("gamma", [-3.0, -1.0, 0.0, 0.7, 2.5])
def test_mes_is_the_entropy_that_knowing_the_maximum_takes_away(gamma):
    got = MaxValueEntropySearch(maxima=(1.0,)).score(np.array([1.0 - 0.3 * gamma]), np.array([0.3]), 0.0)
    assert got[0] == pytest.approx(entropy_lost(gamma), rel=1e-8)


def test_mes_is_the_mean_over_maxima():
    at = np.array([0.2, 0.9]), np.array([0.5, 0.1]), 0.0
    single = [MaxValueEntropySearch(maxima=(m,)).score(*at) for m in (1.0, 1.5, 3.0)]
    np.testing.assert_allclose(MaxValueEntropySearch(maxima=(1.0, 1.5, 3.0)).score(*at), np.mean(single, 0), rtol=1e-14)


def exact_mes(gamma):
    with mpmath.workdps(80):
        z = mpmath.mpf(gamma)
        if z > -1000:
            value = z * mpmath.npdf(z) / (2 * mpmath.ncdf(z)) - mpmath.log(mpmath.ncdf(z))
            r = mpmath.npdf(z) / mpmath.ncdf(z)
        else:  # Φ by the continued fraction of Laplace
            t, fraction = -z, mpmath.mpf(0)
            for k in range(200, 0, -1):
                fraction = k / (t + fraction)
            r = t + fraction
            value = z * r / 2 + mpmath.log(r) + z**2 / 2 + mpmath.log(2 * mpmath.pi) / 2
        return float(value), float(-r / 2 * (1 + z**2 + z * r))


@pytest.mark.parametrize("gamma", [30.0, 5.0, 0.1, -0.1, -3.0, -40.0, -60.0, -1e3, -1e5, -1e7])
def test_mes_keeps_its_digits_above_the_maxima(gamma):
    mes = MaxValueEntropySearch(maxima=(0.0,))
    at = np.array([-gamma]), np.ones(1), 0.0
    value, slope = exact_mes(gamma)
    assert mes.score(*at)[0] == pytest.approx(value, rel=1e-12)
    by_mean, by_std = mes.partials(*at)
    # The slope is 1 / γ far out, found as 1 - (1 - 2 / γ²).
    assert by_mean[0] == pytest.approx(-slope, rel=1e-9 + 1e-14 * gamma**2)
    assert by_std[0] == pytest.approx(-slope * gamma, rel=1e-9 + 1e-14 * gamma**2)


def test_mes_at_a_std_of_0():
    mes = MaxValueEntropySearch(maxima=(1.0,))
    at = np.array([0.0, 0.9, 1.0]), np.zeros(3), 0.0
    np.testing.assert_allclose(mes.score(*at), [0.0, 0.0, math.log(2)], atol=1e-15)
    np.testing.assert_array_equal(mes.partials(*at)[1], 0.0)
    assert np.isfinite(mes.partials(*at)).all()


def test_gumbel_maxima_have_the_quartiles_of_the_maximum():
    generator = np.random.default_rng(0)
    mean, std = generator.normal(size=200), generator.uniform(0.2, 1, 200)
    q25, q50, q75 = gumbel_maxima(mean, std, np.array([0.25, 0.5, 0.75]))
    assert math.exp(log_ndtr((q50 - mean) / std).sum()) == pytest.approx(0.5, rel=1e-9)
    draws = (mean + std * generator.standard_normal((20_000, 200))).max(axis=1)
    np.testing.assert_allclose([q25, q50, q75], np.quantile(draws, [0.25, 0.5, 0.75]), atol=0.03)
    drawn = gumbel_maxima(mean, std, generator.random(20_000))
    assert drawn.mean() == pytest.approx(draws.mean(), abs=0.03)
    assert np.isfinite(gumbel_maxima(mean, std, np.array([0.0, 1.0]))).all()
    np.testing.assert_allclose(gumbel_maxima(np.ones(3), np.zeros(3), np.array([0.1, 0.9])), 1.0, atol=1e-7)


def test_mes_draws_maxima_that_beat_the_best():
    ready = MaxValueEntropySearch(size=40).prepare(posterior, best, SQUARE, seed=1)
    assert len(ready.maxima) == 40
    assert min(ready.maxima) >= best
    assert len(set(ready.maxima)) > 20
    assert MaxValueEntropySearch().prepare(posterior, 50.0, SQUARE, seed=1).maxima == (50.0,) * 16
    other = MaxValueEntropySearch(size=40).prepare(posterior, best, SQUARE, seed=2)
    assert other.maxima != ready.maxima
    assert MaxValueEntropySearch(maxima=(1.0,)).prepare(posterior, best, SQUARE, seed=0).maxima == (1.0,)


def test_mes_without_maxima_asks_to_be_prepared():
    with pytest.raises(AcquisitionError, match="call prepare first"):
        MaxValueEntropySearch().score(np.zeros(1), np.ones(1), 0.0)


# --- knowledge gradient


def known_gain(x, outcomes, Z):
    """The mean rise of the top of the posterior mean over Z and x, by really appending each outcome at x."""
    mean, std = posterior.predict(x[None])
    spread = math.sqrt(std[0] ** 2 + posterior.prior.noise)
    points = np.vstack([Z, x])
    before, lifted = (posterior.append(x[None], mean + lift).predict(points)[0] for lift in (0.0, 1.0))
    tops = (before + np.outer(spread * outcomes, lifted - before)).max(axis=1)
    return tops.mean() - posterior.predict(points)[0].max(), tops.std()


def test_the_knowledge_gradient_is_what_appending_every_outcome_says():
    kg = KnowledgeGradient(size=20).prepare(posterior, best, SQUARE, seed=0)
    got = kg(posterior, AT, best)
    equal = norm.ppf((np.arange(64) + 0.5) / 64)
    np.testing.assert_allclose(got, [known_gain(x, equal, kg._points)[0] for x in AT], rtol=1e-6, atol=1e-12)
    random = np.random.default_rng(0).standard_normal(100_000)
    for x, value in zip(AT, got, strict=True):
        gain, deviation = known_gain(x, random, kg._points)
        assert value == pytest.approx(gain, abs=5 * deviation / math.sqrt(100_000) + 0.02 * gain)


def test_the_knowledge_gradient_is_never_negative():
    for seed in range(4):
        kg = KnowledgeGradient(size=10).prepare(posterior, best, SQUARE, seed=seed)
        assert (kg(posterior, np.vstack([AT, X, 100 + AT]), best) >= -1e-14).all()


def test_without_preparation_the_knowledge_gradient_looks_at_what_was_observed():
    everywhere = KnowledgeGradient()(posterior, AT, best)
    equal = norm.ppf((np.arange(64) + 0.5) / 64)
    np.testing.assert_allclose(everywhere, [known_gain(x, equal, X)[0] for x in AT], rtol=1e-6, atol=1e-12)


@pytest.mark.parametrize("noise", [0.0, 1e-12])
def test_nothing_is_learned_where_the_value_is_known(noise):
    exact = GaussianProcess(Matern52(0.5), noise=noise).condition(X, y)
    kg = KnowledgeGradient().prepare(exact, float(y.max()), SQUARE, seed=0)
    np.testing.assert_allclose(kg(exact, X, float(y.max())), 0.0, atol=1e-6)
    assert kg(exact, AT, float(y.max())).max() > 1e-3


def test_the_knowledge_gradient_needs_a_joint_posterior():
    with pytest.raises(AcquisitionError, match="cross_covariance"):
        KnowledgeGradient()(Hills(), AT, best)


# --- Thompson sampling


def test_thompson_is_one_path_of_the_posterior():
    ready = ThompsonSampling(seed=4).prepare(posterior, best, SQUARE, seed=0)
    path = posterior.sample_path(4)
    np.testing.assert_array_equal(ready(posterior, AT, best), path(AT))
    values, gradients = ready.value_and_gradient(posterior, AT, best)
    np.testing.assert_array_equal(values, path(AT))
    np.testing.assert_array_equal(gradients, path.gradient(AT))
    assert maximize(ThompsonSampling(seed=4), posterior, best, SQUARE, seed=0)[1] >= path(AT).max()


def test_each_suggestion_draws_its_own_function():
    first, second = (ThompsonSampling().prepare(posterior, best, SQUARE, seed=s) for s in (0, 1))
    assert first.seed != second.seed
    assert not np.array_equal(first(posterior, AT, best), second(posterior, AT, best))
    remade = eval(repr(first), {"ThompsonSampling": ThompsonSampling})
    np.testing.assert_array_equal(remade(posterior, AT, best), first(posterior, AT, best))


def test_thompson_follows_the_posterior_that_it_is_asked_of():
    ready = ThompsonSampling(seed=1).prepare(posterior, best, SQUARE, seed=0)
    other = posterior.append([[0.5, 0.5]], [3.0])
    np.testing.assert_array_equal(ready(other, AT, best), other.sample_path(1)(AT))
    with pytest.raises(AcquisitionError, match="sample_path"):
        ThompsonSampling().prepare(Hills(), best, SQUARE, seed=0)


def test_thompson_tries_a_point_as_often_as_it_is_probable_to_be_the_best():
    line = GaussianProcess(RBF(0.3), noise=1e-3).condition([[0.0], [1.0]], [0.0, 0.0])
    two = np.array([[0.2], [0.6]])
    mean, covariance = line.predict(two)[0], line.covariance(two)
    spread = math.sqrt(covariance[0, 0] + covariance[1, 1] - 2 * covariance[0, 1])
    probable = norm.cdf((mean[0] - mean[1]) / spread)
    wins = [np.argmax(ThompsonSampling(seed=s)(line, two, 0.0)) == 0 for s in range(1500)]
    assert np.mean(wins) == pytest.approx(probable, abs=5 * 0.5 / math.sqrt(1500))


# --- cost


def test_gain_a_second_is_log_ei_less_log_seconds():
    ready = ExpectedImprovementPerSecond(0.1).prepare(posterior, best, SQUARE, seed=0, seconds=Slope())
    np.testing.assert_allclose(ready(posterior, AT, best), LogEI(0.1)(posterior, AT, best) - 3 * AT[:, 0], rtol=1e-14)
    free = ExpectedImprovementPerSecond(0.1).prepare(posterior, best, SQUARE, seed=0)
    np.testing.assert_array_equal(free(posterior, AT, best), LogEI(0.1)(posterior, AT, best))
    assert free == ExpectedImprovementPerSecond(0.1)


def test_maximize_hands_the_seconds_on():
    flat = Fixed(0.0, 1.0)
    x, value = maximize(ExpectedImprovementPerSecond(), flat, 0.0, SQUARE, seed=0, seconds=Slope())
    assert x[0] < 1e-6
    assert value == pytest.approx(LogEI().score(np.zeros(1), np.ones(1), 0.0)[0], abs=1e-5)
    for wrap in (lambda a: Portfolio([a]), lambda a: Constrained((Constraint(Fixed(0.0, 1.0), low=-1),), a)):
        x, _ = maximize(wrap(ExpectedImprovementPerSecond()), flat, 0.0, SQUARE, seed=0, seconds=Slope())
        assert x[0] < 1e-6


# --- constraints


@pytest.mark.parametrize("entry", reference("interval"), ids=lambda e: f"{e['lb']}..{e['ub']}")
def test_log_probability_between_against_the_reference(entry):
    mean, std = floats([entry["mu"]]), floats([entry["sigma"]])
    got = log_probability_between(mean, std, float(entry["lb"]), float(entry["ub"]))
    assert got[0] == pytest.approx(float(entry["logprob"]), rel=1e-14)


@pytest.mark.parametrize("low", [-200.0, -35.0, -3.0, -0.2, 0.0, 0.4, 8.0, 60.0, -math.inf])
@pytest.mark.parametrize("width", [1e-6, 0.1, 3.0, math.inf])
def test_log_probability_between_against_mpmath(low, width):
    high = math.inf if math.isinf(low) and math.isinf(width) else (low if math.isfinite(low) else -20.0) + width
    with mpmath.workdps(60):  # enough below 0; an interval above is mirrored
        a, b = (mpmath.mpf(low), mpmath.mpf(high)) if low <= 0 else (-mpmath.mpf(high), -mpmath.mpf(low))
        exact = float(mpmath.log(mpmath.ncdf(b) - mpmath.ncdf(a)))
    got = log_probability_between(np.array([1.5]), np.array([0.5]), 1.5 + 0.5 * low, 1.5 + 0.5 * high)[0]
    assert got == pytest.approx(exact, rel=1e-9 if width > 1e-3 else 1e-5, abs=1e-15)


def test_a_certain_value_is_inside_or_outside():
    for std in (0.0, 1e-320, 1e-160):
        inside = log_probability_between(np.array([0.0, 0.9, -0.9]), np.full(3, std), -1.0, 1.0)
        np.testing.assert_array_equal(inside, 0.0)
        outside = log_probability_between(np.array([1.5, -1.5, 1e10]), np.full(3, std), -1.0, 1.0)
        assert (outside < -1e9).all()
        assert not np.isnan(outside).any()
        one_sided = log_probability_between(np.array([5.0, 0.0]), np.full(2, std), -math.inf, 1.0)
        assert one_sided[0] < -1e9
        assert one_sided[1] == 0


def test_constrained_ei_adds_up_logarithms():
    constraints = (Constraint(posterior, low=-0.5, high=0.5), Constraint(Hills(), high=0.9))
    by_hand = LogEI()(posterior, AT, best)
    for c, (low, high) in zip(constraints, [(-0.5, 0.5), (-math.inf, 0.9)], strict=True):
        mean, std = c.posterior.predict(AT)
        by_hand = by_hand + np.log(norm.cdf((high - mean) / std) - norm.cdf((low - mean) / std))
    np.testing.assert_allclose(Constrained(constraints)(posterior, AT, best), by_hand, rtol=1e-10)
    alone = Constrained(constraints, None)(posterior, AT, best)
    np.testing.assert_allclose(alone, by_hand - LogEI()(posterior, AT, best), rtol=1e-9)


def test_a_constraint_keeps_the_search_where_it_holds():
    class Left:
        def predict(self, X):
            return X[:, 0], np.full(len(X), 1e-3)

    x, _ = maximize(Constrained((Constraint(Left(), high=0.3),)), posterior, best, SQUARE, seed=0)
    assert x[0] < 0.31
    free = maximize(LogEI(), posterior, best, SQUARE, seed=0)[0]
    assert LogEI()(posterior, free[None], best) >= LogEI()(posterior, x[None], best) - 1e-9


def test_constrained_prepares_and_remembers_what_is_inside():
    ready = Constrained((Constraint(Hills()),), UCB(delta=0.1)).prepare(posterior, best, SQUARE, seed=0)
    assert ready.acquisition.kappa == scheduled_kappa(6, 2, 0.1)
    inside = Constrained((Constraint(Hills()),), Portfolio([UCB(0.0), UCB(5.0)]))
    first = inside.prepare(posterior, best, SQUARE, seed=0)
    second = inside.follow(first)
    assert second.acquisition.nominees == first.acquisition.nominees
    assert inside.follow(UCB()) == inside
    alone = Constrained((Constraint(Hills()),), None)
    assert alone.follow(first) == alone


# --- portfolio


@pytest.mark.parametrize("entry", reference("hedge_softmax"))
def test_the_chances_of_a_portfolio_against_the_reference(entry):
    members, gains = [LogEI()] * 3, tuple(floats(entry["gains"]))
    np.testing.assert_allclose(Portfolio(members, gains=gains).probabilities(), floats(entry["p"]), rtol=1e-14)
    shifted = Portfolio(members, gains=tuple(1e6 + np.array(gains)))
    np.testing.assert_allclose(shifted.probabilities(), floats(entry["p"]), rtol=1e-8)
    np.testing.assert_allclose(Portfolio(members, eta=0.0, gains=gains).probabilities(), 1 / 3)
    assert Portfolio(members, eta=1e6, gains=gains).probabilities().tolist() == [0.0, 0.0, 1.0]
    np.testing.assert_allclose(Portfolio(members).probabilities(), 1 / 3)


def test_a_portfolio_judges_last_nominees_by_the_next_posterior():
    portfolio = Portfolio([UCB(0.0), UCB(5.0), LogEI()])
    first = portfolio.prepare(posterior, best, SQUARE, seed=0)
    assert first.gains == (0.0, 0.0, 0.0)
    assert len(first.nominees) == 3
    for member, nominee in zip(first.acquisitions, first.nominees, strict=True):
        top = maximize(member, posterior, best, SQUARE, seed=1)[1]
        assert member(posterior, np.array([nominee]), best)[0] == pytest.approx(top, abs=1e-4)
    later = posterior.append([first.nominees[first.chosen]], [2.0])
    second = portfolio.follow(first).prepare(later, 2.0, SQUARE, seed=1)
    expected = later.predict(np.array(first.nominees))[0]
    np.testing.assert_allclose(second.gains, expected, rtol=1e-14)
    third = portfolio.follow(second).prepare(later, 2.0, SQUARE, seed=2)
    np.testing.assert_allclose(third.gains, expected + later.predict(np.array(second.nominees))[0], rtol=1e-14)
    assert portfolio.gains == (0.0, 0.0, 0.0)


def test_a_portfolio_prepared_twice_is_not_judged_twice():
    first = Portfolio([UCB(0.0), ThompsonSampling()]).prepare(posterior, best, SQUARE, seed=0)
    assert first.prepare(posterior, best, SQUARE, seed=1) == first
    x, _ = maximize(first, posterior, best, SQUARE, seed=2)
    np.testing.assert_allclose(first(posterior, x[None], best), _best_of(first), atol=1e-4)


def _best_of(ready):
    return maximize(ready.acquisitions[ready.chosen], posterior, best, SQUARE, seed=3)[1]


def test_a_portfolio_speaks_with_the_voice_of_the_member_drawn():
    ready = Portfolio([UCB(0.0), UCB(5.0)]).prepare(posterior, best, SQUARE, seed=0)
    member = (UCB(0.0), UCB(5.0))[ready.chosen]
    np.testing.assert_array_equal(ready(posterior, AT, best), member(posterior, AT, best))
    np.testing.assert_array_equal(ready.gradient(posterior, AT, best), member.gradient(posterior, AT, best))
    drawn = {Portfolio([UCB(0.0), UCB(5.0)]).prepare(posterior, best, SQUARE, seed=s).chosen for s in range(8)}
    assert drawn == {0, 1}
    sure = Portfolio([UCB(0.0), UCB(5.0)], eta=1e3, gains=(0.0, 9.0))
    assert {sure.prepare(posterior, best, SQUARE, seed=s).chosen for s in range(5)} == {1}


def test_a_portfolio_follows_only_its_like():
    portfolio = Portfolio([UCB(0.0), UCB(5.0)])
    assert portfolio.follow(LogEI()) == portfolio
    assert portfolio.follow(Portfolio([LogEI()], gains=(3.0,))) == portfolio
    assert LogEI().follow(portfolio) == LogEI()
    with pytest.raises(AcquisitionError, match="prepare first"):
        portfolio(posterior, AT, best)


def test_the_memory_of_a_portfolio_can_be_stored():
    ready = Portfolio([UCB(0.0), UCB(5.0)]).prepare(posterior, best, SQUARE, seed=0)
    assert json.loads(json.dumps([ready.gains, ready.nominees, ready.chosen])) == [
        list(ready.gains),
        [list(n) for n in ready.nominees],
        ready.chosen,
    ]
    namespace = {"Portfolio": Portfolio, "UpperConfidenceBound": UCB}
    assert eval(repr(ready), namespace) == ready


# --- what one acquisition hands to another


def test_a_learners_acquisition_works_inside_the_others():
    @dataclass(frozen=True)
    class Halfway(Acquisition):
        def score(self, mean, std, best):
            return LogEI().score(mean, std, best) + 0.5 * mean

    for outer in (Portfolio([Halfway(), LogEI()]), Constrained((Constraint(SlopingHills(), low=0.0),), Halfway())):
        x, value = maximize(outer, posterior, best, SQUARE, seed=0)
        assert np.isfinite(value)
        assert ((x >= 0) & (x <= 1)).all()


@pytest.mark.parametrize("wrap", [lambda a: a, lambda a: Constrained((Constraint(Hills()),), a)])
def test_the_members_of_a_portfolio_nominate_legal_points_not_excluded(wrap):
    def whole(points):
        return np.round(3 * points) / 3

    inside = wrap(Portfolio([UCB(0.0), UCB(5.0), LogEI()]))
    free = getattr(inside, "acquisition", inside).prepare(posterior, best, SQUARE, seed=0)
    taken = whole(np.array(free.nominees))
    ready = inside.among(whole, taken).prepare(posterior, best, SQUARE, seed=0)
    nominees = np.array(getattr(ready, "acquisition", ready).nominees)
    np.testing.assert_array_equal(nominees, whole(nominees))
    assert (np.abs(nominees[:, None] - taken).max(axis=2) > 1e-9).all()
    assert not (np.array(free.nominees) == taken).all()


def test_maximize_tells_a_portfolio_where_it_may_look(monkeypatch):
    seen = []
    monkeypatch.setattr(Portfolio, "among", lambda self, project, exclude: seen.append((project, exclude)) or self)
    project, exclude = np.round, AT[:1]
    maximize(Portfolio([UCB(0.0)]), posterior, best, SQUARE, seed=0, project=project, exclude=exclude)
    assert seen[0][0] is project
    assert seen[0][1] is exclude


def test_a_constraint_is_one_function_with_and_without_its_gradient():
    quantity = GaussianProcess(RBF(0.5), noise=1e-14).condition(X := np.array([[0.0], [1.0]]), [1.0, 3.0])
    both = Constrained([Constraint(quantity, high=1.0 - 1e-6)], None)
    np.testing.assert_allclose(both(quantity, X, 0.0), both.value_and_gradient(quantity, X, 0.0)[0], rtol=1e-12)


def test_a_constrained_gain_per_second_wants_seconds():
    quantity = GaussianProcess(RBF()).condition([[0.0]], [1.0])
    limits = [Constraint(quantity, high=1.0)]
    assert Constrained(limits, ExpectedImprovementPerSecond()).needs_seconds
    assert not Constrained(limits, None).needs_seconds
    with pytest.raises(ParameterError, match="ExpectedImprovementPerSecond: xi"):
        ExpectedImprovementPerSecond(xi=-1)


def test_a_function_must_be_drawn_before_it_is_looked_at():
    posterior = GaussianProcess(RBF()).condition([[0.0]], [1.0])
    with pytest.raises(AcquisitionError, match="no function is drawn yet; call prepare first"):
        ThompsonSampling()(posterior, np.array([[0.5]]), 0.0)


@pytest.mark.parametrize(
    ("change", "error", "words"),
    [
        ({"posterior": object()}, TypeError, "a posterior has a method predict"),
        ({"bounds": [[0.0, 1.0]] * 2}, ParameterError, "bounds have 2 rows, the observed points 1 columns"),
        ({"starts": "a"}, TypeError, "maximize: starts must be a number"),
        ({"starts": 2.5}, ParameterError, "maximize: starts must be a whole number"),
        ({"candidates": 0}, ParameterError, "maximize: candidates must be finite and >= 1"),
    ],
)
def test_what_maximize_is_given(change, error, words):
    posterior = GaussianProcess(RBF()).condition([[0.0]], [1.0])
    given = {"posterior": posterior, "bounds": [[0.0, 1.0]], **change}
    place, bounds = given.pop("posterior"), given.pop("bounds")
    with pytest.raises(error, match=words):
        maximize(LogExpectedImprovement(), place, 0.0, bounds, seed=0, **given)
