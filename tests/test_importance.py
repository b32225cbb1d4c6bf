import math
from functools import cache

import numpy as np
import pytest

from acquisition.search import sobol
from bayestuner import (
    Categorical,
    History,
    Integer,
    NotFittedError,
    Optimizer,
    ParameterError,
    Real,
    Space,
    SpaceError,
    importance,
    minimize,
    partial_dependence,
    random_search,
)
from bayestuner.additive import additive_process
from bayestuner.benchmarks import ishigami
from bayestuner.importance import main_shares, model_of, spread_points

MIXED = {
    "rate": Real(1e-4, 1.0, log=True),
    "units": Integer(4, 256, log=True),
    "layers": (1, 3),
    "act": ["a", "b", "c"],
}


def mixed(rate, units, layers, act):
    return (math.log10(rate) + 2) ** 2 + 0.1 * layers + {"a": 0.0, "b": 3.0, "c": 0.0}[act]


@cache
def mixed_run():
    return minimize(mixed, MIXED, 24, seed=0)


def told(function, space, points):
    """The history of an optimizer that was told the values of points and never asked."""
    optimizer = Optimizer(space)
    for point in points:
        optimizer.tell(point, function(**point))
    return optimizer.history


@cache
def ishigami_run(n=100, seed=0):
    space = Space(ishigami.space)
    points = space.decode(sobol(n, space.bounds, np.random.default_rng(seed)))
    return told(ishigami, space, points)


def test_ishigami():
    # V = a²/8 + bπ⁴/5 + b²π⁸/18 + 1/2 with a = 7, b = 0.1 (Ishigami & Homma 1990)
    a, b, pi = 7, 0.1, math.pi
    variance = a**2 / 8 + b * pi**4 / 5 + b**2 * pi**8 / 18 + 0.5
    truth = {"x1": (1 + b * pi**4 / 5) ** 2 / 2 / variance, "x2": a**2 / 8 / variance, "x3": 0.0}
    truth["interactions"] = 1 - sum(truth.values())
    for seed in range(8):
        shares = importance(ishigami_run(seed=seed))
        assert list(shares) == [*ishigami.space, "interactions"]
        assert shares.additive < 0.01
        for name, share in truth.items():
            assert shares[name] == pytest.approx(share, abs=0.05)
            low, high = shares.intervals[name]
            assert low - 0.01 <= share <= high + 0.01


def add_up(x, y, w):
    return 4 * (x - 0.3) ** 2 + math.sin(4 * y) + w / 2


THREE = dict.fromkeys("xyw", (0.0, 1.0))


@cache
def shares_of_add_up():
    U = spread_points(Space(THREE), 4096)
    values = np.array([add_up(*u) for u in U])
    return dict(zip((*THREE, "interactions"), main_shares(values[None], U, Space(THREE))[0], strict=True))


@pytest.mark.parametrize("seed", range(8))
def test_a_sum_is_known_as_one_from_few_points(seed):
    space = Space(THREE)
    shares = importance(told(add_up, space, space.decode(sobol(10, space.bounds, np.random.default_rng(seed)))))
    assert shares.additive > 0.7
    assert shares["interactions"] < 1e-3
    for name, share in shares_of_add_up().items():
        assert shares[name] == pytest.approx(share, abs=0.1)
        assert shares.intervals[name][0] - 0.01 <= share <= shares.intervals[name][1] + 0.01


def test_a_search_whose_model_sees_interactions_is_told_that_there_may_be_none():
    run = minimize(add_up, THREE, 15, seed=6)
    shares = importance(run, None)
    assert shares["interactions"] > 0.05
    assert shares.additive > 0.9
    assert shares.intervals["interactions"][0] < 0.01


def test_noise_does_not_pass_for_a_sum():
    # with more noise than the other model needs, a sum explains 40 values of Ishigami's function better than any
    shares = importance(ishigami_run(40, seed=2))
    assert shares.additive < 0.1
    assert shares["interactions"] > 0.1


