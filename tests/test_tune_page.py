"""What the report of a tuned network says of its test rows, its rivals and what was learned by heart."""

import re
from dataclasses import replace
from html import unescape

import numpy as np
import pytest
from scipy.stats import sem

from bayestuner import History, Space, Trial, chance_best
from bayestuner.classifier import Objective, as_table, load_customers
from bayestuner.classifier.job import Result, Rival
from bayestuner.classifier.recorded import Recorded, read_evaluations
from bayestuner.classifier.report import Difference, difference, gain_in_words, score
from bayestuner.classifier.trust import generalisation, winner

PARAMS = {"dropout": 0.1, "learning_rate": 0.01, "neuron_pct": 0.05, "neuron_shrink": 0.1}


def words(markup):
    return unescape(re.sub(r"<[^>]+>", " ", markup))


def result(values, rivals=()):
    trials = tuple(Trial(i, {"x": i / 10}, v, "complete", told=i) for i, v in enumerate(values))
    return Result(History(Space({"x": (0.0, 1.0)}), "minimize", trials), 1, 0.01, (), None, rivals)


def rivals(repeats):
    chances = chance_best(repeats)
    return tuple(Rival(i, 0.5, tuple(r), float(c)) for i, (r, c) in enumerate(zip(repeats, chances, strict=True)))


# ---- scores


def test_a_difference_is_paired_row_by_row():
    rng = np.random.default_rng(0)
    codes, p = rng.integers(0, 3, 200), rng.dirichlet(np.ones(3), 200)
    q = 0.9 * p + 0.1 / 3
    found = score("b", q, codes).minus(score("a", p, codes))
    rows = -np.log(q[np.arange(200), codes]) + np.log(p[np.arange(200), codes])
    assert found.mean == pytest.approx(rows.mean())
    assert found.high - found.mean == pytest.approx(1.96 * sem(rows))
    assert found.name == "b - a"
    assert (found.high - found.low) < score("a", p, codes).high - score("a", p, codes).low


def test_what_the_rows_show_is_said():
    assert "0.020 below theirs" in gain_in_words(difference(np.array([-0.02, -0.021, -0.019])), "theirs")
    assert "no difference" not in gain_in_words(Difference("", -0.02, -0.03, -0.01), "theirs")
    assert "these rows show no difference" in gain_in_words(Difference("", 0.02, -0.03, 0.07), "theirs")
    assert "0.020 above" in gain_in_words(Difference("", 0.02, -0.03, 0.07), "theirs")


# ---- the winner


@pytest.mark.parametrize(
    ("repeats", "verdict"),
    [
        ([[0.50, 0.51, 0.49], [0.60, 0.61, 0.59]], "The winner is real"),
        ([[0.50, 0.55, 0.49], [0.50, 0.56, 0.48]], "cannot be told apart"),
        ([[0.60, 0.61, 0.59], [0.50, 0.51, 0.49]], "It was luck"),
    ],
)
def test_whether_the_winner_is_real(repeats, verdict):
    page = words(winner(result([0.5, 0.6, 0.7], rivals(repeats))))
    assert verdict in page
    assert f"{np.mean(repeats[0]):.4f}" in page


def test_one_trial_has_no_rival():
    assert winner(result([0.5])) == ""


# ---- generalisation


def test_losses_on_other_rows_are_told():
    values = [0.9, 0.8, 0.7, 0.6, 0.5, 0.55]
    seen = [{"train_loss": v - 0.1, "test_loss": v + 0.05} for v in values]
    page = words(generalisation(result(values), seen))
    assert "0.4000 on the rows that trained them, 0.5000 on those that chose them and 0.5500 on the test rows" in page
    assert "number 1 of 6" in page
    assert "rank correlation 1.00" in page
    turned = words(generalisation(result(values), [{**s, "test_loss": -s["test_loss"]} for s in seen]))
    assert "number 6 of 6" in turned
    assert "do not quite agree" in turned


def test_too_little_recorded_says_nothing():
    assert generalisation(result([0.5] * 6), [None] * 6) == ""


# ---- what is recorded


@pytest.fixture(scope="module")
def objective():
    return Objective(as_table(load_customers(800, seed=4), "product"), folds=2, epochs=8, base_neurons=64)


def test_test_rows_have_their_loss_and_no_say(objective):
    frame = load_customers(800, seed=4)
    rows = objective.splits.test
    frame.loc[rows, "income"] = frame.loc[rows, "income"].to_numpy()[::-1]
    other = replace(objective, table=as_table(frame, "product"))
    here, there = objective.evaluate(PARAMS), other.evaluate(PARAMS)
    assert (here.log_loss, here.train_loss) == (there.log_loss, there.train_loss)
    assert here.test_loss != there.test_loss
    assert here.train_loss < here.log_loss


def test_a_line_for_each_evaluation_the_last_one_counts(objective, tmp_path):
    path = tmp_path / "evaluations.jsonl"
    path.write_text('{"params": {"x": 1}, "log_loss": 3}\nhalf a li', encoding="utf-8")
    path.write_text(path.read_text(encoding="utf-8") + "\n[]\n", encoding="utf-8")
    value = Recorded(objective, path)(**PARAMS)
    with path.open("a", encoding="utf-8") as file:
        file.write('{"params": {"x": 1}, "log_loss": 4}\n')
    known, unknown, last = read_evaluations(path, [PARAMS, {"x": 2}, {"x": 1}])
    assert known["log_loss"] == value == objective(**PARAMS)
    assert unknown is None
    assert last["log_loss"] == 4
    assert read_evaluations(tmp_path / "none.jsonl", [PARAMS]) == [None]
