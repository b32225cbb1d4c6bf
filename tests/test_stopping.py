import math
from contextlib import closing
from dataclasses import replace

import numpy as np
import pytest

from bayestuner import (
    History,
    NotFittedError,
    Optimizer,
    ParameterError,
    SmallGain,
    SpaceError,
    StateError,
    StoppingRule,
    minimize,
)
from bayestuner.benchmarks import branin
from bayestuner.explain import gain_and_chance

SPACE = {"x": (0.0, 4.0)}


def bowl(x):
    return (x - 3) ** 2


def noisy_branin(seed, std=5.0):
    rng = np.random.default_rng(seed)
    return lambda x1, x2: branin(x1=x1, x2=x2) + std * rng.standard_normal()


@pytest.fixture(scope="module")
def ended():
    return minimize(branin, branin.space, 200, seed=0, stop=SmallGain())


# ---- the rule


def test_a_search_that_has_found_the_minimum_stops_and_says_why(ended):
    history = ended
    assert len(history) < 100
    assert history.best_value - branin.minimum < 1e-3
    assert history.stopped.startswith("expected gain below ")
    assert history.stopped.endswith(" 3 times in a row")


def test_a_search_that_still_gains_goes_on():
    history = minimize(branin, branin.space, 12, seed=0, stop=SmallGain())
    assert history.stopped == "all 12 trials done"


def test_noise_ends_a_search_earlier_and_near_the_minimum():
    lengths, regrets = [], []
    for seed in range(2):
        history = minimize(noisy_branin(seed), branin.space, 120, seed=seed, stop=SmallGain())
        lengths.append(len(history))
        optimizer = Optimizer(branin.space, seed=seed)
        optimizer.restore(history)
        regrets.append(branin(**optimizer.recommend()) - branin.minimum)
    assert max(lengths) < 120
    assert np.median(regrets) < 2.0  # the noise is 5


def test_a_tolerance_ends_it_where_the_user_is_content(ended):
    content = minimize(branin, branin.space, 200, seed=0, stop=SmallGain(tolerance=0.1))
    assert len(content) < len(ended)
    assert [t.params for t in content.trials] == [t.params for t in ended.trials[: len(content)]]
    assert "below 0.1" in content.stopped


def test_the_rule_looks_at_the_last_steps_only():
    steps = list(minimize(bowl, SPACE, 25, seed=0).steps)
    rule = SmallGain(share=0.0, tolerance=1e-5, patience=2)
    small = [gain_and_chance(step)[0] < 1e-5 for step in steps]
    for end in range(len(steps) + 1):
        expected = end >= 2 and small[end - 1] and small[end - 2]
        assert bool(rule.reason(steps[:end])) == expected
    assert any(small)
    assert not all(small)


def test_the_threshold_is_in_units_of_the_objective():
    [step] = minimize(bowl, SPACE, 6, seed=0).steps
    scaled = replace(step, scale=-10.0, noise=0.04)
    assert SmallGain(share=0.5, tolerance=0.25).threshold(scaled) == pytest.approx(0.5 * 0.2 * 10 + 0.25)


def test_a_rule_of_ones_own():
    class Enough(StoppingRule):
        def reason(self, steps):
            return "ten suggestions are enough" if len(steps) >= 10 else ""

    history = minimize(bowl, SPACE, 50, seed=0, stop=Enough())
    assert (len(history.steps), history.stopped) == (10, "ten suggestions are enough")
    optimizer = Optimizer(SPACE, stop=Enough())
    assert optimizer.should_stop == ""


@pytest.mark.parametrize(
    "wrong", [{"share": -1}, {"share": math.nan}, {"tolerance": "a"}, {"patience": 0}, {"patience": 1.5}]
)
def test_wrong_settings_are_refused(wrong):
    with pytest.raises(ParameterError, match=next(iter(wrong))):
        SmallGain(**wrong)


@pytest.mark.parametrize("stop", [SmallGain, 0.1, "small"], ids=repr)
def test_a_rule_must_be_one(stop):
    with pytest.raises(TypeError, match=r"stop must be a stopping rule such as SmallGain\(\)"):
        Optimizer(SPACE, stop=stop)


# ---- recommend


def test_recommend_is_close_to_the_best_without_noise():
    optimizers = [Optimizer(branin.space, seed=seed) for seed in range(5)]
    for optimizer in optimizers:
        optimizer.run(branin, 30)
    regrets = [branin(**optimizer.recommend()) - branin.minimum for optimizer in optimizers]
    assert np.median(regrets) < 2e-4
    assert optimizers[0].recommend() == optimizers[0].recommend()


def test_recommend_is_better_than_the_luckiest_value_under_noise():
    recommended, lucky = [], []
    for seed in range(4):
        optimizer = Optimizer(branin.space, seed=seed)
        history = optimizer.run(noisy_branin(seed, 10.0), 25)
        recommended.append(branin(**optimizer.recommend()) - branin.minimum)
        lucky.append(branin(**history.best_params) - branin.minimum)
    assert np.mean(recommended) < np.mean(lucky)


def test_recommend_gives_a_legal_point_of_a_mixed_space():
    space = {"n": (1, 9), "c": ["a", "b"], "x": (0.0, 1.0)}
    optimizer = Optimizer(space, seed=0, direction="maximize")
    optimizer.run(lambda n, c, x: -((n - 6) ** 2) - (c == "a") - (x - 0.5) ** 2, 20)
    found = optimizer.recommend()
    assert (found["n"], found["c"]) == (6, "b")
    assert found["x"] == pytest.approx(0.5, abs=0.1)
    assert optimizer.space.check(found) == found


