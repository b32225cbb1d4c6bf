"""Living samples, sweeps, exploration and races: exact numbers, readable words, nothing of the user's settings."""

from functools import cache
from itertools import pairwise

import numpy as np
import pytest
from pictures import hostile, nothing_global_changes, word_problems

from acquisition import ExpectedImprovement, ProbabilityOfImprovement, ThompsonSampling, UpperConfidenceBound
from bayestuner import Categorical, Optimizer, ParameterError, Real, maximize, minimize, random_search
from gp import RBF, DataError, GaussianProcess, Matern52
from viz.exploration import animate_exploration
from viz.lengthscale import animate_lengthscale
from viz.lengthscale_story import Sweep
from viz.race import animate_race
from viz.samples import animate_samples
from viz.style import DARK, LIGHT
from viz.view import view_of_model, view_of_step

LONG = "a_parameter_of_24_letters"
X = np.array([3.2, 5.1, 6.6, 4.2])


def f(x):
    return float(np.sin(x) + np.sin(10 * x / 3))


def tiny(**p):
    return 1e-6 * (np.log10(p[LONG]) + 2) ** 2


def noisy(x):
    return 1e6 * (f(x) + 0.3 * float(np.sin(1000 * x)))


@cache
def history(name):
    """Searches of one parameter."""
    if name == "plain":
        return minimize(f, {"x": (2.7, 7.5)}, 7, n_initial=3, seed=3)
    if name == "log, long name, 1e-6":
        return minimize(tiny, {LONG: Real(1e-5, 1.0, log=True)}, 7, n_initial=4, seed=1)
    if name == "maximise, noise, 1e6":
        return maximize(noisy, {"x": (2.7, 7.5)}, 8, n_initial=4, seed=3)
    if name == "integer":
        return minimize(lambda n: (n - 4) ** 2, {"n": (1, 9)}, 7, n_initial=3, seed=0)
    if name == "categories":
        kinds = Categorical(["relu", "tanh", "an_activation_of_long_name", "gelu"])
        return minimize(lambda kind: len(kind), {"kind": kinds}, 4, n_initial=2, seed=0)
    if name == "random":
        return random_search(f, {"x": (2.7, 7.5)}, 7, seed=3)
    acquisition = {
        "EI": ExpectedImprovement(),
        "PI": ProbabilityOfImprovement(),
        "LCB": UpperConfidenceBound(),
        "TS": ThompsonSampling(),
    }[name]
    return minimize(f, {"x": (2.7, 7.5)}, 7, n_initial=3, seed=3, acquisition=acquisition)


@cache
def model():
    x = np.linspace(2.8, 7.3, 14)
    return GaussianProcess(1.0 * RBF(0.6), noise=1e-3).fit(x[:, None], np.array([f(v) for v in x]))


def samples(**options):
    return animate_samples(1.2 * Matern52(0.9), X, [f(x) for x in X], bounds=(2.7, 7.5), **options)


NAMES = ["plain", "log, long name, 1e-6", "maximise, noise, 1e6", "integer", "categories"]
GALLERY = {
    "samples": samples,
    "samples of the truth": lambda **o: samples(objective=f, **o),
    "one sample point, 1e6": lambda **o: animate_samples(1e12 * RBF(1e-6), [2e-6], [3e6], noise=1e10, **o),
    "lengthscale": lambda **o: animate_lengthscale(model(), bounds=(2.7, 7.5), objective=f, **o),
    "noise": lambda **o: animate_lengthscale(model(), parameter="noise", **o),
    "amplitude": lambda **o: animate_lengthscale(model(), parameter="amplitude", **o),
    **{f"lengthscale, {n}": lambda n=n, **o: animate_lengthscale(history(n), **o) for n in NAMES},
    **{f"noise, {n}": lambda n=n, **o: animate_lengthscale(history(n), parameter="noise", **o) for n in NAMES[1:3]},
    **{f"kappa, {n}": lambda n=n, **o: animate_exploration(history(n), **o) for n in NAMES},
    "xi, plain": lambda **o: animate_exploration(history("plain"), 0, "xi", objective=f, **o),
    "xi, maximise": lambda **o: animate_exploration(history("maximise, noise, 1e6"), -1, "xi", **o),
    "xi, PI": lambda **o: animate_exploration(history("PI"), 1, "xi", **o),
    "race": lambda **o: animate_race({n: history(n) for n in ("EI", "LCB", "PI", "TS")}, objective=f, **o),
    "race of three, one random": lambda **o: animate_race({n: history(n) for n in ("EI", "TS", "random")}, **o),
    "race of long labels, maximise, 1e6": lambda **o: animate_race(
        {"the first of the two searches": history("maximise, noise, 1e6"), LONG: history("maximise, noise, 1e6")}, **o
    ),
    "race on a logarithmic axis": lambda **o: animate_race(
        dict.fromkeys("ab", history("log, long name, 1e-6")), objective=tiny, **o
    ),
    "race of integers": lambda **o: animate_race(dict.fromkeys("abc", history("integer")), **o),
    "race of categories": lambda **o: animate_race(dict.fromkeys("abc", history("categories")), **o),
}


