"""Whether the search finds what it should, on a function with a known minimum."""

import numpy as np
import pytest

from bayestuner import minimize, random_search
from bayestuner.benchmarks import branin, forrester

SEEDS = range(10)


@pytest.fixture(scope="module")
def regrets():
    return np.array([minimize(branin, branin.space, 30, seed=s).best_value - branin.minimum for s in SEEDS])


def test_median_regret_on_branin_after_30_evaluations(regrets):
    assert np.median(regrets) < 1e-3


def test_no_seed_is_worse_than_random_search(regrets):
    random = [random_search(branin, branin.space, 30, seed=s).best_value - branin.minimum for s in SEEDS]
    assert regrets.max() < np.median(random)


def test_no_value_is_below_the_known_minimum(regrets):
    assert regrets.min() >= -1e-9  # the regrets above are of the real function


def test_one_dimension_in_15_evaluations():
    regrets = [minimize(forrester, forrester.space, 15, seed=s).best_value - forrester.minimum for s in range(5)]
    assert max(regrets) < 1e-2
