"""The step animation of two parameters: what it shows is what the record says, and every word can be read."""

from dataclasses import dataclass, replace
from functools import cache
from itertools import pairwise

import numpy as np
import pytest
from pictures import hostile, nothing_global_changes, word_problems

from acquisition import (
    Acquisition,
    ExpectedImprovement,
    LogExpectedImprovement,
    ProbabilityOfImprovement,
    ThompsonSampling,
    UpperConfidenceBound,
)
from bayestuner import Categorical, Integer, NotFittedError, Optimizer, ParameterError, Real, maximize, minimize
from bayestuner.benchmarks import branin
from bayestuner.explain import decimals
from gp import RBF, Linear
from viz.animation import Animation
from viz.rounds import rounds
from viz.story2d import Story2D
from viz.style import DARK, LIGHT
from viz.words2d import fit_caption, length_along, lengthscales, pretty


@dataclass(frozen=True)
class Ours(Acquisition):
    weight: float = 1.0

    def score(self, mean, std, best):
        return mean + self.weight * std


LONG = ("learning_rate_of_network", "number_of_hidden_neurons")


def sphere(**point):
    return float(sum((v - 0.3) ** 2 for v in point.values()))


def mixed(layers, kind):
    if kind == "broken":
        return float("nan")
    return float((layers - 3) ** 2 + len(kind))


@cache
def run(name):
    """A small search of each kind: (history, objective)."""
    if name == "branin":
        return minimize(branin, branin.space, 8, n_initial=4, seed=1), branin
    if name == "maximise, noise, long names, 1e6":
        rng = np.random.default_rng(0)
        space = {LONG[0]: Real(1e-5, 1.0, log=True), LONG[1]: (-1000.0, 1000.0)}

        def f(**p):
            return 1e6 * (3 - (np.log10(p[LONG[0]]) + 2) ** 2 + p[LONG[1]] / 500 + 0.2 * rng.standard_normal())

        return maximize(f, space, 8, n_initial=4, seed=2), None
    if name == "integer and categories, failures":
        space = {"layers": (1, 6), "kind": Categorical(["relu", "tanh", "a_rather_long_category", "broken"])}
        return minimize(mixed, space, 9, n_initial=5, seed=0, on_error="continue"), None
    if name == "categories along both, 1e-6":
        choices = [["an_activation_function", "another_of_a_long_name"], ["x", "y", "z"]]
        space = {"first": Categorical(choices[0]), "second": Integer(1, 400, log=True)}
        return minimize(lambda first, second: 1e-6 * len(first) * second, space, 7, n_initial=4, seed=1), None
    if name == "one iteration":
        return minimize(sphere, {"x": (0.0, 1.0), "y": (1e-6, 2e-6)}, 4, n_initial=3, seed=0), None
    if name == "start points only":
        return minimize(sphere, {"x1": (0.0, 1.0), "x2": (0.0, 1.0)}, 3, n_initial=3, seed=0), sphere
    if name == "constant":
        return minimize(lambda x, y: 2.5, {"x": (0.0, 1.0), "y": (0.0, 1.0)}, 5, n_initial=2, seed=0), None
    if name == "a batch, and points not told yet":
        optimizer = Optimizer({"x1": (0.0, 1.0), "x2": (0.0, 1.0)}, n_initial=3, seed=0)
        for params in optimizer.ask(3):
            optimizer.tell(params, sphere(**params))
        for params in optimizer.ask(3):
            optimizer.tell(params, sphere(**params))
        optimizer.ask(2)
        return optimizer.history, sphere
    acquisition = {
        "EI": ExpectedImprovement(),
        "PI": ProbabilityOfImprovement(),
        "LCB": UpperConfidenceBound(1.5),
        "Thompson": ThompsonSampling(),
        "Ours": Ours(),
    }[name]
    return minimize(sphere, {"x1": (0.0, 1.0), "x2": (0.0, 1.0)}, 5, n_initial=3, seed=0, acquisition=acquisition), None


GALLERY = [
    "branin",
    "maximise, noise, long names, 1e6",
    "integer and categories, failures",
    "categories along both, 1e-6",
    "one iteration",
    "start points only",
    "constant",
    "a batch, and points not told yet",
    "EI",
    "PI",
    "LCB",
    "Thompson",
    "Ours",
]


def film(name, **options):
    history, objective = run(name)
    return Story2D(history, objective=objective, **options)


@pytest.mark.parametrize("name", GALLERY)
def test_no_word_is_cut_or_lies_on_another(name):
    for theme in (LIGHT, DARK) if name == "branin" else (LIGHT,):
        story = film(name, theme=theme)
        keys = story.cues("keys")
        for cue in [*keys[:5], *keys[-5:]]:
            assert not word_problems(story.arrange(cue).figure, theme), (cue.step, cue.phase)


