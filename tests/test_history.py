import csv
import json
import math
import os
import shutil
import sqlite3
from contextlib import closing
from dataclasses import dataclass

import numpy as np
import pytest
from scipy.stats import norm

from acquisition import (
    Acquisition,
    ExpectedImprovement,
    LogExpectedImprovement,
    ProbabilityOfImprovement,
    UpperConfidenceBound,
)
from bayestuner import (
    CorruptStateError,
    History,
    Integer,
    NotFittedError,
    Optimizer,
    ParameterError,
    Real,
    StateError,
    StateVersionError,
    minimize,
    schema,
)
from bayestuner.benchmarks import branin
from bayestuner.history import Record, Trial
from bayestuner.space import Space
from gp import GaussianProcess

MIXED = {"a": Real(1e-3, 1.0, log=True), "n": Integer(1, 9, step=2), "c": [True, 1, "1", None, 2.5, (1, "x"), math.nan]}


@dataclass(frozen=True)
class Greedy(Acquisition):
    """A custom acquisition of this module, with a setting."""

    weight: float = 0.5

    def score(self, mean, std, best):
        return mean + self.weight * std - best


def mixed_value(a, n, c):
    if n == 7:
        raise ValueError("seven")
    return a * n + (c is True)


@pytest.fixture(scope="module")
def mixed():
    return minimize(mixed_value, MIXED, 16, seed=3, on_error="continue", acquisition=Greedy(0.7))


@pytest.fixture(params=["minimize", "maximize"])
def direction(request):
    return request.param


def asked_and_predicted(direction, acquisition=None, rounds=9):
    """An optimizer, and for each step what it predicted when it asked."""
    optimizer = Optimizer(branin.space, direction=direction, acquisition=acquisition, seed=0)
    grid = optimizer.space.sample(20, seed=1)
    then = []
    for i in range(rounds):
        params = optimizer.ask()
        if optimizer.history.steps:
            then.append((params, optimizer.predict([params]), optimizer.predict(grid)))
        if i == 6:
            optimizer.tell_failure(params, "no")
        else:
            optimizer.tell(params, branin(**params))
    return optimizer, grid, then


# ---- steps


def test_a_step_predicts_what_the_optimizer_did_then(direction):
    optimizer, grid, then = asked_and_predicted(direction)
    assert len(then) == len(optimizer.history.steps) == 4
    for step, (params, at_params, on_grid) in zip(optimizer.history.steps, then, strict=True):
        np.testing.assert_array_equal(step.predict(grid), on_grid)
        np.testing.assert_array_equal(step.predict([params]), at_params)
        assert (step.mean, step.std) == pytest.approx((at_params[0][0], at_params[1][0]), rel=1e-12)
        assert step.params == params


def test_the_posterior_is_rebuilt_as_it_was():
    optimizer = Optimizer(branin.space, seed=0)
    for _ in range(8):
        params = optimizer.ask()
        if optimizer.history.steps:
            step, posterior = optimizer.history.steps[-1], optimizer.posterior
            for name in ("X", "y", "alpha", "cholesky"):
                np.testing.assert_array_equal(getattr(step.posterior, name), getattr(posterior, name))
            assert step.log_marginal_likelihood == step.posterior.log_marginal_likelihood
        optimizer.tell(params, branin(**params))


def test_what_a_step_records():
    optimizer, _, _ = asked_and_predicted("minimize")
    numbers = [step.number for step in optimizer.history.steps]
    assert numbers == [t.number for t in optimizer.history.trials if t.source == "model"] == [5, 6, 7, 8]
    assert [step.observed for step in optimizer.history.steps] == numbers
    for step in optimizer.history.steps:
        assert step.scale < 0
        assert set(step.seconds) == {"fit", "score"}
        assert min(step.seconds.values()) >= 0
        seen = [t for t in optimizer.history.trials[: step.number] if t.status == "complete"]
        assert step.best == pytest.approx(min(step.predict([t.params for t in seen])[0]), rel=1e-9)


