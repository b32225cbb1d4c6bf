import numpy as np
import pytest
from scipy.stats import t as student

from bayestuner import ParameterError, chance_best


def test_two_candidates_are_students_test():
    a, b = [0.61, 0.64, 0.60, 0.66], [0.65, 0.63, 0.69, 0.64]
    s = np.sqrt((np.var(a, ddof=1) + np.var(b, ddof=1)) / 2)
    expected = student.cdf((np.mean(b) - np.mean(a)) / (s * np.sqrt(2 / 4)), 6)
    assert chance_best([a, b]) == pytest.approx([expected, 1 - expected], abs=0.005)
    assert chance_best([a, b], "maximize") == pytest.approx([1 - expected, expected], abs=0.005)


def test_equal_candidates_have_equal_chances_that_add_up():
    chances = chance_best(np.tile([0.1, 0.4, 0.2], (4, 1)))
    assert chances.sum() == pytest.approx(1)
    assert chances == pytest.approx([0.25] * 4, abs=0.01)


def test_the_chances_come_true():
    rng = np.random.default_rng(0)
    right, promised = 0.0, 0.0
    for _ in range(300):
        truth = rng.normal(size=3)
        chances = chance_best(truth[:, None] + rng.normal(size=(3, 4)), draws=2000)
        right += chances.argmax() == truth.argmin()
        promised += chances.max()
    assert right / 300 == pytest.approx(promised / 300, abs=0.06)


def test_without_noise_the_best_is_certain():
    assert chance_best([[1.0, 1.0], [2.0, 2.0]]).tolist() == [1.0, 0.0]


@pytest.mark.parametrize("values", [[1.0, 2.0], [[1.0, 2.0]], [[1.0], [2.0]], [[1.0, np.nan], [1.0, 2.0]]])
def test_too_little_is_refused(values):
    with pytest.raises(ParameterError, match="two or more of each"):
        chance_best(values)


def test_an_unknown_direction():
    with pytest.raises(ParameterError, match="minimize"):
        chance_best([[1.0, 2.0], [2.0, 3.0]], "down")
