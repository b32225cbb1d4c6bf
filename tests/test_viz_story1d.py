"""The 1-D story as it is drawn: whole words, constant axes, exact curves, and no trace of the user's settings."""

import itertools
from collections import Counter

import numpy as np
import pytest
from pictures import hostile, nothing_global_changes, word_problems
from runs import KINDS, run, wave

from bayestuner import NotFittedError, Optimizer, ParameterError
from viz import animate, plot_step
from viz.animation import Animation
from viz.canvas import Stage
from viz.pacing import PHASES
from viz.panel import LengthBar
from viz.rounds import rounds, selected
from viz.story1d import Story1D
from viz.style import DARK, LIGHT


def film(kind, **options):
    return Story1D(run(kind), **({"theme": LIGHT} | options))


def key(a_film, step, phase):
    return next(cue for cue in a_film.cues("keys") if (cue.step, cue.phase) == (step, phase))


def surrogate(a_film, cue):
    """The surrogate's parts, set to a cue."""
    a_film.arrange(cue)
    return a_film._set.surrogate


# ---- words


@pytest.mark.parametrize("kind", KINDS)
def test_no_text_is_cut_or_lies_on_another(kind):
    theme = DARK if kind in ("usual", "failed", "batch") else LIGHT
    a_film = film(kind, theme=theme, objective=wave if kind in ("usual", "batch", "failed", "Thompson") else None)
    for cue in a_film.cues("keys"):
        assert not word_problems(a_film.arrange(cue).figure, theme), (cue.step, cue.phase)


def test_the_check_of_words_can_fail():
    a_film = film("usual")
    stage = a_film.arrange(a_film.cues("keys")[0])
    stage.text(30, 64, "over the caption")
    stage.text(880, 300, "cut at the edge")
    problems = word_problems(stage.figure)
    assert any(p.startswith("on each other") and "over the caption" in p for p in problems)
    assert any(p.startswith("cut: 'cut at the edge'") for p in problems)


# ---- what is drawn is what was believed


@pytest.mark.parametrize("kind", ["usual", "noise", "batch", "maximise"])
def test_update_frames_show_exact_posteriors(kind):
    a_film = film(kind)
    for cue in a_film.cues("brief"):
        if cue.phase != "Update":
            continue
        parts, a_round = surrogate(a_film, cue), a_film.tale.round(cue.step)
        x, mean = parts.band.mean.get_data()
        expected, std = a_round.updating(cue.gain).predict(np.asarray(x)[:, None])
        assert np.abs(mean - expected).max() <= 1e-10 * np.ptp(expected)
        upper = parts.band.bands[0].get_xy()[: len(x), 1]  # ±2σ
        assert np.abs(upper - (expected + 2 * std)).max() <= 1e-9 * np.ptp(expected)


@pytest.mark.parametrize("kind", ["usual", "noise", "batch", "maximise", "failed", "integer", "categorical"])
def test_the_first_frame_of_a_fit_is_the_last_of_the_update_before(kind):
    a_film = film(kind)
    for last, first in itertools.pairwise(a_film.cues("lesson")):
        if (last.phase, first.phase) != ("Update", "Fit"):
            continue
        before = np.array(surrogate(a_film, last).band.mean.get_ydata())
        level = a_film._set.surrogate.level.get_ydata()[0]
        length = a_film._set.surrogate.bar.get_xdata()
        after = np.array(surrogate(a_film, first).band.mean.get_ydata())
        scale = np.ptp(a_film.tale.y_limits)
        assert np.abs(before - after).max() <= 1e-9 * scale
        assert a_film._set.surrogate.level.get_ydata()[0] == pytest.approx(level, abs=1e-9 * scale)
        assert a_film._set.surrogate.bar.get_xdata() == pytest.approx(length)


@pytest.mark.parametrize("kind", ["usual", "maximise", "failed", "categorical", "Thompson"])
def test_axes_never_move(kind):
    a_film = film(kind, objective=wave if kind != "categorical" else None)
    seen = set()
    for cue in a_film.cues("keys"):
        axes = a_film.arrange(cue).figure.axes
        seen.add(tuple((ax.get_xlim(), ax.get_ylim(), ax.get_position().bounds) for ax in axes))
    assert len(seen) == 1
    low, high = a_film.tale.y_limits
    values = [t.value for t in run(kind).trials if t.value is not None]
    assert low < min(values)
    assert high > max(values)


