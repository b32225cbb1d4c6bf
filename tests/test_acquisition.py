"""Acquisitions, judged with posteriors that only say a mean and a std: no Gaussian process in this file."""

import math
from dataclasses import dataclass
from types import SimpleNamespace

import mpmath
import numpy as np
import pytest
from contracts import Fixed, Hills, SlopingHills, check_acquisition_contract, floats, locked, reference
from hypothesis import given, settings
from hypothesis import strategies as st

from acquisition import (
    Acquisition,
    ExpectedImprovement,
    LogExpectedImprovement,
    LogProbabilityOfImprovement,
    ProbabilityOfImprovement,
    UpperConfidenceBound,
)
from acquisition.errors import AcquisitionError
from acquisition.improvement import _Improvement
from acquisition.normal import h, log_h, log_h_and_slope, mills

EI, LogEI, PI, UCB = ExpectedImprovement, LogExpectedImprovement, ProbabilityOfImprovement, UpperConfidenceBound
LogPI = LogProbabilityOfImprovement


@dataclass(frozen=True)
class Learners(Acquisition):
    """A learner's acquisition: EI + a tenth of UCB, in two lines and without partials."""

    weight: float = 0.1

    def score(self, mean, std, best):
        return EI().score(mean, std, best) + self.weight * (mean + std)


@dataclass(frozen=True)
class LogStd(Acquisition):
    def score(self, mean, std, best):
        return np.log(std) + mean / std


NOISY = [EI(noise=1e-3), LogEI(0.1, noise=0.5)]
ALL = [EI(), EI(0.5), LogEI(), LogEI(0.5), PI(), PI(0.5), UCB(), UCB(0.0), Learners(), *NOISY]


@pytest.mark.parametrize("acquisition", ALL, ids=repr)
def test_contract(acquisition):
    check_acquisition_contract(acquisition)


@pytest.mark.parametrize("broken", ["shape", "mean", "std", "falling", "nan"])
def test_the_contract_finds_faults(broken):
    @dataclass(frozen=True)
    class Broken(ExpectedImprovement):
        def score(self, mean, std, best):
            value = super().score(mean, std, best)
            if broken == "nan":
                return np.where(std > 0, value, np.nan)
            return value[:, None] if broken == "shape" else -value if broken == "falling" else value

        def partials(self, mean, std, best):
            by_mean, by_std = super().partials(mean, std, best)
            return by_mean * (1.001 if broken == "mean" else 1), by_std * (1.001 if broken == "std" else 1)

    with pytest.raises(AssertionError):
        check_acquisition_contract(Broken())


# --- values


def value(acquisition, mean, std, best=0.0):
    return float(acquisition(Fixed(mean, std), np.zeros((1, 1)), best)[0])


def test_values_by_hand():
    assert value(EI(), -0.5, 1.0) == pytest.approx(0.19780, abs=5e-6)
    assert value(EI(), 0.0, 2.0) == pytest.approx(2 / np.sqrt(2 * np.pi), rel=1e-15)
    assert value(EI(1.0), 1.0, 2.0) == value(EI(), 0.0, 2.0)
    assert value(PI(), 1.96, 1.0) == pytest.approx(0.975, abs=1e-5)
    assert value(PI(), 0.0, 3.0) == 0.5
    assert value(UCB(1.5), 1.0, 2.0) == 4.0
    assert value(LogEI(), 0.0, 1.0) == pytest.approx(-0.9189385332046727, rel=1e-15)


@pytest.mark.parametrize("entry", reference("ei"), ids=lambda e: f"z={float(e['z']):.4g}")
def test_reference_values(entry):
    mean, std, best, xi = (float(entry[name]) for name in ("mu", "sigma", "best", "xi"))
    at = (np.array([mean]), np.array([std]), best)
    ei, pi, log_ei = float(entry["ei"]), float(entry["pi"]), float(entry["log_ei"])
    assert EI(xi).score(*at)[0] == pytest.approx(ei, rel=1e-14, abs=0)
    assert PI(xi).score(*at)[0] == pytest.approx(pi, rel=1e-14, abs=0)
    assert LogEI(xi).score(*at)[0] == pytest.approx(log_ei, rel=2e-14, abs=0)
    by_mean, by_std = EI(xi).partials(*at)
    assert by_mean[0] == pytest.approx(float(entry["d_ei_dmu"]), rel=1e-14, abs=0)
    assert by_std[0] == pytest.approx(float(entry["d_ei_dsigma"]), rel=1e-14, abs=0)