@pytest.mark.parametrize("acquisition", [ExpectedImprovement(), LogExpectedImprovement(0.1)], ids=repr)
def test_scores_of_expected_improvement_are_in_units_of_y(direction, acquisition):
    optimizer, grid, _ = asked_and_predicted(direction, acquisition)
    step = optimizer.history.steps[0]
    mean, std = step.predict(grid)
    gap = (mean - step.best) * math.copysign(1, step.scale) - acquisition.xi * abs(step.scale)
    by_hand = gap * norm.cdf(gap / std) + std * norm.pdf(gap / std)
    np.testing.assert_allclose(step.score(grid), by_hand, rtol=1e-6, atol=1e-9)
    value = step.value if isinstance(acquisition, ExpectedImprovement) else math.exp(step.value)
    assert step.score([step.params])[0] == pytest.approx(value * abs(step.scale), rel=1e-9)


def test_scores_of_ucb_are_the_optimistic_edge(direction):
    optimizer, grid, _ = asked_and_predicted(direction, UpperConfidenceBound(1.5))
    step = optimizer.history.steps[0]
    mean, std = step.predict(grid)
    edge = mean - 1.5 * std if direction == "minimize" else mean + 1.5 * std
    np.testing.assert_allclose(step.score(grid), edge, rtol=1e-9)


def test_scores_of_pi_are_probabilities(direction):
    optimizer, grid, _ = asked_and_predicted(direction, ProbabilityOfImprovement())
    step = optimizer.history.steps[0]
    mean, std = step.predict(grid)
    by_hand = norm.cdf((mean - step.best) / std * math.copysign(1, step.scale))
    np.testing.assert_allclose(step.score(grid), by_hand, rtol=1e-6, atol=1e-12)


def test_scores_of_a_custom_acquisition_are_its_own(direction):
    optimizer, grid, _ = asked_and_predicted(direction, Greedy())
    step = optimizer.history.steps[0]
    mean, std = step.predict(grid)
    ahead = (mean - step.best) * math.copysign(1, step.scale) + 0.5 * std
    np.testing.assert_allclose(step.score(grid), ahead / abs(step.scale), rtol=1e-9, atol=1e-9)
    assert step.score([step.params])[0] == pytest.approx(step.value)


def test_a_step_is_not_changed_by_what_comes_later():
    optimizer, grid, _ = asked_and_predicted("minimize")
    step = optimizer.history.steps[0]
    before = step.predict(grid), step.score(grid), step.best
    for point in grid:
        optimizer.tell(point, -1000.0)
    fresh = optimizer.history.steps[0]
    object.__delattr__(fresh, "posterior")  # built anew from the grown record
    np.testing.assert_array_equal(fresh.predict(grid), before[0])
    np.testing.assert_array_equal(fresh.score(grid), before[1])


def test_failed_points_are_avoided_by_score_only():
    optimizer, grid, _ = asked_and_predicted("minimize")
    params = optimizer.ask()
    before = optimizer.history.steps[-1]
    optimizer.tell_failure(params, "no")
    optimizer.ask()
    after = optimizer.history.steps[-1]
    assert after.score([params])[0] < 0.5 * before.score([params])[0]
    assert after.score([after.params])[0] == pytest.approx(math.exp(after.value) * abs(after.scale), rel=1e-9)
    without = GaussianProcess(after.kernel, noise=after.noise).condition(before.posterior.X, after.posterior.y)
    mean, std = after.scaling.moments(*without.predict(optimizer.space.encode(grid)))
    np.testing.assert_allclose(after.predict(grid), (mean, std), rtol=1e-9)


def test_pending_points_are_believed_by_score_only():
    optimizer, grid, _ = asked_and_predicted("minimize")
    first, _ = optimizer.ask(2)
    before, after = optimizer.history.steps[-2:]
    assert after.pending == (first.number,)
    np.testing.assert_array_equal(after.predict(grid), before.predict(grid))
    assert after.score([first])[0] < 0.1 * before.score([first])[0]
    optimizer.tell(first, 99.0)
    assert after.score([first])[0] < 0.1 * before.score([first])[0]


# ---- history


def test_best_is_the_first_of_equals():
    optimizer = Optimizer({"x": (0.0, 1.0)})
    with pytest.raises(NotFittedError):
        _ = optimizer.history.best_value
    for x, value in (0.1, 2.0), (0.2, 1.0), (0.3, 1.0):
        optimizer.tell({"x": x}, value)
    assert optimizer.history.best_params == {"x": 0.2}