def test_the_bell_is_the_prediction_and_its_green_part_the_chance():
    for kind in ("usual", "maximise"):
        a_film = film(kind)
        cue = key(a_film, 2, "Choose")
        parts, step = surrogate(a_film, cue), a_film.tale.round(2).step
        x, y = (np.asarray(v) for v in parts.bell_line.get_data())
        peak = int(np.argmax(abs(x - x[0])))
        assert y[peak] == pytest.approx(step.mean, abs=0.02 * np.ptp(a_film.tale.y_limits))
        assert abs(x[peak] - a_film.tale.place(step.params)) == pytest.approx(0.075)
        green = parts.bell_gain.get_xy()[:, 1]
        assert (green <= step.best + 1e-9).all() if kind == "usual" else (green >= step.best - 1e-9).all()


def test_the_acquisition_is_scaled_to_its_maximum_and_the_triangle_is_at_the_choice():
    for kind in ("usual", "PI", "LCB", "Thompson", "custom", "log PI"):
        a_film = film(kind)
        for number in range(1, len(a_film.tale.rounds) + 1):
            a_film.arrange(key(a_film, number, "Choose"))
            score, step = a_film._set.score, a_film.tale.round(number).step
            assert np.max(score.line.get_ydata()) == pytest.approx(1.0)
            assert np.min(score.line.get_ydata()) >= 0
            [place] = score.picks.line.get_xdata()
            assert place == pytest.approx(a_film.tale.place(step.params))


def test_the_function_an_acquisition_goes_by_is_drawn():
    for kind in ("LCB", "UCB", "Thompson"):
        a_film = film(kind)
        parts, a_round = surrogate(a_film, key(a_film, 1, "Choose")), a_film.tale.round(1)
        x, y = parts.curve.get_data()
        assert len(x) > 200
        points = [{"x": v} for v in a_film.tale.axis.values(np.asarray(x))]
        if kind == "Thompson":
            expected = a_round.scaling.mean(a_round.step.score(points))
            assert y[np.argmin(abs(x - a_film.tale.place(a_round.step.params)))] <= np.min(y) + 1e-3
        else:
            expected = a_round.step.score(points)
        assert np.abs(y - expected).max() < 1e-8
    assert not len(surrogate(film("usual"), key(film("usual"), 1, "Choose")).curve.get_xdata())


def test_every_trial_is_drawn_once_it_is_told():
    for kind in ("usual", "failed", "batch", "user"):
        a_film = film(kind)
        for cue in a_film.cues("keys"):
            parts, a_round = surrogate(a_film, cue), a_film.tale.round(cue.step)
            told = [*a_round.told, *(a_round.arrived if cue.phase in ("Evaluate", "Update") else [])]
            marks = [parts.seen, parts.best, parts.best_new, parts.new, *(body for body, _ in parts.numbers)]
            drawn = Counter(round(float(y), 9) for mark in marks for y in mark.line.get_ydata())
            expected = Counter(round(t.value, 9) for t in told if t.status == "complete")
            if not (cue.phase == "Choose" and len(a_round.steps) > 1):  # there the diamonds are at the mean
                assert drawn == expected, (kind, cue.phase)
            failed = sum(t.status == "failed" for t in told)
            assert len(parts.failed.line.get_xdata()) == failed


def test_noise_is_drawn_where_it_can_be_seen():
    a_film = film("noise")
    cue = key(a_film, 1, "Choose")
    bars = surrogate(a_film, cue).noise.get_segments()
    a_round = a_film.tale.round(1)
    assert len(bars) == len(a_round.seen)
    noise = np.sqrt(a_round.step.noise) * abs(a_round.step.scale)
    assert np.ptp(np.array(bars)[:, :, 1], axis=1) == pytest.approx(2 * noise)
    assert not surrogate(film("usual"), cue).noise.get_segments()


def test_the_best_stays_the_value_told_where_the_level_is_what_had_to_be_beaten():
    a_film = film("noise")
    parts, a_round = surrogate(a_film, key(a_film, 2, "Choose")), a_film.tale.round(2)
    assert parts.level.get_ydata()[0] == a_round.step.best
    assert parts.best.line.get_ydata()[0] == min(t.value for t in a_round.seen)
    assert parts.level_words.get_text().startswith("to beat ")


