"""The captions: every number is the record's, and every word is the right one at its threshold."""

import math
import re
from dataclasses import replace

import numpy as np
import pytest
from runs import KINDS, run

from bayestuner import minimize
from viz.animate import animate
from viz.axis import axes_of
from viz.rounds import rounds, shown_value
from viz.tale1d import Tale
from viz.terms import change, leading, score_words, short_name
from viz.text import AxisUnits, Numbers
from viz.words import Words


def numbers(text):
    """All numbers in a text, as floats."""
    return [float(n) for n in re.findall(r"-?\d+\.?\d*(?:e-?\d+)?", text.replace("−", "-"))]


def story(kind):
    """(round, {phase: caption}) of every round of a run."""
    tale = Tale(run(kind))
    return [(r, {p: tale.caption(r.number, p) for p in tale.phases(r.number)}) for r in tale.rounds], tale


MINIMISED = ("usual", "far from zero", "long name", "long name, tiny", "EI", "user")


@pytest.mark.parametrize("kind", [*MINIMISED, "maximise", "long name, huge"])
def test_the_numbers_are_the_records(kind):
    told, tale = story(kind)
    resolution = (tale.y_limits[1] - tale.y_limits[0]) / 200 * 1.01
    x_resolution = 0.006 * (tale.axis.dimension.high - tale.axis.dimension.low)
    for a_round, said in told:
        step = a_round.step
        x, mean, std = numbers(said["Choose"][0])
        assert x == pytest.approx(step.params[tale.axis.name], abs=x_resolution)
        assert (mean, std) == (pytest.approx(step.mean, abs=resolution), pytest.approx(step.std, abs=resolution))
        best, chance, gain = numbers(said["Choose"][1])
        ahead = (step.best - step.mean) * (1 if a_round.direction == "minimize" else -1)
        assert best == pytest.approx(step.best, abs=resolution)
        assert chance / 100 == pytest.approx(0.5 * math.erfc(-ahead / step.std / math.sqrt(2)), abs=0.0101)
        assert gain == pytest.approx(float(shown_value(step)), rel=0.051)
        assert numbers(said["Score"][0])[0] == pytest.approx(step.best, abs=resolution)
        assert numbers(said["Fit"][0]) == [len(a_round.seen)]
        assert numbers(said["Fit"][1])[-1] == pytest.approx(step.log_marginal_likelihood, abs=0.0501)


@pytest.mark.parametrize("kind", ["usual", "maximise"])
def test_what_came_out_is_compared_with_the_best_and_the_prediction(kind):
    told, tale = story(kind)
    better = min if tale.direction == "minimize" else max
    for a_round, said in told:
        [trial] = a_round.new
        first, second = said["Evaluate"]
        before = better(t.value for t in a_round.seen)
        assert ("a new best (was" in first) == (better(trial.value, before) != before)
        assert f"f({tale.words.place(trial.params)}) = {tale.words.y(trial.value)}" in first
        assert tale.words.y(before) in first
        z = abs(trial.value - a_round.step.mean) / a_round.step.std
        if "σ" in second:
            assert (
                f"That is {z:.1f}σ {'below' if trial.value < a_round.step.mean else 'above'} the prediction" in second
            )
            assert second.endswith("a surprise." if z > 2 else "within what the model expected.")


def test_update_says_how_sure_the_model_became():
    for a_round, said in story("usual")[0]:
        before, after, old, new = numbers(said["Update"][1])
        U = a_round.encoded(a_round.new)
        assert before == pytest.approx(a_round.chosen.predict(U)[1][0], rel=0.051)
        assert after == pytest.approx(a_round.updating(1.0).predict(U)[1][0], rel=0.051)  # never ±0.00
        fine = np.linspace(0, 1, 2001)[:, None]
        assert old == pytest.approx(a_round.chosen.predict(fine)[1].mean(), abs=0.0101)
        assert new == pytest.approx(a_round.updating(1.0).predict(fine)[1].mean(), abs=0.0101)


