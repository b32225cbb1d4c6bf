"""What the model believed at every moment: exact posteriors in between, and no jump from one step to the next."""

import itertools

import numpy as np
import pytest
from runs import KINDS, run

from bayestuner import NotFittedError, Optimizer, ParameterError
from bayestuner.surrogate import Scaling
from gp import RBF, GaussianProcess, Matern52
from viz.moment import Learned, best_so_far, between
from viz.rounds import rounds, selected, told_trials

U = np.linspace(0, 1, 41)[:, None]
CONTINUOUS = ("usual", "maximise", "noise", "failed", "batch", "parallel", "user", "long name, tiny", "Thompson")


@pytest.mark.parametrize("kind", CONTINUOUS)
def test_a_chosen_moment_is_what_the_record_says(kind):
    for a_round in rounds(run(kind)):
        step = a_round.step
        mean, std = a_round.chosen.predict(step.record.space.encode([step.params]))
        unit = abs(step.scale)
        assert mean[0] == pytest.approx(step.mean, abs=1e-10 * unit)
        assert std[0] == pytest.approx(step.std, abs=1e-10 * unit)
        value = a_round.chosen.score(step.record.space.encode([step.params]))[0]
        assert value == pytest.approx(step.value, rel=1e-8, abs=1e-12)


@pytest.mark.parametrize("kind", CONTINUOUS)
@pytest.mark.parametrize("g", [0.0, 0.03, 0.5, 0.97, 1.0])
def test_updates_are_exact_tempered_posteriors(kind, g):
    """mean + g c/v (y - mean), variance - g c²/v, for one value; for several: all seen with noise v (1/g - 1) more."""
    for a_round in rounds(run(kind)):
        step, unit = a_round.step, a_round.scaling.scale
        mean, std = a_round.updating(g).predict(U)
        posterior, noise = step.posterior, step.noise
        if a_round.new and g > 0:
            new = a_round.encoded(a_round.new)
            c, inner = posterior.cross_covariance(U, new), posterior.covariance(new)
            v = np.diagonal(inner) + noise
            weights = c @ np.linalg.inv(inner + np.diag(noise + v * (1 / g - 1)))
            off = (a_round.new_values - a_round.scaling.shift) / unit - posterior.predict(new)[0]
            expected_mean = posterior.predict(U)[0] + weights @ off
            variance = posterior.predict(U)[1] ** 2 - np.einsum("ij,ij->i", weights, c)
        else:
            expected_mean, variance = posterior.predict(U)[0], posterior.predict(U)[1] ** 2
        assert np.abs(mean - (a_round.scaling.shift + unit * expected_mean)).max() <= 1e-10 * abs(unit)
        assert np.abs(std**2 - unit**2 * variance).max() <= 1e-10 * unit**2


def test_a_single_update_is_linear_in_mean_and_variance():
    for a_round in rounds(run("usual")):
        halfway, before, after = (a_round.updating(g).predict(U) for g in (0.3, 0.0, 1.0))
        assert np.abs(halfway[0] - (0.7 * before[0] + 0.3 * after[0])).max() < 1e-10
        assert np.abs(halfway[1] ** 2 - (0.7 * before[1] ** 2 + 0.3 * after[1] ** 2)).max() < 1e-10


@pytest.mark.parametrize("kind", CONTINUOUS)
def test_a_fit_starts_where_the_update_ended_and_ends_at_the_record(kind):
    for before, after in itertools.pairwise(rounds(run(kind))):
        unit = abs(after.scaling.scale)
        for t, expected in ((0.0, before.updating(1.0)), (1.0, after.chosen)):
            for got, wanted in zip(after.fitting(before, t).predict(U), expected.predict(U), strict=True):
                assert np.abs(got - wanted).max() <= 1e-10 * unit
        nearly = after.fitting(before, 1 - 1e-9).predict(U)
        for got, wanted in zip(nearly, after.chosen.predict(U), strict=True):
            assert np.abs(got - wanted).max() <= 1e-5 * unit


def test_the_first_fit_lets_the_values_arrive():
    first = rounds(run("usual"))[0]
    prior = first.fitting(None, 0.0).predict(U)[1]
    halfway, whole = (first.fitting(None, t).predict(U)[1] for t in (0.5, 1.0))
    assert np.ptp(prior) < 1e-9 * prior[0]
    assert (whole <= halfway + 1e-12).all()
    assert (halfway <= prior + 1e-12).all()


