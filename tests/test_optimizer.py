import copy
import math
import pickle
import random
import threading
from dataclasses import dataclass, replace

import numpy as np
import pytest

from acquisition import (
    Acquisition,
    ExpectedImprovement,
    LogExpectedImprovement,
    Portfolio,
    ProbabilityOfImprovement,
    UpperConfidenceBound,
)
from bayestuner import Integer, NotFittedError, Optimizer, ParameterError, Real, SpaceError, StateError, minimize
from bayestuner.benchmarks import branin
from bayestuner.explain import (
    acquisition_name,
    decimals,
    explain_step,
    gain_and_chance,
    number,
    percent,
    significant,
    why,
)
from bayestuner.scaling import standardise
from gp import RBF, Matern52

MIXED = {"lr": Real(1e-4, 0.1, log=True), "units": Integer(8, 512, log=True), "act": ["relu", True, 1], "depth": (1, 5)}


def mixed_value(lr, units, act, depth):
    return (math.log10(lr) + 2) ** 2 + abs(math.log2(units / 64)) + (act is True) + 0.1 * depth


def searched(space, objective, n, **options):
    """An optimizer after n rounds of ask and tell."""
    optimizer = Optimizer(space, **options)
    for _ in range(n):
        params = optimizer.ask()
        optimizer.tell(params, objective(**params))
    return optimizer


def told(points, values, space=branin.space, **options):
    optimizer = Optimizer(space, **options)
    for point, value in zip(points, values, strict=True):
        optimizer.tell(point, value)
    return optimizer


POINTS = Optimizer(branin.space).space.sample(12, seed=5)
VALUES = np.array([branin(**p) for p in POINTS])


def coordinates(optimizer):
    return optimizer.space.encode([t.params for t in optimizer.history.trials])


@pytest.fixture(scope="module")
def mixed():
    return searched(MIXED, mixed_value, 12, seed=1)


# ---- ask


def test_points_are_legal_and_typed(mixed):
    for trial in mixed.history.trials:
        assert mixed.space.check(trial.params) == trial.params
        assert [type(trial.params[name]) for name in ("lr", "units", "depth")] == [float, int, int]
        assert list(trial.params) == list(MIXED)


def test_same_seed_same_run_other_seed_another(mixed):
    again = searched(MIXED, mixed_value, 12, seed=1)
    assert [t.params for t in again.history.trials] == [t.params for t in mixed.history.trials]
    assert Optimizer(MIXED, seed=2).ask() != Optimizer(MIXED, seed=1).ask()
    assert Optimizer(MIXED).ask() != Optimizer(MIXED).ask()


def test_looking_at_the_model_changes_nothing():
    quiet, curious = Optimizer(branin.space, seed=3), Optimizer(branin.space, seed=3)
    for _ in range(9):
        for optimizer in quiet, curious:
            params = optimizer.ask()
            optimizer.tell(params, branin(**params))
        curious.predict([params])
        curious.explain()
        _ = curious.posterior, curious.best, curious.history.best
    np.testing.assert_array_equal(coordinates(quiet), coordinates(curious))


def test_global_random_state_is_neither_used_nor_changed():
    np.random.seed(0)  # noqa: NPY002
    random.seed(0)
    before = np.random.get_state()[1].copy(), random.getstate()  # noqa: NPY002
    first = searched(branin.space, branin, 7, seed=0)
    np.testing.assert_array_equal(np.random.get_state()[1], before[0])  # noqa: NPY002
    assert random.getstate() == before[1]
    np.random.seed(9)  # noqa: NPY002
    np.testing.assert_array_equal(coordinates(searched(branin.space, branin, 7, seed=0)), coordinates(first))


def test_order_of_the_keys_told_does_not_matter():
    turned = [dict(reversed(p.items())) for p in POINTS]
    assert told(turned, VALUES, seed=0).ask() == told(POINTS, VALUES, seed=0).ask()


@pytest.mark.parametrize("n_before", [0, 8])
def test_points_asked_together_keep_apart(n_before):
    optimizer = searched(branin.space, branin, n_before, seed=0)
    U = optimizer.space.encode(optimizer.ask(5))
    distances = np.abs(U[:, None] - U).max(axis=-1) + np.eye(5)
    assert distances.min() > 0.02


