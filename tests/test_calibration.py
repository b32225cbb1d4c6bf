import math

import numpy as np
import pytest
from scipy.stats import binomtest, norm

from bayestuner import Calibration, NotFittedError, Optimizer, calibration, maximize, minimize, random_search
from bayestuner.importance import model_of
from gp import GaussianProcess


def wave(x, y):
    return math.sin(3 * x) + 10 * y


SPACE = {"x": (0.0, 5.0), "y": (0.0, 1.0)}


@pytest.fixture(scope="module")
def run():
    return minimize(wave, SPACE, 14, seed=0)


@pytest.mark.parametrize("step", [None, 3])
def test_each_value_is_predicted_by_a_model_that_has_not_seen_it(run, step):
    known = calibration(run, step)
    posterior, scaling = model_of(run, step)
    assert len(known.values) == (14 if step is None else run.steps[3].observed)
    for i in range(len(known.values)):
        others = np.arange(len(posterior.X)) != i
        without = GaussianProcess(posterior.prior.kernel, noise=posterior.prior.noise)
        mean, std = without.condition(posterior.X[others], posterior.y[others]).predict(posterior.X[[i]])
        noisy = np.sqrt(std**2 + posterior.prior.noise)
        assert known.mean[i] == pytest.approx(float(scaling.mean(mean)[0]), rel=1e-6)
        assert known.std[i] == pytest.approx(float(scaling.std(noisy)[0]), rel=1e-6)
    np.testing.assert_allclose(known.values, [t.value for t in run.trials][: len(known.values)])


def test_units_and_direction_are_the_users():
    turned = calibration(maximize(lambda x, y: -wave(x, y), SPACE, 14, seed=0))
    straight = calibration(minimize(wave, SPACE, 14, seed=0))
    np.testing.assert_allclose(turned.values, -straight.values)
    np.testing.assert_allclose(turned.mean, -straight.mean)
    np.testing.assert_allclose(turned.std, straight.std)


@pytest.mark.parametrize("level", [0.5, 0.8, 0.95])
def test_coverage_counts_the_values_inside(level):
    rng = np.random.default_rng(0)
    known = Calibration(rng.normal(3.0, 2.0, 200), np.full(200, 3.0), np.full(200, 2.0))
    found = known.coverage(level)
    low, high = norm.interval(level, 3.0, 2.0)
    assert found.inside == np.sum((known.values >= low) & (known.values <= high))
    assert found.share == found.inside / 200
    exact = binomtest(found.inside, 200).proportion_ci(0.95, "exact")
    assert (found.low, found.high) == pytest.approx((exact.low, exact.high))
    assert found.honest
    assert not Calibration(known.values, known.mean, 0.3 * known.std).coverage(level).honest
    assert not Calibration(known.values, known.mean, 9 * known.std).coverage(level).honest


def test_all_and_none_inside():
    values = np.arange(3.0)
    assert Calibration(values, values, np.ones(3)).coverage(0.5).high == 1.0
    assert Calibration(values, values + 9, np.ones(3)).coverage(0.95).low == 0.0


def test_a_function_drawn_from_the_model_is_predicted_honestly():
    rng = np.random.default_rng(1)
    draws = random_search(lambda x, y: wave(x, y) + rng.normal(0, 0.3), SPACE, 80, seed=1)
    known = calibration(draws)
    assert all(known.coverage(level).honest for level in (0.5, 0.8, 0.95))
    assert 0.8 < known.z.std() < 1.25


def test_nothing_told_nothing_known():
    with pytest.raises(NotFittedError):
        calibration(Optimizer(SPACE).history)
