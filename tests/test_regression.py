"""Gaussian-process regression: reference values, exact identities, and a second opinion from scikit-learn."""

import math

import numpy as np
import pytest
from contracts import Slanted, assert_distributed_as, assert_same_slope, differences, floats, reference
from hypothesis import given, settings
from hypothesis import strategies as st

from acquisition import (
    ExpectedImprovement,
    LogExpectedImprovement,
    ProbabilityOfImprovement,
    UpperConfidenceBound,
)
from gp import RBF, Constant, GaussianProcess, LogNormal, Matern52, ParameterError, lengthscale_prior
from gp.fit import log_posterior, prior_of_entries, starting_points

BY_NAME = {"rbf": RBF, "matern52": Matern52}
ENTRIES = [entry for entry in reference("gp") if entry["kernel"] in BY_NAME]
IDS = [entry["kernel"] for entry in ENTRIES]


class Reference:
    """One problem of the reference: its posterior in units of z = (y - shift) / scale."""

    def __init__(self, entry):
        self.shift, self.scale = float(entry["y_mean"]), float(entry["y_std"])
        kernel = float(entry["amplitude"]) * BY_NAME[entry["kernel"]](entry["params"]["ls"])
        self.z = (floats(entry["y"]) - self.shift) / self.scale
        self.posterior = GaussianProcess(kernel, noise=float(entry["noise"])).condition(entry["X"], self.z)
        self.x = floats([point["x"] for point in entry["points"]])

    def __getattr__(self, name):
        return getattr(self.posterior, name)


def expected(entry, name):
    return floats([point[name] for point in entry["points"]])


def near(got, want, rtol=1e-10):
    """Noise 1e-6 leaves about ten digits: rounding errors grow like 1e-16 / noise."""
    np.testing.assert_allclose(got, want, rtol=rtol, atol=0)


@pytest.fixture(params=ENTRIES, ids=IDS)
def entry(request):
    # The strings of the JSON become numbers once, here.
    return request.param | {"X": floats(request.param["X"])}


def test_reference_posterior(entry):
    case = Reference(entry)
    mean, std = case.predict(case.x)
    dmean, dstd = case.predict_gradient(case.x)
    near(case.alpha, floats(entry["alpha"]))
    near(mean * case.scale + case.shift, expected(entry, "mean"))
    near((std * case.scale) ** 2, expected(entry, "var"))
    near(dmean * case.scale, expected(entry, "grad_mean"))
    near(2 * std[:, None] * dstd * case.scale**2, expected(entry, "grad_var"), rtol=1e-9)
    near(case.covariance(case.x)[0, 1] * case.scale**2, float(entry["cov_0_1"]), rtol=1e-9)


def test_reference_likelihood(entry):
    case = Reference(entry)
    near(case.log_marginal_likelihood, float(entry["lml_of_standardized_y"]), rtol=1e-13)
    slopes = entry["dlml"]
    want = floats([slopes["log_amplitude"], *slopes["log_ls"], slopes["log_noise"]])
    near(case.log_marginal_likelihood_gradient, want, rtol=1e-9)


def test_reference_leave_one_out(entry):
    case = Reference(entry)
    mean, std = case.leave_one_out()
    near(mean * case.scale + case.shift, floats(entry["loo_mean"]), rtol=1e-9)
    near((std * case.scale) ** 2, floats(entry["loo_var"]))


@pytest.mark.parametrize(
    ("name", "Class", "setting"),
    [
        ("ei", ExpectedImprovement, "xi"),
        ("log_ei", LogExpectedImprovement, "xi"),
        ("pi", ProbabilityOfImprovement, "xi"),
        ("ucb", UpperConfidenceBound, "kappa"),
    ],
)
def test_reference_acquisitions(entry, name, Class, setting):
    case, best = Reference(entry), float(entry["best_f"])
    acquisition = Class(float(entry[setting]))

    class InUnitsOfY:
        def predict(self, x):
            mean, std = case.predict(x)
            return mean * case.scale + case.shift, std * case.scale

        def predict_gradient(self, x):
            return tuple(slope * case.scale for slope in case.predict_gradient(x))

    near(acquisition(InUnitsOfY(), case.x, best), expected(entry, name), rtol=1e-9)
    near(acquisition.gradient(InUnitsOfY(), case.x, best), expected(entry, f"grad_{name}"), rtol=1e-8)