@pytest.mark.parametrize("seed", range(3))
def test_points_asked_together_keep_apart_where_the_model_expects_a_gain(seed):
    optimizer = searched({"x": (0.0, 1.0), "y": (0.0, 1.0)}, lambda x, y: (x - 0.3) ** 2 + y, 6, seed=seed)
    U = optimizer.space.encode(optimizer.ask(3))
    distances = np.abs(U[:, None] - U).max(axis=-1) + np.eye(3)
    assert distances.min() > 0.01


def test_pending_points_are_recorded_in_the_step_and_believed():
    optimizer = searched(branin.space, branin, 7, seed=0)
    first, second = optimizer.ask(2)
    step = optimizer.history.steps[-1]
    assert step.number == second.number
    assert step.pending == (first.number,)
    assert step.score([second])[0] > 10 * step.score([first])[0]
    optimizer.tell(first, 1.0)
    optimizer.tell(second, 1.0)
    optimizer.ask()
    assert optimizer.history.steps[-1].pending == ()


def test_n_initial_counts_what_was_asked_and_what_was_told():
    assert [t.source for t in searched(branin.space, branin, 5, seed=0, n_initial=3).history.trials] == [
        "initial", "initial", "initial", "model", "model"
    ]  # fmt: skip
    optimizer = told(POINTS[:4], VALUES[:4], n_initial=6, seed=0)
    optimizer.ask(3)
    assert [t.source for t in optimizer.history.trials[4:]] == ["initial", "initial", "model"]


def test_failures_do_not_count_towards_n_initial():
    optimizer = Optimizer(branin.space, n_initial=3, seed=0)
    for _ in range(4):
        optimizer.tell_failure(optimizer.ask(), "no")
    optimizer.tell(optimizer.ask(), 1.0)
    assert optimizer.ask().number == 5
    assert {t.source for t in optimizer.history.trials} == {"initial"}


def test_the_start_design_covers_the_space():
    design = Optimizer({"x": (0.0, 1.0), "y": (0.0, 1.0)}, n_initial=16, seed=0).ask(16)
    for name in "xy":
        assert sorted(int(p[name] * 16) for p in design) == list(range(16))  # Sobol: one in each sixteenth


@pytest.mark.parametrize("acquisition", [None, UpperConfidenceBound(0.0)], ids=["default", "greedy"])
def test_a_finite_space_is_tried_without_repeats(acquisition):
    space = {"a": (1, 3), "b": ["x", "y"]}
    optimizer = searched(space, lambda a, b: a + len(b), 6, seed=0, n_initial=3, acquisition=acquisition)
    assert optimizer.exhausted
    assert len({tuple(t.params.values()) for t in optimizer.history.trials}) == 6
    assert optimizer.ask() in [t.params for t in optimizer.history.trials[:-1]]  # asked for more, it repeats


@pytest.mark.parametrize(
    "acquisition", [ExpectedImprovement(), UpperConfidenceBound(1.0), ProbabilityOfImprovement(0.1)], ids=repr
)
def test_other_acquisitions_and_kernels(acquisition):
    kernel = 1.0 * RBF((0.3, 0.3))
    optimizer = searched(branin.space, branin, 8, seed=0, acquisition=acquisition, kernel=kernel, n_initial=6)
    step = optimizer.history.steps[-1]
    assert step.acquisition == acquisition
    assert step.kernel.parameters.keys() == kernel.parameters.keys()
    assert step.kernel != kernel  # it was learned


def test_the_point_is_where_the_acquisition_is_highest():
    optimizer = told(POINTS, VALUES, seed=0)
    chosen = optimizer.ask()
    step = optimizer.history.steps[-1]
    others = step.score(optimizer.space.sample(2000, seed=1))
    assert step.score([chosen])[0] >= others.max()


# ---- tell


def test_a_suggestion_carries_its_number_and_survives_copies():
    optimizer = Optimizer(branin.space, seed=0)
    first, second = optimizer.ask(2)
    assert (first.number, second.number) == (0, 1)
    assert pickle.loads(pickle.dumps(second)).number == copy.deepcopy(second).number == 1
    assert first == dict(first)