def test_the_truth_is_optional_and_is_the_only_reason_to_call_the_objective():
    calls = []

    def objective(x):
        calls.append(x)
        return wave(x)

    plain, with_truth = film("usual"), film("usual", objective=objective)
    cue = key(plain, 1, "Choose")
    assert not len(surrogate(plain, cue).truth.get_xdata())
    x, y = surrogate(with_truth, cue).truth.get_data()
    assert y == pytest.approx([wave(2.7 + 4.8 * u) for u in x])
    count = len(calls)
    with_truth.draw(cue)
    assert len(calls) == count
    words = {text.get_text() for legend in plain._set.stage.figure.legends for text in legend.get_texts()}
    assert not any("true" in word for word in words)
    assert with_truth.tale.optimum == pytest.approx(-1.8996, abs=1e-3)


def test_steps_not_slopes():
    a_film = film("usual")
    for cue in a_film.cues("lesson"):
        a_film.arrange(cue)
        x, y = (np.asarray(v) for v in a_film._set.stair.line.get_data())
        assert ((np.diff(x) == 0) | (np.diff(y) == 0)).all()


# ---- paces


def test_paces():
    a_film = film("usual")
    lesson, brief, keys, steps = (a_film.cues(pace) for pace in ("lesson", "brief", "keys", "steps"))
    assert Counter(c.phase for c in lesson if c.step == 1) == dict(zip(PHASES, (6, 14, 3, 5, 8), strict=True))
    assert Counter(c.phase for c in lesson if c.step == 3) == dict(zip(PHASES, (4, 4, 2, 3, 6), strict=True))
    assert Counter(c.phase for c in brief if c.step == 3) == dict(zip(PHASES, (1, 1, 1, 1, 6), strict=True))
    assert [c.phase for c in keys] == list(PHASES) * 4
    assert [c.phase for c in steps] == ["Choose"] * 4
    for cues in (lesson, brief, keys, steps):
        assert cues[-1].ms == 4000
        assert all(c.key == (c.tween == c.of - 1) for c in cues)
        assert all(c.ms == 50 for c in cues if not c.key)
    words = [len(" ".join(c.caption).split()) for c in lesson if c.key]
    holds = [c.ms for c in lesson if c.key]
    slow, quick = zip(words[:10], holds[:10], strict=True), zip(words[10:-1], holds[10:-1], strict=True)
    assert all(ms == min(max(260 * count, 600), 6000) for count, ms in slow)
    assert all(ms == min(max(90 * count, 600), 6000) for count, ms in quick)
    assert [c.ms for c in keys[:5]] == [400, 300, 1600, 1000, 500]


def test_a_long_run_shows_every_kth_iteration_and_says_so():
    history = run("usual")
    assert selected(history, rounds(history) * 31, None) == list(range(0, 124, 3))
    a_film = film("usual", steps=[0, 2])
    cues = a_film.cues("keys")
    assert {cue.step for cue in cues} == {1, 3}
    a_film.arrange(cues[-1])
    assert a_film._set.header.counter.get_text() == "iteration 3 of 4 (every 2nd shown)  ·  5 evaluations"


# ---- pixels


def test_a_cue_is_drawn_the_same_whatever_was_drawn_before():
    a_film, fresh = film("usual", objective=wave), film("usual", objective=wave)
    cues = a_film.cues("keys")
    first = [a_film.draw(cue) for cue in cues]
    assert first[0].shape == (600, 900, 3)
    assert first[0].dtype == np.uint8
    for i in (7, 2, 12):
        assert (a_film.draw(cues[i]) == first[i]).all()
        assert (fresh.draw(cues[i]) == first[i]).all()


@pytest.mark.parametrize("kind", ["usual", "failed", "integer"])
def test_hostile_settings_change_no_byte(kind):
    cues = [cue for cue in film(kind).cues("keys") if cue.step == 1]
    plain = [film(kind, objective=None).draw(cue) for cue in cues]
    with hostile(), nothing_global_changes():
        a_film = film(kind)
        spoilt = [a_film.draw(cue) for cue in cues]
    assert all((a == b).all() for a, b in zip(plain, spoilt, strict=True))


def test_nothing_global_changes():
    with nothing_global_changes():
        animation = animate(run("usual"), objective=wave, pace="keys", theme="dark")
        animation.frame(3)
        plot_step(run("usual"), 1, "score")