def test_to_frame(mixed):
    pytest.importorskip("pandas")
    frame = mixed.to_frame()
    assert list(frame.columns) == ["number", "a", "n", "c", "value", "status", "error", "seconds", "source"]
    assert list(frame["n"]) == [t.params["n"] for t in mixed.trials]
    assert frame["value"].isna().sum() == [t.status for t in mixed.trials].count("failed") > 0
    assert list(Optimizer(MIXED).history.to_frame().columns) == list(frame.columns)


# ---- on disk


def same(a, b):
    """Equal bit for bit, and of the same kinds: repr tells True from 1 and -0.0 from 0.0."""
    return repr(a) == repr(b)


def test_db_round_trip_is_exact(mixed, tmp_path):
    file = tmp_path / "run.db"
    assert mixed.save(file) == file
    loaded = History.load(str(file))
    assert same(loaded.trials, mixed.trials)
    assert loaded.space == mixed.space
    assert (loaded.direction, loaded.stopped) == (mixed.direction, mixed.stopped)
    assert len(loaded.steps) == len(mixed.steps) > 5
    points = mixed.space.sample(10, seed=0)
    for old, new in zip(mixed.steps, loaded.steps, strict=True):
        for name in ("number", "observed", "pending", "kernel", "noise", "value", "shift", "scale", "best", "seconds"):
            assert same(getattr(new, name), getattr(old, name))
        assert new.acquisition == Greedy(0.7)
        np.testing.assert_array_equal(new.predict(points), old.predict(points))
        np.testing.assert_array_equal(new.score(points), old.score(points))
    assert loaded.best == mixed.best
    loaded.save(tmp_path / "again.db")
    assert same(History.load(tmp_path / "again.db").trials, mixed.trials)


def test_extreme_values_survive(tmp_path):
    optimizer = Optimizer({"x": (-1.7976931348623157e308, 1e308)}, direction="maximize")
    values = [0.1 + 0.2, 5e-324, -1.7976931348623157e308, 2.0**53 + 2, 3.0]
    for value in values:
        optimizer.tell({"x": value}, value, seconds=1 / 3)
    optimizer.tell({"x": 0.0}, math.nan)
    optimizer.tell_failure({"x": 0.0}, "line\nünï\udcffcode 🙂", seconds=0.1)
    optimizer.ask()
    optimizer.history.save(tmp_path / "run.db")
    loaded = History.load(tmp_path / "run.db")
    assert same(loaded.trials, optimizer.history.trials)
    assert [t.value for t in loaded.trials][:5] == values


def test_trials_told_out_of_order(tmp_path):
    optimizer = Optimizer(branin.space, seed=0)
    for params in reversed(optimizer.ask(6)):
        optimizer.tell(params, branin(**params))
    optimizer.ask()
    optimizer.history.save(tmp_path / "run.db")
    loaded = History.load(tmp_path / "run.db")
    assert [t.told for t in loaded.trials] == [5, 4, 3, 2, 1, 0, None]
    np.testing.assert_array_equal(loaded.steps[0].posterior.X, optimizer.history.steps[0].posterior.X)


def test_an_empty_history(tmp_path):
    for suffix in (".db", ".json", ".csv"):
        Optimizer(MIXED).history.save(tmp_path / f"run{suffix}")
    assert History.load(tmp_path / "run.db").trials == ()


@pytest.mark.parametrize("name", ["run#1.db", "50%.db", "x%41.db", "a b?c.db", "ünï.db"])
def test_names_that_a_url_would_change(mixed, tmp_path, name):
    mixed.save(tmp_path / name)
    assert same(History.load(tmp_path / name).trials, mixed.trials)
    assert os.listdir(tmp_path) == [name]