def test_telling_completes_the_trial_that_was_asked():
    optimizer = Optimizer(branin.space, seed=0)
    first, second, third = optimizer.ask(3)
    optimizer.tell(dict(second), 2.0)  # an equal dict, while it is pending
    optimizer.tell(pickle.loads(pickle.dumps(third)), 3.0, seconds=0.5)
    optimizer.tell_failure(first, "no")
    assert [(t.status, t.value, t.source, t.told) for t in optimizer.history.trials] == [
        ("failed", None, "initial", 2), ("complete", 2.0, "initial", 0), ("complete", 3.0, "initial", 1)
    ]  # fmt: skip
    assert optimizer.history.trials[2].seconds == 0.5
    assert optimizer.history.trials[0].error == "no"


def test_a_changed_suggestion_is_a_point_of_the_user():
    optimizer = Optimizer(branin.space, seed=0)
    params = optimizer.ask()
    params["x1"] = 0.125
    optimizer.tell(params, 1.0)
    asked, own = optimizer.history.trials
    assert (asked.status, own.status, own.source, own.params["x1"]) == ("running", "complete", "user", 0.125)
    assert asked.params["x1"] != 0.125


def test_changing_what_ask_or_best_params_gave_changes_no_record():
    optimizer = told(POINTS[:2], VALUES[:2])
    optimizer.history.best_params.clear()
    optimizer.ask().clear()
    assert all(t.params.keys() == {"x1", "x2"} for t in optimizer.history.trials)


def test_kinds_of_equal_categories_stay_apart_when_told():
    optimizer = Optimizer({"c": [True, 1]}, seed=0)
    asked = optimizer.ask()
    other = {"c": 1 if asked["c"] is True else True}
    optimizer.tell(other, 5.0)
    assert [(repr(t.params), t.status) for t in optimizer.history.trials] == [
        (repr(dict(asked)), "running"), (repr(other), "complete")
    ]  # fmt: skip


def test_foreign_points_teach_the_model():
    optimizer = told(POINTS, VALUES)
    mean, _ = optimizer.predict(POINTS)
    np.testing.assert_allclose(mean, VALUES, atol=0.02 * VALUES.std())
    assert {t.source for t in optimizer.history.trials} == {"user"}


def test_best_is_the_best_of_the_finite_values():
    for direction, index in ("minimize", np.argmin), ("maximize", np.argmax):
        optimizer = told(POINTS, VALUES, direction=direction)
        optimizer.tell(POINTS[0], math.nan)
        optimizer.tell(POINTS[0], -math.inf)
        optimizer.tell(POINTS[0], math.inf)
        assert optimizer.best.params == optimizer.history.best_params == POINTS[index(VALUES)]
        assert optimizer.history.best_value == VALUES[index(VALUES)]
    with pytest.raises(NotFittedError, match="no trial has a value yet"):
        _ = Optimizer(branin.space).best


def test_minimising_f_is_maximising_minus_f():
    down = searched(branin.space, branin, 9, seed=0)
    up = searched(branin.space, lambda **p: -branin(**p), 9, seed=0, direction="maximize")
    np.testing.assert_array_equal(coordinates(down), coordinates(up))
    np.testing.assert_array_equal(down.predict(POINTS)[0], -up.predict(POINTS)[0])
    np.testing.assert_array_equal(down.predict(POINTS)[1], up.predict(POINTS)[1])


@pytest.mark.parametrize(("factor", "shift"), [(1000.0, 0.0), (1.0, 100.0), (1e-6, -3.0), (1e300, 0.0)])
def test_units_of_the_objective_do_not_matter(factor, shift):
    plain = told(POINTS, VALUES, seed=0)
    moved = told(POINTS, VALUES * factor + shift, seed=0)
    ask_plain, ask_moved = (o.space.encode([o.ask()]) for o in (plain, moved))
    np.testing.assert_allclose(ask_moved, ask_plain, atol=1e-5)
    (mean, std), (moved_mean, moved_std) = plain.predict(POINTS[:3]), moved.predict(POINTS[:3])
    np.testing.assert_allclose(moved_mean, mean * factor + shift, rtol=1e-5)
    np.testing.assert_allclose(moved_std, std * factor, rtol=1e-4)