@pytest.mark.parametrize("name", ["branin", "maximise, noise, long names, 1e6", "integer and categories, failures"])
def test_update_frames_show_the_exact_tempered_posterior(name):
    story = film(name)
    plane = story.plane
    updates = [cue for cue in story.cues("lesson") if cue.phase == "Update"]
    assert len(updates) >= 6
    checked = 0
    for cue in updates[:6] + updates[-6:]:
        a_round = plane.round(cue.step)
        if not a_round.new:
            continue
        before, scaling = a_round.chosen.posterior, a_round.scaling
        U = a_round.encoded(a_round.new)
        v = before.predict(U)[1] ** 2 + before.prior.noise
        exact = before.append(U, scaling.to_model(a_round.new_values), noise=v * (1 / cue.gain - 1))
        mean, std = exact.predict(plane.U)
        fields = plane.fields(cue.step, plane.moment(cue))
        size = abs(scaling.scale)
        np.testing.assert_allclose(fields.mean.ravel(), scaling.mean(mean), atol=1e-10 * size, rtol=1e-10)
        np.testing.assert_allclose(fields.std.ravel(), scaling.std(std), atol=1e-10 * size, rtol=1e-10)
        checked += 1
    assert checked


def test_the_first_fit_frame_is_the_last_update_frame():
    story = film("branin")
    cues = story.cues("lesson")
    pairs = [(a, b) for a, b in pairwise(cues) if (a.phase, b.phase) == ("Update", "Fit")]
    assert len(pairs) == 3
    for before, after in pairs:
        old, new = (story.plane.fields(cue.step, story.plane.moment(cue)) for cue in (before, after))
        np.testing.assert_allclose(new.mean, old.mean, rtol=1e-9, atol=1e-9)
        np.testing.assert_allclose(new.std, old.std, rtol=1e-6, atol=1e-8)


def test_what_is_drawn_at_choose_is_what_the_step_predicted():
    story = film("branin")
    cue = next(c for c in story.cues("keys") if c.phase == "Choose" and c.step == 2)
    fields, step = story.plane.fields(2, story.plane.moment(cue)), run("branin")[0].steps[1]
    mean, std = step.predict(story.plane.points)
    np.testing.assert_allclose(fields.mean.ravel(), mean, rtol=1e-8)
    np.testing.assert_allclose(fields.std.ravel(), std, rtol=1e-6, atol=1e-8)
    score = step.score(story.plane.points)
    np.testing.assert_allclose(fields.share.ravel(), score / step.score([step.params])[0], atol=1e-8)
    row, column = np.unravel_index(np.argmax(mean), fields.mean.shape)
    first, second = story.plane.axes
    worst = story.plane.points[int(np.argmax(mean))]
    assert first.values(story.plane.places[0][[row]])[0] == pytest.approx(worst["x1"])
    assert second.values(story.plane.places[1][[column]])[0] == pytest.approx(worst["x2"])


def test_limits_and_levels_stay_over_the_run():
    story = film("branin")
    scene = story._scene
    keys = story.cues("keys")
    story.draw(keys[0])
    limits = [(ax.get_xlim(), ax.get_ylim()) for ax in scene.stage.figure.axes]
    levels = scene.mean_levels.copy(), scene.std_levels.copy()
    for cue in keys[1:]:
        story.draw(cue)
        assert [(ax.get_xlim(), ax.get_ylim()) for ax in scene.stage.figure.axes] == limits
    np.testing.assert_array_equal(scene.mean_levels, levels[0])
    np.testing.assert_array_equal(scene.std_levels, levels[1])


def test_a_frame_is_the_same_whatever_was_drawn_before():
    story = film("branin")
    cues = story.cues("lesson")
    some = cues[:: len(cues) // 6]
    forward = [story.draw(cue) for cue in some]
    for cue, image in list(zip(some, forward, strict=True))[::-1]:
        np.testing.assert_array_equal(film("branin").draw(cue) if cue is some[3] else story.draw(cue), image)


def test_hostile_settings_change_no_byte_and_nothing_global_changes():
    story = film("branin", steps=0)
    cues = story.cues("keys")
    plain = [story.draw(cue) for cue in cues]
    with nothing_global_changes():
        again = film("branin", steps=0)
        again.draw(cues[-1])
    with hostile():
        spoiled = film("branin", steps=0)
        for cue, image in zip(cues, plain, strict=True):
            np.testing.assert_array_equal(spoiled.draw(cue), image)


def test_captions_say_the_numbers_of_the_record():
    history, _ = run("branin")
    story = film("branin")
    captions = {(cue.step, cue.phase): cue.caption for cue in story.cues("keys")}
    step = history.steps[1]
    x1, x2 = step.params["x1"], step.params["x2"]
    line, why = captions[2, "Choose"]
    place = f"({x1:.2f}, {x2:.2f})".replace("-", "−")
    told = [t.value for t in history.trials]
    n = decimals(max(told) - min(told))
    assert line == f"EI picks {place}: the model expects {step.mean:.{n}f} ± {step.std:.{n}f} there.".replace("-", "−")
    assert f"Chance to beat {step.best:.{n}f}: " in why
    line, second = captions[2, "Fit"]
    assert line == f"Fit the model to {step.observed} observations."
    lengths = lengthscales(step.kernel, [history.space.columns(n) for n in history.space.names])
    for axis, length in zip(story.plane.axes, lengths, strict=True):
        assert f"{length_along(axis, length)} along {pretty(axis.name)}" in second
    value = history.trials[step.number].value
    assert captions[2, "Evaluate"][0].startswith(f"Evaluate: f{place} = {value:.{n}f}")
    assert "dark, left" in captions[2, "Score"][1]
    assert "bright, left" in film("branin", theme=DARK).caption(2, "Score")[1]
    assert captions[2, "Update"][0] == "Update: certainty spreads around the new point."
    assert "Dotted" not in captions[2, "Update"][1]


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("EI", "EI is high where the mean is good"),
        ("PI", "PI, the chance of any gain, is high"),
        ("LCB", "LCB = mean − κσ, κ = 1.5"),
        ("Thompson", "its lowest point is tried next"),
        ("Ours", "Ours is highest where the next point is."),
    ],
)
def test_every_acquisition_is_explained(name, words):
    assert words in film(name).caption(1, "Score")[1]