def test_a_single_parameter_acts_for_itself():
    shares = importance(told(lambda x: x, Space({"x": (0.0, 1.0)}), [{"x": 0.1}, {"x": 0.6}, {"x": 0.9}]))
    assert shares.additive == 1.0
    assert shares["x"] == pytest.approx(1.0)


def test_the_columns_of_a_category_are_one_term_of_the_sum():
    kernel = additive_process([0, 1, 1]).kernel.left.right
    assert (kernel.left.columns, kernel.right.columns) == ((0,), (1, 2))
    values = np.random.default_rng(0).random((6, 3))
    assert kernel(values, values) == pytest.approx(
        kernel.left.kernel(values[:, :1], values[:, :1]) + kernel.right.kernel(values[:, 1:], values[:, 1:])
    )


def test_estimator_on_a_known_function():
    # f = 2 u + v + 4 (u - ½)(v - ½): variances 4/12, 1/12, 16/144
    space = Space({"u": (0.0, 1.0), "v": (0.0, 1.0), "w": (0.0, 1.0)})
    U = spread_points(space, 1024)
    f = 2 * U[:, 0] + U[:, 1] + 4 * (U[:, 0] - 0.5) * (U[:, 1] - 0.5)
    total = 4 / 12 + 1 / 12 + 16 / 144
    expected = [4 / 12 / total, 1 / 12 / total, 0, 16 / 144 / total]
    np.testing.assert_allclose(main_shares(np.array([f, 5 - 3 * f]), U, space), [expected] * 2, atol=0.01)


def test_estimator_of_steps_and_categories():
    space = Space({"n": Integer(1, 3), "c": Categorical(["a", "b", "c", "d"])})
    U = spread_points(space, 1024)
    levels, choice = np.array([p["n"] for p in space.decode(U)]), U[:, 1:].argmax(axis=1)
    assert main_shares((levels == 2.0)[None] * 1.0, U, space)[0] == pytest.approx([1, 0, 0], abs=1e-2)
    assert main_shares(np.array([0.0, 5, 0, 1])[choice][None], U, space)[0] == pytest.approx([0, 1, 0], abs=1e-2)


def test_shares_add_up_and_lie_within_their_intervals():
    shares = importance(mixed_run())
    assert list(shares) == [*MIXED, "interactions"]
    assert sum(shares.values()) == pytest.approx(1)
    assert list(shares.intervals) == list(shares)
    for name, (low, high) in shares.intervals.items():
        assert 0 <= low <= shares[name] <= high <= 1
    assert shares["rate"] + shares["act"] > 0.8
    assert shares["units"] < 0.05


def test_intervals_narrow_with_data():
    few, many = importance(ishigami_run(40)).intervals, importance(ishigami_run()).intervals
    for name in ("x1", "x2", "interactions"):
        assert np.ptp(many[name]) < np.ptp(few[name])


def test_the_same_question_has_the_same_answer():
    one, two = importance(mixed_run(), seed=3), importance(mixed_run(), seed=3)
    assert one == two
    assert one.intervals == two.intervals


def test_nothing_varies_nothing_matters():
    run = minimize(lambda x, y: 4.0, {"x": (0.0, 1.0), "y": (0.0, 1.0)}, 7, seed=0)
    shares = importance(run)
    assert shares == {"x": 0.0, "y": 0.0, "interactions": 0.0}


def test_a_single_wiggly_parameter_explains_itself():
    run = minimize(lambda x: math.sin(20 * x), {"x": (0.0, 1.0)}, 20, seed=0)
    assert importance(run)["x"] > 0.99


def test_partial_dependence_is_the_average_of_the_posterior():
    run = mixed_run()
    grid, mean, std = partial_dependence(run, "rate", points=5, background=16)
    posterior, scaling = model_of(run)
    others = run.space.decode(spread_points(run.space, 16))
    for value, m, s in zip(grid, mean, std, strict=True):
        U = run.space.encode([{**other, "rate": value} for other in others])
        means, stds = scaling.moments(*posterior.predict(U))
        slopes = scaling.slope(posterior.predict(U)[0])
        assert m == pytest.approx(float(means.mean()))
        assert s == pytest.approx(np.sqrt((np.outer(slopes, slopes) * posterior.covariance(U)).mean()), abs=1e-9)
        assert s <= float(stds.mean()) + 1e-12