# --- identities that hold for every problem


class Problem:
    """A random problem; y is about 1, so that tolerances are in units of std(y)."""

    def __init__(self, seed, n, d, lengthscale, noise):
        self.rng = np.random.default_rng(seed)
        self.X, self.y = self.rng.uniform(size=(n, d)), self.rng.normal(size=n)
        self.x = self.rng.uniform(-0.2, 1.2, size=(9, d))
        self.noise, self.amplitude = noise, 1.7
        self.gp = GaussianProcess(self.amplitude * Matern52(lengthscale), noise=noise, mean=0.3)
        self.posterior = self.gp.condition(self.X, self.y)
        self.mean_tolerance = 1e-12 / noise + 1e-9
        self.variance_tolerance = 1e-9 * self.amplitude

    def assert_same(self, a, b, x=None, mean=True):
        x = self.x if x is None else x
        if mean:
            np.testing.assert_allclose(a.predict(x)[0], b.predict(x)[0], atol=self.mean_tolerance)
        np.testing.assert_allclose(a.covariance(x), b.covariance(x), atol=self.variance_tolerance)


problems = st.builds(
    Problem,
    st.integers(0, 2**32 - 1),
    st.integers(1, 20),
    st.integers(1, 4),
    st.floats(0.05, 5.0),
    st.sampled_from([1e-2, 1e-4, 1e-6]),
)
many = settings(max_examples=30, deadline=None, derandomize=True)


@many
@given(problems)
def test_the_residual_is_noise_times_alpha(problem):
    posterior = problem.posterior
    at_data = posterior.predict(problem.X)[0]
    size = 1 + problem.noise * np.abs(posterior.alpha).max() + problem.amplitude * np.abs(posterior.alpha).sum()
    np.testing.assert_allclose(at_data + problem.noise * posterior.alpha, problem.y, atol=1e-13 * size)


@many
@given(problems)
def test_variances_lie_between_0_and_the_prior(problem):
    variance = problem.posterior.predict(problem.x)[1] ** 2
    assert (variance >= 0).all()
    assert (variance <= problem.amplitude * (1 + 1e-15)).all()
    assert (problem.posterior.predict(problem.X)[1] ** 2 <= problem.noise + problem.variance_tolerance).all()


@many
@given(problems)
def test_the_covariance_is_symmetric_positive_and_agrees_with_std(problem):
    covariance = problem.posterior.covariance(problem.x)
    np.testing.assert_array_equal(covariance, covariance.T)
    np.testing.assert_allclose(
        np.diagonal(covariance), problem.posterior.predict(problem.x)[1] ** 2, atol=problem.variance_tolerance
    )
    assert np.linalg.eigvalsh(covariance).min() >= -problem.variance_tolerance


@many
@given(problems)
def test_another_observation_never_adds_uncertainty(problem):
    more = problem.posterior.append(problem.x[:1], [0.0])
    assert (more.predict(problem.x)[1] ** 2 <= problem.posterior.predict(problem.x)[1] ** 2 + 1e-10).all()


@many
@given(problems)
def test_the_order_of_observations_does_not_matter(problem):
    order = problem.rng.permutation(len(problem.y))
    problem.assert_same(problem.gp.condition(problem.X[order], problem.y[order]), problem.posterior)


@many
@given(problems)
def test_scaled_and_shifted_values_scale_and_shift_the_posterior(problem):
    other = GaussianProcess(100 * problem.gp.kernel, noise=100 * problem.noise, mean=10 * 0.3 - 4.0)
    mean, std = other.condition(problem.X, 10 * problem.y - 4.0).predict(problem.x)
    old_mean, old_std = problem.posterior.predict(problem.x)
    np.testing.assert_allclose(mean, 10 * old_mean - 4.0, atol=10 * problem.mean_tolerance)
    np.testing.assert_allclose(std**2, 100 * old_std**2, atol=100 * problem.variance_tolerance)