@pytest.mark.parametrize(
    ("kind", "meaning", "why"),
    [
        ("EI", "EI(x) = the average gain: the green part of the bell, weighted by how far it lies below the best.", ""),
        ("usual", "EI(x) = the average gain", "Average gain: "),
        ("maximise", "weighted by how far it lies above the best.", "Average gain: "),
        ("PI", "PI(x) = the chance of any gain: the green area of the bell, however small the gain.", "No other x"),
        ("log PI", "PI(x) = the chance of any gain", "No other x has a larger one."),
        ("LCB", "LCB(x) = mean − κσ: the optimistic edge of the band, κ = 1.5.", "Its optimistic edge is lowest, "),
        ("UCB", "UCB(x) = mean + κσ: the optimistic edge of the band, κ = 2.", "Its optimistic edge is highest, "),
        ("Thompson", "One function is drawn from the model; its lowest point is tried next.", "function is lowest"),
        ("custom", "Greedy(x) is highest where the next point is.", "Greedy = "),
        ("portfolio", "Portfolio(x) is highest where the next point is.", "Portfolio = "),
        ("entropy", "MES(x) is highest where the next point is.", "MES = "),
    ],
)  # fmt: skip
def test_every_acquisition_says_what_it_asks(kind, meaning, why):
    [*_, (a_round, said)] = story(kind)[0]
    assert meaning in said["Score"][1]
    assert said["Score"][0].startswith("Score every x: how much could we gain over the best so far, ")
    assert why in said["Choose"][1]
    assert said["Choose"][0].startswith(f"{short_name(a_round.step)} picks x = ")


def test_the_edge_that_lcb_names_is_mean_minus_kappa_std():
    for a_round, said in story("LCB")[0]:
        step = a_round.step
        assert numbers(said["Choose"][1])[0] == pytest.approx(step.mean - 1.5 * step.std, abs=0.011)
        assert f"lowest LCB = {step.mean - 1.5 * step.std:.3g}".replace("-", "−") == score_words(a_round)


@pytest.mark.parametrize("z", [1.0, 0.999, -0.25, -0.251])
@pytest.mark.parametrize("kind", ["usual", "maximise"])
def test_exploring_or_exploiting_at_the_thresholds(kind, z):
    a_round = rounds(run(kind))[1]
    sign = 1 if kind == "usual" else -1
    step = replace(a_round.step, best=0.0, mean=-sign * z * 0.5, std=0.5)
    words = Words(axes_of(run(kind).space), Numbers.of(-2, 2), a_round.direction)
    said = words.choose(replace(a_round, steps=(step,)))[1]
    expected = {
        1.0: "Exploiting: the mean already beats the best",
        -0.251: "Exploring: the uncertainty pays, not the mean",
    }
    assert said.endswith(expected.get(z, "A bit of both: a good mean, still uncertain") + ".")


@pytest.mark.parametrize(("off", "verdict"), [(1.99, "within what the model expected"), (2.01, "a surprise")])
def test_a_surprise_is_more_than_two_standard_deviations(off, verdict):
    a_round = rounds(run("usual"))[0]
    step = a_round.step
    trial = replace(a_round.new[0], value=step.mean + off * step.std)
    words = Words(axes_of(run("usual").space), Numbers.of(-2, 2), "minimize")
    line, second = words.evaluate(replace(a_round, arrived=(trial,)), None)
    assert second == f"That is {off:.1f}σ above the prediction of {words.y.spread(step.mean, step.std)}: {verdict}."
    assert line.endswith("the first value.")


def test_failed_evaluations_are_said_to_be():
    told, _ = story("failed")
    failed = [said for a_round, said in told if not a_round.new]
    assert failed
    for said in failed:
        assert re.fullmatch(r"Evaluate: f\(\d\.\d\d\) failed\.", said["Evaluate"][0])
        assert re.match(r"Update: the model learns nothing of f, but avoids x = \d\.\d\d", said["Update"][0])


def test_equal_values_say_nothing_and_a_hole_is_tried():
    for kind in ("constant", "all zero"):
        for a_round, said in story(kind)[0]:
            assert said["Choose"][0].startswith("The largest hole is tried, x = ")
            assert " here = " in score_words(a_round)
    first = story("one start point")[0][0][1]["Choose"][1]
    assert first == "One value says nothing about where to go; EI waits until values differ."


def test_batches_count_their_points():
    said = story("batch")[0][0][1]
    assert re.match(
        r"EI picks 3 points, each counting on those before it: x = (\d\.\d\d, ){2}\d\.\d\d\.$", said["Choose"][0]
    )
    assert said["Choose"][1].startswith("The first: chance to beat ")
    assert said["Evaluate"][0].startswith("Evaluate: 3 evaluations, ")
    assert said["Update"][0] == "Update: the band closes around the 3 new points."


def test_a_point_chosen_earlier_is_said_to_be():
    told = story("parallel")[0]
    assert told[1][1]["Evaluate"][1].endswith("(It was chosen earlier.)")
    assert list(told[-1][1]) == ["Fit", "Score", "Choose"]


