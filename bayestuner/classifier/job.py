"""The main job: read a table, search the network's parameters, keep the best network, and say how good it is.

Nothing is decided by the test rows: what they say of a trial is written down unseen, and looked at when all is done.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, fields, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from ..codec import to_plain
from ..errors import CorruptStateError, StateError
from ..history import History, Trial
from ..loop import Callback, run
from ..optimizer import Optimizer
from ..pruning import PruningRule, RunningTrial
from ..repeats import chance_best
from ..runfile import RunFile
from ..space import Params, Space
from ..storage import load, remove
from ..workers import Workers
from .customers import load_customers, true_probabilities
from .model import fit
from .objective import Evaluation, Objective
from .recorded import NAME, Recorded
from .report import Difference, Score, baselines, score, score_model
from .table import Table, as_table, read_table

NOISE_SEEDS = 5  # first weights that the best trial is repeated with; the first of them is the one of the search
RIVALS = 3  # trials that may be the best, all repeated with the other first weights


@dataclass(frozen=True)
class Job:
    """Everything that decides what a run does; two runs with equal jobs find the same."""

    table: Table
    source: str
    target: str
    space: Space
    trials: int = 30
    seed: int = 0
    base_neurons: int = 512
    device: str = "auto"

    @property
    def objective(self) -> Objective:
        """The function that is minimised."""
        return Objective(self.table, split_seed=self.seed, base_neurons=self.base_neurons, device=self.device)

    @property
    def settings(self) -> dict[str, Any]:
        """What must be equal for a run to be continued; the table by a digest of its content. More trials are fine."""
        rows = self.table.features.assign(target=self.table.labels).to_csv(index=False)
        return {
            "data": self.source,
            "digest": hashlib.sha256(rows.encode()).hexdigest(),
            "target": self.target,
            "space": to_plain(self.space.dimensions),
            "seed": self.seed,
            "base_neurons": self.base_neurons,
        }


def read_job(
    data: Path | None,
    target: str | None,
    space: Space,
    *,
    drop: Iterable[str] = (),
    categorical: Iterable[str] = (),
    **options: Any,
) -> Job:
    """Return the job on a CSV file, or on the bundled customers; errors of the table are raised here."""
    if data is None:
        target = target or "product"
        table = as_table(load_customers(), target, drop=tuple(drop), categorical=tuple(categorical), source="customers")
        return Job(table, "bundled customers", target, space, **options)
    if target is None:
        raise StateError("--data needs --target: the name of the column that holds the classes")
    table = read_table(data, target, drop=tuple(drop), categorical=tuple(categorical))
    return Job(table, data.name, target, space, **options)


@dataclass(frozen=True)
class Rival:
    """A trial among the best, and its validation log losses with first weights that the search has not seen."""

    trial: int
    found: float
    repeats: tuple[float, ...]
    chance: float  # that it is the best of the rivals


@dataclass(frozen=True)
class Result:
    """What a run came to; the last of the scores is the tuned network's."""

    history: History
    epochs: int
    seed_noise: float
    scores: tuple[Score, ...]
    lowest: Score | None
    rivals: tuple[Rival, ...] = ()

    @property
    def gains(self) -> tuple[Difference, ...]:
        """The tuned network's test log loss minus that of the default network and of logistic regression."""
        *others, tuned = self.scores
        return tuple(tuned.minus(other) for other in reversed(others) if other.name != "class shares")


def open_run(job: Job, folder: Path, storage: Path, *, force: bool = False) -> Optimizer:
    """Prepare the output folder and open the run that the storage holds of the very same job, or a new one.

    Raises StateError where it holds another job's run and force is not given.
    """
    folder.mkdir(parents=True, exist_ok=True)
    if force and storage.exists() and not _is_run_of(job, storage):
        remove(storage)
    try:
        return Optimizer(job.space, seed=job.seed, storage=RunFile(storage, notes=job.settings))
    except CorruptStateError:
        raise
    except StateError as error:
        if _is_run_of(job, storage):
            raise
        raise StateError(f"{error}; choose another --out, or --force to replace it") from None


def _is_run_of(job: Job, storage: Path) -> bool:
    with suppress(StateError):
        return bool(load(storage, trials_only=True).notes == job.settings)
    return False


def search(
    job: Job,
    folder: Path,
    optimizer: Optimizer,
    executor: Executor | None,
    n_parallel: int,
    *,
    timeout: float | None = None,
    prune: PruningRule | None = None,
    callbacks: tuple[Callback, ...] = (),
) -> History:
    """Run the trials that are still to do, those of other processes on the same storage counted."""
    recorded = Recorded(job.objective, folder / NAME)
    objective: Callable[..., Any] = recorded if executor is None else partial(evaluate_on_worker, recorded.path)
    history = run(
        optimizer,
        objective,
        job.trials,
        executor=executor,
        n_parallel=n_parallel,
        timeout=timeout,
        prune=prune,
        callbacks=callbacks,
        on_error="continue",
        in_all=True,
    )
    history.save(folder / "trials.csv")
    return history


