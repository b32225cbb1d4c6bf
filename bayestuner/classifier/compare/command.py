"""The command `bayestuner compare`: do what is missing, print, write."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console

from gp import ParameterError

from ...exits import INTERRUPTED, TERMINATED, complain
from ...limits import Terminated
from ...progress import bar
from ..job import read_job
from ..space_file import read_space
from ..training import choose_device
from ..writing import write_report
from .output import WRITTEN, write_results
from .plan import Plan
from .results import Results, read_results, summary
from .tables import Summary, print_summary
from .work import carry_out

if TYPE_CHECKING:
    from viz.page import Page


def compare(options: argparse.Namespace) -> int:
    """Carry out a comparison, or what is missing of it, print what it came to and write it into its folder."""
    console = Console()
    plan = plan_of(options)
    plan.check(force=options.force)
    table = plan.job.table
    console.print(
        f"[bold]{plan.job.source}[/bold]: {len(table.labels)} rows, {len(table.numeric)} numeric and "
        f"{len(table.categorical)} categorical columns, {len(table.classes)} classes of {plan.job.target}"
    )
    try:
        _carry_out(plan, options.workers)
    except KeyboardInterrupt:
        done = sum(plan.told(method, seed) for method, seed in plan.parts)
        return complain(f"interrupted, {done} trials saved in {plan.folder}", INTERRUPTED)
    except Terminated:
        return complain(f"terminated, what was done is in {plan.folder}", TERMINATED)
    results = read_results(plan)
    found = summary(results)
    write_results(results, found)
    print_summary(console, found)
    console.print(f"written to {plan.folder}: {', '.join(WRITTEN)}", highlight=False, soft_wrap=True)
    if not options.no_report:
        write_report(console, lambda: _page(results, found, options), plan.folder, debug=options.debug)
    return 0


def _page(results: Results, found: Summary, options: argparse.Namespace) -> Page:
    from .page import compare_page

    return compare_page(results, found, command=options.typed)


def plan_of(options: argparse.Namespace) -> Plan:
    """The plan that the options ask for; errors of the table and of the options are raised here."""
    choose_device(options.device)
    if options.data is not None and options.target is None:
        raise ParameterError("--data needs --target COLUMN, the column that holds the classes")
    job = read_job(
        options.data,
        options.target,
        read_space(options.space),
        drop=options.drop,
        categorical=options.categorical,
        base_neurons=options.base_neurons,
        device=options.device,
    )
    name = "customers" if options.data is None else options.data.stem
    folder = options.out or Path("runs") / f"compare-{name}"
    seeds = tuple(range(options.seeds))
    return Plan(job, folder, (*options.methods, *options.against), seeds, options.trials, options.grid, options.epochs)


def _carry_out(plan: Plan, workers: int) -> None:
    """Do the work; a bar on stderr shows how many trials there are, as the files tell."""

    def counted() -> int:
        return sum(min(plan.told(method, s), plan.budget(method)) for method in plan.methods for s in plan.seeds)

    total = sum(plan.budget(method) * len(plan.seeds) for method in plan.methods)
    with bar() as progress:
        task = progress.add_task("trials", total=total, completed=counted(), best="")

        def watch(running: list[tuple[str, int]]) -> None:
            names = ", ".join(f"{method} {seed}" for method, seed in running)
            progress.update(task, completed=counted(), best=names)

        carry_out(plan, workers, watch)
        watch([])