def test_ei_with_noise_is_what_a_million_measurements_say():
    # A point at 0.2 ± 0.8, measured with a noise of 0.5: how far does the mean end above the best, on average?
    rng = np.random.default_rng(0)
    measured = 0.2 + 0.8 * rng.standard_normal(1_000_000) + math.sqrt(0.5) * rng.standard_normal(1_000_000)
    gain = np.maximum(0.2 + 0.64 / (0.64 + 0.5) * (measured - 0.2) - 0.6, 0.0)
    assert value(EI(noise=0.5), 0.2, 0.8, 0.6) == pytest.approx(gain.mean(), abs=4 * gain.std() / 1000)
    assert value(LogEI(noise=0.5), 0.2, 0.8, 0.6) == pytest.approx(np.log(gain.mean()), abs=0.01)


@pytest.mark.parametrize("kind", [EI, LogEI])
def test_the_noise_is_the_models_where_that_is_asked_for(kind):
    posterior = SimpleNamespace(prior=SimpleNamespace(noise=0.04))
    asked = kind(0.1, noise="learned")
    ready = asked.prepare(posterior, 1.0, [[0.0, 1.0]], seed=0)
    assert ready == kind(0.1, noise=0.04) == ready.prepare(Fixed(0.0, 1.0), 0.0, [[0.0, 1.0]], seed=0)
    assert asked.prepare(Fixed(0.0, 1.0), 0.0, [[0.0, 1.0]], seed=0) == kind(0.1)
    with pytest.raises(AcquisitionError, match="call prepare first"):
        asked.score(np.array([0.0]), np.array([1.0]), 0.0)


@pytest.mark.parametrize("mean", [-1.0, 0.0, 0.7])
def test_ei_and_pi_are_what_a_million_samples_say(mean):
    f = mean + 0.8 * np.random.default_rng(0).standard_normal(1_000_000)
    gain = np.maximum(f - 0.3 - 0.1, 0)
    assert value(EI(0.1), mean, 0.8, best=0.3) == pytest.approx(gain.mean(), abs=5 * gain.std() / 1000)
    assert value(PI(0.1), mean, 0.8, best=0.3) == pytest.approx((gain > 0).mean(), abs=5 * 0.5 / 1000)


moments = st.tuples(st.floats(-50, 50), st.floats(1e-6, 1e3))
many = settings(max_examples=200, deadline=None, derandomize=True)


@many
@given(moments, st.floats(0, 3))
def test_ei_is_at_least_the_sure_gain_and_grows(at, xi):
    mean, std = at
    ei = value(EI(xi), mean, std)
    assert ei >= max(0.0, mean - xi) * (1 - 1e-14)
    assert value(EI(xi), mean + 0.1, std) >= ei
    assert value(EI(xi), mean, 1.1 * std) >= ei * (1 - 1e-14)
    assert value(EI(xi + 0.1), mean, std) <= ei
    assert 0 <= value(PI(xi), mean, std) <= 1
    assert value(PI(xi + 0.1), mean, std) <= value(PI(xi), mean, std)


@many
@given(moments)
def test_log_ei_is_the_logarithm_of_ei(at):
    ei = value(EI(), *at)
    if ei > 1e-280:
        assert value(LogEI(), *at) == pytest.approx(np.log(ei), rel=1e-10, abs=1e-10)


@many
@given(moments, st.floats(0.01, 100))
def test_scale_laws(at, a):
    mean, std = at
    tolerance = {"rel": 1e-9, "abs": 1e-280}  # z changes by rounding, and log EI like z²
    assert value(EI(), a * mean, a * std) == pytest.approx(a * value(EI(), mean, std), **tolerance)
    assert value(PI(), a * mean, a * std) == pytest.approx(value(PI(), mean, std), **tolerance)
    assert value(UCB(a), mean, std) == pytest.approx(mean + a * std, rel=1e-14)


@pytest.mark.parametrize("std", [0.0, 5e-324, 1e-320, 1e-200, 1e-100, 1e-30])
def test_a_vanishing_std_leaves_the_sure_gain(std):
    for mean, gain, chance in [(-2.0, 0.0, 0.0), (2.0, 2.0, 1.0)]:
        assert value(EI(), mean, std) == gain
        assert value(PI(), mean, std) == chance
        at = np.array([mean]), np.array([std]), 0.0
        np.testing.assert_array_equal(np.ravel(EI().partials(*at)), [chance, 0.0])
        np.testing.assert_array_equal(np.ravel(PI().partials(*at)), [0.0, 0.0])
        assert LogEI().partials(*at)[1] == 0
        assert np.isfinite(LogEI().partials(*at)[0])
    assert value(EI(), 0.0, 0.0) == 0
    assert value(PI(), 0.0, 0.0) == 0
    assert value(LogEI(), 0.0, std) == value(LogEI(), 0.0, 1e-6)


