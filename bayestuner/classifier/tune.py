"""The command `bayestuner tune`."""

from __future__ import annotations

import argparse
import contextlib
from concurrent.futures import Executor
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console

from gp import ParameterError

from ..exits import FAILURE, INTERRUPTED, TERMINATED, complain
from ..explain import number
from ..history import History
from ..optimizer import Optimizer
from ..progress import ProgressBar
from ..pruning import MedianRule
from ..show import table, trials_table
from . import job as jobs
from .job import Job, Result
from .report import gain_in_words
from .space_file import read_space
from .training import choose_device
from .writing import write_report

if TYPE_CHECKING:
    from viz.page import Page


def tune(options: argparse.Namespace) -> int:
    """Tune the network on a table, or continue to, print what was found and write it."""
    choose_device(options.device)
    if options.data is not None and options.target is None:
        raise ParameterError("--data needs --target COLUMN, the column that holds the classes")
    job = jobs.read_job(
        options.data,
        options.target,
        read_space(options.space),
        drop=options.drop,
        categorical=options.categorical,
        trials=options.trials,
        seed=options.seed,
        base_neurons=options.base_neurons,
        device=options.device,
    )
    folder = options.out or Path("runs") / ("customers" if options.data is None else options.data.stem)
    storage = options.storage or folder / "run.db"
    with contextlib.closing(jobs.open_run(job, folder, storage, force=options.force)) as optimizer:
        return _run_job(job, folder, storage, optimizer, options)


def _run_job(job: Job, folder: Path, storage: Path, optimizer: Optimizer, options: argparse.Namespace) -> int:
    console = Console()
    _introduce(console, job, storage, optimizer)
    with jobs.workers(job, options.workers) as executor:
        try:
            history = _search(job, folder, optimizer, executor, options)
        except SystemExit:
            return complain(_saved("terminated", optimizer.history, storage), TERMINATED)
        _show_trials(console, history)
        if history.stopped == "interrupted":
            return complain(_saved("interrupted", history, storage), INTERRUPTED)
        if not any(trial.status == "complete" for trial in history.trials):
            return complain(f"no trial succeeded; {folder / 'trials.csv'} has the reasons", FAILURE)
        with console.status("the best trials once more with other first weights, final network, baselines ..."):
            result = jobs.finish(job, history, folder, executor)
    _show_result(console, job, result, folder)
    if not options.no_report:
        write_report(console, lambda: _page(job, result, folder, options), folder, debug=options.debug)
    return 0


def _search(
    job: Job, folder: Path, optimizer: Optimizer, executor: Executor | None, options: argparse.Namespace
) -> History:
    left = max(job.trials - optimizer.count, 0)
    with ProgressBar(left) if left else contextlib.nullcontext() as bar:
        return jobs.search(
            job,
            folder,
            optimizer,
            executor,
            options.workers,
            timeout=options.timeout,
            prune=MedianRule() if options.prune else None,
            callbacks=(bar,) if bar else (),
        )


def _page(job: Job, result: Result, folder: Path, options: argparse.Namespace) -> Page:
    from .tune_page import tune_page

    return tune_page(job, result, folder, data=options.data, command=options.typed)


def _saved(how: str, history: History, storage: Path) -> str:
    return f"{how}, {sum(t.status != 'running' for t in history.trials)} trials saved in {storage}"


def _introduce(console: Console, job: Job, storage: Path, optimizer: Optimizer) -> None:
    table = job.table
    console.print(
        f"[bold]{job.source}[/bold]: {len(table.labels)} rows, {len(table.numeric)} numeric and "
        f"{len(table.categorical)} categorical columns, {len(table.classes)} classes of {job.target}"
    )
    for note in table.notes:
        console.print(f"  note: {note}", highlight=False)
    if optimizer.count:
        console.print(f"continuing the run in {storage}: {optimizer.count} trials are there")


def _show_trials(console: Console, history: History) -> None:
    console.print(trials_table(history, "log loss"))
    console.print("log loss on the validation rows, smaller is better; by: the start design, or the model")
    if not any(trial.source == "model" for trial in history.trials):
        console.print("all trials are of the start design: nothing was searched yet; --trials 30 lets the model choose")


def _show_result(console: Console, job: Job, result: Result, folder: Path) -> None:
    best = result.history.best
    console.print(
        f"best: trial {best.number}, validation log loss {best.value:.4f}, "
        + ", ".join(f"{name} {number(value)}" for name, value in best.params.items())
    )
    console.print(
        f"seed noise: {result.seed_noise:.4f} (standard deviation of this score over other first weights); "
        "smaller differences mean nothing"
    )
    console.print(f"on {len(job.objective.splits.test)} test rows that no decision has seen:")
    rows = table("model", "log loss", "95 % interval", "accuracy")
    for score in (*result.scores, *([result.lowest] if result.lowest else [])):
        interval = f"{score.low:.4f} to {score.high:.4f}"
        rows.add_row(score.name, f"{score.log_loss:.4f}", interval, f"{100 * score.accuracy:.1f} %")
    console.print(rows)
    gain = gain_in_words(result.gains[0], "the default network's")
    console.print(f"tuned network: {gain}", highlight=False)
    console.print(f"written to {folder}: best.json, trials.csv, evaluations.jsonl, model.pt, run.db")
