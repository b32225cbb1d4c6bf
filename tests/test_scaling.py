"""Between the user's values and the model's: the bend, its evidence, and what a search gains by it."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from bayestuner import History, Optimizer, minimize
from bayestuner.bend import BENDS, STRONG, Values, most_probable_bend, nearest
from bayestuner.scaling import Scaling, off_center, standardise
from bayestuner.surrogate import MANY, default_processes, learn_values
from gp import GaussianProcess, Matern52
from viz.moment import between

sizes = st.floats(-5, 5).map(lambda e: 10.0**e)


@st.composite
def scalings(draw):
    center, shift = (draw(st.floats(-100, 100)) for _ in range(2))
    return Scaling(shift, draw(st.sampled_from([-1, 1])) * draw(sizes), center, draw(st.one_of(st.just(0.0), sizes)))


@given(scalings(), st.lists(st.floats(-1e3, 1e3), min_size=1, max_size=5))
def test_values_come_back(scaling, values):
    y = np.array(values)
    np.testing.assert_allclose(scaling.mean(scaling.to_model(y)), y, rtol=1e-7, atol=1e-7)


@given(scalings(), st.floats(-1e3, 1e3))
def test_slopes_are_those_of_the_map(scaling, y):
    assume(abs(scaling.bend * (y - scaling.center)) < 1e4)  # beyond, differences are all rounding
    h = 1e-4 / max(scaling.bend, 1e-2) * max(1.0, abs(scaling.bend * (y - scaling.center)))
    dz = float(scaling.to_model(y + h) - scaling.to_model(y - h)) / (2 * h)
    assert math.exp(scaling.log_slope(np.array([y]))[0]) == pytest.approx(abs(dz), rel=1e-4)
    mean, std = scaling.moments(scaling.to_model(y), 1.0)
    assert float(mean) == pytest.approx(y, rel=1e-7, abs=1e-7)
    assert float(std) == pytest.approx(1 / abs(dz), rel=1e-4)


def test_a_gain_is_the_difference_of_two_values():
    for scaling in (Scaling(3.0, -2.0), Scaling(3.0, -2.0, 1.0, 4.0), Scaling(-3.0, 0.5, 1.0, 0.1)):
        for best, gain in ((0.3, 0.2), (-1.0, 1.5), (2.0, 1e-3)):
            assert float(scaling.gain(best, gain)) == pytest.approx(abs(scaling.mean(best + gain) - scaling.mean(best)))
        assert float(scaling.gain(0.3, 1e-30)) == pytest.approx(float(scaling.slope(0.3)) * 1e-30)  # nothing is lost


@given(scalings(), st.floats(-50, 50), st.floats(0.01, 3), st.floats(-2, 2))
def test_deviations_and_intervals_are_the_models(scaling, y, z_std, off):
    z = scaling.to_model(y)
    mean, std = scaling.moments(z, z_std)
    value = scaling.mean(z + off * z_std)
    assume(np.isfinite(value) and abs(scaling.bend * (value - scaling.center)) < 1e12)
    sign = np.sign(scaling.scale)
    assert float(scaling.deviations(value, mean, std)) * sign == pytest.approx(off, rel=1e-5, abs=1e-5)
    low, high = scaling.interval(mean, std, abs(off))
    assert low <= high
    assert float(low if off * sign < 0 else high) == pytest.approx(float(value), rel=1e-4, abs=1e-4)


def test_the_map_in_plain_mathematics():
    scaling = Scaling(shift=2.0, scale=-3.0, center=1.0, bend=0.5)
    bent = 1.0 + math.asinh(0.5 * (7.0 - 1.0)) / 0.5
    assert float(scaling.to_model(7.0)) == pytest.approx((bent - 2.0) / -3.0, rel=1e-15)
    z = -0.4
    assert float(scaling.mean(z)) == pytest.approx(1.0 + math.sinh(0.5 * (2.0 - 3.0 * z - 1.0)) / 0.5, rel=1e-15)
    assert float(scaling.moments(z, 0.1)[1]) == pytest.approx(0.3 * math.cosh(0.5 * (1.0 - 3.0 * z)), rel=1e-14)


@pytest.mark.parametrize("direction", ["minimize", "maximize"])
@pytest.mark.parametrize("factor", [1.0, 1e300, 1e-300, 1e8])
def test_bent_values_are_standardised_in_any_units(direction, factor):
    sign = 1 if direction == "minimize" else -1
    y = sign * np.array([0.0, 1e-3, 0.5, 3.0, 40.0, 100.0]) * factor
    distance = np.abs(y).max()
    z, scaling = standardise(y, direction, 30.0 / distance)
    assert z.mean() == pytest.approx(0, abs=1e-14)
    assert z.std() == pytest.approx(1)
    assert (np.diff(z) < 0).all()
    np.testing.assert_allclose(scaling.mean(z), y, rtol=1e-9, atol=1e-12 * distance)
    np.testing.assert_allclose(scaling.to_model(y), z, rtol=1e-9)
    plain = standardise(y / factor, direction, 30.0 * factor / distance)[0]
    np.testing.assert_allclose(z, plain, rtol=1e-9)


def test_what_is_far_beyond_all_values_stays_finite():
    with np.errstate(all="raise"):
        assert np.isfinite(Scaling(0.0, 1.0, 0.0, 10.0).moments(np.array([-1e6, 1e6]), 1.0)).all()


def test_few_or_equal_values_are_never_bent():
    assert Values(np.arange(5.0), "minimize").bends.tolist() == [0]
    assert Values(np.ones(10), "minimize").bends.tolist() == [0]
    assert len(Values(np.arange(6.0), "minimize").bends) == 1 + len(BENDS)
    assert Values(1e-320 * np.arange(10.0), "minimize").bends.tolist() == [0]


def test_only_what_is_off_the_center_tells_of_the_bend():
    y = np.array([1e9, 1e9 + 1e-6, 1e9 + 1.0, 1e9 + 5.0])
    assert off_center(y, "minimize").tolist() == [1e9 + 1.0, 1e9 + 5.0]
    assert off_center(y, "maximize").tolist() == [1e9, 1e9 + 1e-6, 1e9 + 1.0]
    assert off_center(np.array([2.0, 0.5, 2.0]), "maximize").tolist() == [0.5]
    assert off_center(y, "minimize", 1e9 + 1.0).tolist() == [1e9, 1e9 + 1e-6, 1e9 + 5.0]


@pytest.mark.parametrize("offset", [1e5, -1e9, 1e11])
def test_an_offset_changes_nothing(offset):
    U, y = data(steep)
    posterior, scaling = learn_values(default_processes([0, 1]), U, Values(y, "minimize"))
    moved, again = learn_values(default_processes([0, 1]), U, Values(y + offset, "minimize"))
    assert again.bend == pytest.approx(scaling.bend, rel=1e-3)
    assert moved.log_posterior == pytest.approx(posterior.log_posterior, abs=0.5)


@pytest.mark.parametrize("absurd", [1e12, 1e160, 1e300])
def test_an_absurd_value_neither_forbids_a_bend_nor_sets_the_unit(absurd):
    U, y = data(steep)
    scaling = learn_values(default_processes([0, 1]), U, Values(y, "minimize"))[1]
    U, y = np.vstack([U, [[0.01, 0.99]]]), np.append(y, absurd)
    z, _ = standardise(y, "minimize")
    assert z.std() == pytest.approx(1)
    again = learn_values(default_processes([0, 1]), U, Values(y, "minimize"))[1]
    assert again.bend > 0
    assert 0.01 < again.bend / scaling.bend < 100


def test_the_nearest_bend_is_that_by_factor():
    bends = np.array([0.0, 1.0, 10.0, 100.0])
    assert [nearest(bends, b) for b in (0.0, 0.1, 2.9, 3.3, 1e5)] == [0.0, 1.0, 1.0, 10.0, 100.0]
    assert nearest(np.zeros(1), 5.0) == 0.0


def data(function, n=30, seed=0):
    U = np.random.default_rng(seed).random((n, 2))
    return U, function(U)


def steep(U):
    return np.exp(12 * np.square(U - 0.4).sum(axis=1))


def smooth(U):
    return np.sin(4 * U[:, 0]) + U[:, 1]


def test_the_bend_is_the_most_probable_for_the_kernel():
    U, y = data(steep)
    bends = Values(y, "minimize").bends
    z, _ = standardise(y, "minimize")
    posterior = default_processes([0, 1])[0].condition(U, z)

    def log_probability(bend):
        z, scaling = standardise(y, "minimize", bend)
        noisy = posterior.prior.kernel(U, U) + posterior.prior.noise * np.eye(len(U))
        amplitude = z @ np.linalg.solve(noisy, z) / len(y)  # the best one for this bend
        fit = -0.5 * np.linalg.slogdet(amplitude * noisy)[1] - 0.5 * z @ np.linalg.solve(amplitude * noisy, z)
        slopes = scaling.log_slope(y)
        return fit + slopes.sum() - slopes[y.argmin()] - (STRONG if bend else 0.0)

    assert most_probable_bend(posterior, Values(y, "minimize"), bends) == max(bends, key=log_probability) > 0


@pytest.mark.parametrize(("function", "bent"), [(steep, True), (smooth, False)])
@pytest.mark.parametrize("direction", ["minimize", "maximize"])
def test_steep_functions_are_bent_smooth_ones_not(function, bent, direction):
    U, y = data(function)
    y = y if direction == "minimize" else -y
    posterior, scaling = learn_values(default_processes([0, 1]), U, Values(y, direction))
    assert (scaling.bend > 0) == bent
    # better than straight: in the user's units, at points that were not seen
    new, truth = data(function, n=200, seed=1)
    truth = truth if direction == "minimize" else -truth
    straight, plain = learn_values(default_processes([0, 1]), U, Values(y, direction, may_bend=False))
    error = np.abs(scaling.mean(posterior.predict(new)[0]) - truth).mean()
    assert error <= np.abs(plain.mean(straight.predict(new)[0]) - truth).mean()


def test_a_kernel_of_ones_own_sees_the_values_as_they_are():
    optimizer = Optimizer({"x": (0.0, 1.0)}, kernel=Matern52(0.3), seed=0)
    optimizer.run(lambda x: math.exp(20 * abs(x - 0.3)), 12)
    assert all(step.bend == 0 for step in optimizer.history.steps)


def hump(x, y):
    return math.exp(8 * ((x - 0.3) ** 2 + (y - 0.6) ** 2)) * 1000


SPACE = {"x": (-1.0, 1.0), "y": (-1.0, 2.0)}


@pytest.fixture(scope="module")
def bent_run():
    run = minimize(hump, SPACE, 16, seed=0)
    assert run.steps[-1].bend > 0
    return run


def test_a_step_speaks_in_the_users_units(bent_run):
    step = bent_run.steps[-1]
    trials = step.record.complete(step.observed)
    mean, std = step.predict([t.params for t in trials])
    y = np.array([t.value for t in trials])
    np.testing.assert_allclose(mean, y, rtol=0.1)  # the model goes through the values, the worst ones, too
    assert (std < 0.2 * y).all()
    np.testing.assert_allclose(step.posterior.y, step.scaling.to_model(y), rtol=1e-9)
    model = step.standardised
    expected = step.posterior.predict(step.record.encoded([step.record.trials[step.number]]))
    assert model[:2] == pytest.approx((expected[0][0], expected[1][0]), rel=1e-6)


def test_values_are_bent_around_the_best_that_keeps_the_constraints():
    optimizer = Optimizer(SPACE, seed=0, constraints={"right": (0.8, None)})
    optimizer.enqueue({"x": 0.3, "y": 0.6})  # the lowest of all, and left
    run = optimizer.run(lambda x, y: (hump(x, y), {"right": x}), 16)
    step = run.steps[-1]
    told = step.record.complete(step.observed)
    assert step.bend > 0
    assert step.center == pytest.approx(min(t.value for t in told if t.params["x"] >= 0.8))
    assert step.center > 2 * min(t.value for t in told)
    y = np.array([t.value for t in told])
    seen = y < 1e10  # the model counts worse ones as no worse
    np.testing.assert_allclose(step.scaling.mean(step.posterior.y)[seen], y[seen], rtol=1e-9)


def test_a_stored_run_that_is_bent_goes_on_as_if_nothing_had_happened(bent_run, tmp_path):
    path = tmp_path / "run.db"
    minimize(hump, SPACE, 12, seed=0, storage=path)
    again = minimize(hump, SPACE, 16, storage=path)
    assert [t.params for t in again.trials] == [t.params for t in bent_run.trials]
    loaded = History.load(path)
    assert [(s.center, s.bend) for s in loaded.steps] == [(s.center, s.bend) for s in bent_run.steps]


def test_between_two_scalings_there_is_a_scaling(bent_run):
    from viz.rounds import rounds

    bent = rounds(bent_run)[-1].learned
    y = np.array([t.value for t in bent_run.trials])
    straight = replace(bent, scaling=standardise(y, "minimize")[1])
    other = replace(bent, scaling=replace(bent.scaling, bend=9.0))
    for old, new in ((straight, bent), (bent, straight), (bent, other)):
        assert between(old, new, 0.0, y) is old
        assert between(old, new, 1.0, y) is new
        np.testing.assert_allclose(between(old, new, 1e-9, y).scaling.to_model(y), old.scaling.to_model(y), rtol=0.02)
        np.testing.assert_allclose(
            between(old, new, 1 - 1e-9, y).scaling.to_model(y), new.scaling.to_model(y), rtol=0.02
        )
        way = [between(old, new, t, y).scaling.to_model(y) for t in (0.1, 0.3, 0.5, 0.7, 0.9)]
        assert np.abs(way).max() < 5  # the values stay where the prior of the function expects them
        half = between(old, new, 0.5, y).scaling
        np.testing.assert_allclose(half.mean(half.to_model(y)), y, rtol=1e-9)


def test_many_points_keep_their_bend_until_all_models_compete(monkeypatch):
    U, y = data(steep, n=130)
    posterior, scaling = learn_values(default_processes([0, 1]), U[:-1], Values(y[:-1], "minimize"))
    assert scaling.bend > 0
    fits = []
    fit = GaussianProcess.fit
    monkeypatch.setattr(GaussianProcess, "fit", lambda self, *a, **k: fits.append(1) or fit(self, *a, **k))
    last = (posterior.prior.kernel, posterior.prior.noise, scaling.bend)
    _, after = learn_values(default_processes([0, 1]), U, Values(y, "minimize"), last, again=False)
    assert after.bend == scaling.bend
    assert len(fits) == 1


def test_many_points_let_some_of_them_choose_the_model():
    U, y = data(smooth, n=MANY + 50)
    posterior, _ = learn_values(default_processes([0, 1]), U, Values(y, "minimize"))
    assert len(posterior.X) == MANY + 50
    thorough = max(
        process.fit(U, standardise(y, "minimize")[0], restarts=0).log_posterior for process in default_processes([0, 1])
    )
    assert posterior.log_posterior > thorough - 0.5