@many
@given(problems)
def test_a_duplicated_row_counts_as_one_with_half_the_noise(problem):
    doubled = problem.gp.condition(np.vstack([problem.X, problem.X[:1]]), np.append(problem.y, problem.y[0]))
    half = GaussianProcess(problem.gp.kernel, noise=problem.noise / 2, mean=0.3)
    extra = np.full(len(problem.y), problem.noise / 2)
    extra[0] = 0.0
    problem.assert_same(doubled, half.condition(problem.X, problem.y, noise=extra))


@many
@given(problems, st.integers(0, 19), st.booleans())
def test_append_is_the_batch(problem, split, noisy):
    k = min(split, len(problem.y))
    extra = problem.rng.uniform(0, 0.1, len(problem.y)) if noisy else None
    first, second = (None, None) if extra is None else (extra[:k], extra[k:])
    batch = problem.gp.condition(problem.X, problem.y, noise=extra)
    appended = problem.gp.condition(problem.X[:k], problem.y[:k], noise=first)
    for i in range(k, len(problem.y), 3):
        noise = None if second is None else second[i - k : i - k + 3]
        appended = appended.append(problem.X[i : i + 3], problem.y[i : i + 3], noise=noise)
    np.testing.assert_allclose(appended.cholesky, batch.cholesky, atol=1e-12 / math.sqrt(problem.noise))
    np.testing.assert_array_equal(appended.y, batch.y)
    problem.assert_same(appended, batch)
    assert appended.log_marginal_likelihood == pytest.approx(batch.log_marginal_likelihood, rel=1e-8, abs=1e-8)


def test_append_keeps_extra_noise_of_one_side_only():
    X, y, prior = np.array([[0.1], [0.6]]), np.array([1.0, -1.0]), GaussianProcess(RBF(0.3))
    noisy_first = prior.condition(X[:1], y[:1], noise=[0.5]).append(X[1:], y[1:])
    np.testing.assert_allclose(noisy_first.alpha, prior.condition(X, y, noise=[0.5, 0.0]).alpha, rtol=1e-13)
    np.testing.assert_array_equal(noisy_first.extra_noise, [0.5, 0.0])
    noisy_last = prior.condition(X[:1], y[:1]).append(X[1:], y[1:], noise=[0.5])
    np.testing.assert_allclose(noisy_last.alpha, prior.condition(X, y, noise=[0.0, 0.5]).alpha, rtol=1e-13)
    np.testing.assert_array_equal(noisy_last.extra_noise, [0.0, 0.5])
    assert prior.condition(X[:1], y[:1]).append(X[1:], y[1:]).extra_noise is None


@many
@given(problems)
def test_a_believed_value_keeps_the_mean(problem):
    x = problem.x[:1]
    believed = problem.posterior.append(x, problem.posterior.predict(x)[0])
    np.testing.assert_allclose(
        believed.predict(problem.x)[0], problem.posterior.predict(problem.x)[0], atol=problem.mean_tolerance
    )


@many
@given(problems, st.floats(-10, 10))
def test_the_variance_depends_on_where_not_on_what_was_seen(problem, lie):
    x, before = problem.x[:1], problem.posterior.covariance(problem.x)
    after = problem.posterior.append(x, [lie]).covariance(problem.x)
    np.testing.assert_allclose(
        after, before - np.outer(before[0], before[0]) / (before[0, 0] + problem.noise), atol=problem.variance_tolerance
    )


@pytest.mark.parametrize("share", [1e-6, 0.3, 1.0])
def test_a_tempered_observation_goes_a_share_of_the_way(share):
    problem = Problem(3, 6, 2, 0.5, 1e-3)
    x, old = problem.x[:1], problem.posterior
    v = old.predict(x)[1] ** 2 + problem.noise
    full, part = old.append(x, [2.0]), old.append(x, [2.0], noise=v * (1 / share - 1))
    before, after, now = (p.predict(problem.x)[0] for p in (old, full, part))
    np.testing.assert_allclose(now - before, share * (after - before), atol=1e-10)
    before, after, now = (p.covariance(problem.x) for p in (old, full, part))
    np.testing.assert_allclose(now - before, share * (after - before), atol=1e-10)


