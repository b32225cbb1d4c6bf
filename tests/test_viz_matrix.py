"""The matrix of a run of three and more parameters: numbers, words, and what must not move."""

import math
from functools import cache

import numpy as np
import pytest
from pictures import hostile, nothing_global_changes, word_problems

from bayestuner import (
    Integer,
    NotFittedError,
    Optimizer,
    ParameterError,
    Real,
    SpaceError,
    importance,
    maximize,
    minimize,
    partial_dependence,
    random_search,
)
from viz.effects import Averages, most_important
from viz.field import Field
from viz.figures_parallel import plot_parallel
from viz.figures_slices import plot_slices
from viz.matrix import MatrixFilm
from viz.style import DARK, LIGHT, THEMES

LONG = ["learning_rate_of_the_net", "number_of_hidden_units_x", "activation_of_the_layers", "momentum_in_the_updates"]


@cache
def three():
    return minimize(lambda x, y, z: (x - 0.3) ** 2 + y * z, dict.fromkeys("xyz", (0.0, 1.0)), 9, seed=0)


@cache
def mixed():
    """Four parameters of every kind with long names, huge negative values, two failures, maximised."""
    names = dict(zip(LONG, ("rate", "units", "act", "momentum"), strict=True))
    space = {
        LONG[0]: Real(1e-6, 1e2, log=True),
        LONG[1]: Integer(4, 256, log=True),
        LONG[2]: ["relu", "tanh", "a_function_of_a_long_name"],
        LONG[3]: (1, 3),
    }
    calls = iter(range(100))

    def objective(**given):
        point = {names[k]: v for k, v in given.items()}
        if next(calls) in (2, 8):
            return math.nan
        return -1e6 * ((math.log10(point["rate"]) + 2) ** 2 + point["momentum"] + len(point["act"]))

    return maximize(objective, space, 12, seed=0)


@cache
def six():
    def objective(**x):
        return 1e-6 * sum((i + 1) * (v - 0.4) ** 2 for i, v in enumerate(x.values()))

    return minimize(objective, {f"x{i}": (0.0, 1.0) for i in range(1, 7)}, 9, seed=0)


@cache
def five():
    return minimize(lambda **x: sum(x.values()), dict.fromkeys("abcde", (-1000000.0, 1000000.0)), 8, seed=0)