def finish(job: Job, history: History, folder: Path, executor: Executor | None) -> Result:
    """Measure the noise of the best trial, train the final model, compare it on the test rows, write it all."""
    objective, best = job.objective, history.best_params
    top = _top(history)
    evaluations, *others = _repeat(job, [t.params for t in top], executor)
    epochs = int(np.median([e.epochs for e in evaluations]))
    model = fit(objective, best, epochs, seed=job.seed, target=job.target)
    tuned = score_model("tuned network", model, objective)
    scores = (*baselines(objective), tuned)
    noise = float(np.std([e.log_loss for e in evaluations], ddof=1))
    rivals = _rivals(top, [evaluations[1:], *others])
    result = Result(history, epochs, noise, scores, _lowest(job), rivals)
    model.save(folder / "model.pt")
    _write_whole(folder / "best.json", json.dumps(summary(job, result), indent=1) + "\n")
    return result


def _top(history: History) -> list[Trial]:
    """The best trials, the very best first; of equal parameters one."""
    best = history.best
    complete = sorted((t for t in history.trials if t.value is not None), key=lambda t: (t is not best, t.value))
    different = [t for i, t in enumerate(complete) if t.params not in [other.params for other in complete[:i]]]
    return different[:RIVALS]


def _repeat(job: Job, points: list[Params], executor: Executor | None) -> list[list[Evaluation]]:
    """Evaluate points with several first weights: the first one with the search's own, too, which is seed 0."""
    tasks = [(params, seed) for at, params in enumerate(points) for seed in range(min(at, 1), NOISE_SEEDS)]
    if executor is None:
        done = [replace(job.objective, weight_seed=seed).evaluate(params) for params, seed in tasks]
    else:
        done = list(executor.map(repeat_on_worker, *zip(*tasks, strict=True)))
    return [[e for e, (params, _) in zip(done, tasks, strict=True) if params is point] for point in points]


def _rivals(top: list[Trial], repeats: list[list[Evaluation]]) -> tuple[Rival, ...]:
    """The best trials with their repeats and the chance of each to be the best; none where there is just one."""
    if len(top) < 2:
        return ()
    losses = [tuple(e.log_loss for e in evaluations) for evaluations in repeats]
    chances = chance_best(losses)
    return tuple(
        Rival(t.number, float(t.value or 0.0), values, float(chance))
        for t, values, chance in zip(top, losses, chances, strict=True)
    )


def _lowest(job: Job) -> Score | None:
    """What the true probabilities score on the test rows, where they are known: no model can expect to do better."""
    if job.source != "bundled customers" or job.target != "product":
        return None
    splits = job.objective.splits
    probabilities = np.asarray(true_probabilities(load_customers().iloc[splits.test]))
    return score("lowest possible", probabilities, job.table.codes[splits.test])


def summary(job: Job, result: Result) -> dict[str, Any]:
    """What best.json says."""
    best = result.history.best
    return {
        "params": best.params,
        "validation_log_loss": best.value,
        "seed_noise": result.seed_noise,
        "epochs": result.epochs,
        "trial": best.number,
        "trials": len(result.history.trials),
        "data": job.source,
        "target": job.target,
        "seed": job.seed,
        "test": [_plain(s) for s in (*result.scores, *([result.lowest] if result.lowest else []))],
        "gains": [asdict(gain) for gain in result.gains],
        "rivals": [asdict(rival) for rival in result.rivals],
    }


def _plain(score: Score) -> dict[str, Any]:
    return {f.name: getattr(score, f.name) for f in fields(score) if f.name != "losses"}


def _write_whole(path: Path, text: str) -> None:
    draft = path.with_name(f".{path.name}.draft")
    draft.write_text(text, encoding="utf-8")
    os.replace(draft, path)


# ---- worker processes: the objective is sent to each once, and each keeps the encoded rows

_objective: Objective | None = None


def _start_worker(objective: Objective) -> None:
    global _objective
    _objective = objective


def evaluate_on_worker(path: Path, /, *, trial: RunningTrial | None = None, **params: Any) -> float:
    """The objective, on a worker of `workers`."""
    assert _objective is not None
    return Recorded(_objective, path)(trial=trial, **params)


def repeat_on_worker(params: Params, seed: int) -> Evaluation:
    """One evaluation with other first weights, on a worker of `workers`."""
    assert _objective is not None
    return replace(_objective, weight_seed=seed).evaluate(params)


@contextmanager
def workers(job: Job, n: int) -> Iterator[Executor | None]:
    """n processes that evaluate the job's objective; None for one, which is this process."""
    if n == 1:
        yield None
        return
    pool = Workers(n, initializer=_start_worker, initargs=(job.objective,))
    try:
        yield pool
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