def test_far_away_the_posterior_is_the_prior():
    problem = Problem(0, 8, 2, 0.3, 1e-4)
    mean, std = problem.posterior.predict([[1e3, 0.0], [0.0, -1e200]])
    np.testing.assert_array_equal(mean, 0.3)
    np.testing.assert_array_equal(std, math.sqrt(1.7))
    dmean, dstd = problem.posterior.predict_gradient([[1e3, 0.0], [0.0, -1e200]])
    np.testing.assert_array_equal(dmean, 0.0)
    np.testing.assert_array_equal(dstd, 0.0)


@pytest.mark.parametrize("noise", [1e-2, 1e-4, 1e-6])
@pytest.mark.parametrize("seed", range(4))
def test_prediction_gradients_are_differences(noise, seed):
    problem = Problem(seed, 12, 3, 0.6, noise)
    tolerance = 1e-6 if noise >= 1e-4 else 1e-3
    dmean, dstd = problem.posterior.predict_gradient(problem.x)
    assert dmean.shape == dstd.shape == (9, 3)
    for i, x in enumerate(problem.x):
        assert_same_slope(
            dmean[i], differences(lambda u: problem.posterior.predict(u[None])[0][0], x, 1e-4), rtol=tolerance
        )
        assert_same_slope(
            dstd[i], differences(lambda u: problem.posterior.predict(u[None])[1][0], x, 1e-4), rtol=tolerance
        )
    single = problem.posterior.predict_gradient(problem.x[0])
    np.testing.assert_allclose(single, (dmean[0], dstd[0]), rtol=1e-9, atol=1e-12)
    together = problem.posterior.predict_with_gradient(problem.x)
    np.testing.assert_allclose(together[:2], problem.posterior.predict(problem.x), rtol=1e-10 / noise * 1e-2)
    np.testing.assert_array_equal(together[2:], (dmean, dstd))


def test_the_gradient_of_a_kernel_that_is_not_stationary():
    posterior = GaussianProcess(Slanted(0.5) * RBF(0.7), noise=1e-3).condition([[0.1, 0.2], [0.7, 0.9]], [1.0, 2.0])
    x = np.array([0.4, 0.3])
    expected = differences(lambda u: np.array(posterior.predict(u[None]))[:, 0], x, 1e-4)
    np.testing.assert_allclose(posterior.predict_gradient(x), expected, rtol=1e-7)


def test_likelihood_gradient_is_differences_at_the_posterior():
    problem = Problem(5, 10, 2, (0.4, 0.8), 1e-2)
    extra = np.linspace(0, 0.1, 10)
    kernel = problem.gp.kernel

    def at(point):
        prior = GaussianProcess(kernel.with_theta(point[:-1]), noise=float(np.exp(point[-1])), mean=0.3)
        return prior.condition(problem.X, problem.y, noise=extra).log_marginal_likelihood

    gradient = problem.gp.condition(problem.X, problem.y, noise=extra).log_marginal_likelihood_gradient
    assert_same_slope(gradient, differences(at, np.append(kernel.theta, math.log(1e-2)), 1e-3), rtol=1e-9)


@pytest.mark.parametrize("n", [1, 2, 9])
def test_leave_one_out_is_refitting_without_the_one(n):
    problem = Problem(1, n, 2, 0.4, 1e-3)
    extra = np.linspace(0, 0.2, n)
    mean, std = problem.gp.condition(problem.X, problem.y, noise=extra).leave_one_out()
    for i in range(n):
        rest = np.arange(n) != i
        without = problem.gp.condition(problem.X[rest], problem.y[rest], noise=extra[rest])
        mean_i, std_i = without.predict(problem.X[i : i + 1])
        assert mean[i] == pytest.approx(mean_i[0], rel=1e-9)
        assert std[i] ** 2 == pytest.approx(std_i[0] ** 2 + problem.noise + extra[i], rel=1e-9)


