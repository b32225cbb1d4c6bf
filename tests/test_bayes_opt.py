"""The mathematics against bayes_opt 3.4.0: same kernel, likelihood, posterior, acquisitions, and suggestions as good.

bayes_opt fits an isotropic Matérn 5/2 without amplitude to standardised y, with 1e-6 on the diagonal. Its own
lengthscale is given to our posterior, so that each test compares one thing.
"""

import functools

import numpy as np
import pytest

from acquisition import ExpectedImprovement, ProbabilityOfImprovement, UpperConfidenceBound, maximize
from gp import GaussianProcess, Matern52

bayes_opt = pytest.importorskip("bayes_opt")
from bayes_opt import acquisition as theirs  # noqa: E402

XI, KAPPA = 0.01, 2.576


def wave(X):
    return np.sin(3 * X[:, 0]) + 0.5 * X[:, 0]


def branin(X):
    a, b = X.T
    ridge = b - 5.1 * a**2 / (4 * np.pi**2) + 5 * a / np.pi - 6
    return -(ridge**2 + 10 * (1 - 1 / (8 * np.pi)) * np.cos(a) + 10)


HARTMANN = (
    np.array(
        [[10, 3, 17, 3.5, 1.7, 8], [0.05, 10, 17, 0.1, 8, 14], [3, 3.5, 1.7, 10, 17, 8], [17, 8, 0.05, 10, 0.1, 14]]
    ),
    1e-4
    * np.array(
        [
            [1312, 1696, 5569, 124, 8283, 5886],
            [2329, 4135, 8307, 3736, 1004, 9991],
            [2348, 1451, 3522, 2883, 3047, 6650],
            [4047, 8828, 8732, 5743, 1091, 381],
        ]
    ),
)


def hartmann(X):
    A, P = HARTMANN
    return np.exp(-(A * (X[:, None] - P) ** 2).sum(axis=-1)) @ [1.0, 1.2, 3.0, 3.2]


PROBLEMS = {
    1: (wave, np.array([[-2.0, 3.0]])),
    2: (branin, np.array([[-5.0, 10.0], [0.0, 15.0]])),
    6: (hartmann, np.tile([0.0, 1.0], (6, 1))),
}


class Pair:
    """The same observations in both: bayes_opt's optimizer after its fit, and our posterior with its lengthscale."""

    def __init__(self, d, n):
        f, self.bounds = PROBLEMS[d]
        low, high = self.bounds.T
        self.X = low + np.random.default_rng(100 * d + n).uniform(size=(n, d)) * (high - low)
        self.y = f(self.X)
        names = [f"x{i}" for i in range(d)]
        self.bo = bayes_opt.BayesianOptimization(
            None, dict(zip(names, map(tuple, self.bounds), strict=True)), random_state=1, verbose=0
        )
        for x, y in zip(self.X, self.y, strict=True):
            self.bo.register(dict(zip(names, x, strict=True)), y)
        theirs.UpperConfidenceBound()._fit_gp(self.bo._gp, self.bo.space)
        self.gp = self.bo._gp
        self.shift, self.scale = self.y.mean(), self.y.std()
        self.z = (self.y - self.shift) / self.scale
        self.lengthscale = float(np.exp(self.gp.kernel_.theta[0]))
        self.ours = self.at(self.lengthscale)
        side = {1: 2001, 2: 201}.get(d)
        axes = np.meshgrid(*(np.linspace(a, b, side) for a, b in self.bounds)) if side else None
        self.grid = (
            np.stack([axis.ravel() for axis in axes], axis=-1)
            if axes
            else low + np.random.default_rng(0).uniform(size=(4000, d)) * (high - low)
        )

    def at(self, lengthscale):
        return GaussianProcess(Matern52(lengthscale), noise=1e-6).condition(self.X, self.z)

    def predict(self, X):
        """Our posterior in units of y: what our acquisitions see here."""
        mean, std = self.ours.predict(X)
        return mean * self.scale + self.shift, std * self.scale

    def scores(self, name, X):
        """(ours, theirs) at X, theirs on their own Gaussian process."""
        mean, std = self.gp.predict(X, return_std=True)
        ours, other, settings = ACQUISITIONS[name]
        function = other(**settings)
        function.y_max = self.y.max()
        return ours(**settings)(self, X, self.y.max()), function.base_acq(mean, std)


ACQUISITIONS = {
    "UCB": (UpperConfidenceBound, theirs.UpperConfidenceBound, {"kappa": KAPPA}),
    "EI": (ExpectedImprovement, theirs.ExpectedImprovement, {"xi": XI}),
    "PI": (ProbabilityOfImprovement, theirs.ProbabilityOfImprovement, {"xi": XI}),
}


