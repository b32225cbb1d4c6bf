import itertools
import math

import numpy as np
import pytest
from scipy import stats

from bayestuner import ParameterError
from bayestuner.paired import Interval, sign_flip_p, t_interval

SAMPLES = [[0.3, -0.1, 0.25, 0.4, 0.05], [-2.0, -1.0], list(np.random.default_rng(0).normal(0.3, 1.0, 12))]


@pytest.mark.parametrize("values", SAMPLES)
def test_the_interval_is_that_of_the_one_sample_t_test(values):
    found = t_interval(values)
    expected = stats.ttest_1samp(values, 0.0).confidence_interval(0.95)
    assert found.mean == pytest.approx(np.mean(values), abs=1e-15)
    assert (found.low, found.high) == pytest.approx((expected.low, expected.high), rel=1e-12)


def test_the_interval_by_hand():
    # s = 1, t(2; 0.975) = 4.302653, half width 4.302653 / sqrt(3)
    assert t_interval([1.0, 2.0, 3.0]).high == pytest.approx(2 + 4.302653 / math.sqrt(3), abs=1e-6)


def test_overlap_widens_by_the_corrected_variance():
    # Nadeau & Bengio 2003: 1/n becomes 1/n + test rows / training rows
    plain, wide = t_interval(SAMPLES[0]), t_interval(SAMPLES[0], overlap=0.25)
    assert (wide.high - wide.mean) / (plain.high - plain.mean) == pytest.approx(math.sqrt((0.2 + 0.25) / 0.2))


def test_one_value_has_no_interval_and_shows_nothing():
    found = t_interval([0.7])
    assert found == Interval(0.7, -math.inf, math.inf)
    assert not found.excludes_zero


def test_no_value_at_all_is_refused():
    with pytest.raises(ParameterError, match="at least one"):
        t_interval([])


@pytest.mark.parametrize(("low", "high", "shown"), [(0.1, 0.3, True), (-0.3, -0.1, True), (-0.1, 0.3, False)])
def test_a_difference_is_shown_where_the_interval_leaves_zero_out(low, high, shown):
    assert Interval((low + high) / 2, low, high).excludes_zero is shown


@pytest.mark.parametrize("values", SAMPLES)
def test_sign_flips_are_the_exact_permutation_test(values):
    expected = stats.permutation_test(
        (np.array(values),), np.mean, permutation_type="samples", n_resamples=np.inf, vectorized=False
    )
    assert sign_flip_p(values) == pytest.approx(expected.pvalue, abs=1e-12)


def test_sign_flips_by_hand():
    # |sum| >= 2 among (3, 1, -2) with any signs: +-(3+1+2), +-(3+1-2), +-(3-1+2) and +-(3-1-2)=0 is not
    values = [3.0, 1.0, -2.0]
    sums = [abs(a * 3 + b * 1 + c * 2) for a, b, c in itertools.product((1, -1), repeat=3)]
    assert sign_flip_p(values) == sum(s >= 2 for s in sums) / 8 == 6 / 8


def test_equal_differences_of_either_sign_are_no_evidence():
    assert sign_flip_p([0.1, -0.1]) == 1.0
    assert sign_flip_p([0.0, 0.0, 0.0]) == 1.0


def test_five_seeds_cannot_go_below_a_sixteenth():
    assert sign_flip_p([5.0, 4.0, 3.0, 2.0, 1.0]) == 2 / 32


def test_many_differences_are_drawn_and_close_to_exact():
    values = np.random.default_rng(1).normal(0.25, 1.0, 17)
    exact = stats.permutation_test(
        (values,), lambda x, axis: x.mean(axis), permutation_type="samples", n_resamples=np.inf, vectorized=True
    )
    assert sign_flip_p(values) == pytest.approx(exact.pvalue, abs=0.01)
    assert sign_flip_p(values) == sign_flip_p(values)
