"""The fault catalogue, section 4: spaces that cannot be searched, and some that look as if they could not."""

import tracemalloc

import numpy as np
import pytest

from bayestuner import Categorical, Integer, Optimizer, Real, Space, SpaceError

NAN, INF = float("nan"), float("inf")

REFUSED = [
    ("D01", {"lr": (2.0, 1.0)}, SpaceError, "lr.*low must not be above high.*2.0.*1.0"),
    ("D01-int", {"n": (4, 1)}, SpaceError, "'n'.*above"),
    ("D03", {"lr": lambda: Real(0.0, 1.0, log=True)}, SpaceError, "log needs low > 0"),
    ("D03-negative", {"lr": lambda: Integer(-1, 4, log=True)}, SpaceError, "log needs low > 0"),
    ("D04-nan", {"x": (NAN, 1.0)}, SpaceError, "finite"),
    ("D04-inf", {"x": (0.0, INF)}, SpaceError, "finite"),
    ("D04-huge", {"x": lambda: Integer(0, 10**400)}, SpaceError, "too large"),
    ("D04-huge-real", {"x": lambda: Real(0, 10**400)}, SpaceError, "too large"),
    ("D05", {}, SpaceError, "at least one parameter"),
    ("D06", lambda: [("x", (0, 1)), ("x", (0, 2))], TypeError, "a space is a dict"),
    ("D07", {"c": []}, SpaceError, "at least one choice"),
    ("D08", {"c": ["a", "b", "a"]}, SpaceError, "'a' is there twice"),
    ("D08-unhashable", {"c": [[1], [2], [1]]}, SpaceError, "twice"),
    ("D08-nan", {"c": [NAN, 1, float("nan")]}, SpaceError, "twice"),
    ("D10-arrays", {"c": [np.array([1, 2]), np.array([3, 4])]}, SpaceError, "array"),
    ("D12", {"n": lambda: Integer(1.6, 4.9)}, SpaceError, "whole number, got 1.6"),
    ("D14-zero", {"n": lambda: Integer(0, 9, step=0)}, SpaceError, "step must be at least 1, got 0"),
    ("D14-negative", {"n": lambda: Integer(0, 9, step=-2)}, SpaceError, "step"),
    ("D14-fraction", {"n": lambda: Integer(0, 9, step=0.5)}, SpaceError, "step"),
    ("D15-number", {3: (0, 1)}, TypeError, "must be a string, got 3"),
    ("D15-empty", {"": (0, 1)}, SpaceError, "must not be empty"),
    ("D16", {"x": ("0", "1")}, TypeError, "'x'.*must be a number, got '0'"),
    ("D16-class", {"x": lambda: Real("0", 1)}, TypeError, "must be a number"),
    ("D16-bool", {"x": (False, True)}, TypeError, "must be a number"),
    ("D17", {"x": 5}, SpaceError, "'x'.*got 5"),
    ("D17-one", {"x": (0,)}, SpaceError, r"pair \(low, high\)"),
    ("D17-three", {"x": (0, 1, 2)}, SpaceError, "for choices use a list"),
    ("D17-none", {"x": None}, SpaceError, "got None"),
]


def made(dimensions):
    if callable(dimensions):
        return dimensions()
    return {name: d() if callable(d) else d for name, d in dimensions.items()}


@pytest.mark.parametrize(("given", "error", "words"), [case[1:] for case in REFUSED], ids=[c[0] for c in REFUSED])
def test_refused(given, error, words):
    with pytest.raises(error, match=words):
        Space(made(given))


WORKS = [
    ("D02", {"x": (1.0, 1.0), "n": (3, 3), "y": (0.0, 1.0)}),
    ("D02-all-fixed", {"x": (1.0, 1.0)}),
    ("D07-one", {"c": ["only"], "y": (0.0, 1.0)}),
    ("D09", {"c": [True, 1, 1.0, "1"]}),
    ("D10", {"c": [[1], [2], {"a": 1}]}),
    ("D11", {"c": [NAN, None, 1]}),
    ("D13", {"n": (2**53, 2**53 + 9)}),
    ("D13-wide", {"n": (-(10**20), 10**20)}),
    ("D14-rest", {"n": Integer(0, 10, step=4)}),
    ("D15-unicode", {"learning rate α": (0.0, 1.0), "class": (0, 1), "self": (0, 1)}),
    ("D18", {"x": (-1e308, 1e308), "y": Real(1e-300, 1e300, log=True)}),
    ("D18-largest", {"x": (-1.7976931348623157e308, 1.7976931348623157e308)}),
]


@pytest.mark.parametrize("dimensions", [case[1] for case in WORKS], ids=[c[0] for c in WORKS])
def test_works_through_the_model(dimensions):
    optimizer = Optimizer(dimensions, seed=0, n_initial=3)
    for value in range(6):
        params = optimizer.ask()
        assert repr(optimizer.space.check(params)) == repr(dict(params))
        optimizer.tell(params, value)
    assert len(optimizer.history.steps) == 3
    assert np.isfinite(optimizer.predict([params])).all()


def test_d09_kinds_are_kept_apart():
    space = Space({"c": [True, 1, 1.0, "1"]})
    for i, choice in enumerate([True, 1, 1.0, "1"]):
        assert space.encode([{"c": choice}]).argmax() == i
        [back] = space.decode(np.eye(4)[[i]])
        assert type(back["c"]) is type(choice)


def test_d13_every_value_beyond_2_to_the_53():
    values = list(range(2**53, 2**53 + 10))
    dimension = Integer(values[0], values[-1])
    assert dimension.from_unit(dimension.to_unit(values)) == values


def test_d14_the_last_value_is_within_the_range():
    assert Integer(0, 10, step=4).high == 8
    with pytest.raises(SpaceError, match="in steps of 4"):
        Integer(0, 10, step=4).check(10)


def test_d20_many_categories():
    dimension = Categorical(list(range(10_000)))
    tracemalloc.start()
    assert dimension.from_unit(dimension.to_unit([9_999, 0])) == [9_999, 0]
    assert dimension.project(dimension.to_unit([5])).sum() == 1
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 10e6  # an identity matrix of that size has 800 MB


@pytest.mark.parametrize("dimension", [(0.0, 1.0), (0, 1000)], ids=["real", "integer"])
def test_d20_200_dimensions(dimension):
    optimizer = Optimizer({f"x{i}": dimension for i in range(200)}, seed=0, n_initial=2)
    for value in range(3):
        optimizer.tell(optimizer.ask(), value)
    assert len(optimizer.history.steps) == 1