def test_nothing_to_recommend_before_a_value():
    with pytest.raises(NotFittedError):
        Optimizer(SPACE).recommend()


# ---- enqueue


def test_what_is_enqueued_is_asked_first_in_its_order():
    optimizer = Optimizer(SPACE, seed=0)
    assert optimizer.enqueue({"x": 1.5})
    assert optimizer.enqueue({"x": 2.5})
    first, second, third = optimizer.ask(), optimizer.ask(), optimizer.ask()
    assert [dict(first), dict(second)] == [{"x": 1.5}, {"x": 2.5}]
    assert third["x"] not in (1.5, 2.5)
    assert [t.source for t in optimizer.history.trials] == ["user", "user", "initial"]
    assert first.number == 0


def test_enqueued_points_come_first_at_any_time_and_count_as_others_do():
    optimizer = Optimizer(SPACE, seed=0)
    optimizer.run(bowl, 7)
    optimizer.enqueue({"x": 3.0})
    history = optimizer.run(bowl, 1)
    assert history.best_params == {"x": 3.0}
    assert history.best_value == 0.0


@pytest.mark.parametrize("point", [{"x": 9.0}, {"y": 1.0}, {}], ids=repr)
def test_a_wrong_point_is_refused_when_it_is_enqueued(point):
    optimizer = Optimizer(SPACE, seed=0)
    with pytest.raises(SpaceError):
        optimizer.enqueue(point)
    assert optimizer.ask() == Optimizer(SPACE, seed=0).ask()


def test_a_script_that_is_started_again_does_not_repeat_its_first_points(tmp_path):
    def start():
        optimizer = Optimizer(SPACE, seed=0, storage=tmp_path / "run.db")
        waits = optimizer.enqueue({"x": 1.0})
        optimizer.run(bowl, 3)
        optimizer.close()
        return waits

    assert [start(), start()] == [True, False]
    optimizer = Optimizer(SPACE, seed=0, storage=tmp_path / "run.db")
    assert sum(t.params == {"x": 1.0} for t in optimizer.history.trials) == 1
    assert optimizer.enqueue({"x": 1.0}, repeat=True)
    assert optimizer.ask() == {"x": 1.0}


def test_what_is_enqueued_waits_in_the_file_too(tmp_path):
    file, points = tmp_path / "run.db", [{"x": 1.5}, {"x": 0.5}, {"x": 3.5}]
    with closing(Optimizer(SPACE, seed=0, storage=file)) as first:
        for point in points:
            assert first.enqueue(point)
        assert first.ask() == points[0]
        first.tell(points[0], 1.0)
    with closing(Optimizer(SPACE, storage=file)) as second:
        assert not second.enqueue(points[1])
        assert not second.enqueue(points[0])
        assert [second.ask(), second.ask()] == points[1:]
        assert second.ask() not in points
    with closing(Optimizer(SPACE, storage=file)) as third:
        assert third.ledger.queue == []


def test_processes_share_the_queue(tmp_path):
    file = tmp_path / "run.db"
    with closing(Optimizer(SPACE, seed=0, storage=file)) as one, closing(Optimizer(SPACE, storage=file)) as other:
        one.enqueue({"x": 1.5})
        other.enqueue({"x": 2.5})
        assert not other.enqueue({"x": 1.5})
        assert (other.ask(), one.ask()) == ({"x": 1.5}, {"x": 2.5})
        assert [t.source for t in one.history.trials] == ["user", "user"]


def test_a_queue_in_pieces_is_the_queue_in_one(tmp_path):
    def searched(pieces, storage):
        for k, n in enumerate(pieces):
            optimizer = Optimizer(SPACE, seed=3, storage=storage)
            if not k:
                for x in (0.25, 3.75):
                    optimizer.enqueue({"x": x})
            with closing(optimizer):
                history = optimizer.run(bowl, n)
        return [(t.params, t.source) for t in history.trials]

    assert searched((1, 4, 4), tmp_path / "run.db") == searched((9,), None)


@pytest.mark.parametrize("later", [None, SmallGain(tolerance=1e-3)])
def test_a_stored_rule_goes_on(tmp_path, later):
    file, rule = tmp_path / "run.db", SmallGain(tolerance=1e-3)
    minimize(bowl, SPACE, 6, seed=0, storage=file, stop=rule)
    history = minimize(bowl, SPACE, 60, storage=file, stop=later)
    assert history.stopped.startswith("expected gain below")
    assert History.load(file).settings["stop"] == rule


def test_when_to_stop_may_change_and_nothing_else(tmp_path):
    file = tmp_path / "run.db"
    ended = minimize(bowl, SPACE, 60, seed=0, storage=file, stop=SmallGain(tolerance=1e-3))
    again = minimize(bowl, SPACE, len(ended) + 2, storage=file, stop=False)
    assert again.stopped == f"all {len(ended) + 2} trials done"
    assert again.trials[: len(ended)] == ended.trials
    assert minimize(bowl, SPACE, len(again) + 1, storage=file).stopped.startswith("all")
    with pytest.raises(StateError, match="seed"):
        Optimizer(SPACE, storage=file, seed=1, stop=SmallGain())
    assert History.load(file).settings["stop"] is False


def test_a_rule_that_cannot_be_found_again_is_not_stored(tmp_path):
    class Never(StoppingRule):
        def reason(self, steps):
            return ""

    with pytest.raises(StateError, match="cannot be stored"):
        Optimizer(SPACE, storage=tmp_path / "run.db", stop=Never())
    assert list(tmp_path.iterdir()) == []
