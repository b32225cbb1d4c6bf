import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bayestuner import Categorical, Integer, Real, Space, SpaceError

PROPERTY = settings(max_examples=50, deadline=None, derandomize=True)
MIXED = Space(
    {
        "lr": Real(1e-4, 0.1, log=True),
        "units": Integer(8, 512, log=True),
        "act": [True, 1, "1", None, 1.0],
        "depth": (1, 7),
        "fixed": Real(2.0, 2.0),
    }
)
PLACES = st.lists(st.lists(st.floats(0, 1), min_size=MIXED.width, max_size=MIXED.width), max_size=5).map(
    lambda rows: np.array(rows).reshape(-1, MIXED.width)
)


@PROPERTY
@given(PLACES)
def test_every_place_decodes_to_a_legal_point_and_back(U):
    points = MIXED.decode(U)
    assert [MIXED.check(point) for point in points] == points
    for point, back in zip(points, MIXED.decode(MIXED.encode(points)), strict=True):
        assert back.pop("lr") == pytest.approx(point.pop("lr"), rel=1e-12)
        assert repr(back) == repr(point)  # the very type: True is not 1


@PROPERTY
@given(PLACES)
def test_project_is_encode_of_decode(U):
    np.testing.assert_allclose(MIXED.project(U), MIXED.encode(MIXED.decode(U)).reshape(U.shape), rtol=0, atol=1e-12)


def test_short_forms():
    space = Space({"a": (0.0, 1.0), "b": (0, 1), "c": (0, 1.5), "d": ["x", "y"], "e": Real(1, 2)})
    assert list(space.dimensions.values()) == [
        Real(0, 1), Integer(0, 1), Real(0, 1.5), Categorical(["x", "y"]), Real(1, 2)
    ]  # fmt: skip
    assert Space(space) == space


def test_columns_follow_the_order_given():
    assert [MIXED.columns(name) for name in MIXED.names] == [
        slice(0, 1), slice(1, 2), slice(2, 7), slice(7, 8), slice(8, 9)
    ]  # fmt: skip
    assert MIXED.width == 9
    with pytest.raises(SpaceError, match="no parameter 'momentum'; the space has lr, units"):
        MIXED.columns("momentum")


def test_a_dict_of_arrays_is_its_rows():
    space = Space({"x": (0.0, 4.0), "c": ["a", "b"]})
    rows = [{"x": 1.0, "c": "a"}, {"x": 2.0, "c": "b"}]
    np.testing.assert_array_equal(space.encode({"x": np.array([1.0, 2.0]), "c": ["a", "b"]}), space.encode(rows))
    np.testing.assert_array_equal(space.encode({"x": 1.0, "c": "a"}), space.encode(rows[:1]))
    np.testing.assert_array_equal(space.encode({"c": np.array(["b"]), "x": (2,)}), space.encode(rows[1:]))
    with pytest.raises(SpaceError, match="differ in length"):
        space.encode({"x": [1.0, 2.0], "c": ["a"]})


def test_no_points_are_no_rows():
    assert MIXED.encode([]).shape == (0, 9)
    assert MIXED.decode(np.empty((0, 9))) == []
    assert MIXED.sample(0) == []


def test_a_place_must_be_one():
    with pytest.raises(SpaceError, match=r"expected \(n, 9\) places"):
        MIXED.decode([[0.5]])
    with pytest.raises(SpaceError, match="NaN"):
        MIXED.decode([[np.nan] * 9])


def test_points_that_are_none():
    with pytest.raises(TypeError, match="list of dicts or a dict of arrays"):
        MIXED.encode("lr")
    with pytest.raises(TypeError, match="a point is a dict"):
        MIXED.encode([0.5])


def test_a_message_names_the_parameter():
    with pytest.raises(SpaceError, match="depth: must be a whole number from 1 to 7, got 9"):
        MIXED.check({"lr": 0.01, "units": 8, "act": None, "depth": 9, "fixed": 2.0})


def test_check_gives_plain_values_in_the_order_of_the_space():
    point = {"fixed": 2, "depth": np.int64(3), "act": "1", "units": 16.0, "lr": np.float32(0.0625)}
    checked = MIXED.check(point)
    assert list(checked) == list(MIXED.names)
    assert [type(v) for v in checked.values()] == [float, int, str, int, float]


def test_samples_are_legal_spread_and_repeatable():
    points = MIXED.sample(400, seed=3)
    assert points == MIXED.sample(400, seed=3) != MIXED.sample(400, seed=4)
    assert [MIXED.check(p) for p in points] == points
    assert {repr(p["act"]) for p in points} == {"True", "1", "'1'", "None", "1.0"}
    assert 0.4 < np.mean([p["lr"] < 10**-2.5 for p in points]) < 0.6  # half below the middle of the logarithm


def test_size_counts_the_points():
    assert Space({"a": (1, 3), "b": ["x", "y"]}).size == 6
    assert Space({"a": (1, 3), "b": (0.0, 1.0)}).size == np.inf
    assert Space({"a": (1, 3), "b": (1.0, 1.0)}).size == 3


def test_spaces_compare_by_content_and_order():
    assert Space({"a": (0, 1), "b": (0, 2)}) == Space({"a": (0, 1), "b": (0, 2)})
    assert Space({"a": (0, 1), "b": (0, 2)}) != Space({"b": (0, 2), "a": (0, 1)})
    assert len({Space({"a": (0, 1)}), Space({"a": (0, 1)})}) == 1


def test_a_list_of_two_floats_is_asked_about():
    with pytest.warns(UserWarning, match=r"parameter 'x': .* a choice between two values; .* write \(0\.0, 1\.0\)"):
        assert Space({"x": [0.0, 1.0]}) == Space({"x": Categorical([0.0, 1.0])})
    Space({"x": [0.0, 0.5, 1.0], "y": [0, 1], "z": Categorical([0.0, 1.0])})  # a warning is an error here