def test_partial_dependence_of_every_kind():
    run = mixed_run()
    rate, mean, std = partial_dependence(run, "rate")
    assert rate[0] == 1e-4
    assert rate[-1] == 1.0
    assert np.ptp(np.diff(np.log(rate))) < 1e-9
    assert mean.shape == std.shape == (25,)
    assert rate[mean.argmin()] == pytest.approx(1e-2, rel=2)
    units = partial_dependence(run, "units")[0]
    assert list(units) == sorted(set(units.tolist()))
    assert (units[0], units[-1]) == (4, 256)
    assert partial_dependence(run, "layers")[0].tolist() == [1, 2, 3]
    assert partial_dependence(run, "act")[0].tolist() == ["a", "b", "c"]


def test_the_effect_of_a_choice_is_found_where_points_are_spread_evenly():
    run = told(mixed, MIXED, Space(MIXED).decode(spread_points(Space(MIXED), 64)))
    choices, mean, _ = partial_dependence(run, "act")
    assert choices[mean.argmax()] == "b"
    assert mean[1] - mean[0] == pytest.approx(3, abs=1)


def test_partial_dependence_of_two():
    run = mixed_run()
    (rate, act), mean, std = partial_dependence(run, ("rate", "act"), points=7, background=32)
    assert mean.shape == std.shape == (7, 3) == (len(rate), len(act))
    (act, rate), turned, _ = partial_dependence(run, ["act", "rate"], points=7, background=32)
    np.testing.assert_allclose(turned, mean.T)
    alone = partial_dependence(run, "rate", points=7, background=512)[1]
    np.testing.assert_allclose(mean.mean(axis=1), alone, atol=0.3)


def test_choices_that_are_not_names():
    space = {"x": (0.0, 1.0), "c": [True, 1, (2, 3)]}
    run = minimize(lambda x, c: x + (c == 1), space, 8, seed=0)
    grid = partial_dependence(run, "c")[0]
    assert grid.dtype == object
    assert grid[2] == (2, 3)
    assert grid[0] is True


def test_steps_are_asked_for_by_place():
    run = mixed_run()
    early, late = importance(run, 0), importance(run, -1)
    assert early == importance(run, -len(run.steps))
    assert early != late
    everything = model_of(run, None)[0]
    assert len(everything.X) == len(run.trials) == len(run.steps[-1].posterior.X) + 1
    with pytest.raises(ParameterError, match=r"step 19 is out of range: the history has 19 steps, -19 to 18"):
        importance(run, len(run.steps))
    with pytest.raises(TypeError, match="step must be a whole number"):
        partial_dependence(run, "rate", 1.5)


def test_a_search_without_a_model_gets_one():
    run = random_search(mixed, MIXED, 30, seed=1)
    assert importance(run)["rate"] > 0.3
    assert partial_dependence(run, "rate")[1].shape == (25,)


@pytest.mark.parametrize(
    ("name", "error", "message"),
    [
        ("speed", SpaceError, "no parameter 'speed'; the space has rate, units, layers, act"),
        ((), ParameterError, "one parameter's name, or two different ones"),
        (("rate", "rate"), ParameterError, "two different"),
        (("rate", "units", "act"), ParameterError, "or two"),
    ],
)
def test_wrong_names(name, error, message):
    with pytest.raises(error, match=message):
        partial_dependence(mixed_run(), name)


def test_wrong_arguments():
    empty = History(Space({"x": (0.0, 1.0)}), "minimize", ())
    with pytest.raises(NotFittedError, match="before a trial has a value"):
        importance(empty)
    with pytest.raises(TypeError, match="expected a History such as minimize"):
        importance([1, 2])
    with pytest.raises(ParameterError, match="points must be >= 2"):
        partial_dependence(mixed_run(), "rate", points=1)
    with pytest.raises(ParameterError, match="draws must be >= 1"):
        importance(mixed_run(), draws=0)