# --- samples


def test_samples_have_the_mean_and_covariance_of_what_they_are_drawn_from():
    problem = Problem(2, 4, 2, 0.4, 1e-4)
    draws = problem.posterior.sample(problem.x, size=40_000, seed=0)
    assert draws.shape == (40_000, 9)
    assert_distributed_as(draws, problem.posterior.predict(problem.x)[0], problem.posterior.covariance(problem.x))
    draws = problem.gp.sample(problem.x, size=40_000, seed=0)
    assert_distributed_as(draws, 0.3, problem.gp.kernel(problem.x, problem.x))


def test_samples_are_repeatable_and_pass_through_exact_data():
    prior = GaussianProcess(RBF(0.5), noise=1e-10)
    posterior = prior.condition([[0.2], [0.7]], [1.0, -1.0])
    np.testing.assert_array_equal(posterior.sample([[0.5]], 3, seed=1), posterior.sample([[0.5]], 3, seed=1))
    assert not np.array_equal(posterior.sample([[0.5]], 3, seed=1), posterior.sample([[0.5]], 3, seed=2))
    np.testing.assert_allclose(posterior.sample([[0.2], [0.7]], 5, seed=0), [[1.0, -1.0]] * 5, atol=1e-4)


# --- learning


def wavy(n=25, noise=0.05, seed=0):
    rng = np.random.default_rng(seed)
    X = rng.uniform(size=(n, 2))
    return X, np.sin(6 * X[:, 0]) + 0.3 * X[:, 1] + noise * rng.normal(size=n)


def test_fit_improves_the_likelihood_and_ends_at_a_top():
    X, y = wavy()
    prior = GaussianProcess(1.0 * RBF((1.0, 1.0)), noise=1e-2)
    fitted = prior.fit(X, y, seed=0)
    assert fitted.log_marginal_likelihood > prior.condition(X, y).log_marginal_likelihood + 10
    point = np.append(fitted.prior.kernel.theta, math.log(fitted.prior.noise))
    bounds = np.vstack([fitted.prior.kernel.log_bounds, np.log(prior.noise_bounds)])
    inside = (point > bounds[:, 0] + 1e-6) & (point < bounds[:, 1] - 1e-6)
    assert inside.all()
    assert np.abs(fitted.log_marginal_likelihood_gradient).max() < 0.02
    assert math.sqrt(fitted.prior.noise) == pytest.approx(0.05, rel=0.4)


def test_fit_finds_the_lengthscale_that_made_the_data():
    X = np.random.default_rng(0).uniform(size=(80, 1))
    y = GaussianProcess(2.0 * RBF(0.2)).sample(X, seed=1)[0]
    fitted = GaussianProcess(1.0 * RBF(), noise=1e-4).fit(X, y, seed=0).prior.kernel
    assert fitted.parameters["right.lengthscale"] == pytest.approx(0.2, rel=0.25)


@pytest.mark.parametrize("priors", [None, {"lengthscale": lengthscale_prior(2), "noise": LogNormal(-4.0, 1.0)}])
def test_more_restarts_never_do_worse_and_repeat_exactly(priors):
    X, y = wavy(8)
    prior = GaussianProcess(Matern52((1.0, 1.0)), priors=priors)
    found = [prior.fit(X, y, restarts=restarts, seed=3) for restarts in (0, 1, 3, 6)]
    values = [f.log_posterior for f in found]
    assert (np.diff(values) >= -1e-12).all()
    assert prior.fit(X, y, restarts=6, seed=3).prior == found[-1].prior