def test_at_a_std_of_0_ei_rises_with_the_mean_only_above_the_best():
    by_mean = EI(0.25).partials(np.array([0.75, 1.25, 1.75]), np.zeros(3), 1.0)[0]
    np.testing.assert_array_equal(by_mean, [0.0, 0.0, 1.0])


@pytest.mark.parametrize("acquisition", [LogEI(), LogPI()], ids=repr)
def test_a_std_of_1e_6_is_not_below_1e_6(acquisition):
    mean = np.array([0.5, -1.0])
    expected = 1e6 * acquisition.partials(mean, np.ones(2), 0.0)[1]
    np.testing.assert_allclose(acquisition.partials(1e-6 * mean, np.full(2, 1e-6), 0.0)[1], expected, rtol=1e-9)
    np.testing.assert_array_equal(acquisition.partials(1e-6 * mean, np.full(2, 0.999e-6), 0.0)[1], 0.0)


@pytest.mark.parametrize("acquisition", ALL, ids=repr)
def test_what_is_not_a_number_stays_so(acquisition):
    scores = acquisition.score(np.array([1.0, np.nan, 1.0]), np.array([np.nan, 1.0, 1.0]), 0.0)
    np.testing.assert_array_equal(np.isnan(scores[1:]), [True, False])
    assert np.isnan(scores[0]) or acquisition == UCB(0.0)


# --- log h


def exact(z):
    """log h(z) and its derivative, in 60 digits."""
    with mpmath.workdps(60):
        z = mpmath.mpf(float(z))
        if z > -50:
            Phi, phi = mpmath.ncdf(z), mpmath.npdf(z)
            improvement = phi + z * Phi
            return mpmath.log(improvement), Phi / improvement
        # R = Φ/φ by the continued fraction of Laplace: Φ itself underflows nowhere here, but costs digits.
        t, fraction = -z, mpmath.mpf(0)
        for k in range(300, 0, -1):
            fraction = k / (t + fraction)
        ratio = 1 / (t + fraction)
        remainder = fraction * ratio  # 1 - t R
        return mpmath.log(remainder) - z**2 / 2 - mpmath.log(2 * mpmath.pi) / 2, ratio / remainder


GRID = np.concatenate(
    [
        -np.logspace(8, 1.7, 60),
        np.linspace(-60, -40, 41),
        np.linspace(-40, -1.2, 60),
        np.linspace(-1.05, -0.95, 11),
        np.nextafter([-1.0, -50.0], 0),
        np.nextafter([-1.0, -50.0], -100),
        np.linspace(-0.9, 10, 60),
        [-1.0, -50.0, 0.0, 0.8997],
    ]
)


def test_the_exact_values_are_those_of_the_reference():
    for entry in reference("log_h")[:14]:
        log_value, slope = exact(float(entry["z"]))
        assert float(log_value) == pytest.approx(float(entry["log_h"]), rel=1e-15)
        assert float(slope) == pytest.approx(float(entry["dlog_h_dz"]), rel=1e-15)


def assert_log_h(z, log_values, slopes):
    got, slope = log_h_and_slope(z)
    want, want_slope = np.array(log_values, dtype=float), np.array(slopes, dtype=float)
    assert (np.abs(got - want) <= 2e-14 * np.maximum(np.abs(want), 1)).all()
    np.testing.assert_allclose(slope, want_slope, rtol=1e-12)
    assert np.isfinite(slope).all()


def test_log_h_and_its_slope_against_the_reference():
    entries = reference("log_h")
    columns = (floats([entry[name] for entry in entries]) for name in ("z", "log_h", "dlog_h_dz"))
    assert_log_h(*columns)


def test_log_h_and_its_slope_against_mpmath():
    assert_log_h(GRID, *zip(*map(exact, GRID), strict=True))


def test_h_itself_is_right_as_long_as_it_is_a_float():
    z = np.array([-37.0, -20.0, -5.0, -1.0, 0.0, 3.0, 1e8])
    expected = [float(mpmath.exp(exact(v)[0])) for v in z]
    np.testing.assert_allclose(h(z), expected, rtol=2e-13)


def test_log_h_is_finite_and_rising_out_to_1e100():
    z = -np.logspace(100, -3, 2000)
    values, slopes = log_h_and_slope(z)
    assert np.isfinite(values).all()
    assert np.isfinite(slopes).all()
    assert (np.diff(values) > 0).all()
    assert (np.diff(slopes) < 0).all()
    np.testing.assert_array_equal(log_h(z), values)