RUNS = {"three": three, "mixed": mixed, "five": five, "six": six}


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("name", RUNS)
def test_words_neither_overlap_nor_are_cut(name, theme):
    film = MatrixFilm(RUNS[name](), theme=theme)
    cues = film.cues("keys")
    for cue in (cues[0], cues[len(cues) // 2], cues[-1]):
        assert word_problems(film.arrange(cue).figure, film.theme) == []


def test_lines_and_shares_are_those_of_partial_dependence_and_importance():
    run = mixed()
    averages = Averages(run.space, run.space.names)
    step = run.steps[-1]
    effects = averages.of(step.posterior, step.scaling)
    for i, name in enumerate(run.space.names):
        _, mean, std = partial_dependence(run, name)
        np.testing.assert_allclose(effects.lines[i], mean)
        np.testing.assert_allclose(np.sqrt(effects.variances[i]), std, atol=1e-9 * np.ptp(mean))
    np.testing.assert_allclose(effects.shares, list(importance(run, draws=1).values()), atol=1e-12)
    _, mean, _ = partial_dependence(run, [LONG[0], LONG[2]])
    np.testing.assert_allclose(effects.fields[0, 2], mean)


def test_in_between_variances_are_mixed_and_not_deviations():
    film = MatrixFilm(three())
    a, b = film.effects(0), film.effects(1)
    half = a.toward(b, 0.5)
    np.testing.assert_allclose(half.variances[0], (a.variances[0] + b.variances[0]) / 2)
    np.testing.assert_allclose(half.fields[0, 1], (a.fields[0, 1] + b.fields[0, 1]) / 2)
    assert a.toward(b, 1.0).shares == pytest.approx(b.shares)


def test_a_state_is_the_belief_of_the_next_step_and_at_the_end_knows_all():
    run = three()
    film = MatrixFilm(run)
    posterior, scaling = run.steps[1].posterior, run.steps[1].scaling
    np.testing.assert_allclose(film.effects(1).lines[0], film.averages.line(0, posterior, scaling)[0])
    assert len(film._belief(len(run.steps))[0].X) == len(run.trials)


def test_cues_of_each_pace():
    film = MatrixFilm(three())
    steps = len(three().steps)
    assert len(film.cues("keys")) == len(film.cues("steps")) == steps + 1
    lesson = film.cues("lesson")
    assert len(lesson) == 1 + 7 * steps
    assert [cue.ms for cue in lesson[1:8]] == [60] * 6 + [1600]
    assert lesson[-1].ms == 4000
    assert lesson[-1].gain == 1.0
    with pytest.raises(ParameterError, match="no pace 'slow'"):
        film.cues("slow")


def test_captions_say_what_the_record_says():
    run = mixed()
    film = MatrixFilm(run)
    for cue in film.cues("keys")[1:]:
        step = run.steps[cue.step - 1]
        trial = run.trials[step.number]
        first, second, third = cue.caption
        assert first.startswith(f"New: {LONG[0]} ")
        assert trial.params[LONG[2]] in first
        if trial.status == "failed":
            assert second.startswith("The evaluation failed (best stays −")
        else:
            assert f"f = {film.numbers(trial.value)}" in second
        assert f"The model expected {film.numbers(step.mean)}, between " in second
        assert film.numbers(step.mean - 2 * step.std) in second
        shares = importance(run, cue.step, draws=1) if cue.step < len(run.steps) else importance(run, None, draws=1)
        top = max(LONG, key=lambda name: shares[name])
        if cue.step < len(run.steps):
            assert third.startswith(f"What matters so far: {top}, {100 * shares[top]:.0f} %")


def test_captions_at_the_end_know_the_last_value():
    run = three()
    film = MatrixFilm(run)
    said = [cue.caption[1] for cue in film.cues("keys")[1:]]
    best = min(t.value for t in run.trials[:5])
    for step, words in zip(run.steps, said, strict=True):
        value = run.trials[step.number].value
        assert (f", a new best (was {film.numbers(best)})" in words) == (value < best)
        assert (f"(best stays {film.numbers(best)})" in words) == (value >= best)
        best = min(best, value)


def test_the_whole_is_told_in_words():
    text = MatrixFilm(mixed()).alt_text
    assert "6 iterations" in text
    assert "maximising f over 4 parameters" in text
    assert text.endswith("of the variation the model sees.")


def test_axes_do_not_move_and_order_does_not_matter():
    film = MatrixFilm(three())
    cues = film.cues("lesson")
    last = film.draw(cues[-1])
    limits = [(ax.get_xlim(), ax.get_ylim()) for ax in film._stage.figure.axes]
    film.draw(cues[3])
    assert [(ax.get_xlim(), ax.get_ylim()) for ax in film._stage.figure.axes] == limits
    np.testing.assert_array_equal(film.draw(cues[-1]), last)
    assert last.shape == (720, 900, 3)
    assert (last.reshape(-1, 3) == (0x00, 0x72, 0xB2)).all(axis=1).any()


def test_hostile_settings_change_nothing():
    film = MatrixFilm(three(), theme="dark")
    expected = film.draw(film.cues("keys")[2])
    with hostile(), nothing_global_changes():
        again = MatrixFilm(three(), theme=DARK)
        np.testing.assert_array_equal(again.draw(again.cues("keys")[2]), expected)


def test_a_new_best_becomes_the_star_with_a_new_edge():
    run = three()
    film = MatrixFilm(run)
    cues = film.cues("keys")
    improved = next(cue for cue in cues[1:] if "new best" in cue.caption[1])
    stays = next(cue for cue in cues[1:] if "best stays" in cue.caption[1])
    film.arrange(improved)
    marks = next(iter(film._picture.fields.values())).marks
    assert marks.best.line.get_markeredgecolor() == LIGHT.new
    assert len(marks.new.line.get_xdata()) == 0
    film.arrange(stays)
    assert marks.best.line.get_markeredgecolor() == LIGHT.best_edge
    assert len(marks.new.line.get_xdata()) == 1


def test_of_many_parameters_the_six_that_matter_most_are_shown():
    weights = {f"p{i}": (i % 4) * 1.0 for i in range(8)}
    run = minimize(
        lambda **x: sum(weights[n] * v for n, v in x.items()), dict.fromkeys(weights, (0.0, 1.0)), 20, seed=0
    )
    names = MatrixFilm(run).averages.names
    last = run.steps[-1]
    assert names == most_important(run.space, last.posterior, last.scaling)
    assert len(names) == 6
    assert {"p1", "p2", "p3", "p5", "p6", "p7"} == set(names)
    shares = Averages(run.space, names).shares(last.posterior, last.scaling)
    assert shares.sum() == pytest.approx(1)


def test_chosen_parameters_and_steps():
    film = MatrixFilm(six(), parameters=["x6", "x1"], steps=[0, 2])
    assert film.averages.names == ("x6", "x1")
    assert [cue.step for cue in film.cues("keys")] == [0, 1, 2]
    assert word_problems(film.arrange(film.cues("keys")[-1]).figure) == []
    later = MatrixFilm(six(), steps=[-1]).cues("keys")
    assert [cue.caption[0][:18] for cue in later] == ["After 8 evaluation", "New: x1 " + later[1].caption[0][8:18]]
    with pytest.raises(SpaceError, match="no parameter 'x7'"):
        MatrixFilm(six(), parameters=["x1", "x7"])
    with pytest.raises(ParameterError, match="2 to 6 different names"):
        MatrixFilm(six(), parameters=["x1", "x1"])
    with pytest.raises(ParameterError, match="there is no step 9"):
        MatrixFilm(six(), steps=9)


def test_runs_of_every_sort():
    space = dict.fromkeys("abc", (0.0, 1.0))
    start = random_search(lambda a, b, c: a, space, 5, seed=0)
    film = MatrixFilm(start)
    assert "none suggested by a model" in film.cues("keys")[0].caption[0]
    assert word_problems(film.arrange(film.cues("keys")[-1]).figure) == []
    constant = minimize(lambda a, b, c: 3.0, space, 7, seed=0)
    film = MatrixFilm(constant)
    assert "the model sees no variation" in film.cues("keys")[0].caption[2]
    assert word_problems(film.arrange(film.cues("keys")[-1]).figure) == []
    with pytest.raises(NotFittedError, match="nothing to animate"):
        MatrixFilm(Optimizer(space).history)


def test_a_category_of_many_choices():
    space = {"a": (0.0, 1.0), "b": (0.0, 1.0), "country": [f"country number {i}" for i in range(40)]}
    run = minimize(lambda a, b, country: a + len(country), space, 7, seed=0)
    film = MatrixFilm(run)
    assert word_problems(film.arrange(film.cues("keys")[-1]).figure) == []
    for figure in (plot_slices(run), plot_parallel(run).figure):
        assert word_problems(figure) == []


def test_parameters_with_a_single_value():
    space = {"a": (0.0, 1.0), "fixed": Real(2.0, 2.0), "only": ["one"], "n": Integer(3, 3)}
    run = minimize(lambda a, fixed, only, n: a * n, space, 7, seed=0)
    film = MatrixFilm(run)
    last = film.cues("keys")[-1]
    film.draw(last)
    assert word_problems(film.arrange(last).figure) == []
    assert importance(run)["a"] > 0.9


def test_a_batch_is_told_together():
    optimizer = Optimizer(dict.fromkeys("abc", (0.0, 1.0)), seed=0)
    for _ in range(2):
        batch = optimizer.ask(6)
        for i, point in enumerate(batch):
            if i == 2:
                optimizer.tell_failure(point, "no luck")
            else:
                optimizer.tell(point, point["a"] + point["b"])
    film = MatrixFilm(optimizer.history)
    last = film.cues("keys")[-1]
    assert last.caption[0] == "New: 6 points, 1 failed."
    assert last.caption[1].startswith("The best of them: f = ")
    assert word_problems(film.arrange(last).figure) == []


def test_the_best_so_far_is_in_the_picture():
    run = three()
    film = MatrixFilm(run)
    film.arrange(film.cues("keys")[-1])
    assert film._picture.stair.value.get_text() == film._picture.stair.numbers(run.best_value)


def test_captions_can_be_left_out():
    film = MatrixFilm(three(), captions=False)
    words = [text.get_text() for text in film.arrange(film.cues("keys")[-1]).figure.texts]
    assert "What matters" not in " ".join(words)
    assert any(w.startswith("evaluation 9 of 9") for w in words)


def test_a_field_fills_the_square_with_the_colours_of_its_values():
    from viz.canvas import Stage

    stage = Stage((120, 100), LIGHT)
    ax = stage.axes((10, 10, 110, 90), xlim=(0, 1), ylim=(0, 1))
    ax.set_axis_off()
    field = Field(ax, ["#FF0000", "#0000FF"], stage=stage, discrete=(True, False))
    x, y = np.array([0.25, 0.75]), np.linspace(0, 1, 5)
    field.show(x, y, np.array([[0.0] * 5, [1.0] * 5]), np.array([0.0, 0.5, 1.0]))
    image = stage.draw()
    assert tuple(image[50, 20]) == (255, 0, 0)
    assert tuple(image[50, 100]) == (0, 0, 255)
    assert tuple(image[12, 55]) == (255, 0, 0)  # a category fills its share to the end