def test_what_is_found_lies_within_the_bounds_to_the_last_digit():
    X, y = wavy(6)
    kernel = Matern52((1.0, 1.0)).bounded(lengthscale=(0.7, 0.9)) * Constant().bounded(value=(1.1, 1.3))
    for seed in range(3):
        prior = GaussianProcess(kernel, noise_bounds=(1e-3, 2e-3)).fit(X, y, restarts=1, seed=seed).prior
        assert all(0.7 <= l <= 0.9 for l in prior.kernel.parameters["left.lengthscale"])
        assert 1.1 <= prior.kernel.parameters["right.value"] <= 1.3
        assert 1e-3 <= prior.noise <= 2e-3

    X, y = np.linspace(0, 1, 5)[:, None], np.sin(6 * np.linspace(0, 1, 5))
    short = GaussianProcess(RBF()).fit(X, y, seed=0).prior  # ends at the lower bounds of both
    assert 1e-5 <= short.kernel.lengthscale < 1.0001e-5
    assert 1e-8 <= short.noise < 1.0001e-8


def test_fixed_parameters_and_noise_stay():
    X, y = wavy(10)
    kernel = (2.0 * RBF(0.5)).fixed("left.value")
    fitted = GaussianProcess(kernel, noise=3e-3).fit(X, y, seed=0, learn_noise=False).prior
    assert fitted.noise == 3e-3
    assert fitted.kernel.parameters["left.value"] == 2.0
    assert fitted.kernel.parameters["right.lengthscale"] != 0.5
    everything = GaussianProcess(kernel.fixed("right.lengthscale"), noise=1e-3)
    assert everything.fit(X, y, seed=0, learn_noise=False).prior == everything


def test_the_mean_is_subtracted_before_learning():
    X, y = wavy(10)
    plain = GaussianProcess(1.0 * RBF(0.5)).fit(X, y, seed=0)
    shifted = GaussianProcess(1.0 * RBF(0.5), mean=50.0).fit(X, y + 50.0, seed=0)
    np.testing.assert_allclose(shifted.prior.kernel.theta, plain.prior.kernel.theta, atol=1e-3)
    np.testing.assert_allclose(shifted.predict(X)[0], plain.predict(X)[0] + 50, atol=1e-3)


@pytest.mark.parametrize("key", ["lengthscale", "right.lengthscale", "noise"])
def test_what_a_fit_climbs_has_the_gradient_of_its_differences(key):
    X, y = wavy(8)
    kernel = RBF((0.4, 0.9)) + Matern52(0.5)
    priors = prior_of_entries(kernel, ((key, LogNormal(-1.0, 0.5)),))
    climbed = log_posterior(kernel, X, y, np.linspace(0, 0.1, 8), priors)
    point = np.append(kernel.theta, math.log(0.02))
    assert_same_slope(climbed(point)[1], differences(lambda p: climbed(p)[0], point, 1e-3), rtol=1e-8)


def test_a_fit_begins_at_the_present_parameters_then_where_the_priors_say():
    bounds = np.log([[1e-5, 1e5]] * 3 + [[1e-4, 1e-2]])
    start, narrow = np.array([0.0, 1.0, 2.0, -6.0]), LogNormal(math.log(30.0), 1e-6)
    priors = [(narrow, np.array([1, 2]))]
    short, long = (starting_points(start, bounds, priors, n, np.random.default_rng(0)) for n in (2, 5))
    np.testing.assert_array_equal(short[0], start)
    np.testing.assert_array_equal(short, long[:3])
    for point in long[1:]:
        np.testing.assert_allclose(point[1:3], math.log(30.0), atol=1e-4)
        assert (bounds[:, 0] <= point).all()
        assert (point <= bounds[:, 1]).all()
        assert point[0] != 0.0


def test_noise_0_can_be_kept_by_a_fit():
    X, y = np.linspace(0, 1, 5)[:, None], np.array([0.0, 1.0, 0.5, -1.0, 0.0])
    prior = GaussianProcess(Matern52(0.5), noise=0.0)
    fitted = prior.fit(X, y, seed=0, learn_noise=False)
    assert fitted.prior.noise == 0.0
    assert fitted.log_marginal_likelihood > prior.condition(X, y).log_marginal_likelihood
    np.testing.assert_allclose(fitted.predict(X)[0], y, atol=1e-12)


