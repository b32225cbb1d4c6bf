"""Whole numbers and choices: searched by neighbours, seen as they are, never asked for twice."""

import itertools

import numpy as np
import pytest

from acquisition import LogExpectedImprovement, UpperConfidenceBound
from acquisition.goal import Goal, Taken
from acquisition.mixed import find_top_mixed
from bayestuner import Categorical, Integer, Optimizer, Real, Space, minimize, random_search
from bayestuner.choose import choose
from bayestuner.neighbours import all_places, neighbours
from bayestuner.surrogate import default_processes
from gp import RBF, GaussianProcess, Matern52, ParameterError, Periodic, SeparableMatern52

MIXED = Space(
    {
        "x": (0.0, 1.0),
        "n": Integer(1, 6),
        "units": Integer(8, 1024, log=True),
        "act": ["relu", "tanh", "elu"],
        "step": Integer(0, 90, step=30),
    }
)


def spiky(x, n, units, act, step):
    offsets = {"relu": 0.5, "tanh": 0.0, "elu": 0.9}
    return (
        (x - 0.3) ** 2 + 0.1 * (n - 4) ** 2 + 0.05 * (np.log2(units) - 7) ** 2 + offsets[act] + 0.005 * abs(step - 60)
    )


def posterior_of(space, n=25, seed=0, f=spiky):
    points = space.sample(n, seed=seed)
    y = np.array([f(**p) for p in points])
    z = -(y - y.mean()) / y.std()
    return default_processes(space.groups)[0].condition(space.encode(points), z), float(z.max())


def test_neighbours_differ_in_one_parameter():
    rng = np.random.default_rng(0)
    for u in MIXED.project(rng.random((20, MIXED.width))):
        [point] = MIXED.decode(u[None])
        around = MIXED.decode(neighbours(MIXED, u, rng))
        changed = [[name for name in MIXED.names if p[name] != point[name]] for p in around]
        assert all(len(names) == 1 for names in changed)
        assert {names[0] for names in changed} == {"n", "units", "act", "step"}
        seen = {name: {p[name] for p in around} | {point[name]} for name in MIXED.names}
        assert seen["n"] == set(range(1, 7))
        assert seen["act"] == {"relu", "tanh", "elu"}
        assert seen["step"] == {0, 30, 60, 90}
        near = {point["units"] + 1, point["units"] - 1} & set(range(8, 1025))
        assert near <= seen["units"]


def test_neighbours_of_a_conditional_parent_bring_their_children_along():
    space = Space({"n": (1, 2), "w": Integer(1, 900).when(n=2), "x": (0.0, 1.0)})
    [u] = space.encode([{"n": 1, "x": 0.25}])
    around = space.decode(neighbours(space, u, np.random.default_rng(0)))
    assert {p["n"] for p in around} == {2}
    assert len({p["w"] for p in around}) == len(around) > 1
    assert {p["x"] for p in around} == {0.25}


def test_many_choices_are_sampled_not_listed():
    space = Space({"c": Categorical(list(range(2000))), "x": (0.0, 1.0)})
    [u] = space.encode([{"c": 7, "x": 0.5}])
    around = neighbours(space, u, np.random.default_rng(0))
    assert 0 < len(around) <= 32
    assert all_places(space, 1000) is None


def test_all_places_are_the_legal_points():
    space = Space({"a": (1, 3), "c": ["x", "y"], "w": Integer(1, 2).when(c="y"), "fixed": (2.0, 2.0)})
    places = all_places(space, 100)
    points = {tuple(p.items()) for p in space.decode(places)}
    by_hand = {(("a", a), ("c", "x"), ("fixed", 2.0)) for a in (1, 2, 3)}
    by_hand |= {(("a", a), ("c", "y"), ("w", w), ("fixed", 2.0)) for a in (1, 2, 3) for w in (1, 2)}
    assert points == by_hand
    assert len(places) == space.size == 9
    assert all_places(space, 8) is None


