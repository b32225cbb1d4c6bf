"""The command line: one line on stderr and exit 2 for what was asked wrongly, 1 for a failure, 130 after Ctrl-C."""

from __future__ import annotations

import argparse
import contextlib
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from . import __version__
from .errors import DataError, ParameterError, SpaceError, StateError

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

    from .classifier.job import Job, Result
    from .history import History

USAGE, FAILURE, INTERRUPTED = 2, 1, 130
WRONG_INPUT = (DataError, ParameterError, SpaceError, StateError, OSError)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status."""
    options = _parser().parse_args(arguments)
    try:
        command: Callable[[argparse.Namespace], int] = options.command
        status = command(options)
        sys.stdout.flush()
        return status
    except BrokenPipeError:  # the reader of our output has left, as `head` does
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt:
        return _complain("interrupted", INTERRUPTED)
    except WRONG_INPUT as error:
        if options.debug:
            raise
        return _complain(_one_line(error), USAGE)
    except Exception as error:
        if options.debug:
            raise
        return _complain(f"{type(error).__name__}: {_one_line(error)} (--debug shows where)", FAILURE)


def _complain(message: str, status: int) -> int:
    print(f"bayestuner: {message}", file=sys.stderr)
    return status


def _one_line(error: BaseException) -> str:
    if isinstance(error, FileNotFoundError) and error.filename:
        return f"there is no file {error.filename}; check its name, and the folder you are in"
    if isinstance(error, OSError) and error.strerror:
        return f"{error.filename}: {error.strerror}" if error.filename else error.strerror
    return " ".join(str(error).split()) or type(error).__name__


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        self.exit(USAGE, f"bayestuner: {message} (try {self.prog} --help)\n")


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="bayestuner", description="Bayesian optimization from scratch: tune, predict, look at a run.")
    parser.add_argument("--version", action="version", version=f"bayestuner {__version__}")
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")

    tune = commands.add_parser("tune", help="tune the network on a table and keep the best")
    tune.add_argument(
        "--data", type=Path, metavar="FILE.csv", help="a table with a header (default: bundled customers)"
    )
    tune.add_argument("--target", metavar="COLUMN", help="the column that holds the classes")
    tune.add_argument("--trials", type=_positive, default=30, metavar="N", help="networks to try (default 30)")
    tune.add_argument("--workers", type=_positive, default=1, metavar="N", help="processes (default 1)")
    tune.add_argument("--out", type=Path, metavar="DIR", help="folder of the results (default runs/<name of the data>)")
    tune.add_argument("--seed", type=_whole, default=0, help="of splits, weights and search (default 0)")
    tune.add_argument("--timeout", type=_seconds, metavar="S", help="start no new trial after so many seconds")
    tune.add_argument("--device", choices=("auto", "cpu", "cuda"), default="auto")
    tune.add_argument("--space", type=Path, metavar="FILE", help="other ranges or parameters, .toml or .json")
    tune.add_argument("--base-neurons", type=_positive, default=512, metavar="N", help="neurons at neuron_pct 1")
    tune.add_argument("--drop", type=_names, default=(), metavar="A,B", help="columns to leave out")
    tune.add_argument("--categorical", type=_names, default=(), metavar="A,B", help="columns to take as categories")
    tune.add_argument("--force", action="store_true", help="replace a run with other settings in the same folder")
    tune.set_defaults(command=_tune)

    predict = commands.add_parser("predict", help="class probabilities of new rows by a tuned model")
    predict.add_argument("model", type=Path, metavar="MODEL.pt")
    predict.add_argument("data", type=Path, metavar="NEW.csv")
    predict.add_argument("-o", "--out", type=Path, metavar="OUT.csv", help="default: standard output")
    predict.set_defaults(command=_predict)

    for command in (tune, predict):
        command.add_argument("--debug", action="store_true", help="show the traceback of a failure")
    return parser


def _positive(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"expected a whole number above 0, got {text!r}")
    return int(text)


def _whole(text: str) -> int:
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"expected a whole number, 0 or more, got {text!r}")
    return int(text)


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = float("nan")
    if not 0 < seconds < float("inf"):
        raise argparse.ArgumentTypeError(f"expected a number of seconds above 0, got {text!r}")
    return seconds


def _names(text: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in text.split(",") if name.strip())


@contextlib.contextmanager
def _extras_needed(command: str) -> Iterator[None]:
    try:
        yield
    except ModuleNotFoundError as error:
        raise ParameterError(
            f"{command} needs {error.name}: in the clone, run python -m pip install -e '.[classifier]'"
        ) from None


# ---- tune


def _tune(options: argparse.Namespace) -> int:
    with _extras_needed("tune"):
        from .classifier import job as jobs
        from .classifier.space_file import read_space
        from .classifier.training import choose_device
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
    earlier = jobs.open_folder(job, folder, force=options.force)
    return _run_job(job, folder, earlier, options)


def _run_job(job: Job, folder: Path, earlier: History | None, options: argparse.Namespace) -> int:
    from rich.console import Console

    from .classifier import job as jobs
    from .progress import ProgressBar

    console = Console()
    _introduce(console, job, folder, earlier)
    done = len(jobs.earlier_done(earlier))
    with jobs.workers(job, options.workers) as executor:
        with ProgressBar(max(job.trials - done, 0)) as bar:
            history = jobs.search(
                job, folder, earlier, executor, options.workers, timeout=options.timeout, callbacks=(bar,)
            )
        _show_trials(console, history)
        if history.stopped == "interrupted":
            finished = sum(trial.status != "running" for trial in history.trials)
            return _complain(f"interrupted, {finished} trials saved in {folder / 'run.db'}", INTERRUPTED)
        if not any(trial.status == "complete" for trial in history.trials):
            return _complain(f"no trial succeeded; {folder / 'trials.csv'} has the reasons", FAILURE)
        with console.status("final networks and baselines ..."):
            result = jobs.finish(job, history, folder, executor)
    _show_result(console, job, result, folder)
    return 0


def _introduce(console: Console, job: Job, folder: Path, earlier: History | None) -> None:
    table = job.table
    console.print(
        f"[bold]{job.source}[/bold]: {len(table.labels)} rows, {len(table.numeric)} numeric and "
        f"{len(table.categorical)} categorical columns, {len(table.classes)} classes of {job.target}"
    )
    for note in table.notes:
        console.print(f"  note: {note}", highlight=False)
    if earlier is not None:
        console.print(f"continuing the run in {folder}: {len(earlier.trials)} trials are there")


def _show_trials(console: Console, history: History) -> None:
    from .explain import number

    best = min((t.value for t in history.trials if t.value is not None), default=None)
    table = _table("trial", *history.space.names, "log loss", "seconds", "by")
    for trial in history.trials:
        failed = trial.error.strip().splitlines()[-1] if trial.error else trial.status
        row = [
            str(trial.number),
            *(number(trial.params[name]) if name in trial.params else "" for name in history.space.names),
            failed if trial.value is None else f"{trial.value:.4f}",
            "" if trial.seconds is None else f"{trial.seconds:.1f}",
            {"initial": "start", "model": "model", "user": "you"}[trial.source],
        ]
        table.add_row(*row, style="bold" if trial.value == best and best is not None else "")
    console.print(table)
    console.print("log loss on the validation rows, smaller is better; by: the start design, or the model")


def _table(first: str, *others: str) -> Table:
    from rich import box
    from rich.table import Table

    table = Table(first, box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0))
    for name in others:
        table.add_column(name, justify="right")
    return table


def _show_result(console: Console, job: Job, result: Result, folder: Path) -> None:
    from .explain import number

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
    table = _table("model", "log loss", "95 % interval", "accuracy")
    for score in (*result.scores, *([result.lowest] if result.lowest else [])):
        interval = f"{score.low:.4f} to {score.high:.4f}"
        table.add_row(score.name, f"{score.log_loss:.4f}", interval, f"{100 * score.accuracy:.1f} %")
    console.print(table)
    console.print(f"written to {folder}: best.json, trials.csv, model.pt, run.db")


# ---- predict


def _predict(options: argparse.Namespace) -> int:
    with _extras_needed("predict"):
        from .classifier import load
        from .classifier.csv_file import read_texts
    if options.out is not None and not options.out.resolve().parent.is_dir():
        raise FileNotFoundError(f"the folder {options.out.parent} does not exist; create it first")
    model = load(options.model)
    frame, _ = read_texts(options.data)
    probabilities = model.predict_proba(frame)
    probabilities.insert(0, "prediction", model.predict(frame))
    text = probabilities.to_csv(index=True)
    if options.out is None:
        sys.stdout.write(text)
        return 0
    draft = options.out.with_name(f".{options.out.name}.draft")
    draft.write_text(text, encoding="utf-8")
    os.replace(draft, options.out)
    print(f"{len(probabilities)} rows written to {options.out}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