def test_a_relative_path(mixed, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    mixed.save("run.db")
    assert len(History.load("run.db")) == len(mixed)


def test_json_export(tmp_path):
    optimizer = Optimizer({"x": (0.0, 1.0), "c": ["a", None]})
    optimizer.tell({"x": 0.1, "c": "a"}, 1 / 3)
    optimizer.tell({"x": 0.2, "c": None}, math.nan)
    optimizer.history.save(tmp_path / "run.json")
    first, second = json.loads((tmp_path / "run.json").read_text())
    assert first["params"] == {"x": 0.1, "c": "a"}
    assert (first["value"], first["status"]) == (1 / 3, "complete")
    assert (second["value"], second["status"]) == (None, "failed")


def test_csv_export(tmp_path):
    optimizer = Optimizer({"x": (0.0, 1.0), "c": ["a,b", 'say "c"']})
    optimizer.tell({"c": "a,b", "x": 0.1}, 1 / 3, seconds=2.0)
    optimizer.tell_failure({"x": 0.2, "c": 'say "c"'}, "Traceback\n  line\nValueError: no, never")
    for blank in ("", "\n"):
        optimizer.tell_failure({"x": 0.3, "c": "a,b"}, blank)
    optimizer.history.save(tmp_path / "run.csv")
    with (tmp_path / "run.csv").open(newline="") as file:
        rows = list(csv.reader(file))
    assert rows[:3] == [
        ["number", "x", "c", "value", "status", "error", "seconds", "source"],
        ["0", "0.1", "a,b", repr(1 / 3), "complete", "", "2.0", "user"],
        ["1", "0.2", 'say "c"', "", "failed", "ValueError: no, never", "", "user"],
    ]
    assert [row[5] for row in rows[3:]] == ["", ""]


@pytest.mark.parametrize(
    ("name", "error", "words"),
    [
        ("run.pkl", ParameterError, r"suffix must be one of \.db, \.json, \.csv"),
        ("run", ParameterError, "suffix"),
        ("missing/run.db", FileNotFoundError, "missing does not exist; create it first"),
        ("folder.db", IsADirectoryError, "is a folder"),
    ],
)
def test_where_a_history_cannot_be_saved(mixed, tmp_path, name, error, words):
    (tmp_path / "folder.db").mkdir()
    with pytest.raises(error, match=words):
        mixed.save(tmp_path / name)
    assert os.listdir(tmp_path) == ["folder.db"]


def test_what_cannot_be_stored_leaves_the_old_file(mixed, tmp_path):
    @dataclass(frozen=True)
    class Local(Acquisition):
        def score(self, mean, std, best):
            return mean

    history = minimize(branin, branin.space, 6, seed=0, acquisition=Local())
    for suffix, wrong in ((".db", history), (".json", mixed)):  # a NaN choice has no place in JSON
        file = tmp_path / f"run{suffix}"
        minimize(branin, branin.space, 1, seed=0).save(file)
        before = file.read_bytes()
        with pytest.raises(StateError):
            wrong.save(file)
        assert file.read_bytes() == before
    assert sorted(os.listdir(tmp_path)) == ["run.db", "run.json"]


def test_where_there_is_nothing_to_load(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"there is no file .*run\.db"):
        History.load(tmp_path / "run.db")
    with pytest.raises(IsADirectoryError, match="is a folder"):
        History.load(tmp_path)
    assert os.listdir(tmp_path) == []


@pytest.fixture
def saved(mixed, tmp_path):
    return mixed.save(tmp_path / "run.db")


@pytest.mark.parametrize("content", [b"", b"{}", b"not a database" * 100, bytes(range(256)) * 20], ids=range(4))
def test_a_file_that_is_no_run(tmp_path, content):
    (tmp_path / "run.db").write_bytes(content)
    with pytest.raises(CorruptStateError, match=r"run\.db is not a BayesTuner run, or it is damaged"):
        History.load(tmp_path / "run.db")
    assert (tmp_path / "run.db").read_bytes() == content


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_a_truncated_file(saved, share):
    content = saved.read_bytes()
    saved.write_bytes(content[: int(share * len(content))])
    with pytest.raises(CorruptStateError, match=r"run\.db"):
        History.load(saved)


@pytest.mark.parametrize(
    "damage",
    [
        "DELETE FROM run",
        "DROP TABLE steps",
        "UPDATE run SET content = replace(content, 'minimize', 'up')",
        "UPDATE run SET content = NULL",
        "UPDATE run SET content = '{}'",
        "UPDATE run SET content = replace(content, 'dimensions:Real', 'dimensions:Surreal')",
        "UPDATE trials SET value = 'abc' WHERE number = 0",
        "UPDATE trials SET value = NULL WHERE number = 0",
        "UPDATE trials SET status = 'odd' WHERE number = 0",
        "UPDATE trials SET params = '[]' WHERE number = 0",
        """UPDATE trials SET params = replace(params, '"n": ', '"n": 10') WHERE number = 0""",
        "UPDATE trials SET told = NULL WHERE number = 0",
        "UPDATE trials SET told = 1",
        "DELETE FROM trials WHERE number = 0",
        "DELETE FROM trials WHERE number > 9",
        "UPDATE steps SET content = '{}'",
        "UPDATE steps SET content = '5'",
    ],
)
@pytest.mark.parametrize("resigned", [False, True])
def test_a_damaged_file_is_refused_whole(saved, damage, resigned):
    change(saved, damage, resigned)
    with pytest.raises(StateError, match=r"run\.db") as caught:
        History.load(saved)
    assert isinstance(caught.value, CorruptStateError) or "Surreal, which the file names" in str(caught.value)


def change(file, command, resigned=True):
    """Run a command on a file, and give the rows checksums that fit."""
    with sqlite3.connect(file) as connection:
        connection.execute(command)
        for table in ("run", "trials", "steps") if resigned and "DROP" not in command else ():
            for *row, _ in connection.execute(f"SELECT * FROM {table}").fetchall():
                new = schema.checksum(table, row)
                connection.execute(f"UPDATE {table} SET checksum = ? WHERE number = ?", (new, row[0]))
    connection.close()


def test_a_class_that_is_not_there_any_more(saved):
    change(saved, "UPDATE steps SET content = replace(content, 'gp.algebra:', 'my.algebra:')")
    with pytest.raises(StateError, match=r"run\.db: my\.algebra:.* cannot be imported"):
        History.load(saved)


def test_a_later_version(saved):
    change(saved, "PRAGMA user_version = 99")
    with pytest.raises(StateVersionError, match=r"run\.db: written by version 99 of the format"):
        History.load(saved)


def test_words_that_a_user_stored_are_not_taken_for_sqlites(saved):
    with closing(sqlite3.connect(saved)) as connection, connection:
        text = "CAST(x'ff' || 'the disk is full, and locked' AS TEXT)"
        connection.execute(f"UPDATE trials SET error = {text} WHERE number = 1")
    with pytest.raises(CorruptStateError, match="is damaged"):
        History.load(saved)


def test_random_damage_never_gives_another_error(saved):
    content, rng = saved.read_bytes(), np.random.default_rng(0)
    whole = History.load(saved)
    outcomes = set()
    for _ in range(150):
        damaged = bytearray(content)
        for place in rng.integers(len(content), size=3):
            damaged[place] = rng.integers(256)
        saved.write_bytes(damaged)
        try:
            loaded = History.load(saved)
            assert same(loaded.trials, whole.trials)
            assert same([vars(s) for s in loaded.steps], [vars(s) for s in whole.steps])
            outcomes.add("loaded")
        except StateError as error:
            assert "run.db" in str(error)  # noqa: PT017
            outcomes.add("refused")
    assert outcomes == {"loaded", "refused"}


def test_saving_over_an_old_run_replaces_it(saved, tmp_path):
    shutil.copy(saved, tmp_path / "copy.db")
    other = minimize(branin, branin.space, 2, seed=0)
    with (tmp_path / "copy.db").open("rb") as reader:
        other.save(tmp_path / "copy.db")
        assert reader.read() == saved.read_bytes()  # the old file was not written to: a new one took its place
    assert same(History.load(tmp_path / "copy.db").trials, other.trials)


def test_changing_a_history_changes_nothing_in_the_run():
    optimizer = Optimizer({"x": (0.0, 1.0)}, seed=0)
    history = optimizer.run(lambda x: x, 7)
    before = history.steps[-1].params
    history.trials[history.steps[-1].number].params["x"] = 99.0
    assert history.steps[-1].params == before
    assert optimizer.history.trials[-1].params["x"] != 99.0


def test_each_point_is_encoded_once(monkeypatch):
    record = Record(Space({"x": (0.0, 4.0), "c": ["a", "b"]}), "minimize")
    trials = [record.add(Trial(i, {"x": float(i), "c": "ab"[i % 2]}, float(i), "complete")) for i in range(4)]
    expected = record.space.encode([t.params for t in trials])
    np.testing.assert_array_equal(record.encoded(trials[2:]), expected[2:])
    asked = []
    monkeypatch.setattr(record.space, "encode", lambda points: asked.append(points) or expected[:2])
    np.testing.assert_array_equal(record.encoded(trials), expected)
    np.testing.assert_array_equal(record.encoded(trials[::-1]), expected[::-1])
    assert asked == [[t.params for t in trials[:2]]]
    assert record.encoded([]).shape == (0, 3)