def test_extra_noise_is_heeded_by_a_fit():
    X, y = wavy(12, noise=0.0)
    y[3] += 5.0  # one wrong value, known to be unreliable
    extra = np.where(np.arange(12) == 3, 100.0, 0.0)
    prior = GaussianProcess(1.0 * RBF((0.5, 0.5)), noise=1e-4)
    with_wrong = prior.fit(X, y, noise=extra, seed=0)
    rest = np.arange(12) != 3
    without = prior.fit(X[rest], y[rest], seed=0)
    np.testing.assert_allclose(with_wrong.predict(X[rest])[0], without.predict(X[rest])[0], atol=0.05)


def test_a_strong_prior_decides():
    X, y = wavy(15)
    prior = GaussianProcess(RBF(1.0), priors={"lengthscale": LogNormal(math.log(0.05), 1e-3)})
    fitted = prior.fit(X, y, seed=0)
    assert fitted.prior.kernel.parameters["lengthscale"] == pytest.approx(0.05, rel=0.01)
    density = prior.priors[0][1].log_density(fitted.prior.kernel.lengthscale)
    assert fitted.log_posterior == pytest.approx(fitted.log_marginal_likelihood + density, rel=1e-12)


def test_priors_find_parameters_by_full_name_or_last_part():
    X, y = wavy(15)
    kernel = RBF(0.5) + Matern52(0.5)
    narrow = LogNormal(math.log(0.05), 1e-3)
    by_name = GaussianProcess(kernel, priors={"right.lengthscale": narrow}).fit(X, y, seed=0).prior.kernel
    assert by_name.right.lengthscale == pytest.approx(0.05, rel=0.01)
    assert by_name.left.lengthscale != pytest.approx(0.05, rel=0.01)
    both = GaussianProcess(kernel, priors={"lengthscale": narrow}).fit(X, y, seed=0).prior.kernel
    assert (both.left.lengthscale, both.right.lengthscale) == pytest.approx((0.05, 0.05), rel=0.01)
    with pytest.raises(ParameterError, match=r"period.*left\.lengthscale"):
        GaussianProcess(kernel, priors={"period": narrow})


# --- what is given is not touched, what is made cannot be changed


def test_inputs_are_copied_and_results_are_read_only():
    X, y, extra = np.array([[0.1], [0.9]]), np.array([1.0, 2.0]), np.array([0.1, 0.0])
    posterior = GaussianProcess(RBF()).condition(X, y, noise=extra)
    before = posterior.predict([[0.5]])
    X[:], y[:], extra[:] = 7.0, 7.0, 7.0
    np.testing.assert_array_equal(posterior.predict([[0.5]]), before)
    for array in (posterior.X, posterior.y, posterior.alpha, posterior.cholesky, posterior.extra_noise):
        assert not array.flags.writeable
    posterior.append([[0.4]], [1.0], noise=[1.0])
    np.testing.assert_array_equal(posterior.predict([[0.5]]), before)


def test_without_observations_the_posterior_is_the_prior():
    prior = GaussianProcess(2.0 * RBF((0.5, 1.0)), mean=1.5)
    empty = prior.condition(np.zeros((0, 2)), [])
    np.testing.assert_array_equal(empty.predict([[0.1, 0.2]]), [[1.5], [math.sqrt(2)]])
    np.testing.assert_array_equal(empty.predict_gradient([0.1, 0.2]), np.zeros((2, 2)))
    assert empty.log_marginal_likelihood == 0
    np.testing.assert_array_equal(empty.log_marginal_likelihood_gradient, np.zeros(4))
    one = empty.append([[0.1, 0.2]], [2.0])
    np.testing.assert_allclose(one.alpha, prior.condition([[0.1, 0.2]], [2.0]).alpha)


def test_leave_one_out_of_nothing_is_nothing(capfd):
    empty = GaussianProcess(RBF()).condition(np.zeros((0, 1)), [])
    assert [a.shape for a in empty.leave_one_out()] == [(0,), (0,)]
    assert capfd.readouterr() == ("", "")