def test_other_kernels_name_their_first_parameter():
    assert story("another kernel")[0][0][1]["Fit"][1].startswith("Most plausible offset: ")
    name, value = leading(run("usual").steps[0].kernel)
    assert name == "lengthscale"
    assert value == pytest.approx(np.ravel(run("usual").steps[0].kernel.left.right.lengthscale)[0])


def test_lengths_are_in_the_users_units():
    told = story("usual")[0]
    lengthscale = leading(told[0][0].learned.kernel)[1]
    assert numbers(told[0][1]["Fit"][1])[0] == pytest.approx(4.8 * lengthscale, rel=0.05)
    told = story("logarithmic")[0]
    lengthscale = leading(told[0][0].learned.kernel)[1]
    assert "×" in told[0][1]["Fit"][1]
    assert numbers(told[0][1]["Fit"][1])[0] == pytest.approx(math.exp(lengthscale * math.log(1e5)), rel=0.05)
    assert [change(1.0, new) for new in (1.03, 1.01, 0.97)] == ["longer", "same", "shorter"]


@pytest.mark.parametrize("kind", KINDS)
def test_captions_are_sentences_without_hyphens_for_minus(kind):
    animation = animate(run(kind), pace="keys")
    for cue in animation.cues:
        assert len(cue.caption) == 2
        for line in cue.caption:
            assert line[-1] in ".?)", line
            assert "nan" not in line.lower(), line
            assert not re.search(r"(?<![a-z])-\d|\d-\d", line), line


def test_the_story_in_three_sentences():
    values = [t.value for t in run("usual").trials]
    found = next(k for k in range(3, 7) if min(values[:k]) < min(values[:2]))
    assert animate(run("usual")).alt_text == (
        "Animation of 4 iterations of Bayesian optimisation minimising f on [2.7, 7.5]. "
        f"Starts with 2 points, best {_f('usual', 2)}. "
        f"EI explores until evaluation {found}, which finds {_f('usual', found)}; "
        f"ends at {_f('usual', 6)} at x = {run('usual').best_params['x']:.2f} after 6 evaluations."
    )
    only = animate(run("only start")).alt_text
    assert only.startswith("Animation of 0 iterations")
    assert only.endswith(f"Starts with 3 points, best {_f('only start', 3)}.")
    assert "maximising f" in animate(run("maximise")).alt_text
    assert "{relu, tanh, exponential_lin…, True, None}" in animate(run("categorical")).alt_text


def _f(kind, count):
    return f"{min(t.value for t in run(kind).trials[:count]):.2f}".replace("-", "−")


# ---- numbers


@pytest.mark.parametrize(
    ("low", "high", "value", "words"),
    [
        (-2, 3, -1.194, "−1.19"),
        (0, 0.1, 0.05, "0.0500"),
        (0, 1000, 12.3, "12"),
        (0, 1e5, 54321.4, "54321"),
        (0, 3e-6, 1.5e-6, "1.50e−6"),
        (-4e9, 4e9, 1.23456e9, "1.23e9"),
        (5, 5, 5, "5.00"),
        (0, 0, 0, "0"),
        (-1, 1, -1e-9, "0.00"),
    ],
)
def test_values_show_a_two_hundredth_of_their_range(low, high, value, words):
    assert Numbers.of(low, high)(value) == words


@pytest.mark.parametrize(
    ("low", "high", "title"),
    [
        (-3, 3, "f(x)"),
        (-3e-6, 1e-6, "f(x) in 10⁻⁶"),
        (-2e6, 2e6, "f(x) in 10⁶"),
        (0, 9000, "f(x)"),
        (0.9, 1.1, "f(x)"),
        (-100003, -99998, "f(x) + 100000"),
    ],
)
def test_axes_say_what_their_labels_leave_out(low, high, title):
    units = AxisUnits.of(low, high)
    assert units.title("f(x)") == title
    step = (high - low) / 5
    for value in np.linspace(low, high, 6):
        label = units.label(value, step)
        assert len(label) <= 6
        back = float(label.replace("−", "-")) * 10**units.exponent + units.offset
        assert back == pytest.approx(value, abs=step)


def test_the_fit_says_where_values_are_bent():
    history = minimize(lambda x: math.exp(3 * (x - 0.7) ** 2 + 0.4 * math.sin(9 * x)), {"x": (-1.2, 2.2)}, 9, seed=0)
    said = [str(c) for c in animate(history, pace="keys").captions if "Fit the model" in str(c)]
    assert [("as logarithms" in line) for line in said] == [step.bend > 0 for step in history.steps]
    assert any(step.bend > 0 for step in history.steps)
