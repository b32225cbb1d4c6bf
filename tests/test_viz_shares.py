"""Scores on a scale from 0 to 1."""

import numpy as np
import pytest

from acquisition import (
    ExpectedImprovement,
    LogExpectedImprovement,
    ProbabilityOfImprovement,
    ThompsonSampling,
    UpperConfidenceBound,
)
from viz.shares import Shares

EI = np.array([0.0, 0.1, 0.4])


@pytest.mark.parametrize(
    ("acquisition", "score", "expected"),
    [
        (ExpectedImprovement(), EI, [0, 0.25, 1]),
        (LogExpectedImprovement(), np.log([1e-300, 0.1, 0.4]), [0, 0.25, 1]),
        (LogExpectedImprovement(), np.array([-900.0, -800.0]), [0, 1]),
        (ProbabilityOfImprovement(), np.array([0.5, 0.25]), [1, 0.5]),
        (UpperConfidenceBound(), np.array([3.0, 4.0, 5.0]), [0, 0.5, 1]),
        (ThompsonSampling(), np.array([-1.0, 1.0, 0.0]), [0, 1, 0.5]),
        (ExpectedImprovement(), np.zeros(3), [0, 0, 0]),
        (UpperConfidenceBound(), np.array([np.nan, 2.0, 4.0]), [0, 0, 1]),
        (UpperConfidenceBound(), np.ones(3), [0, 0, 0]),
        (LogExpectedImprovement(), np.array([-np.inf, -800.0, -2.0]), [0, 0, 1]),
    ],
)
def test_the_best_is_1_and_no_gain_is_0(acquisition, score, expected):
    np.testing.assert_allclose(Shares.of(acquisition, score)(score), expected, atol=1e-12)


def test_later_scores_are_seen_on_the_old_scale():
    shares = Shares.of(ExpectedImprovement(), EI)
    np.testing.assert_allclose(shares(EI / 2), [0, 0.125, 0.5])
    np.testing.assert_allclose(shares(EI * 3), [0, 0.75, 1])
    log = Shares.of(LogExpectedImprovement(), np.log([0.1, 0.4]))
    np.testing.assert_allclose(log(np.log([0.05, 0.2, 0.8])), [0.125, 0.5, 1])