def test_values_far_from_a_search_that_has_converged_are_kept():
    y = np.array([*np.linspace(-6.0, 15.0, 6), *(-6.02 + 1e-7 * np.arange(20))])
    z, scaling = standardise(y, "minimize")
    np.testing.assert_allclose(scaling.mean(z), y, atol=1e-9)


def test_one_absurd_value_spoils_no_other():
    optimizer = told([*POINTS, {"x1": 0.0, "x2": 0.0}], [*VALUES, 1e12])
    np.testing.assert_allclose(optimizer.predict(POINTS)[0], VALUES, atol=0.1 * VALUES.std())


def test_threads_telling_lose_nothing():
    optimizer = Optimizer({"x": (0.0, 1.0)}, seed=0)

    def tell(worker):
        for i in range(200):
            optimizer.tell({"x": (worker * 200 + i) / 1200}, float(i))

    threads = [threading.Thread(target=tell, args=(worker,)) for worker in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    trials = optimizer.history.trials
    assert len({t.params["x"] for t in trials}) == len(trials) == 1200
    assert sorted(t.told for t in trials) == [t.number for t in trials] == list(range(1200))


# ---- what is known


def test_predict_is_in_the_user_s_units():
    optimizer = told(POINTS, VALUES)
    mean, std = optimizer.predict({"x1": np.array([p["x1"] for p in POINTS]), "x2": [p["x2"] for p in POINTS]})
    np.testing.assert_array_equal(mean, optimizer.predict(POINTS)[0])
    assert mean.shape == std.shape == (12,)
    _, far_std = optimizer.predict(optimizer.space.sample(200, seed=9))
    assert far_std.max() > 20 * std.max()
    assert far_std.max() < 3 * VALUES.std()
    assert optimizer.predict([])[0].shape == (0,)
    with pytest.raises(SpaceError, match="x1"):
        optimizer.predict([{"x1": 99.0, "x2": 0.0}])
    with pytest.raises(NotFittedError, match="no model before a value"):
        Optimizer(branin.space).predict(POINTS)


def test_posterior_is_standardised_and_larger_is_better():
    posterior = told(POINTS, VALUES).posterior
    assert posterior.X.shape == (12, 2)
    assert posterior.X.min() >= 0
    assert posterior.X.max() <= 1
    assert posterior.y.mean() == pytest.approx(0, abs=1e-12)
    assert posterior.y.std() == pytest.approx(1)
    assert np.argmax(posterior.y) == np.argmin(VALUES)


def test_settings_are_checked():
    for error, words, options in [
        (ParameterError, "direction must be 'minimize' or 'maximize', got 'up'", {"direction": "up"}),
        (TypeError, "kernel must be", {"kernel": "rbf"}),
        (TypeError, "kernel must be", {"kernel": Matern52}),
        (TypeError, "acquisition must be", {"acquisition": "ei"}),
        (ParameterError, "n_initial", {"n_initial": 0}),
        (TypeError, "unexpected keyword", {"kappa": 2}),
    ]:
        with pytest.raises(error, match=words):
            Optimizer(branin.space, **options)


def test_history_is_what_was_then():
    optimizer = told(POINTS, VALUES, seed=0)
    before = optimizer.history
    optimizer.ask()
    assert (len(before), len(before.steps), len(optimizer.history), len(optimizer.history.steps)) == (12, 0, 13, 1)
    assert optimizer.trial(12).status == "running"
    with pytest.raises(ParameterError, match="no trial 13"):
        optimizer.trial(13)


# ---- explain


@pytest.fixture
def step():
    optimizer = told(POINTS, VALUES, seed=0)
    optimizer.ask()
    return optimizer.history.steps[-1]


@pytest.mark.parametrize(
    ("z", "words"),
    [
        (5.0, "Exploiting: the mean already beats the best"),
        (1.0, "Exploiting: the mean already beats the best"),
        (0.99, "A bit of both: a good mean, still uncertain"),
        (-0.25, "A bit of both: a good mean, still uncertain"),
        (-0.26, "Exploring: the uncertainty pays, not the mean"),
    ],
)
@pytest.mark.parametrize("sign", [-1.0, 1.0], ids=["minimize", "maximize"])
def test_why_by_how_far_the_mean_is_ahead(step, z, words, sign):
    assert why(replace(step, scale=sign, best=0.0, std=2.0, mean=sign * 2.0 * z)) == words


def test_why_without_uncertainty(step):
    assert why(replace(step, std=0.0, mean=step.best - 1)).startswith("Exploiting")
    assert why(replace(step, std=0.0, mean=step.best + 1)).startswith("Exploring")
    assert gain_and_chance(replace(step, std=0.0, mean=step.best - 1)) == (pytest.approx(1.0), 1.0)


def test_gain_and_chance_by_hand(step):
    # EI(mean -0.5, std 1, best 0) = 0.1978 when maximising; twice that in units twice as large
    step = replace(step, acquisition=LogExpectedImprovement())
    gain, chance = gain_and_chance(replace(step, scale=1.0, best=0.0, mean=-1.0, std=2.0))
    assert gain == pytest.approx(2 * 0.19779656)
    assert chance == pytest.approx(0.30853754)
    assert gain_and_chance(replace(step, scale=-1.0, best=0.0, mean=1.0, std=2.0)) == (gain, chance)


def test_the_gain_counts_what_the_acquisition_counts(step):
    # a noise of 3 halves std 1, twice as large in the user's units, where the noise is 12
    step = replace(step, acquisition=ExpectedImprovement(noise=3.0), scale=-2.0, best=0.0, mean=1.0, std=2.0)
    gain, chance = gain_and_chance(step)
    assert gain == pytest.approx(0.0833154705876862)  # h(-1)
    assert chance == pytest.approx(0.30853754)


def test_the_default_counts_the_noise_that_was_learned(step):
    assert Optimizer({"x": (0.0, 1.0)}).acquisition == LogExpectedImprovement(noise="learned")
    assert step.acquisition == LogExpectedImprovement(noise=step.noise)
    assert step.value == pytest.approx(math.log(gain_and_chance(step)[0] / abs(step.scale)), rel=1e-6)


def test_at_the_end_there_is_nothing_left_to_gain():
    optimizer = Optimizer({"x": (0.0, 1.0)}, seed=0)
    optimizer.run(lambda x: (x - 0.3) ** 2, 15)
    assert optimizer.explain().endswith("Hardly anything is left to gain.")
    first = optimizer.history.steps[0]
    assert explain_step(first).endswith(f"{why(first)}.")


def test_names_of_acquisitions(step):
    @dataclass(frozen=True)
    class Greedy(Acquisition):
        def score(self, mean, std, best):
            return mean

    names = {
        LogExpectedImprovement(): "EI",
        ExpectedImprovement(): "EI",
        ProbabilityOfImprovement(): "PI",
        UpperConfidenceBound(): "LCB",
        Greedy(): "Greedy",
    }
    assert {a: acquisition_name(replace(step, acquisition=a)) for a in names} == names
    assert acquisition_name(replace(step, acquisition=UpperConfidenceBound(), scale=1.0)) == "UCB"


def test_numbers_in_words():
    assert [percent(p) for p in (0.004, 0.01, 0.316, 0.99, 0.995)] == ["<1 %", "1 %", "32 %", "99 %", ">99 %"]
    assert [decimals(span) for span in (1000.0, 200.0, 100.0, 1.0, 0.02, 1e-9, 0.0, math.inf)] == [
        0, 0, 1, 3, 4, 6, 0, 0
    ]  # fmt: skip
    assert [number(v) for v in (0.0481, -2.5, 1e-4, -1e-5, 1.5e7, 512, 123456, 0.0, "relu", True, None)] == [
        "0.0481", "−2.5", "1e−4", "−1e−5", "1.5e7", "512", "123456", "0", "relu", "True", "None"
    ]  # fmt: skip


def test_explain_says_what_the_record_holds(step):
    optimizer = told(POINTS, VALUES, seed=0)
    chosen = optimizer.ask()
    line_1, line_2 = optimizer.explain().splitlines()
    mean, std = optimizer.predict([chosen])
    assert line_1 == (
        f"EI picks x1 = {number(chosen['x1'])}, x2 = {number(chosen['x2'])}: "
        f"the model expects {mean[0]:.1f} ± {std[0]:.1f} there.".replace("-", "−")
    )
    gain, chance = gain_and_chance(step)
    assert line_2 == (
        f"Chance to beat {step.best:.1f}: {percent(chance)}.  Average gain: {significant(gain, 2)}.  {why(step)}."
    )


def test_explain_shows_a_small_uncertainty(step):
    line_1, line_2 = explain_step(replace(step, std=0.0007)).splitlines()
    assert line_1.endswith(f"the model expects {step.mean:.4f} ± 0.0007 there.".replace("-", "−"))
    assert line_2.startswith(f"Chance to beat {step.best:.4f}:".replace("-", "−"))


@pytest.mark.parametrize("setting", [{"kernel": Matern52}, {"acquisition": LogExpectedImprovement}])
def test_a_class_in_place_of_a_setting_is_told_how_to_write_it(setting):
    [name] = [given.__name__ for given in setting.values()]
    with pytest.raises(TypeError, match=rf"got the class {name}; write {name}\(\)"):
        Optimizer(branin.space, **setting)


def test_explain_where_there_was_no_model():
    optimizer = Optimizer(branin.space, n_initial=2, seed=0)
    assert optimizer.explain() == "Nothing has been asked yet."
    optimizer.tell_failure(optimizer.ask(), "no")
    assert optimizer.explain().startswith("Point 1 of 2 of the start design")
    for _ in range(3):
        optimizer.tell_failure(optimizer.ask(), "no")
    assert "of 2" not in optimizer.explain()
    assert "start design" in optimizer.explain()
    optimizer.tell(POINTS[0], 1.0)
    assert "told by you" in optimizer.explain()


def test_a_state_error_says_how_to_add_another_value():
    optimizer = Optimizer(branin.space, seed=0)
    params = optimizer.ask()
    optimizer.tell(params, 1.0)
    with pytest.raises(StateError, match="tell a plain dict"):
        optimizer.tell(params, 2.0)
    optimizer.tell(dict(params), 2.0)
    assert [t.value for t in optimizer.history.trials] == [1.0, 2.0]


def test_a_constant_objective_is_explored_not_repeated():
    history = minimize(lambda x, y: 3.0, {"x": (-1.0, 1.0), "y": (0.0, 1.0)}, 30, seed=0)
    points = np.array([list(trial.params.values()) for trial in history.trials]) / [2.0, 1.0]
    gaps = np.abs(points[:, None] - points).max(axis=-1) + np.eye(30)
    assert gaps.min() > 0.03


def test_explain_says_so_when_all_values_are_equal():
    optimizer = Optimizer({"x": (0.0, 1.0)}, seed=0)
    optimizer.run(lambda x: 1.0, 6)
    assert "equal" in optimizer.explain()


def test_a_portfolio_remembers_what_its_members_gained():
    portfolio = Portfolio([ExpectedImprovement(), UpperConfidenceBound()])
    history = minimize(lambda x: (x - 0.3) ** 2, {"x": (0.0, 1.0)}, 9, acquisition=portfolio, n_initial=3, seed=0)
    first, *others = [step.acquisition for step in history.steps]
    assert first.gains == (0.0, 0.0)
    assert all(step.nominees for step in others)
    assert others[-1].gains != (0.0, 0.0)


def test_a_portfolio_nominates_points_that_can_be_evaluated():
    members = [ExpectedImprovement(), UpperConfidenceBound()]
    optimizer = Optimizer({"n": (1, 9), "kind": ["a", "b"]}, acquisition=Portfolio(members), n_initial=3, seed=0)
    optimizer.run(lambda n, kind: (n - 4) ** 2 + (kind == "a"), 8)
    for step in optimizer.history.steps:
        nominees = np.array(step.acquisition.nominees)
        np.testing.assert_array_equal(nominees, optimizer.space.project(nominees))