def test_log_h_of_whole_numbers_keeps_its_fraction():
    z = np.array([-60, -3, 0, 2])
    np.testing.assert_array_equal(log_h_and_slope(z), log_h_and_slope(z.astype(float)))


def test_mills_ratio():
    for z in (-40.0, -3.0, 0.0):
        assert mills(np.array(z)) == pytest.approx(float(mpmath.ncdf(z) / mpmath.npdf(z)), rel=1e-14)


# --- derivatives that are not given


@pytest.mark.parametrize("std", [1e-8, 1e-6, 1e-5, 1e-3, 1.0, 1e3])
def test_default_partials_suit_the_size_of_std(std):
    mean = np.array([0.7 * std])
    by_mean, by_std = LogStd().partials(mean, np.array([std]), 0.0)
    assert by_mean[0] * std == pytest.approx(1.0, rel=1e-6)
    assert by_std[0] * std == pytest.approx(1 - 0.7, rel=1e-6)


@pytest.mark.parametrize("z", [-5.0, -1.0, 0.0, 2.0])
@pytest.mark.parametrize("std", [1e-4, 1e-2, 1.0])
def test_default_partials_are_those_of_ei(z, std):
    mean, std = np.array([1.0 + z * std]), np.array([std])
    default = Acquisition.partials(EI(), mean, std, 1.0)
    np.testing.assert_allclose(default, EI().partials(mean, std, 1.0), rtol=1e-5, atol=1e-9)


def test_default_partials_where_a_score_is_infinite_are_not_numbers_but_no_warning():
    with_std_0 = LogStd().partials(np.array([1.0]), np.array([1e-300]), 0.0)
    assert with_std_0[0].shape == (1,)


def test_an_acquisition_that_needs_the_posterior_has_a_gradient_too():
    @dataclass(frozen=True)
    class PerPrice(Acquisition):
        def __call__(self, posterior, X, best):
            return EI()(posterior, X, best) / (1 + X[:, 0])

    x = np.array([0.3, 0.6])
    price = 1 + x[0]
    ei, slope = EI()(Hills(), x[None], 0.8)[0], EI().gradient(SlopingHills(), x, 0.8)
    expected = slope / price - ei / price**2 * np.array([1.0, 0.0])
    np.testing.assert_allclose(PerPrice().gradient(SlopingHills(), x, 0.8), expected, rtol=1e-7)
    np.testing.assert_allclose(PerPrice().gradient(Hills(), x[None], 0.8), expected[None], rtol=1e-7)


def test_the_gradients_of_a_posterior_are_used_where_it_has_them():
    class Steep(SlopingHills):
        def predict_gradient(self, X):
            return np.full(X.shape, 5.0), np.full(X.shape, 7.0)

    np.testing.assert_array_equal(UCB(2.0).gradient(Steep(), np.zeros((3, 2)), 0.0), np.full((3, 2), 19.0))


# --- the contract of a class


def test_a_class_with_neither_score_nor_call_is_refused_when_defined():
    with pytest.raises(TypeError, match="Nothing must define score"):

        class Nothing(Acquisition):
            pass


@pytest.mark.parametrize("acquisition", [EI(), LogEI(), PI(), UCB()], ids=repr)
def test_scores_of_integers_and_of_nothing(acquisition):
    mean, std = np.array([1, 0]), np.array([1, 2])
    np.testing.assert_array_equal(acquisition.score(mean, std, 0), acquisition.score(mean * 1.0, std * 1.0, 0.0))
    for a, b in zip(acquisition.partials(mean, std, 0), acquisition.partials(mean * 1.0, std * 1.0, 0.0), strict=True):
        np.testing.assert_array_equal(a, b)
    assert acquisition.score(locked([]), locked([]), 0.0).shape == (0,)


def test_kappa_is_2_where_none_is_given():
    assert value(UCB(), 1.0, 0.5) == 2.0


def test_an_improvement_without_a_score_cannot_be_made():
    class Empty(_Improvement):
        pass

    with pytest.raises(TypeError, match="score"):
        Empty()


def test_a_fraction_of_kappa_survives_integer_predictions():
    np.testing.assert_array_equal(UCB(2.5).partials(np.array([1]), np.array([1]), 0.0)[1], [2.5])


def test_pi_of_a_certain_point_is_whether_it_beats_the_best():
    std = np.zeros(3)
    assert ProbabilityOfImprovement().score(np.array([0.5, 1.0, 1.5]), std, best=1.0).tolist() == [0.0, 0.0, 1.0]
