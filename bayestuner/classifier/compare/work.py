"""The work of a comparison: searches and final networks, each in one process, as many side by side as wanted.

Searches of different methods and seeds need nothing of each other: one per core, each one trial after the other, is
fairer to a method that learns than several trials of one search at a time. The seconds of a trial are those of its
process, so that whatever else the machine does counts for no method.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import replace
from typing import Any

import numpy as np

from ...history import History
from ...limits import ended_by_sigterm
from ...runfile import RunFile
from ...workers import WorkerDiedError, Workers
from ..customers import load_customers, true_probabilities
from ..model import fit
from ..objective import DEFAULT_PARAMS, Objective
from ..report import Floats, Score, logistic_probabilities, row_losses, score
from . import files
from .curves import first_trials
from .methods import METHODS
from .plan import BASELINES, Plan

REPEATS = tuple(range(100, 105))  # first weights that no search has seen
LOOK = 2.0  # seconds between two looks at how far the searches are
LIVES = 3  # so many workers may die on one piece of work

Watcher = Callable[[list[tuple[str, int]]], Any]


def carry_out(plan: Plan, workers: int = 1, watch: Watcher = lambda running: None) -> None:
    """Do what is not done yet, with so many processes; `watch` is called every two seconds with what is being done."""
    waiting = [part for part in plan.parts if not plan.is_done(*part)]
    if not waiting:
        return
    for method, _ in waiting:
        (plan.folder / method).mkdir(parents=True, exist_ok=True)
    pool = Workers(min(workers, len(waiting)), initializer=_start_worker, initargs=(plan,))
    running: dict[Future[None], tuple[str, int]] = {}
    deaths: Counter[tuple[str, int]] = Counter()
    try:
        with ended_by_sigterm():
            while waiting or running:
                while waiting and len(running) < workers:
                    part = waiting.pop(0)
                    running[pool.submit(work_on_worker, *part)] = part
                watch(list(running.values()))
                for future in wait(running, timeout=LOOK, return_when=FIRST_COMPLETED).done:
                    part = running.pop(future)
                    if not _finished(future):
                        deaths[part] += 1
                        waiting.insert(0, part)
                    if deaths[part] == LIVES:
                        raise WorkerDiedError(f"{part[0]} search with seed {part[1]}: {LIVES} workers died on it")
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def _finished(future: Future[None]) -> bool:
    """Whether the work was done; if its worker was ended from outside, what its search has stored can be continued."""
    try:
        future.result()
    except (WorkerDiedError, SystemExit):
        return False
    return True


# ---- on a worker

_plan: Plan | None = None


def _start_worker(plan: Plan) -> None:
    global _plan
    _plan = plan


def work_on_worker(method: str, seed: int) -> None:
    """Do one piece of work, on a worker of `carry_out`."""
    assert _plan is not None
    do(_plan, method, seed)


def do(plan: Plan, method: str, seed: int) -> None:
    """Do one piece of work: the baselines, or a search and the network it chose."""
    objective = plan.objective(seed)
    if method == BASELINES:
        files.write(plan.final(method, seed), {"settings": plan.settings(method, seed), **baselines(plan, objective)})
        return
    history = first_trials(search(plan, method, seed), plan.budget(method))
    chosen = final_network(METHODS[method].label, objective, history.best_params)
    about = {"settings": plan.settings(method, seed), "trial": history.best.number}
    files.write(plan.final(method, seed), {**about, **chosen})


def search(plan: Plan, method: str, seed: int) -> History:
    """Run a search, or continue it."""
    return METHODS[method].search(
        plan.objective(seed),
        plan.job.space,
        plan.grid if method == "grid" else plan.trials,
        seed=seed,
        storage=RunFile(plan.storage(method, seed), notes=plan.settings(method, seed)),
        on_error="continue",
        clock=time.perf_counter if plan.job.device == "cuda" else time.process_time,
    )


def final_network(name: str, objective: Objective, params: dict[str, Any]) -> dict[str, Any]:
    """Train networks with these parameters on all rows but the test rows; return how they do on those.

    The validation loss over several other first weights is the honest one: that of the search is the best of many.
    """
    evaluations = [replace(objective, weight_seed=seed).evaluate(params) for seed in REPEATS]
    epochs = int(np.median([evaluation.epochs for evaluation in evaluations]))
    model = fit(objective, params, epochs, seed=objective.weight_seed)
    rows = objective.splits.test
    probabilities = model.predict_proba(objective.table.features.iloc[rows]).to_numpy()
    return {
        "params": params,
        "epochs": epochs,
        "repeats": [evaluation.log_loss for evaluation in evaluations],
        "train_losses": [evaluation.train_loss for evaluation in evaluations],
        **tested(name, probabilities, objective),
    }


def tested(name: str, probabilities: Floats, objective: Objective) -> dict[str, Any]:
    """The score of probabilities on the test rows, and the loss of each of those rows."""
    codes = objective.table.codes[objective.splits.test]
    result: Score = score(name, probabilities, codes)
    return {
        "name": name,
        "test": {n: getattr(result, n) for n in ("log_loss", "low", "high", "accuracy")},
        "row_losses": row_losses(probabilities, codes).tolist(),
    }


def baselines(plan: Plan, objective: Objective) -> dict[str, Any]:
    """What must be beaten: class shares, logistic regression, the default network; and the lowest loss, where known."""
    codes, splits = objective.table.codes, objective.splits
    shares = np.bincount(codes[splits.train], minlength=len(objective.table.classes)) / len(splits.train)
    found = {
        "shares": tested("class shares", np.tile(shares, (len(splits.test), 1)), objective),
        "logistic": tested("logistic regression", logistic_probabilities(objective), objective),
        "default": final_network("default network", objective, dict(DEFAULT_PARAMS)),
    }
    if plan.job.source == "bundled customers" and plan.job.target == "product":
        truth = np.asarray(true_probabilities(load_customers().iloc[splits.test]))
        found["lowest"] = tested("lowest possible", truth, objective)
    return found
