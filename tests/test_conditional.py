"""Parameters that are there only sometimes, through every part that handles points."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bayestuner import (
    Categorical,
    History,
    Integer,
    Optimizer,
    Real,
    Space,
    SpaceError,
    SpaceMismatchError,
    grid_search,
    minimize,
    random_search,
)
from bayestuner.codec import from_plain, to_plain

LAYERS = {
    "layers": Integer(1, 3),
    "width1": Integer(8, 512, log=True),
    "width2": Integer(8, 512, log=True).when(layers=[2, 3]),
    "width3": Integer(8, 512, log=True).when(layers=3),
    "lr": Real(1e-4, 0.1, log=True),
}
NESTED = Space(
    {
        "model": ["svm", "net", "none"],
        "kernel": Categorical(["rbf", "linear", "poly"]).when(model="svm"),
        "gamma": Real(1e-3, 1.0, log=True).when(kernel=["rbf", "poly"]),
        "degree": Integer(2, 4).when(kernel="poly"),
        "units": Integer(1, 9).when(model="net"),
    }
)
PLACES = st.lists(st.lists(st.floats(0, 1), min_size=NESTED.width, max_size=NESTED.width), min_size=1, max_size=6).map(
    np.array
)


def loss(layers, width1, width2=None, width3=None, *, lr):
    widths = [w for w in (width1, width2, width3) if w is not None]
    assert len(widths) == layers
    bends = sum((math.log2(w) - 6) ** 2 for w in widths)
    return 0.1 * bends + 0.2 * (layers - 2) ** 2 + (math.log10(lr) + 2.5) ** 2


@settings(max_examples=60, deadline=None, derandomize=True)
@given(PLACES)
def test_places_and_points_agree(U):
    points = NESTED.decode(U)
    assert [NESTED.check(point) for point in points] == points
    for point in points:
        assert ("kernel" in point) == (point["model"] == "svm")
        assert ("gamma" in point) == (point.get("kernel") in ("rbf", "poly"))
        assert ("degree" in point) == (point.get("kernel") == "poly")
        assert ("units" in point) == (point["model"] == "net")
    np.testing.assert_allclose(NESTED.project(U), NESTED.encode(points), atol=1e-12)


def test_what_is_not_there_never_tells_points_apart():
    U = np.random.default_rng(0).random((50, NESTED.width))
    U[:, NESTED.columns("model")] = [0, 0, 1]
    assert len(np.unique(NESTED.project(U), axis=0)) == 1
    assert NESTED.decode(U) == [{"model": "none"}] * 50


def test_a_parameter_that_is_not_there_rests_as_far_from_each_value():
    [row] = NESTED.encode([{"model": "none"}])
    np.testing.assert_allclose(row[NESTED.columns("kernel")], 1 / 3)
    assert row[NESTED.columns("gamma")] == row[NESTED.columns("units")] == 0.5


def test_none_and_the_nan_of_a_table_stand_for_nothing():
    rows = {"layers": [1, 2], "width1": [8, 16], "width2": [None, 32], "width3": [math.nan, None], "lr": [0.01, 0.01]}
    points = [{"layers": 1, "width1": 8, "lr": 0.01}, {"layers": 2, "width1": 16, "width2": 32, "lr": 0.01}]
    space = Space(LAYERS)
    np.testing.assert_array_equal(space.encode(rows), space.encode(points))
    assert space.check({**points[0], "width2": None}) == points[0]


WRONG = [
    ({"layers": 2, "width1": 8, "lr": 0.01}, "width2: needs a value, because layers is 2 or 3"),
    ({"layers": 1, "width1": 8, "width2": 16, "lr": 0.01}, "width2: is only there when layers is 2 or 3; leave it out"),
    ({"layers": 1, "lr": 0.01}, "a point needs the parameters layers, width1, width2, width3, lr; got layers, lr"),
    ({"layers": 1, "width1": 8, "lr": 0.01, "width4": 8}, "a point needs the parameters"),
    ({"layers": 2, "width1": 8, "width2": 1000, "lr": 0.01}, "width2: must be a whole number from 8 to 512"),
]


@pytest.mark.parametrize(("point", "words"), WRONG, ids=[words[:30] for _, words in WRONG])
def test_a_wrong_point_is_refused_in_words(point, words):
    optimizer = Optimizer(LAYERS, seed=0)
    for call in (optimizer.space.check, lambda p: optimizer.tell(p, 1.0), optimizer.enqueue):
        with pytest.raises(SpaceError, match=words):
            call(point)
    assert len(optimizer.history) == 0


WRONG_SPACES = [
    ({"b": Integer(1, 2).when(a=1), "a": (1, 2)}, "b depends on 'a', which must be a parameter declared before it"),
    ({"b": Integer(1, 2).when(c=1)}, "b depends on 'c'"),
    ({"a": (0.0, 1.0), "b": Integer(1, 2).when(a=0.5)}, "b depends on a, a Real"),
    ({"a": (1, 3), "b": Integer(1, 2).when(a=4)}, "b depends on values of a that cannot be: .*got 4"),
    ({"a": ["x"], "b": Integer(1, 2).when(a="y")}, "b depends on values of a that cannot be: .*got 'y'"),
]


@pytest.mark.parametrize(("space", "words"), WRONG_SPACES, ids=[words[:25] for _, words in WRONG_SPACES])
def test_a_wrong_condition_is_refused_in_words(space, words):
    with pytest.raises(SpaceError, match=words):
        Space(space)


def test_when_needs_names_and_values():
    with pytest.raises(SpaceError, match=r"when\(\) needs a parameter"):
        Integer(1, 2).when()
    with pytest.raises(SpaceError, match="a needs at least one value"):
        Integer(1, 2).when(a=[])
    with pytest.raises(TypeError, match="name of a parameter"):
        Integer(1, 2).when({1: 2})


def test_a_condition_on_true_is_not_one_on_1():
    space = Space({"use": [True, 1], "x": Integer(1, 3).when(use=True)})
    assert space.check({"use": 1}) == {"use": 1}
    with pytest.raises(SpaceError, match="x: needs a value"):
        space.check({"use": True})


@pytest.mark.parametrize("dimension", [*LAYERS.values(), *NESTED.dimensions.values()], ids=repr)
def test_a_conditional_dimension_prints_compares_and_is_stored(dimension):
    again = eval(repr(dimension), {"Integer": Integer, "Real": Real, "Categorical": Categorical})
    assert again == dimension == from_plain(to_plain(dimension))
    if dimension.conditions:
        assert dimension != type(dimension)(**{**vars_of(dimension), "conditions": ()})


def vars_of(dimension):
    return {name: value for name, value in vars(dimension).items() if not name.startswith("_")}


def test_names_that_are_no_identifiers():
    dimension = Integer(1, 2).when({"number of layers": [2, 3]})
    assert repr(dimension) == "Integer(low=1, high=2, log=False, step=1).when({'number of layers': [2, 3]})"
    assert Space({"number of layers": (1, 3), "w": dimension}).check({"number of layers": 1}) == {"number of layers": 1}


def test_several_conditions_must_all_hold():
    space = Space({"a": (1, 2), "b": (1, 2), "c": Integer(1, 5).when(a=2, b=2), "d": Integer(1, 5).when(a=2).when(b=1)})
    present = {(p["a"], p["b"]): (("c" in p), ("d" in p)) for p in space.sample(200, seed=0)}
    assert present == {(1, 1): (False, False), (1, 2): (False, False), (2, 1): (False, True), (2, 2): (True, False)}


def test_size_counts_the_different_points():
    space = Space({"n": (1, 3), "a": Integer(1, 4).when(n=[2, 3]), "b": Categorical(["x", "y", "z"]).when(n=3)})
    assert space.size == 1 + 4 + 4 * 3
    assert len(np.unique(space.project(np.random.default_rng(0).random((3000, space.width))), axis=0)) == 17
    assert Space({**space.dimensions, "free": (1, 10)}).size == 170
    assert NESTED.size == math.inf
    switches = {f"on{i}": [True, False] for i in range(40)}
    assert Space(switches | {f"x{i}": Integer(1, 3).when({f"on{i}": True}) for i in range(40)}).size == 4.0**40


def test_samples_and_grids_hold_different_points():
    points = Space(LAYERS).sample(100, seed=1)
    assert {len(p) for p in points} == {3, 4, 5}
    history = grid_search(loss, LAYERS, 40)
    assert len(history) >= 40
    assert len({repr(t.params) for t in history.trials}) == len(history)


def test_a_search_finds_how_many_layers_and_how_wide():
    history = minimize(loss, LAYERS, 40, seed=0)
    assert history.best_params["layers"] == 2
    assert "width3" not in history.best_params
    assert history.best_value < 0.05 < random_search(loss, LAYERS, 40, seed=0).best_value
    assert len({repr(t.params) for t in history.trials}) == 40


def test_the_objective_must_do_without_what_is_not_there():
    with pytest.raises(TypeError, match="need a default such as None"):
        minimize(lambda layers, width1, width2, width3, lr: 0.0, LAYERS, 1)


def test_to_frame_and_files(tmp_path):
    history = random_search(loss, LAYERS, 12, seed=0)
    frame = history.to_frame()
    for trial, (_, row) in zip(history.trials, frame.iterrows(), strict=True):
        assert (row["width3"] == trial.params["width3"]) if "width3" in trial.params else math.isnan(row["width3"])
    loaded = History.load(history.save(tmp_path / "run.db"))
    assert loaded.space == history.space
    assert [t.params for t in loaded.trials] == [t.params for t in history.trials]
    lines = history.save(tmp_path / "run.csv").read_text().splitlines()
    assert {line.count(",") for line in lines} == {lines[0].count(",")}
    assert history.save(tmp_path / "run.json").exists()


def test_a_stored_run_goes_on_the_same(tmp_path):
    whole = minimize(loss, LAYERS, 14, seed=3)
    minimize(loss, LAYERS, 9, seed=3, storage=tmp_path / "run.db")
    resumed = minimize(loss, LAYERS, 14, seed=3, storage=tmp_path / "run.db")
    assert [t.params for t in resumed.trials] == [t.params for t in whole.trials]
    with pytest.raises(SpaceMismatchError, match="width3 was"):
        Optimizer({**LAYERS, "width3": Integer(8, 512, log=True).when(layers=2)}, storage=tmp_path / "run.db")


def test_a_small_space_is_tried_whole_and_then_ends():
    space = {"n": (1, 3), "a": Integer(1, 4).when(n=[2, 3]), "b": Categorical(["x", "y", "z"]).when(n=3)}
    history = minimize(lambda n, a=0, b="": n * a + len(b), space, 50, seed=0)
    assert len(history) == 17
    assert history.stopped == "every point of the space has been tried"