def test_the_likelihood_before_is_that_of_the_same_values_under_the_old_hyperparameters():
    for before, after in itertools.pairwise(rounds(run("usual"))):
        old, new = before.learned, after.learned
        stretch = (old.scaling.scale / new.scaling.scale) ** 2
        process = GaussianProcess(
            stretch * old.kernel,
            noise=stretch * old.noise,
            mean=(old.scaling.shift - new.scaling.shift) / new.scaling.scale,
        )
        z = (after.values - new.scaling.shift) / new.scaling.scale
        expected = process.condition(after.encoded(after.seen), z).log_marginal_likelihood
        assert after.likelihood_before(before) == pytest.approx(expected, abs=1e-9)


def test_kernels_of_two_kinds_are_added():
    old = Learned(2.0 * Matern52(0.3), 1e-4, Scaling(1.0, -2.0))
    new = Learned(0.5 * RBF(0.2), 1e-2, Scaling(0.0, -1.0))
    halfway = between(old, new, 0.5, np.zeros(1))
    assert halfway.scaling.scale == pytest.approx(-np.sqrt(2))
    assert halfway.noise == pytest.approx(1e-3)
    K = halfway.scaling.scale**2 * halfway.kernel(U, U)
    assert pytest.approx(0.5 * 4 * old.kernel(U, U) + 0.5 * new.kernel(U, U)) == K


def test_acquisitions_collapse_where_a_value_was_seen():
    for a_round in rounds(run("usual")):
        place = a_round.encoded(a_round.new)
        at = [np.exp(a_round.updating(g).score(place)[0]) for g in (0.0, 0.5, 1.0)]
        assert at[0] > at[1] > at[2]


# ---- which rounds there are


def test_a_batch_is_one_round_and_what_was_told_in_between_belongs_to_it():
    batch = rounds(run("batch"))
    assert [(len(r.steps), len(r.arrived), r.number) for r in batch] == [(3, 3, 1), (3, 3, 2)]
    users = rounds(run("user"))
    assert [[t.source for t in r.arrived] for r in users] == [["model", "user"]] * 2
    parallel = rounds(run("parallel"))
    assert [(len(r.waiting), len(r.arrived)) for r in parallel] == [(0, 1), (1, 1), (1, 1), (1, 0)]


@pytest.mark.parametrize("kind", KINDS)
def test_every_told_trial_is_in_the_story_once(kind):
    every = rounds(run(kind))
    shown = [*every[0].told, *(t for r in every for t in r.arrived)]
    assert [t.number for t in shown] == [t.number for t in told_trials(run(kind))]


def test_steps_are_chosen_by_their_index():
    history = run("usual")
    every = rounds(history)
    assert selected(history, every, None) == [0, 1, 2, 3]
    assert selected(history, every, -1) == [3]
    assert selected(history, every, [2, 0, -4]) == [0, 2]
    assert selected(history, every, slice(1, None, 2)) == [1, 3]
    assert selected(history, every, range(2)) == [0, 1]
    assert selected(history, every, None, most=2) == [0, 2]
    batch = run("batch")
    assert selected(batch, rounds(batch), [4]) == [1]


@pytest.mark.parametrize("steps", [4, -5, [0, 9], []])
def test_a_step_out_of_range_is_refused(steps):
    history = run("usual")
    with pytest.raises(ParameterError, match=r"the run has 4: 0 to 3, or -4 to -1|selects none of the 4 steps"):
        selected(history, rounds(history), steps)


@pytest.mark.parametrize("steps", [[True], ["1"], [1.5]])
def test_a_step_is_a_whole_number(steps):
    history = run("usual")
    with pytest.raises(TypeError, match="steps must be whole numbers"):
        selected(history, rounds(history), steps)


def test_without_values_there_is_nothing_to_animate():
    optimizer = Optimizer({"x": (0.0, 1.0)}, seed=0)
    optimizer.tell(optimizer.ask(), float("nan"))
    with pytest.raises(NotFittedError, match="nothing to animate: none of the 1 trials has a value"):
        rounds(optimizer.history)


def test_best_so_far():
    told = told_trials(run("failed"))
    values = [t.value if t.status == "complete" else np.nan for t in told]
    expected = [np.nanmin(values[: i + 1]) if not np.isnan(values[: i + 1]).all() else np.nan for i in range(len(told))]
    assert np.array_equal(best_so_far(told, "minimize"), expected, equal_nan=True)
    assert np.isnan(values).any()
