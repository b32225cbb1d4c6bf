"""The main job: read a table, search the network's parameters, keep the best network, and say how good it is.

Nothing is decided by the test rows: they are looked at once, at the end, by the finished models.
"""

from __future__ import annotations

import hashlib
import json
import multiprocessing
import os
import signal
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from ..codec import to_plain
from ..errors import StateError
from ..history import History, Trial
from ..loop import Callback, run
from ..optimizer import Optimizer
from ..space import Params, Space
from .customers import load_customers, true_probabilities
from .model import fit
from .objective import Evaluation, Objective
from .report import Score, baselines, score, score_model
from .table import Table, as_table, read_table

NOISE_SEEDS = 5


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
class Result:
    """What a run came to."""

    history: History
    epochs: int
    seed_noise: float
    scores: tuple[Score, ...]
    lowest: Score | None


def open_folder(job: Job, folder: Path, *, force: bool = False) -> History | None:
    """Prepare the output folder; return the history that it holds of the very same job, to be continued.

    Raises StateError where it holds another job's run and force is not given.
    """
    note = folder / "settings.json"
    if note.exists() and not force:
        try:
            earlier = json.loads(note.read_text(encoding="utf-8"))
        except ValueError:
            earlier = {}
        if earlier != job.settings:
            changed = ", ".join(k for k in job.settings if earlier.get(k) != job.settings[k])
            raise StateError(f"{folder} holds a run with other settings ({changed}); choose another --out, or --force")
        stored = folder / "run.db"
        return History.load(stored) if stored.exists() else None
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "run.db").unlink(missing_ok=True)
    note.write_text(json.dumps(job.settings, indent=1) + "\n", encoding="utf-8")
    return None


def search(
    job: Job,
    folder: Path,
    earlier: History | None,
    executor: Executor | None,
    n_parallel: int,
    *,
    timeout: float | None = None,
    callbacks: tuple[Callback, ...] = (),
) -> History:
    """Run the trials that are still to do; the history in the folder is brought up to date after each."""
    optimizer = Optimizer(job.space, seed=job.seed)
    if earlier is not None:
        optimizer.restore(earlier)

    def keep(optimizer: Optimizer, trial: Trial) -> None:
        optimizer.history.save(folder / "run.db")

    left = max(job.trials - len(earlier_done(earlier)), 0)
    objective: Callable[..., Any] = job.objective if executor is None else evaluate_on_worker
    history = run(
        optimizer,
        objective,
        left,
        executor=executor,
        n_parallel=n_parallel,
        timeout=timeout,
        callbacks=(keep, *callbacks),
        on_error="continue",
    )
    history.save(folder / "run.db")
    history.save(folder / "trials.csv")
    return history


def earlier_done(earlier: History | None) -> list[Trial]:
    """The trials of an earlier run that came to an end."""
    return [] if earlier is None else [t for t in earlier.trials if t.status != "running"]


def finish(job: Job, history: History, folder: Path, executor: Executor | None) -> Result:
    """Measure the noise of the best trial, train the final model, compare it on the test rows, write it all."""
    objective, best = job.objective, history.best_params
    evaluations = _repeat(job, best, executor)
    epochs = int(np.median([e.epochs for e in evaluations]))
    model = fit(objective, best, epochs, seed=job.seed, target=job.target)
    tuned = score_model("tuned network", model, objective)
    scores = (*baselines(objective), tuned)
    noise = float(np.std([e.log_loss for e in evaluations], ddof=1))
    result = Result(history, epochs, noise, scores, _lowest(job))
    model.save(folder / "model.pt")
    _write_whole(folder / "best.json", json.dumps(summary(job, result), indent=1) + "\n")
    return result


def _repeat(job: Job, params: Params, executor: Executor | None) -> list[Evaluation]:
    """Evaluate the same parameters with several first weights; the search used seed 0."""
    seeds = range(NOISE_SEEDS)
    if executor is None:
        return [replace(job.objective, weight_seed=seed).evaluate(params) for seed in seeds]
    return list(executor.map(repeat_on_worker, [params] * NOISE_SEEDS, seeds))


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
        "test": [asdict(s) for s in (*result.scores, *([result.lowest] if result.lowest else []))],
    }


def _write_whole(path: Path, text: str) -> None:
    draft = path.with_name(f".{path.name}.draft")
    draft.write_text(text, encoding="utf-8")
    os.replace(draft, path)


# ---- worker processes: the objective is sent to each once, and each keeps the encoded rows

_objective: Objective | None = None


def _start_worker(objective: Objective) -> None:
    global _objective
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the process that runs the search
    _objective = objective


def evaluate_on_worker(**params: Any) -> float:
    """The objective, on a worker of `workers`."""
    assert _objective is not None
    return _objective(**params)


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
    context = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(n, mp_context=context, initializer=_start_worker, initargs=(job.objective,))
    try:
        yield pool
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
        for process in multiprocessing.active_children():
            process.terminate()