def test_size_and_scale():
    small, large = film("usual", scale=0.5), film("usual", scale=2)
    cue = key(small, 1, "Choose")
    assert small.draw(cue).shape == (300, 450, 3)
    assert large.draw(cue).shape == (1200, 1800, 3)
    assert large.size == (1800, 1200)
    wide = film("usual", size=(1100, 700))
    assert wide.draw(cue).shape == (700, 1100, 3)
    assert not word_problems(wide.arrange(cue).figure)


def test_captions_can_be_left_out_of_the_picture():
    a_film = film("usual", captions=False)
    cue = key(a_film, 1, "Choose")
    a_film.arrange(cue)
    assert cue.caption[0].startswith("EI picks") or cue.caption[0].startswith("The largest hole")
    assert all(not line.get_text() for line in a_film._set.header.captions.lines)


# ---- animate and plot_step


def test_animate_is_lazy():
    animation = animate(run("usual"))
    assert isinstance(animation, Animation)
    assert animation.pace == "lesson"
    assert len(animation) == 36 * 2 + 19 * 2
    assert "_set" not in vars(animation.film)
    frame = animation.frame(0)
    assert (frame.step, frame.phase, frame.image.shape) == (1, "Fit", (600, 900, 3))


def test_plot_step_is_a_figure_of_one_frame(tmp_path):
    figure = plot_step(run("usual"), -1, "update", objective=wave)
    figure.savefig(tmp_path / "a.png")
    figure.savefig(tmp_path / "b.png")
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()
    texts = [text.get_text() for text in figure.texts]
    assert any(text.startswith("Update: the band closes") for text in texts)
    assert any(text.startswith("iteration 4 of 4") for text in texts)
    assert any(t.get_text() == "start design  ·  3 evaluations" for t in plot_step(run("only start")).texts)


@pytest.mark.parametrize(
    ("options", "error", "words"),
    [
        ({"pace": "fast"}, ParameterError, "lesson, brief, keys, steps"),
        ({"theme": "sepia"}, ParameterError, "'light', 'dark'"),
        ({"objective": 3}, TypeError, "objective must be the function"),
        ({"objective": lambda x: float("nan")}, ParameterError, "objective gives no value"),
        ({"objective": lambda y: y}, ParameterError, "objective gives no value for any x"),
        ({"steps": 9}, ParameterError, "there is no step 9; the run has 4"),
        ({"parameters": ["y"]}, ParameterError, "there is no parameter 'y'; the run has x"),
        ({"parameters": []}, ParameterError, "parameters is empty"),
        ({"parameters": ["x", "x"]}, ParameterError, "twice"),
        ({"size": (300, 200)}, ParameterError, r"size must be from \(900, 600\)"),
        ({"size": 900}, TypeError, r"size must be \(width, height\)"),
        ({"scale": 0}, ParameterError, "scale must be from 0.25 to 4"),
        ({"scale": "2"}, TypeError, "scale must be a number"),
    ],
)
def test_bad_arguments_are_refused_before_anything_is_drawn(options, error, words):
    with nothing_global_changes(), pytest.raises(error, match=words):
        animate(run("usual"), **options)


def test_other_bad_input_is_refused():
    with pytest.raises(TypeError, match="a History is animated"):
        animate("run.db")
    with pytest.raises(NotFittedError, match="nothing to animate"):
        animate(Optimizer({"x": (0.0, 1.0)}).history)
    with pytest.raises(ParameterError, match="phase must be one of fit, score, choose, evaluate, update"):
        plot_step(run("usual"), 0, "guess")
    with pytest.raises(ParameterError, match=r"has no phase 'update' yet.*it has fit, score, choose"):
        plot_step(run("parallel"), -1, "update")
    with pytest.raises(ParameterError, match="there is no step 7"):
        plot_step(run("usual"), 7)


def test_the_lengthscale_can_be_read_where_the_band_covers_everything():
    stage = Stage((300, 200), LIGHT)
    ax = stage.axes((20, 20, 280, 180))
    bar = LengthBar(stage, ax)
    stage.on("frame", ax.axhspan(0, 1, color=LIGHT.model, zorder=1))
    stage.draw("wordless")  # what is drawn once must not lie under what is drawn again and again
    bar.show(0.2, "length-scale 0.25")
    box = bar.words.get_window_extent()
    image = stage.draw("words")[int(200 - box.y1) : int(200 - box.y0), int(box.x0) : int(box.x1)]
    assert (image.max(axis=-1) < 100).sum() > 50  # ink
