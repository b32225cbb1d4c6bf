"""The command line: one line on stderr and exit 2 for what was asked wrongly, 1 for a failure, 130 after Ctrl-C."""

from __future__ import annotations

import argparse
import contextlib
import os
import shlex
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from . import __version__
from .errors import DataError, NotFittedError, ParameterError, SpaceError, StateError

if TYPE_CHECKING:
    from rich.console import Console

    from .benchmarks import Benchmark
    from .classifier.job import Job, Result
    from .history import History
    from .optimizer import Optimizer

USAGE, FAILURE, INTERRUPTED, TERMINATED = 2, 1, 130, 143
WRONG_INPUT = (DataError, NotFittedError, ParameterError, SpaceError, StateError, OSError)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status."""
    options = _parser().parse_args(arguments)
    options.typed = shlex.join(["bayestuner", *(sys.argv[1:] if arguments is None else arguments)])
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
    tune.add_argument(
        "--storage", type=Path, metavar="FILE", help="the run, to be continued or shared (default DIR/run.db)"
    )
    tune.add_argument("--seed", type=_whole, default=0, help="of splits, weights and search (default 0)")
    tune.add_argument("--timeout", type=_seconds, metavar="S", help="start no new trial after so many seconds")
    tune.add_argument("--device", choices=("auto", "cpu", "cuda"), default="auto")
    tune.add_argument("--space", type=Path, metavar="FILE", help="other ranges or parameters, .toml or .json")
    tune.add_argument("--base-neurons", type=_positive, default=512, metavar="N", help="neurons at neuron_pct 1")
    tune.add_argument("--drop", type=_names, default=(), metavar="A,B", help="columns to leave out")
    tune.add_argument("--categorical", type=_names, default=(), metavar="A,B", help="columns to take as categories")
    tune.add_argument("--force", action="store_true", help="replace a run with other settings in the same folder")
    tune.add_argument("--no-report", action="store_true", help="write no report.html")
    tune.set_defaults(command=_tune)

    predict = commands.add_parser("predict", help="class probabilities of new rows by a tuned model")
    predict.add_argument("model", type=Path, metavar="MODEL.pt")
    predict.add_argument("data", type=Path, metavar="NEW.csv")
    predict.add_argument("-o", "--out", type=Path, metavar="OUT.csv", help="default: standard output")
    predict.set_defaults(command=_predict)

    animate = commands.add_parser("animate", help="watch a run think: .gif, .mp4, .html (a player) or .png")
    animate.add_argument(
        "source", metavar="RUN.db|FUNCTION", help="a stored run, or branin, forrester, hartmann6: searched first"
    )
    animate.add_argument("-o", "--out", type=Path, required=True, metavar="FILE", help="the suffix decides the format")
    animate.add_argument("--pace", default="lesson", help="lesson (default), brief, keys or steps")
    animate.add_argument("--theme", default="light", help="light (default) or dark")
    animate.add_argument("--scale", type=_positive, default=1, metavar="N", help="times as many pixels (default 1)")
    animate.add_argument("--fps", type=float, default=20, help="pictures a second of an .mp4 (default 20)")
    animate.add_argument("--trials", type=_positive, metavar="N", help="evaluations of a FUNCTION")
    animate.add_argument("--seed", type=_whole, default=2, help="of the search of a FUNCTION (default 2)")
    animate.set_defaults(command=_animate)

    show = commands.add_parser("show", help="the trials of a run and its best")
    show.add_argument("storage", type=Path, metavar="STORAGE")
    show.add_argument("--recover", action="store_true", help="write what can be read of a damaged run to a new file")
    show.set_defaults(command=_show)

    for command in (tune, predict, animate, show):
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
    storage = options.storage or folder / "run.db"
    with contextlib.closing(jobs.open_run(job, folder, storage, force=options.force)) as optimizer:
        return _run_job(job, folder, storage, optimizer, options)


def _run_job(job: Job, folder: Path, storage: Path, optimizer: Optimizer, options: argparse.Namespace) -> int:
    from rich.console import Console

    from .classifier import job as jobs
    from .progress import ProgressBar

    console = Console()
    _introduce(console, job, storage, optimizer)
    with jobs.workers(job, options.workers) as executor:
        try:
            with ProgressBar(max(job.trials - optimizer.count, 0)) as bar:
                history = jobs.search(
                    job, folder, optimizer, executor, options.workers, timeout=options.timeout, callbacks=(bar,)
                )
        except SystemExit:
            return _complain(_saved("terminated", optimizer.history, storage), TERMINATED)
        _show_trials(console, history)
        if history.stopped == "interrupted":
            return _complain(_saved("interrupted", history, storage), INTERRUPTED)
        if not any(trial.status == "complete" for trial in history.trials):
            return _complain(f"no trial succeeded; {folder / 'trials.csv'} has the reasons", FAILURE)
        with console.status("final networks and baselines ..."):
            result = jobs.finish(job, history, folder, executor)
    _show_result(console, job, result, folder)
    if not options.no_report:
        with console.status("report.html ..."):
            _write_report(console, job, result, folder, options)
    return 0


def _write_report(console: Console, job: Job, result: Result, folder: Path, options: argparse.Namespace) -> None:
    """Draw the page; all else is written by now, and what goes wrong here is a note."""
    try:
        from .classifier.tune_page import tune_page

        page = tune_page(job, result, folder, data=options.data, command=options.typed)
        page.save(folder / "report.html")
    except Exception as error:
        if options.debug:
            raise
        console.print(
            f"no report.html: {type(error).__name__}: {_one_line(error)} (--debug shows where)", highlight=False
        )
    else:
        console.print(f"the report, to be opened in a browser: {folder / 'report.html'}", soft_wrap=True)


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
    from .show import trials_table

    console.print(trials_table(history, "log loss"))
    console.print("log loss on the validation rows, smaller is better; by: the start design, or the model")


def _show_result(console: Console, job: Job, result: Result, folder: Path) -> None:
    from .explain import number
    from .show import table

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
    console.print(f"written to {folder}: best.json, trials.csv, model.pt, run.db")


# ---- show


def _show(options: argparse.Namespace) -> int:
    from rich.console import Console

    from .show import show, show_recovered

    (show_recovered if options.recover else show)(Console(), options.storage)
    return 0


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


# ---- animate


def _animate(options: argparse.Namespace) -> int:
    from rich.console import Console

    from viz import animate
    from viz.animation import check_output

    check_output(options.out, pace=options.pace, theme=options.theme, fps=options.fps)
    console = Console()
    history, truth = _run_or_function(console, options)
    animation = animate(history, pace=options.pace, theme=options.theme, scale=options.scale, objective=truth)
    with console.status(f"drawing {len(animation)} frames ..."):
        animation.save(options.out, fps=options.fps)
    print(f"{options.out}: {len(animation)} frames, {animation.seconds:.0f} seconds, {_bytes(options.out)}")
    return 0


def _run_or_function(console: Console, options: argparse.Namespace) -> tuple[History, Benchmark | None]:
    """A stored run; or a search of a known function made now, with that function as the truth."""
    from . import benchmarks
    from .history import History
    from .loop import minimize

    path = Path(options.source)
    if path.exists() or path.suffix:
        return History.load(path), None
    known = {name: f for name, f in vars(benchmarks).items() if isinstance(f, benchmarks.Benchmark)}
    if options.source not in known:
        raise ParameterError(
            f"there is no run and no function {options.source!r}; give a .db file, or one of {', '.join(known)}"
        )
    function = known[options.source]
    start = len(function.space) + 2
    trials = options.trials or min(start + 6 * len(function.space) + 2, 30)
    with console.status(f"searching {function.name} with {trials} evaluations ..."):
        return minimize(function, function.space, n_trials=trials, n_initial=start, seed=options.seed), function


def _bytes(path: Path) -> str:
    size = path.stat().st_size
    return f"{size / 1e6:.1f} MB" if size >= 1e5 else f"{size / 1e3:.0f} kB"


if __name__ == "__main__":
    sys.exit(main())