@pytest.mark.parametrize(
    ("lengths", "words"),
    [
        ((0.2, 0.25), "about equally fast in both directions"),
        ((0.2, 0.27), "faster along x₁"),
        ((3.0, 0.5), "faster along x₂"),
    ],
)
def test_f_varies_faster_where_the_lengthscale_is_shorter(lengths, words):
    history, _ = run("branin")
    story = film("branin")
    step = rounds(history)[0]
    learned = type(step.learned)(2.0 * RBF(lengths), step.learned.noise, step.learned.scaling)
    assert fit_caption(story.words, replace(step, learned=learned), None)[1].endswith(f"f varies {words}.")
    none = replace(step, learned=type(step.learned)(Linear(0.7), step.learned.noise, step.learned.scaling))
    assert "Most plausible offset: 0.7" in fit_caption(story.words, none, None)[1]


def test_phases_are_those_that_happened():
    phases = [cue.phase for cue in film("a batch, and points not told yet").cues("keys")]
    assert phases == ["Fit", "Score", "Choose", "Evaluate", "Update", "Fit", "Score", "Choose"]
    assert [cue.phase for cue in film("start points only").cues("lesson")] == ["Fit"] * 4
    assert [cue.phase for cue in film("branin").cues("steps")] == ["Choose"] * 4


def test_true_minima_are_found_and_marked():
    truth = film("branin").plane.truth
    assert truth.optimum == pytest.approx(branin.minimum, abs=1e-3)
    found = sorted((15 * x - 5, 15 * y) for x, y in truth.places)
    np.testing.assert_allclose(found, [(-np.pi, 12.275), (np.pi, 2.275), (9.42478, 2.475)], atol=0.03)


def test_the_objective_is_never_called_unless_it_is_given():
    calls = []

    def f(x1, x2):
        calls.append((x1, x2))
        return x1 + x2

    history = minimize(f, {"x1": (0.0, 1.0), "x2": (0.0, 1.0)}, 5, n_initial=3, seed=0)
    story = Story2D(history)
    assert story.plane.truth is None
    for cue in story.cues("keys"):
        story.draw(cue)
    assert len(calls) == 5


def test_steps_choose_rounds_and_bad_ones_are_refused():
    assert {cue.step for cue in film("branin", steps=[0, -1]).cues("lesson")} == {1, 4}
    with pytest.raises(ParameterError, match="no step 9"):
        film("branin", steps=9)
    with pytest.raises(NotFittedError, match="nothing to animate"):
        Story2D(Optimizer({"a": (0.0, 1.0), "b": (0.0, 1.0)}).history)


def test_twice_the_scale_is_twice_the_pixels():
    story = film("one iteration", scale=2)
    assert story.size == (1800, 1200)
    assert story.draw(story.cues("keys")[0]).shape == (1200, 1800, 3)


def test_without_captions_the_words_stay_in_the_text_only():
    with_words, without = film("one iteration"), film("one iteration", captions=False)
    cue = with_words.cues("keys")[2]
    assert without.cues("keys")[2].caption == cue.caption
    assert (with_words.draw(cue) != without.draw(cue)).any()
    np.testing.assert_array_equal(with_words.draw(cue)[110:], without.draw(cue)[110:])


def test_files_are_small(tmp_path):
    """Two iterations, in proportion to the budget of 14: 5 MB for the lesson, 2 MB for its key frames."""
    for pace, most in (("lesson", 5e6 * 2 / 14), ("keys", 2e6 * 2 / 14)):
        path = Animation(film("branin", steps=[1, 2]), pace).save(tmp_path / f"{pace}.gif")
        assert path.stat().st_size < most


def test_log_expected_improvement_is_shown_as_ei():
    history = run("branin")[0]
    assert isinstance(history.steps[0].acquisition, LogExpectedImprovement)
    story = film("branin")
    story.draw(next(c for c in story.cues("keys") if c.phase == "Score"))
    assert story._scene.title.get_text() == "EI (√ scale)"
