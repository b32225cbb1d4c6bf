"""Positive parameters: declared once, found by dotted names, moved on a log scale."""

from dataclasses import FrozenInstanceError, dataclass

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gp import RBF, Constant, Matern52, ParameterError, Parameterized, positive


@dataclass(frozen=True)
class Inner(Parameterized):
    scale: float = positive(2.0, bounds=(0.5, 4.0))


@dataclass(frozen=True)
class Outer(Parameterized):
    first: Inner = Inner()
    width: float | tuple[float, ...] = positive((1.0, 3.0))
    name: str = "a setting, not learned"


def test_names_values_and_bounds_in_one_order():
    outer = Outer(Inner(2.5))
    assert outer.parameters == {"width": (1.0, 3.0), "first.scale": 2.5}
    assert outer.learned == ("width", "width", "first.scale")
    np.testing.assert_array_equal(outer.theta, np.log([1.0, 3.0, 2.5]))
    np.testing.assert_array_equal(outer.log_bounds, np.log([[1e-5, 1e5], [1e-5, 1e5], [0.5, 4.0]]))


def test_with_theta_gives_back_plain_numbers_and_keeps_settings():
    moved = Outer(name="kept").with_theta(np.log([2.0, 4.0, 3.0]))
    assert moved.name == "kept"
    assert moved.width == pytest.approx((2.0, 4.0))
    assert moved.first.scale == pytest.approx(3.0)
    assert type(moved.width) is tuple
    assert {type(v) for v in (*moved.width, moved.first.scale)} == {float}


@settings(max_examples=60, deadline=None, derandomize=True)
@given(st.lists(st.floats(1e-300, 1e300), min_size=3, max_size=3))
def test_theta_round_trip(values):
    outer = Outer(Inner(values[0]), (values[1], values[2]))
    again = outer.with_theta(outer.theta)
    np.testing.assert_allclose(again.theta, outer.theta, rtol=1e-15)
    np.testing.assert_allclose(np.exp(again.theta), np.exp(outer.theta), rtol=1e-12)


@pytest.mark.parametrize("theta", [[], [0.0], [0.0] * 2, [0.0] * 4])
def test_theta_of_another_length_is_refused(theta):
    with pytest.raises(ParameterError, match="theta"):
        Outer().with_theta(theta)


@pytest.mark.parametrize("theta", [-1e4, -746.0, 710.0, 1e4])
def test_with_theta_keeps_each_entry_within_the_floats(theta):
    scale = Inner().with_theta([theta]).scale
    assert 0 < scale < float("inf")
    assert (scale > 1) == (theta > 0)


@pytest.mark.parametrize("value", [0.0, -1.0, float("nan"), float("inf"), 0, (1.0, -1.0), [1.0, float("nan")]])
def test_values_are_positive_and_finite(value):
    with pytest.raises(ParameterError, match=r"lengthscale.* must be > 0"):
        RBF(value)


@pytest.mark.parametrize("value", ["1", None, True, 1j, [[1.0]], [], {}, [None], ("1",)])
def test_values_are_numbers(value):
    with pytest.raises(TypeError, match="must be a number"):
        RBF(value)


def test_the_bad_entry_of_a_vector_is_named():
    with pytest.raises(ParameterError, match=r"Matern52: lengthscale\[1\] must be > 0 and finite, got -2.0"):
        Matern52([1.0, -2.0])


def test_arrays_and_lists_become_tuples():
    for value in ([1, 2], np.array([1, 2]), (1.0, 2.0)):
        assert RBF(value) == RBF((1.0, 2.0))
        assert RBF(value).lengthscale == (1.0, 2.0)
    assert type(Constant(np.float32(2)).value) is float


def test_parameters_cannot_be_set_afterwards():
    with pytest.raises(FrozenInstanceError):
        RBF().lengthscale = 2.0


def test_the_default_may_be_a_vector():
    assert Outer().width == (1.0, 3.0)


def test_a_default_lies_within_its_bounds():
    with pytest.raises(ParameterError, match=r"the default 3\.0 lies outside of bounds=\(0\.05, 1\.0\)"):
        positive(3.0, bounds=(0.05, 1.0))
