"""Other packages as searches of ours: their points lie in the space, and a stored run continues as if never stopped."""

import math

import pytest

from bayestuner import Categorical, History, Integer, ParameterError, Real, Space
from bayestuner.classifier.compare import peers

pytest.importorskip("bayes_opt")
pytest.importorskip("optuna")

SPACE = Space({"rate": Real(1e-4, 1.0, log=True), "layers": Integer(1, 4), "kind": Categorical(["a", "b"])})
PEERS = {"bayes_opt": peers.bayes_opt, "optuna-tpe": peers.optuna_tpe, "optuna-gp": peers.optuna_gp}


def loss(rate, layers, kind):
    return (math.log10(rate) + 2) ** 2 + (layers - 2) ** 2 + (kind == "b")


def trials_of(history):
    return [(trial.params, trial.value) for trial in history.trials]


@pytest.mark.parametrize(("name", "start"), [("bayes_opt", 5), ("optuna-tpe", 10), ("optuna-gp", 10)])
def test_a_peer_learns_and_its_run_continues_as_if_never_stopped(name, start, tmp_path):
    search = peers.search_by(name, PEERS[name])
    whole = search(loss, SPACE, start + 3, seed=1)
    search(loss, SPACE, start + 1, seed=1, storage=tmp_path / "run.db")
    assert trials_of(search(loss, SPACE, start + 3, seed=1, storage=tmp_path / "run.db")) == trials_of(whole)
    assert trials_of(History.load(tmp_path / "run.db")) == trials_of(whole)
    for trial in whole.trials:
        assert SPACE.check(trial.params) == trial.params
    values = [trial.value for trial in whole.trials]
    assert sum(values[start:]) / 3 < sum(values[:start]) / start  # better than its random start


@pytest.mark.parametrize("name", PEERS)
def test_seeds_differ(name):
    search = peers.search_by(name, PEERS[name])
    assert trials_of(search(loss, SPACE, 2, seed=0)) != trials_of(search(loss, SPACE, 2, seed=1))


def test_a_failed_trial_is_not_shown_to_a_peer():
    shown = []

    def suggest(space, trials, seed):
        shown.append(len(trials))
        return {"x": 0.1 * (1 + len(shown))}

    def broken(x):
        if x < 0.25:
            raise ArithmeticError("no")
        return x

    history = peers.search_by("mine", suggest)(broken, Space({"x": (0.0, 1.0)}), 4, seed=0, on_error="continue")
    assert [trial.status for trial in history.trials] == ["failed", "complete", "complete", "complete"]
    assert shown == [0, 0, 1, 2]


def test_conditional_parameters_are_refused():
    space = Space({"layers": (1, 2), "width": Integer(8, 64).when(layers=2)})
    with pytest.raises(ParameterError, match="leave out `when`"):
        peers.search_by("optuna-tpe", peers.optuna_tpe)(lambda **p: 0.0, space, 2, seed=0)