@pytest.mark.parametrize("name", GALLERY)
def test_no_word_is_cut_or_lies_on_another(name):
    film = GALLERY[name](pace="keys").film
    cues = film.cues("keys")
    for cue in dict.fromkeys([*cues[:3], cues[len(cues) // 2], *cues[-2:]]):
        assert not word_problems(film.arrange(cue).figure, LIGHT), (cue.step, cue.phase)


@pytest.mark.parametrize("name", ["samples", "lengthscale", "kappa, plain", "race"])
def test_hostile_settings_change_no_byte_and_nothing_global_changes(name):
    plain = GALLERY[name](theme="dark").film
    cues = plain.cues("lesson")
    some = [cues[0], cues[len(cues) // 3], cues[-1]]
    images = [plain.draw(cue) for cue in some]
    with nothing_global_changes():
        GALLERY[name](theme="dark").film.draw(some[0])
    with hostile():
        spoiled = GALLERY[name](theme="dark").film
        for cue, image in zip(some[::-1], images[::-1], strict=True):
            np.testing.assert_array_equal(spoiled.draw(cue), image)
    assert plain.theme is DARK


@pytest.mark.parametrize("name", ["samples", "lengthscale", "kappa, plain", "xi, plain", "race"])
def test_axes_never_jump(name):
    film = GALLERY[name]().film
    cues = film.cues("lesson")
    seen = set()
    for cue in cues[:: len(cues) // 12]:
        axes = film.arrange(cue).figure.axes
        seen.add(tuple((ax.get_xlim(), ax.get_ylim()) for ax in axes))
    assert len(seen) == 1


@pytest.mark.parametrize("name", ["samples", "lengthscale", "kappa, plain", "race"])
def test_paces_scale_and_captions(name):
    counts = [len(GALLERY[name](pace=pace)) for pace in ("lesson", "brief", "keys", "steps")]
    assert counts[0] >= counts[1] >= counts[2] >= counts[3] >= 1
    assert counts[0] > counts[2]
    large = GALLERY[name](scale=2, pace="keys")
    width, height = large.film.size
    assert large.frame(-1).image.shape == (height, width, 3)
    assert width == 1800
    silent = GALLERY[name](captions=False, pace="keys")
    assert silent.captions == GALLERY[name](pace="keys").captions
    assert (silent.frame(0).image != GALLERY[name](pace="keys").frame(0).image).any()
    with pytest.raises(ParameterError, match="theme"):
        GALLERY[name](theme="sepia")
    with pytest.raises(ParameterError, match="pace"):
        GALLERY[name](pace="slow")
    with pytest.raises(ParameterError, match="scale"):
        GALLERY[name](scale=100)


# --- samples


def test_samples_end_in_the_posterior_and_begin_in_the_prior():
    story = samples().film.story
    grid = np.array(story.axis.values(story.places))[:, None]
    process = GaussianProcess(1.2 * Matern52(0.9), noise=1e-4)
    mean, std = process.condition(X[:, None], story.y).predict(grid)
    np.testing.assert_allclose(story.bundles[-1].mean[: len(grid)], mean, atol=1e-7)
    np.testing.assert_allclose(story.bundles[-1].std[: len(grid)], std, atol=1e-5)
    np.testing.assert_allclose(story.bundles[0].std, np.sqrt(1.2), atol=1e-9)
    halfway = story.between(3, 0.4)
    before = process.condition(X[:3, None], story.y[:3])
    v = before.predict(X[3:, None])[1] ** 2 + process.noise
    exact = before.append(X[3:, None], story.y[3:], noise=v * (1 / 0.4 - 1)).predict(grid)
    np.testing.assert_allclose(halfway.mean[: len(grid)], exact[0], atol=1e-7)
    np.testing.assert_allclose(halfway.std[: len(grid)], exact[1], atol=1e-5)


def test_living_samples_loop_and_never_jump():
    film = samples().film
    story = film.story
    first, last = story.curves(story.bundles[0], 0), story.curves(story.bundles[0], 48)
    np.testing.assert_array_equal(first, last)
    shown = []
    for cue in film.cues("lesson"):
        film.arrange(cue)
        shown.append(np.array([path.vertices[:, 1] for path in film._scene.curves.get_paths()]))
    jumps = [np.abs(b - a).max() for a, b in pairwise(shown)]
    assert max(jumps) < 0.35 * np.ptp(story.limits)
    np.testing.assert_allclose(shown[47], first, atol=1e-12)


def test_captions_of_samples_count_the_points_and_say_their_numbers():
    captions = samples(pace="keys").captions
    assert captions[0].startswith("Before any data: any of these curves could be f.")
    assert captions[1].startswith(f"Observation 1: f(3.2) = {f(3.2):.2f}.".replace("-", "−"))
    assert captions[-1].startswith("4 points: only curves through them remain.")
    noisy_ones = animate_samples(RBF(0.9), X, [f(x) for x in X], noise=0.1, pace="keys").captions
    assert noisy_ones[-1].startswith("4 points: only curves near them remain.")


def test_samples_need_points_of_one_input():
    with pytest.raises(ParameterError, match="one input, X has 2 columns"):
        animate_samples(RBF(), np.zeros((3, 2)), np.zeros(3))
    with pytest.raises(ParameterError, match="1 to 12 observations, got 0"):
        animate_samples(RBF(), np.zeros((0, 1)), [])
    with pytest.raises(ParameterError, match="bounds"):
        animate_samples(RBF(), [0.0, 9.0], [1.0, 2.0], bounds=(1.0, 5.0))
    with pytest.raises(DataError, match="NaN"):
        animate_samples(RBF(), [1.0, 2.0], [np.nan, 1.0])


# --- sweeps


@pytest.mark.parametrize("parameter", ["lengthscale", "noise", "amplitude"])
def test_a_sweep_shows_the_posterior_under_each_value_and_the_likeliest(parameter):
    sweep = Sweep(view_of_model(model()), parameter)
    assert sweep.best == np.argmax([p.log_marginal_likelihood for p in sweep.posteriors])
    mean, std = sweep.line(40)
    np.testing.assert_array_equal(mean, sweep.posteriors[40].predict(sweep.view.U)[0])
    assert std.shape == mean.shape
    assert (np.diff(sweep.values) > 0).all()
    draws = np.array([sweep.samples(40, 1, seed)[0] for seed in range(400)])
    np.testing.assert_allclose(draws.std(axis=0), std, rtol=0.25, atol=0.02 * std.max())
    near = np.abs(sweep.samples(100) - sweep.samples(101)).max()
    assert near < 0.2 * np.ptp(sweep.limits)


def test_sweep_captions_add_up_and_judge():
    captions = animate_lengthscale(model(), pace="keys").captions
    assert [next(w for w in ("too short", "too long", "just right") if w in c) for c in captions] == [
        "too short",
        "too long",
        "just right",
    ]
    numbers = captions[2].split("likelihood ")[2].replace("−", "-").replace(".   Best: ", " ").split()
    total, fit, simplicity, constant = (float(numbers[i].rstrip(".")) for i in (0, 4, 7, 10))
    assert total == pytest.approx(fit + simplicity + constant, abs=0.16)
    every = Sweep(view_of_model(model()), "lengthscale").posteriors
    assert total == pytest.approx(max(p.log_marginal_likelihood for p in every), abs=0.06)


def test_a_sweep_of_a_run_is_in_the_users_units():
    run = history("plain")
    view = view_of_step(run, run.steps[-1])
    mean, std = view.line()
    expected = run.steps[-1].predict({"x": view.axis.values(view.places)})
    np.testing.assert_allclose(mean, expected[0])
    np.testing.assert_allclose(std, expected[1])
    assert view.length(0.5) == pytest.approx(0.5 * 4.8)
    logarithmic = history("log, long name, 1e-6")
    assert view_of_step(logarithmic, logarithmic.steps[0]).length_words(0.2) == "×10"


def test_what_cannot_be_swept_is_refused():
    with pytest.raises(ParameterError, match="no learned parameter 'period'"):
        animate_lengthscale(model(), parameter="period")
    with pytest.raises(ParameterError, match="2 observations"):
        animate_lengthscale(GaussianProcess(RBF()).condition([[0.0]], [1.0]))
    with pytest.raises(ParameterError, match="one input"):
        animate_lengthscale(GaussianProcess(RBF()).condition(np.eye(2), [1.0, 2.0]))
    with pytest.raises(ParameterError, match="nothing to animate"):
        animate_lengthscale(Optimizer({"x": (0.0, 1.0)}).history)
    with pytest.raises(ParameterError, match="no step 9"):
        animate_lengthscale(history("plain"), step=9)


# --- exploration


@pytest.mark.parametrize(
    ("parameter", "name"), [("kappa", "plain"), ("xi", "EI"), ("xi", "PI"), ("kappa", "maximise, noise, 1e6")]
)
def test_each_pick_is_the_top_of_its_acquisition(parameter, name):
    story = animate_exploration(history(name), 1, parameter).film.story
    step = history(name).steps[1]
    best = float(step.scaling.to_model(step.best))
    mean, std = step.posterior.predict(story.view.U)
    for i in (0, 20, 59):
        acquisition = story.acquisition(float(story.settings[i]))
        assert story.picks[i] == story.view.places[np.argmax(acquisition.score(mean, std, best))]
        assert story.share(i).max() == 1
        assert (story.share(i) >= 0).all()
    assert std[story.traced[1][-1]] >= std[story.traced[1][0]] or parameter == "xi"


def test_the_caption_of_a_jump_says_from_where_to_where():
    films = [animate_exploration(history(name), step).film for name in ("plain", "EI", "LCB") for step in range(4)]
    film = next(film for film in films if film.story.jump is not None)
    story = film.story
    a, b = (story.view.axis.values(story.picks[[i]])[0] for i in (story.jump - 1, story.jump))
    assert f"the choice jumps from x = {a:.2f} to x = {b:.2f}." in film.caption(story.jump)[0]
    phases = list(dict.fromkeys(cue.phase for cue in film.cues("lesson")))
    assert phases == ["Exploit", "Jump", "Explore"]
    assert len(film.cues("lesson")) == 60


def test_exploration_arguments_are_checked():
    with pytest.raises(ParameterError, match="'kappa' or 'xi'"):
        animate_exploration(history("plain"), parameter="nu")
    with pytest.raises(ParameterError, match="0 < low < high"):
        animate_exploration(history("plain"), low=3.0, high=2.0)
    with pytest.raises(ParameterError, match="one parameter, this one has 2"):
        animate_exploration(minimize(lambda a, b: a + b, {"a": (0.0, 1.0), "b": (0.0, 1.0)}, 4, n_initial=3, seed=0))


# --- races


def race(*names, **options):
    return animate_race({n: history(n) for n in names}, **options).film.race


def test_regret_is_the_distance_from_the_true_minimum():
    together = race("EI", "LCB", "random", objective=f)
    least = min(f(x) for x in np.linspace(2.7, 7.5, 100_000))
    assert together.optimum == pytest.approx(least, abs=1e-3)
    for i, lane in enumerate(together.lanes):
        values = [t.value for t in lane.told]
        for known in (1, 4, 7):
            assert together.standing(i, known) == pytest.approx(min(values[:known]) - together.optimum)
    assert together.said(1e-9) == "<0.001"
    assert together.floor == 1e-3


def test_without_the_truth_best_values_are_compared():
    together = race("EI", "LCB")
    assert together.optimum is None
    assert together.standing(0, 7) == min(t.value for t in history("EI").trials)
    assert "best" in animate_race({"a": history("EI"), "b": history("random")}).captions[2]


def test_what_reads_the_same_shares_a_rank():
    twins = animate_race({"one": history("EI"), "two": history("EI"), "three": history("random")}, objective=f)
    ranking = twins.film.race.ranking(2, True)
    ranks = {twins.film.race.lanes[i].label: rank for rank, i, _ in ranking}
    assert ranks["one"] == ranks["two"] != ranks["three"]
    labels = [c for c in twins.captions if "one and two" in c]
    assert labels
    equal = animate_race({"one": history("EI"), "two": history("EI")}, pace="keys").captions
    assert all("All are equal." in c for c in equal)


def test_races_update_exactly_and_keep_their_start():
    together = race("EI", "PI", "LCB", "TS")
    assert together.same_start
    lane = together.lanes[0]
    a_round = lane.rounds[1]
    before, U = a_round.chosen.posterior, a_round.encoded(a_round.new)
    v = before.predict(U)[1] ** 2 + before.prior.noise
    z = a_round.scaling.to_model(a_round.new_values)
    mean, std = before.append(U, z, noise=v * (1 / 0.3 - 1)).predict(together.U)
    got = together.line(lane.moment(2, 0.3))
    np.testing.assert_allclose(got[0], a_round.scaling.mean(mean), atol=1e-10)
    np.testing.assert_allclose(got[1], a_round.scaling.std(std), atol=1e-10)
    assert together.share(lane, 2, lane.moment(2, 0.0)).max() <= 1


def test_races_that_do_not_fit_together_are_refused():
    with pytest.raises(ParameterError, match="2 to 4 searches, got 1"):
        animate_race({"EI": history("EI")})
    with pytest.raises(ParameterError, match="another space or direction"):
        animate_race({"EI": history("EI"), "up": history("maximise, noise, 1e6")})
    with pytest.raises(TypeError, match="dict of labels"):
        animate_race([history("EI"), history("PI")])
    with pytest.raises(TypeError, match="must be a History"):
        animate_race({"a": history("EI"), "b": 3})
