"""The fault catalogue, section 5: wrong points, wrong values, and runs that offer the model nothing to learn."""

import math
from decimal import Decimal

import numpy as np
import pytest

from bayestuner import Integer, Optimizer, ParameterError, SpaceError, StateError

SPACE = {"x": (0.0, 1.0), "n": (1, 5), "c": ["a", "b"]}
POINT = {"x": 0.5, "n": 2, "c": "a"}
NAN, INF = math.nan, math.inf


@pytest.fixture
def optimizer():
    optimizer = Optimizer(SPACE, seed=0, n_initial=3)
    for value in range(4):
        optimizer.tell(optimizer.ask(), float(value))
    return optimizer


def state(optimizer):
    return [(t.number, t.params, t.value, t.status, t.told) for t in optimizer.history.trials]


WRONG_POINTS = [
    ("T01-unknown", {**POINT, "y": 1}, SpaceError, "needs the parameters x, n, c; got x, n, c, y"),
    ("T01-missing", {"x": 0.5}, SpaceError, "needs the parameters x, n, c; got x"),
    ("T01-empty", {}, SpaceError, "got nothing"),
    ("T01-list", [0.5, 2, "a"], TypeError, "a point is a dict"),
    ("T02", {**POINT, "x": 1.5}, SpaceError, "x: must be between 0 and 1, got 1.5"),
    ("T02-int", {**POINT, "n": 6}, SpaceError, "n: must be a whole number from 1 to 5, got 6"),
    ("T02-huge", {**POINT, "x": 10**400}, SpaceError, "x: must be between"),
    ("T13", {**POINT, "c": "z"}, SpaceError, "c: must be one of 'a', 'b', got 'z'"),
    ("T14", {**POINT, "n": 2.7}, SpaceError, "n: must be a whole number"),
    ("T15", {**POINT, "x": NAN}, SpaceError, "x: .*nan"),
    ("T15-int", {**POINT, "n": NAN}, SpaceError, "n: .*nan"),
    ("T15-inf", {**POINT, "n": INF}, SpaceError, "n: .*inf"),
    ("T20", {**POINT, "x": "0.1"}, TypeError, "x: .*must be a number, got '0.1'"),
    ("T20-int", {**POINT, "n": "2"}, TypeError, "n: "),
    ("T20-none", {**POINT, "x": None}, TypeError, "x: "),
]


@pytest.mark.parametrize(
    ("point", "error", "words"), [case[1:] for case in WRONG_POINTS], ids=[c[0] for c in WRONG_POINTS]
)
def test_a_wrong_point_is_refused_and_nothing_recorded(optimizer, point, error, words):
    before = state(optimizer)
    for tell in (lambda: optimizer.tell(point, 1.0), lambda: optimizer.tell_failure(point, "no")):
        with pytest.raises(error, match=words):
            tell()
    assert state(optimizer) == before


WRONG_VALUES = [
    ("T05", None), ("T06-word", "abc"), ("T06-number", "12"), ("T06-bytes", b"1"), ("T07-complex", 1 + 2j),
    ("T07-complex64", np.complex64(1)), ("T07-array", np.array([1.0, 2.0])), ("T07-one", np.array([1.0])),
    ("T07-list", [1.0]), ("T07-dict", {"loss": 1.0}),
]  # fmt: skip


@pytest.mark.parametrize("value", [case[1] for case in WRONG_VALUES], ids=[c[0] for c in WRONG_VALUES])
def test_a_wrong_value_is_refused_and_nothing_recorded(optimizer, value):
    params = optimizer.ask()
    before = state(optimizer)
    with pytest.raises(TypeError, match="the value of a trial must be one real number, got"):
        optimizer.tell(params, value)
    assert state(optimizer) == before
    optimizer.tell(params, 1.0)  # still open


@pytest.mark.parametrize(
    "value",
    [NAN, INF, -INF, np.float32("nan"), Decimal("Infinity"), np.array(NAN), 10**400],
    ids=["T03", "T04", "T04-minus", "T03-float32", "T04-decimal", "T03-0d", "T04-too-large"],
)
def test_a_value_that_is_not_finite_is_a_failed_trial(optimizer, value):
    best, prediction = optimizer.best, optimizer.predict([POINT])
    params = optimizer.ask()
    optimizer.tell(params, value)
    trial = optimizer.trial(params.number)
    assert (trial.status, trial.value) == ("failed", None)
    assert trial.error.startswith("the objective returned ")
    assert optimizer.best == best
    np.testing.assert_allclose(optimizer.predict([POINT]), prediction, rtol=1e-3)
    optimizer.tell(optimizer.ask(), 0.5)