def pairs(*counts):
    """Run a test for every number of dimensions and these numbers of observations; each pair is made once."""
    cases = [(d, n) for d in PROBLEMS for n in counts]
    return pytest.mark.parametrize("pair", cases, indirect=True, ids=[f"d{d}-n{n}" for d, n in cases])


make = functools.cache(Pair)


@pytest.fixture
def pair(request):
    return make(*request.param)


every_pair = pairs(3, 8, 25)


@every_pair
def test_bayes_opt_is_built_as_assumed(pair):
    assert bayes_opt.__version__ == "3.4.0"
    assert pair.gp.alpha == 1e-6
    np.testing.assert_allclose(pair.gp._y_train_mean, pair.shift, rtol=1e-14)
    np.testing.assert_allclose(pair.gp._y_train_std, pair.scale, rtol=1e-14)
    np.testing.assert_array_equal(pair.gp.X_train_, pair.X)


@every_pair
def test_kernel_matrix(pair):
    np.testing.assert_allclose(Matern52(pair.lengthscale)(pair.X, pair.X), pair.gp.kernel_(pair.X), rtol=0, atol=1e-13)
    some = pair.grid[::50]
    np.testing.assert_allclose(
        Matern52(pair.lengthscale)(pair.X, some), pair.gp.kernel_(pair.X, some), rtol=0, atol=1e-13
    )


@every_pair
def test_log_marginal_likelihood_and_gradient(pair):
    for theta in np.linspace(np.log(1e-2), np.log(1e2), 29):
        value, gradient = pair.gp.log_marginal_likelihood(np.array([theta]), eval_gradient=True)
        ours = pair.at(float(np.exp(theta)))
        np.testing.assert_allclose(ours.log_marginal_likelihood, value, rtol=1e-8)
        np.testing.assert_allclose(ours.log_marginal_likelihood_gradient[:1], gradient, rtol=1e-8)


@every_pair
def test_posterior(pair):
    mean, std = pair.gp.predict(pair.grid, return_std=True)
    our_mean, our_std = pair.predict(pair.grid)
    np.testing.assert_allclose(our_mean, mean, rtol=0, atol=1e-8 * pair.scale)
    clear = std > 1e-3 * pair.scale
    np.testing.assert_allclose(our_std[clear], std[clear], rtol=0, atol=1e-8 * pair.scale)
    variances = (our_std / pair.scale) ** 2, (std / pair.scale) ** 2
    np.testing.assert_allclose(*variances, rtol=0, atol=1e-10)


@every_pair
@pytest.mark.parametrize("name", ACQUISITIONS)
def test_acquisition(pair, name):
    std = pair.gp.predict(pair.grid, return_std=True)[1]
    clear = std > 1e-3 * pair.scale  # elsewhere rounding decides, theirs as ours
    ours, other = pair.scores(name, pair.grid)
    unit = 1.0 if name == "PI" else pair.scale
    np.testing.assert_allclose(ours[clear], other[clear], rtol=0, atol=1e-8 * unit)
    assert clear.mean() > 0.9


@every_pair
@pytest.mark.parametrize("name", ACQUISITIONS)
def test_argmax_on_the_grid(pair, name):
    ours, other = pair.scores(name, pair.grid)
    assert np.argmax(ours) == np.argmax(other) or other[np.argmax(ours)] >= other.max() - 1e-9


@pairs(8, 25)
@pytest.mark.parametrize("name", ["UCB", "EI"])
def test_our_suggestion_is_as_good_on_their_own_model(pair, name):
    ours, other, settings = ACQUISITIONS[name]
    in_units_of_z = {"xi": XI / pair.scale} if name == "EI" else settings
    suggested = other(**settings).suggest(pair.gp, pair.bo.space, fit_gp=False, random_state=np.random.RandomState(0))
    for seed in range(8):
        x, _ = maximize(ours(**in_units_of_z), pair.ours, pair.z.max(), pair.bounds, seed=seed)
        assert (pair.bounds[:, 0] <= x).all()
        assert (x <= pair.bounds[:, 1]).all()
        mine, best = pair.scores(name, np.array([x, suggested]))[1]
        assert mine >= best - 1e-8 * pair.scale


@every_pair
def test_our_fit_from_theirs_is_at_least_as_likely(pair):
    prior = GaussianProcess(Matern52(pair.lengthscale), noise=1e-6)
    fitted = prior.fit(pair.X, pair.z, restarts=5, seed=0, learn_noise=False)
    assert fitted.log_marginal_likelihood >= pair.gp.log_marginal_likelihood_value_ - 1e-8
