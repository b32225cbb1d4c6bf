import numpy as np
import pytest

from bayestuner import Integer, ParameterError, Real, grid_search, random_search
from bayestuner.baselines import grid_points
from bayestuner.benchmarks import branin
from bayestuner.space import Space

SPACE = {"lr": Real(1e-4, 1.0, log=True), "n": (1, 9), "c": ["a", "b"]}


def value(lr, n, c):
    return lr + n + (c == "b")


def points(history):
    return [tuple(t.params.values()) for t in history.trials]


@pytest.mark.parametrize("search", [random_search, grid_search])
def test_the_record_is_that_of_any_search(search):
    history = search(value, SPACE, 20, seed=0)
    assert all(history.space.check(t.params) == t.params for t in history.trials)
    assert {t.source for t in history.trials} == {"initial"}
    assert {t.status for t in history.trials} == {"complete"}
    assert history.steps == ()
    assert history.best_value == min(value(**t.params) for t in history.trials)
    assert search(value, SPACE, 20, seed=0, direction="maximize").best_value == max(t.value for t in history.trials)


@pytest.mark.parametrize("search", [random_search, grid_search])
def test_the_seed_repeats_the_run(search):
    assert points(search(value, SPACE, 12, seed=5)) == points(search(value, SPACE, 12, seed=5))
    assert points(search(value, SPACE, 12, seed=5)) != points(search(value, SPACE, 12, seed=6))


@pytest.mark.parametrize("search", [random_search, grid_search])
def test_options_of_the_loop(search):
    assert len(search(value, SPACE, 0)) == 0
    stopped = search(value, SPACE, 20, callbacks=[lambda optimizer, trial: trial.number == 4])
    assert (len(stopped), stopped.stopped) == (5, "stopped by a callback")
    with pytest.raises(ParameterError, match="n_trials"):
        search(value, SPACE, -1)
    with pytest.raises(ParameterError, match="direction"):
        search(value, SPACE, 5, direction="up")


def test_random_points_are_uniform_on_each_scale():
    history = random_search(value, SPACE, 300, seed=0)
    U = history.space.encode([t.params for t in history.trials])
    assert len(history) == 300
    assert np.abs(U[:, 0].mean() - 0.5) < 0.05  # log-uniform
    assert np.abs(np.sort(U[:, 0]) - np.linspace(0, 1, 300)).max() < 0.1
    assert set(points(history)) == set(points(random_search(value, SPACE, 300, seed=0)))
    assert [t.params["c"] for t in history.trials].count("a") == pytest.approx(150, abs=30)


def test_more_trials_begin_with_the_same_points():
    assert (
        points(random_search(value, SPACE, 9, seed=0))
        == points(random_search(value, SPACE, 5, seed=0)) + (points(random_search(value, SPACE, 9, seed=0))[5:])
    )


@pytest.mark.parametrize("n", [1, 5, 9, 10, 30, 100])
def test_a_grid_is_the_smallest_with_enough_points(n):
    grid = grid_points(Space({"x": (0.0, 1.0), "y": (0.0, 1.0)}), n)
    side = int(np.ceil(np.sqrt(n)))
    assert len(grid) == (side * side if side * (side - 1) < n else side * (side - 1)) >= n


def test_a_grid_has_the_ends_and_even_steps():
    grid = grid_points(Space({"x": (0.0, 4.0), "lr": Real(0.01, 1.0, log=True), "c": ["a", "b"]}), 18)
    assert sorted({p["x"] for p in grid}) == [0.0, 2.0, 4.0]
    assert sorted({p["lr"] for p in grid}) == pytest.approx([0.01, 0.1, 1.0])
    assert len(grid) == 18
    assert len({tuple(p.values()) for p in grid}) == 18


def test_all_of_the_grid_is_evaluated_in_shuffled_order():
    history = grid_search(branin, branin.space, 20, seed=0)
    grid = grid_points(Space(branin.space), 20)
    assert sorted(points(history)) == sorted(tuple(p.values()) for p in grid)
    assert points(history) != [tuple(p.values()) for p in grid]


@pytest.mark.parametrize(
    ("dimension", "n", "levels"),
    [
        ((1, 9), 3, [1, 5, 9]),
        ((1, 9), 1, [5]),
        ((1, 4), 4, [1, 2, 3, 4]),
        ((1, 4), 99, [1, 2, 3, 4]),
        (Integer(1, 100, log=True), 3, [1, 7, 100]),
        (Integer(1, 5, log=True), 4, [1, 2, 4, 5]),
        (Integer(0, 10, step=5), 3, [0, 5, 10]),
        ((2.0, 2.0), 5, [2.0]),
        (["a", "b", "c"], 1, ["a", "b", "c"]),
    ],
)
def test_levels_of_one_parameter(dimension, n, levels):
    assert [p["x"] for p in grid_points(Space({"x": dimension}), n)] == levels


def test_a_finite_space_is_tried_whole_and_once():
    history = grid_search(lambda a, c: a, {"a": (1, 3), "c": ["x", "y"]}, 1000, seed=0)
    assert len(set(points(history))) == len(history) == 6