@pytest.mark.parametrize(
    "value", [np.float32(2), 2, True, np.array(2.0), Decimal("2"), np.int8(2), np.bool_(True)], ids=repr
)
def test_t08_numbers_of_other_kinds_become_floats(optimizer, value):
    params = optimizer.ask()
    optimizer.tell(params, value)
    told = optimizer.trial(params.number).value
    assert type(told) is float
    assert told == float(value)


def test_t09_the_same_point_twice_is_recorded_twice(optimizer):
    optimizer.tell(POINT, 1.0)
    optimizer.tell(POINT, 3.0)
    assert [t.value for t in optimizer.history.trials[-2:]] == [1.0, 3.0]
    optimizer.ask()


@pytest.mark.parametrize("first", ["value", "failure"])
def test_t10_the_same_suggestion_twice_is_refused(optimizer, first):
    params = optimizer.ask()
    optimizer.tell(params, 1.0 if first == "value" else NAN)
    before = state(optimizer)
    with pytest.raises(StateError, match=f"trial {params.number} was told already"):
        optimizer.tell(params, 1.0)
    with pytest.raises(StateError, match="told already"):
        optimizer.tell_failure(params, "no")
    assert state(optimizer) == before


@pytest.mark.parametrize("n", [0, -1, 1.5, "2", True], ids=repr)
def test_t11_a_wrong_number_of_points(optimizer, n):
    before = state(optimizer)
    with pytest.raises(ParameterError, match="n must be"):
        optimizer.ask(n)
    assert state(optimizer) == before


def test_t12_a_point_never_asked_is_the_user_s(optimizer):
    optimizer.tell(POINT, -5.0)
    assert optimizer.best.source == "user"
    assert optimizer.best.params == POINT


@pytest.mark.parametrize("value", [3.0, 0.0, -1e300, NAN], ids=["3", "0", "huge", "failed"])
def test_t16_without_differences_it_keeps_asking_and_exploring(value):
    optimizer = Optimizer({"x": (0.0, 1.0), "y": (0.0, 1.0)}, seed=0)
    points = []
    for _ in range(16):
        params = optimizer.ask()
        points.append(list(params.values()))
        optimizer.tell(params, value)
    # no more than a quarter of the space is further than this from every point
    gaps = np.abs(np.random.default_rng(0).random((500, 1, 2)) - np.array(points)).max(axis=-1).min(axis=1)
    assert np.quantile(gaps, 0.75) < 0.25


def test_t17_in_an_exhausted_space_repeats_are_flagged():
    optimizer = Optimizer({"n": (1, 2), "c": ["a", "b"]}, seed=0, n_initial=2)
    for value in range(4):
        assert not optimizer.exhausted
        optimizer.tell(optimizer.ask(), float(value))
    assert optimizer.exhausted
    optimizer.tell(optimizer.ask(), 1.0)
    assert len(optimizer.history) == 5


def test_t18_sixty_identical_rows(optimizer):
    for _ in range(60):
        optimizer.tell(POINT, 1.0)
    assert optimizer.predict([POINT])[1] > 0
    assert optimizer.ask() != POINT


def test_t19_two_points_without_an_answer_are_apart(optimizer):
    first, second = optimizer.space.encode([optimizer.ask(), optimizer.ask()])
    assert np.abs(first - second).max() > 0.05


def test_t21_key_order_and_numpy_values_are_the_same_point():
    plain, turned = (Optimizer({"n": Integer(1, 9), "x": (0.0, 1.0)}, seed=0, n_initial=2) for _ in range(2))
    for n in (2, 5, 7):
        plain.tell({"n": n, "x": 0.25 * (n % 4)}, float(n))
        turned.tell({"x": np.float64(0.25 * (n % 4)), "n": np.int64(n)}, np.float64(n))
    assert state(plain) == state(turned)
    assert plain.ask() == turned.ask()


@pytest.mark.parametrize(
    ("known", "error", "words"),
    [
        ({"seconds": "a"}, TypeError, "seconds must be a number"),
        ({"seconds": math.inf}, ParameterError, "seconds must be a finite number"),
        ({"seconds": -3}, ParameterError, "seconds must be a finite number"),
        ({"reports": 3}, TypeError, r"reports must be pairs \(step, value\)"),
        ({"reports": [1, 2]}, TypeError, r"reports must be pairs \(step, value\)"),
    ],
)
def test_what_is_told_besides_the_value(known, error, words):
    optimizer = Optimizer({"x": (0.0, 1.0)}, seed=0)
    point = optimizer.ask()
    for tell in (lambda: optimizer.tell(point, 1.0, **known), lambda: optimizer.tell_failure(point, "e", **known)):
        with pytest.raises(error, match=words):
            tell()
    assert optimizer.trial(0).status == "running"  # nothing is half applied