def test_movable_columns_are_continuous_and_there():
    space = Space({"c": ["x", "y"], "r": Real(0, 1).when(c="y"), "n": (1, 3), "s": (0.0, 1.0), "fixed": (1.0, 1.0)})
    U = space.encode([{"c": "x", "n": 1, "s": 0.5, "fixed": 1.0}, {"c": "y", "r": 0.2, "n": 1, "s": 0.5, "fixed": 1.0}])
    assert space.movable(U).tolist() == [[False, False, r, False, True, False] for r in (False, True)]


@pytest.mark.parametrize("seed", range(2))
def test_the_top_is_found_among_all_legal_points(seed):
    """Against every combination of the discrete values with a fine grid of x."""
    posterior, best = posterior_of(MIXED, seed=seed)
    acquisition = LogExpectedImprovement()
    place, value = find_top_mixed(Goal(acquisition, posterior, best), MIXED.bounds, MIXED, np.random.default_rng(seed))
    np.testing.assert_allclose(MIXED.project(place[None])[0], place, atol=1e-12)
    assert value == pytest.approx(acquisition(posterior, place[None], best)[0], rel=1e-12)
    units = np.unique(np.geomspace(8, 1024, 60).round().astype(int)).tolist()
    grid = itertools.product(np.linspace(0, 1, 21), range(1, 7), units, ["relu", "tanh", "elu"], [0, 30, 60, 90])
    points = [dict(zip(MIXED.names, row, strict=True)) for row in grid]
    rows = MIXED.encode(points)
    exact = max(acquisition(posterior, part, best).max() for part in np.array_split(rows, 40))
    assert value >= exact - 1e-3


def test_a_few_points_are_looked_at_as_a_whole():
    space = Space({"a": (1, 20), "c": ["x", "y"]})
    posterior, best = posterior_of(space, 8, f=lambda a, c: (a - 7) ** 2 + (c == "x"))
    tried = posterior.X
    place, value = choose(
        Goal(UpperConfidenceBound(), posterior, best), space, space.bounds, np.random.default_rng(0), Taken(tried)
    )
    places = all_places(space, 40)
    left = places[[not (np.abs(p - tried).max(axis=1) < 1e-9).any() for p in places]]
    assert value == UpperConfidenceBound()(posterior, left, best).max()
    assert any((place == p).all() for p in left)


def test_excluded_points_are_not_proposed_again():
    posterior, best = posterior_of(MIXED)
    found = []
    for _ in range(6):
        exclude = np.array(found).reshape(-1, MIXED.width)
        rng = np.random.default_rng(0)
        place, _ = find_top_mixed(
            Goal(UpperConfidenceBound(0.0), posterior, best), MIXED.bounds, MIXED, rng, taken=Taken(exclude)
        )
        found.append(place)
    assert len(np.unique(np.round(found, 9), axis=0)) == 6


def test_no_suggestion_is_repeated():
    space = {"n": (1, 12), "c": ["a", "b", "c", "d"], "m": Integer(1, 40, log=True)}
    history = minimize(lambda n, c, m: 0.1 * (n - 7) ** 2 + (c != "b") + 0.01 * m, space, 45, seed=0)
    assert len({repr(t.params) for t in history.trials}) == 45
    assert history.best_params == {"n": 7, "c": "b", "m": 1}


def test_a_mixed_search_beats_chance():
    better = [minimize(spiky, MIXED, 25, seed=s).best_value < random_search(spiky, MIXED, 25, seed=s).best_value / 3
              for s in range(3)]  # fmt: skip
    assert sum(better) >= 2


# ---- the kernel sees categories without an order, all at one lengthscale


def test_the_columns_of_a_category_share_a_lengthscale():
    for process in default_processes(MIXED.groups):
        assert len(process.kernel.parameters["left.right.lengthscale"]) == len(MIXED.names) < MIXED.width
    plain = [p.kernel.left.right for p in default_processes(Space({"x": (0.0, 1.0), "n": (1, 5)}).groups)]
    assert [type(kernel) for kernel in plain] == [SeparableMatern52, RBF]
    assert [len(kernel.lengthscale) for kernel in plain] == [2, 2]


