import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bayestuner import Categorical, Integer, Real, Space, SpaceError

PROPERTY = settings(max_examples=80, deadline=None, derandomize=True)
UNIT = st.floats(0.0, 1.0)


def place(dimension, *values):
    return dimension.to_unit(values)[:, 0]


@st.composite
def reals(draw):
    log = draw(st.booleans())
    ends = st.floats(1e-300 if log else -1e308, 1e308, allow_subnormal=False)
    low, high = sorted([draw(ends), draw(ends)])
    return Real(low, high, log=log)


@st.composite
def integers(draw):
    if draw(st.booleans()):
        low, high = sorted([draw(st.integers(1, 10**9)), draw(st.integers(1, 10**9))])
        return Integer(low, high, log=True)
    low = draw(st.integers(-(2**70), 2**70))
    return Integer(low, low + draw(st.integers(0, 2**45)), step=draw(st.integers(1, 1000)))


categories = st.lists(
    st.one_of(st.none(), st.booleans(), st.integers(-3, 3), st.floats(), st.text(max_size=2), st.lists(st.integers())),
    min_size=1,
    max_size=6,
    unique_by=lambda choice: (type(choice).__name__, repr(choice)),
).filter(lambda choices: not (0.0 in choices and "-0.0" in map(repr, choices)))


@PROPERTY
@given(reals(), UNIT)
def test_real_round_trip(dimension, u):
    value = dimension.low * (1 - u) + dimension.high * u
    value = min(max(value, dimension.low), dimension.high)
    [back] = dimension.from_unit(dimension.to_unit([value]))
    span = max(abs(dimension.low), abs(dimension.high))
    assert dimension.low <= back <= dimension.high
    # log: an error of an ulp in the exponent, up to 710, is one of 710 ulps in the value
    assert back == pytest.approx(value, rel=1e-12 if dimension.log else 0, abs=0 if dimension.log else 1e-15 * span)


@PROPERTY
@given(integers(), UNIT)
def test_integer_round_trip_is_exact(dimension, u):
    count = int(dimension.size)
    value = dimension.low + dimension.step * min(int(u * count), count - 1)
    [back] = dimension.from_unit(dimension.to_unit([value]))
    assert back == value
    assert type(back) is int


@PROPERTY
@given(categories)
def test_category_round_trip_is_exact(choices):
    dimension = Categorical(choices)
    for choice, back in zip(choices, dimension.from_unit(dimension.to_unit(choices)), strict=True):
        assert type(back) is type(choice)
        assert back == choice or back != back  # NaN


@PROPERTY
@given(st.one_of(reals(), integers()), UNIT)
def test_every_place_decodes_to_a_legal_value(dimension, u):
    [value] = dimension.from_unit(np.array([[u]]))
    assert dimension.check(value) == value


@PROPERTY
@given(st.one_of(reals(), integers()))
def test_both_ends_are_reached(dimension):
    assert dimension.from_unit(np.array([[0.0], [1.0]])) == [dimension.low, dimension.high]


@PROPERTY
@given(st.one_of(reals(), integers()), UNIT, UNIT)
def test_encoding_keeps_the_order(dimension, u, v):
    a, b = sorted(dimension.from_unit(np.array([[u], [v]])))
    assert place(dimension, a) <= place(dimension, b)


@PROPERTY
@given(st.one_of(reals(), integers()), UNIT)
def test_project_is_encode_of_decode(dimension, u):
    U = np.array([[u]])
    np.testing.assert_allclose(dimension.project(U), dimension.to_unit(dimension.from_unit(U)), rtol=0, atol=1e-12)


def test_project_of_categories_is_one_hot():
    np.testing.assert_array_equal(Categorical(["a", "b"]).project(np.array([[0.2, 0.7]])), [[0, 1]])


def test_log_scale_halves_in_the_logarithm():
    assert place(Real(1.0, 100.0, log=True), 10.0) == pytest.approx([0.5])
    assert place(Real(1.0, 100.0), 50.5) == pytest.approx([0.5])


def test_whole_numbers_sit_in_the_middle_of_equal_shares():
    np.testing.assert_allclose(place(Integer(1, 4), 1, 2, 3, 4), [0.125, 0.375, 0.625, 0.875])
    assert Integer(0, 10, step=5).from_unit(np.array([[0.33], [0.34], [0.99]])) == [0, 5, 10]


def test_log_integers_share_by_their_logarithm():
    shares = [math.log((k + 0.5) / (k - 0.5)) / math.log(8.5 / 0.5) for k in range(1, 9)]
    counts = np.bincount(Integer(1, 8, log=True).from_unit(np.linspace(0, 1, 20001)[:, None]), minlength=9)[1:]
    np.testing.assert_allclose(counts / 20001, shares, atol=2e-4)


def test_a_single_value_has_one_place():
    assert Real(2.0, 2.0).from_unit(np.array([[0.0], [0.7]])) == [2.0, 2.0]
    assert Integer(3, 3, log=True).from_unit(Integer(3, 3, log=True).to_unit([3])) == [3]
    assert Real(2.0, 2.0).size == Integer(3, 3).size == Categorical(["a"]).size == 1


def test_the_smallest_floats_are_told_apart():
    assert place(Real(0.0, 5e-324), 0.0, 5e-324).tolist() == [0.0, 1.0]


def test_numpy_scalars_and_bool_like_values():
    assert Integer(np.int64(1), np.int32(5)) == Integer(1, 5)
    assert type(Integer(1, 5).check(np.int64(3))) is int
    assert type(Real(0, 1).check(np.float32(0.5))) is float
    assert Categorical(np.array(["a", "b"])).check(np.str_("b")) == "b"
    with pytest.raises(TypeError, match="must be a number"):
        Integer(0, 1).check(True)


def test_dimensions_compare_and_hash_by_content():
    assert Categorical([1, "1"]) == Categorical((1, "1")) != Categorical([True, "1"])
    assert len({Categorical([1]), Categorical([1]), Real(0, 1), Real(0, 1), Integer(0, 1)}) == 3
    assert eval(repr(Categorical([1, None]))) == Categorical([1, None])


def test_a_message_lists_no_more_than_ten_choices():
    with pytest.raises(SpaceError, match=r"must be one of 0, 1, .*, 9, \.\.\., got 50"):
        Categorical(list(range(20))).check(50)


def test_a_set_of_choices_has_no_order():
    with pytest.raises(TypeError, match="no order"):
        Categorical({"a", "b"})


def test_log_with_a_step_is_refused():
    with pytest.raises(SpaceError, match="cannot be combined"):
        Integer(1, 9, log=True, step=2)
    with pytest.raises(TypeError, match="log must be True or False"):
        Space({"x": Real(1, 2, log="yes")})
