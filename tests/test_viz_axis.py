"""Parameters as axes: values have places in [0, 1], and round numbers to show."""

import numpy as np
import pytest

from bayestuner import Categorical, Integer, Real, Space
from viz.axis import Axis, axes_of, plane

DIMENSIONS = [
    Real(-5.0, 10.0),
    Real(1e-6, 1e6, log=True),
    Real(1e-6, 2e-6),
    Real(2.0, 2.0),
    Real(30.0, 70.0, log=True),
    Integer(1, 4),
    Integer(16, 1024, log=True),
    Integer(0, 100, step=5),
    Categorical(["relu", "tanh", "gelu"]),
    Categorical([True, 1, None]),
]


@pytest.mark.parametrize("dimension", DIMENSIONS, ids=repr)
def test_values_lie_in_their_order_and_come_back(dimension):
    axis = Axis("x", dimension)
    values = axis.values(np.linspace(0, 1, 40))
    places = axis.places(values)
    assert ((places >= 0) & (places <= 1)).all()
    assert (np.diff(places) >= 0).all()
    again = axis.values(places)
    if not isinstance(dimension, Real):
        assert again == values
        assert [type(v) for v in again] == [type(v) for v in values]
    else:
        np.testing.assert_allclose(again, values, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("dimension", DIMENSIONS, ids=repr)
@pytest.mark.parametrize("most", [3, 5])
def test_ticks_are_few_legal_different_and_in_order(dimension, most):
    ticks = Axis("x", dimension).ticks(most)
    places, texts = zip(*ticks, strict=True)
    assert 1 <= len(ticks) <= max(most, 3)
    assert list(places) == sorted(set(places))
    assert len(set(texts)) == len(texts)
    assert 0 <= min(places) <= max(places) <= 1


def test_ticks_are_round_numbers_at_their_places():
    assert Axis("x", Real(-5.0, 10.0)).ticks() == [
        (0.0, "−5"),
        (pytest.approx(1 / 3), "0"),
        (pytest.approx(2 / 3), "5"),
        (1.0, "10"),
    ]
    assert [text for _, text in Axis("x", Real(1e-4, 0.1, log=True)).ticks()] == ["1e−4", "0.001", "0.01", "0.1"]
    assert [text for _, text in Axis("x", Real(0.12, 6.0, log=True)).ticks(6)] == ["0.2", "0.5", "1", "2", "5"]
    assert [text for _, text in Axis("x", Categorical(["a", "b"])).ticks()] == ["a", "b"]
    assert [text for _, text in Axis("x", Integer(1, 4)).ticks()] == ["1", "2", "3", "4"]


def test_powers_of_two_are_round():
    assert [text for _, text in Axis("units", Integer(4, 256, log=True)).ticks(4)] == ["4", "16", "64", "256"]
    assert [text for _, text in Axis("units", Integer(16, 1024, log=True)).ticks(3)] == ["16", "128", "1024"]


def test_many_whole_numbers_are_shown_as_a_line():
    assert Axis("n", Integer(1, 8)).discrete
    assert not Axis("n", Integer(1, 800)).discrete


def test_a_plane_has_the_first_parameter_along_its_rows():
    space = Space({"x": (0.0, 2.0), "kind": ["a", "b"]})
    places, U = plane(space, 5)
    np.testing.assert_array_equal(places, [0, 0.25, 0.5, 0.75, 1])
    assert U.shape == (25, 3)
    points = space.decode(U)
    assert [p["x"] for p in points[:5]] == [0, 0.5, 1, 1.5, 2]
    assert [p["kind"] for p in points[::5]] == ["a", "a", "b", "b", "b"]
    assert [axis.name for axis in axes_of(space)] == ["x", "kind"]