def test_all_choices_are_equally_far_from_each_other_after_learning():
    optimizer = Optimizer(MIXED, seed=0)
    optimizer.run(spiky, 12)
    kernel = optimizer.posterior.prior.kernel
    base = {"x": 0.5, "n": 3, "units": 64, "step": 30}
    U = MIXED.encode([{**base, "act": act} for act in ("relu", "tanh", "elu")])
    K = kernel(U, U)
    np.testing.assert_allclose(K[np.triu_indices(3, 1)], K[0, 1], rtol=1e-12)


def test_the_order_of_choices_changes_nothing_that_the_model_believes():
    turned = Space({**MIXED.dimensions, "act": ["elu", "relu", "tanh"]})
    points, new = MIXED.sample(20, seed=0), MIXED.sample(9, seed=1)
    predictions = []
    for space in (MIXED, turned):
        optimizer = Optimizer(space, seed=0)
        for point in points:
            optimizer.tell(point, spiky(**point))
        predictions.append(optimizer.predict(new))
    np.testing.assert_allclose(predictions[0], predictions[1], rtol=1e-6)


@pytest.mark.parametrize(
    ("kernel", "plain"),
    [
        (Matern52((0.4, 0.7)), Matern52((0.4, 0.7, 0.7, 0.4))),
        (SeparableMatern52((0.4, 0.7)), SeparableMatern52((0.4, 0.7, 0.7, 0.4))),
        (Periodic((0.4, 0.7), period=1.3), Periodic((0.4, 0.7, 0.7, 0.4), period=1.3)),
    ],
    ids=repr,
)
def test_tied_is_a_kernel_with_equal_lengthscales(kernel, plain):
    x = np.random.default_rng(0).random((9, 4))
    tied = kernel.tied([0, 1, 1, 0])
    np.testing.assert_array_equal(tied(x, x), plain(x, x))
    y = np.sin(5 * x[:, 0]) + x[:, 1]
    a, b = (GaussianProcess(k, noise=1e-2).condition(x, y) for k in (tied, plain))
    slopes = b.log_marginal_likelihood_gradient
    summed = [slopes[0] + slopes[3], slopes[1] + slopes[2], *slopes[4:]]
    np.testing.assert_allclose(a.log_marginal_likelihood_gradient, summed, rtol=1e-10)


def test_only_a_kernel_with_a_lengthscale_of_its_own_can_be_tied():
    with pytest.raises(ParameterError, match=r"2\.0 \* RBF.* has no lengthscale of its own"):
        (2.0 * RBF(0.5)).tied([0, 0])


@pytest.mark.parametrize("groups", [[0, 0], [0, 2], [1, 2], [], [0, 1, 2]])
def test_groups_are_numbered_without_a_gap(groups):
    with pytest.raises(ParameterError, match="2 lengthscales, so the groups must be numbered from 0 to 1"):
        Matern52((0.4, 0.7)).tied(groups)


def test_every_point_of_a_finite_space_is_in_the_start_design():
    optimizer = Optimizer({"n": (0, 99)}, n_initial=100, seed=0)
    assert sorted(point["n"] for point in optimizer.ask(100)) == list(range(100))


def test_two_workers_look_at_different_places_of_a_finite_space():
    space = Space({"n": (0, 999)})
    posterior = GaussianProcess(RBF(0.2), noise=1e-4).condition(space.encode([{"n": 0}, {"n": 999}]), [0.0, 1.0])
    rng, goal = np.random.default_rng(0), Goal(LogExpectedImprovement(), posterior, 1.0)
    first, _ = choose(goal, space, space.bounds, rng)
    second, _ = choose(goal, space, space.bounds, rng, Taken(first[None], radius=0.01))
    assert abs(first - second)[0] >= 0.01