def test_a_gaussian_process_is_a_value():
    a = GaussianProcess(RBF(), priors={"lengthscale": LogNormal(0.0, 1.0)})
    b = GaussianProcess(RBF(), priors={"lengthscale": LogNormal(0.0, 1.0)})
    assert a == b
    assert hash(a) == hash(b)
    assert a != GaussianProcess(RBF())


# --- a second opinion


@pytest.mark.parametrize("n", [4, 20])
def test_scikit_learn_agrees(n):
    gaussian_process = pytest.importorskip("sklearn.gaussian_process")
    kernels = gaussian_process.kernels
    X, y = wavy(n)
    theirs_kernel = kernels.ConstantKernel(1.7) * kernels.Matern([0.4, 0.9], nu=2.5) + kernels.WhiteKernel(0.01)
    theirs = gaussian_process.GaussianProcessRegressor(theirs_kernel, alpha=0.0, optimizer=None).fit(X, y)
    ours = GaussianProcess(1.7 * Matern52((0.4, 0.9)), noise=0.01).condition(X, y)
    value, slope = theirs.log_marginal_likelihood(theirs.kernel_.theta, eval_gradient=True)
    assert ours.log_marginal_likelihood == pytest.approx(value, rel=1e-12)
    np.testing.assert_allclose(ours.log_marginal_likelihood_gradient, slope, rtol=1e-10)
    x = np.random.default_rng(1).uniform(-0.2, 1.2, size=(30, 2))
    mean, covariance = theirs.predict(x, return_cov=True)
    np.testing.assert_allclose(ours.predict(x)[0], mean, atol=1e-12)
    np.testing.assert_allclose(ours.covariance(x), covariance - 0.01 * np.eye(30), atol=1e-12)


def test_scikit_learn_finds_no_better_likelihood():
    gaussian_process = pytest.importorskip("sklearn.gaussian_process")
    kernels = gaussian_process.kernels
    X, y = wavy(20)
    start = kernels.ConstantKernel(1.0) * kernels.RBF([1.0, 1.0]) + kernels.WhiteKernel(1e-2, (1e-8, 1e4))
    theirs = gaussian_process.GaussianProcessRegressor(start, alpha=0.0, n_restarts_optimizer=3, random_state=0)
    theirs.fit(X, y)
    ours = GaussianProcess(1.0 * RBF((1.0, 1.0)), noise=1e-2).fit(X, y, seed=0)
    assert ours.log_marginal_likelihood >= theirs.log_marginal_likelihood_value_ - 1e-5


def test_a_process_can_be_a_key_whatever_its_bounds_were_given_as():
    assert {GaussianProcess(RBF(), noise_bounds=[1e-6, 1.0]): 1}[GaussianProcess(RBF(), noise_bounds=(1e-6, 1.0))] == 1


@pytest.mark.parametrize("extra", [None, [0.0, 0.3, 1.0, 0.0, 0.1]])
def test_the_mean_at_the_observed_points_follows_from_alpha(extra):
    points = np.random.default_rng(0).random((5, 2))
    posterior = GaussianProcess(RBF(0.5), noise=1e-3, mean=0.4).condition(points, points.sum(axis=1), noise=extra)
    np.testing.assert_allclose(posterior.observed_mean, posterior.predict(points)[0], rtol=1e-10)


def test_the_mean_at_observed_points_where_jitter_was_needed(caplog):
    posterior = GaussianProcess(RBF(), noise=0.0).condition([[0.0], [0.0], [1.0]], [1.0, 2.0, 0.0])
    assert "nearly singular" in caplog.text
    np.testing.assert_allclose(posterior.observed_mean, posterior.predict(posterior.X)[0], atol=1e-4)
    posterior = GaussianProcess(RBF(), noise=0.1).condition([[0.0], [0.0], [1.0]], [1.0, 2.0, 0.0])
    np.testing.assert_allclose(posterior.observed_mean, posterior.predict(posterior.X)[0], rtol=1e-12)
