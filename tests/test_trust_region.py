import math

import numpy as np
import pytest
from contracts import floats, reference

from bayestuner import Optimizer, Space, minimize, random_search
from bayestuner.history import best_trial
from bayestuner.trust_region import FIRST, LONGEST, SHORTEST, TrustRegion, box_in_space, column_lengthscales, replay
from gp import RBF, Matern52


def sphere(**params):
    return sum((x - 0.3) ** 2 for x in params.values())


def cube(d):
    return {f"x{i}": (0.0, 1.0) for i in range(d)}


@pytest.mark.parametrize("case", reference("turbo"), ids=lambda case: case["L"][:4])
def test_the_box_is_that_of_the_reference(case):
    box = TrustRegion(length=float(case["L"])).box(floats(case["center"]), floats(case["lengthscales"]))
    np.testing.assert_allclose(box, np.stack([floats(case["lb"]), floats(case["ub"])], axis=1), rtol=1e-14, atol=1e-15)


def test_the_volume_is_that_of_a_cube_where_nothing_is_clipped():
    box = TrustRegion(length=0.1).box(np.full(5, 0.5), np.array([0.2, 0.5, 0.3, 1.0, 0.7]))
    assert np.prod(box[:, 1] - box[:, 0]) == pytest.approx(0.1**5)


def test_three_successes_double_it_up_to_the_longest():
    goods = [0.0, *range(1, 13)]
    lengths = [replay(goods[:n], 10, 1).length for n in range(1, 14)]
    assert lengths == [FIRST] * 3 + [LONGEST] * 10


@pytest.mark.parametrize(("d", "patience"), [(2, 4), (10, 10)])
def test_as_many_failures_as_dimensions_halve_it(d, patience):
    goods = [1.0] + [0.5] * (2 * patience)
    lengths = [replay(goods[:n], d, 1).length for n in range(1, len(goods) + 1)]
    assert lengths == [0.8] * patience + [0.4] * patience + [0.2]


def test_a_failed_trial_counts_as_a_failure_and_a_success_forgives():
    goods = [1.0, *[None] * 3, 2.0, *[None] * 3]
    assert replay(goods, 2, 1) == TrustRegion(failures=3, best=2.0, seen=8)
    assert replay([*goods, None], 2, 1).length == 0.4


def test_a_gain_below_a_thousandth_is_no_success():
    assert replay([-100.0, -99.95], 2, 1).failures == 1
    assert replay([-100.0, -99.85], 2, 1).successes == 1


def test_a_region_that_is_too_small_starts_anew():
    goods = [1.0] + [0.0] * 100
    regions = [replay(goods[:n], 4, 1) for n in range(1, 60)]
    assert min(r.length for r in regions) == FIRST / 2**6 >= SHORTEST > FIRST / 2**7
    restarted = next(r for r in regions if r.begin)
    assert restarted == TrustRegion(begin=1 + 4 * 7)


def test_the_first_points_only_say_what_there_is_to_beat():
    assert replay([1.0, 5.0, 3.0, 9.0], 4, 4) == TrustRegion(best=9.0, seen=4)


def test_lengthscales_by_column():
    np.testing.assert_array_equal(column_lengthscales(2.0 * RBF((0.3, 0.7)), (0, 1)), [0.3, 0.7])
    np.testing.assert_array_equal(column_lengthscales(Matern52((0.3, 9.0)).tied([0, 1, 1]), (0, 1, 1)), [0.3, 2.0, 2.0])
    np.testing.assert_array_equal(column_lengthscales(RBF(0.3), (0, 1)), [1.0, 1.0])


def test_all_choices_are_in_the_box():
    space = Space({"x": (0.0, 1.0), "c": ["a", "b"], "n": (1, 5)})
    [center] = space.encode([{"x": 0.5, "c": "a", "n": 3}])
    box = box_in_space(TrustRegion(length=0.1), space, center, RBF(1.0))
    np.testing.assert_allclose(box, [[0.45, 0.55], [0, 1], [0, 1], [0.45, 0.55]])


def test_suggestions_lie_in_the_box():
    optimizer = Optimizer(cube(10), seed=0, trust_region=True)
    for _ in range(24):
        params = optimizer.ask()
        optimizer.tell(params, sphere(**params))
    region = optimizer._suggester._scope.region()
    box = optimizer._suggester._scope.box(optimizer.posterior)
    [place] = optimizer.space.encode([optimizer.ask()])
    assert region.begin == 0
    assert (place >= box[:, 0] - 1e-9).all()
    assert (place <= box[:, 1] + 1e-9).all()
    assert (box[:, 1] - box[:, 0] < 1).any()


def test_it_searches_many_dimensions_better_than_chance():
    history = minimize(sphere, cube(15), 60, seed=0, trust_region=True)
    assert history.best_value < random_search(sphere, cube(15), 60, seed=0).best_value / 5


def test_a_restart_asks_for_a_new_start_design(monkeypatch):
    optimizer = Optimizer(cube(2), seed=0, trust_region=True, n_initial=3)
    for _ in range(60):
        optimizer.tell(optimizer.ask(), 1.0 if len(optimizer.history) == 1 else 2.0)
    sources = [t.source for t in optimizer.history.trials]
    begin = optimizer._suggester._scope.region().begin
    assert begin >= 3 + 4 * 7
    again = sources[3:].index("initial") + 3
    assert sources[again : again + 4] == ["initial"] * 3 + ["model"]


def test_a_mixed_space_has_a_trust_region_too():
    space = {**cube(3), "n": (1, 30), "c": ["a", "b", "c"]}
    history = minimize(
        lambda n, c, **x: sphere(**x) + 0.01 * (n - 12) ** 2 + (c != "b"), space, 45, seed=0, trust_region=True
    )
    assert history.best_params["c"] == "b"
    assert history.best_value < 0.05


def test_a_stored_run_goes_on_the_same(tmp_path):
    whole = minimize(sphere, cube(3), 30, seed=1, trust_region=True, n_initial=4)
    minimize(sphere, cube(3), 17, seed=1, trust_region=True, n_initial=4, storage=tmp_path / "run.db")
    resumed = minimize(sphere, cube(3), 30, seed=1, storage=tmp_path / "run.db")  # settings left out are the run's own
    assert [t.params for t in resumed.trials] == [t.params for t in whole.trials]
    assert best_trial(list(resumed.trials), "minimize") == resumed.best


@pytest.mark.parametrize("wrong", [1, None, "yes"])
def test_it_is_true_or_false(wrong):
    with pytest.raises(TypeError, match="trust_region must be True or False"):
        Optimizer(cube(2), trust_region=wrong)


def test_a_new_start_design_counts_its_own_trials_alone():
    optimizer = Optimizer({"x": (0.0, 1.0)}, trust_region=True, constraints={"size": (None, 1.0)}, n_initial=5, seed=0)
    for _ in range(5):
        optimizer.tell(optimizer.ask(), math.nan, constraints={"size": 0.5})
    scope = optimizer._suggester._scope
    while not scope.region().begin:
        optimizer.tell_failure(optimizer.ask(), "no")
    optimizer.tell(optimizer.ask(), 1.0, constraints={"size": 0.5})
    assert scope.region().seen == 1
    assert scope.starting()
