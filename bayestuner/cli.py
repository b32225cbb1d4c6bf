"""The command line: one line on stderr and exit 2 for what was asked wrongly, 1 for a failure, 130 after Ctrl-C."""

from __future__ import annotations

import argparse
import contextlib
import os
import shlex
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, NoReturn

from . import __version__
from .errors import DataError, NotFittedError, ParameterError, SpaceError, StateError
from .exits import FAILURE, INTERRUPTED, USAGE, complain, one_line

METHODS = ("grid", "random", "bayes")
FUNCTIONS = ("branin", "forrester", "ishigami", "hartmann6")
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
        return complain("interrupted", INTERRUPTED)
    except WRONG_INPUT as error:
        if options.debug:
            raise
        return complain(one_line(error), USAGE)
    except Exception as error:
        if options.debug:
            raise
        return complain(f"{type(error).__name__}: {one_line(error)} (--debug shows where)", FAILURE)


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        self.exit(USAGE, f"bayestuner: {message} (try {self.prog} --help)\n")


class _Command(_Parser):
    def parse_known_args(self, *args: Any, **kwargs: Any) -> Any:
        known, unknown = super().parse_known_args(*args, **kwargs)
        if unknown:  # left to the program, it would name its own help, which does not list them
            self.error(f"unrecognized arguments: {' '.join(unknown)}")
        return known, unknown


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="bayestuner", description="Bayesian optimization from scratch: tune, predict, look at a run.")
    parser.add_argument("--version", action="version", version=f"bayestuner {__version__}")
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND", parser_class=_Command)

    tune = commands.add_parser("tune", help="tune the network on a table and keep the best")
    _add_table(tune)
    tune.add_argument("--trials", type=_positive, default=30, metavar="N", help="networks to try (default 30)")
    tune.add_argument("--workers", type=_positive, default=1, metavar="N", help="processes (default 1)")
    tune.add_argument("--out", type=Path, metavar="DIR", help="folder of the results (default runs/<name of the data>)")
    tune.add_argument(
        "--storage", type=Path, metavar="FILE", help="the run, to be continued or shared (default DIR/run.db)"
    )
    tune.add_argument("--seed", type=_whole, default=0, help="of splits, weights and search (default 0)")
    tune.add_argument("--timeout", type=_seconds, metavar="S", help="start no new trial after so many seconds")
    tune.add_argument(
        "--prune", action="store_true", help="end a training early when it falls behind the median of those before"
    )
    tune.add_argument("--force", action="store_true", help="replace a run with other settings in the same folder")
    tune.add_argument("--no-report", action="store_true", help="write no report.html")
    tune.set_defaults(command=_tune)

    compare = commands.add_parser("compare", help="grid, random and Bayesian search with the same splits and budgets")
    _add_table(compare)
    compare.add_argument(
        "--methods",
        type=_names,
        default=METHODS,
        metavar="A,B",
        help="default grid,random,bayes; also bayes-per-second, bayes-pruned",
    )
    compare.add_argument("--against", type=_names, default=(), metavar="A,B", help="bayes_opt, optuna: if installed")
    compare.add_argument("--trials", type=_positive, default=30, metavar="N", help="of each search (default 30)")
    compare.add_argument("--grid", type=_positive, default=81, metavar="N", help="points of the grid (default 81)")
    compare.add_argument("--seeds", type=_positive, default=5, metavar="N", help="0 to N - 1 (default 5)")
    compare.add_argument("--epochs", type=_positive, default=100, metavar="N", help="of a training, at most")
    compare.add_argument("--workers", type=_positive, default=2, metavar="N", help="searches side by side (default 2)")
    compare.add_argument("--out", type=Path, metavar="DIR", help="default runs/compare-<name of the data>")
    compare.add_argument("--force", action="store_true", help="replace searches with other settings in the folder")
    compare.add_argument("--no-report", action="store_true", help="write no report.html")
    compare.set_defaults(command=_compare)

    predict = commands.add_parser("predict", help="class probabilities of new rows by a tuned model")
    predict.add_argument("model", type=Path, metavar="MODEL.pt", help="what tune wrote")
    predict.add_argument("data", type=Path, metavar="NEW.csv", help="rows with the columns that it was tuned on")
    predict.add_argument("-o", "--out", type=Path, metavar="OUT.csv", help="default: standard output")
    predict.set_defaults(command=_predict)

    animate = commands.add_parser("animate", help="watch a run think: .gif, .mp4, .html (a player) or .png")
    animate.add_argument(
        "source", metavar="RUN.db|FUNCTION", help=f"a stored run, or {', '.join(FUNCTIONS)}: searched first"
    )
    animate.add_argument("-o", "--out", type=Path, required=True, metavar="FILE", help="the suffix decides the format")
    animate.add_argument("--pace", default="lesson", help="lesson (default), brief, keys or steps")
    animate.add_argument("--theme", default="light", help="light (default) or dark")
    animate.add_argument("--scale", type=_positive, default=1, metavar="N", help="times as many pixels (default 1)")
    animate.add_argument("--fps", type=float, default=20, help="pictures a second of an .mp4 (default 20)")
    animate.add_argument(
        "--trials", type=_positive, metavar="N", help="evaluations of a FUNCTION (default by its parameters)"
    )
    animate.add_argument("--seed", type=_whole, default=2, help="of the search of a FUNCTION (default 2)")
    animate.set_defaults(command=_animate)

    show = commands.add_parser("show", help="the trials of a run and its best")
    show.add_argument("storage", type=Path, metavar="RUN.db", help="a stored run, as tune and storage= write it")
    show.add_argument(
        "--recover", action="store_true", help="write what can be read of a damaged run to RUN.recovered.db"
    )
    show.set_defaults(command=_show)

    for command in (tune, compare, predict, animate, show):
        command.add_argument("--debug", action="store_true", help="show the traceback of a failure")
    return parser


def _add_table(command: argparse.ArgumentParser) -> None:
    """The options of a table and of the network that learns from it."""
    command.add_argument(
        "--data", type=Path, metavar="FILE.csv", help="a table with a header (default: bundled customers)"
    )
    command.add_argument("--target", metavar="COLUMN", help="the column that holds the classes")
    command.add_argument("--drop", type=_names, default=(), metavar="A,B", help="columns to leave out")
    command.add_argument("--categorical", type=_names, default=(), metavar="A,B", help="columns to take as categories")
    command.add_argument("--space", type=Path, metavar="FILE", help="other ranges or parameters, .toml or .json")
    command.add_argument(
        "--base-neurons",
        type=_positive,
        default=512,
        metavar="N",
        help="of the first layer where neuron_pct is 1 (default 512)",
    )
    command.add_argument(
        "--device", choices=("auto", "cpu", "cuda"), default="auto", help="where to train (default auto)"
    )


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


# ---- the commands: each imported when it is called, so that none waits for what another needs


def _tune(options: argparse.Namespace) -> int:
    with _extras_needed("tune"):
        from .classifier.tune import tune
    return tune(options)


def _compare(options: argparse.Namespace) -> int:
    with _extras_needed("compare"):
        from .classifier.compare.command import compare
    return compare(options)


def _predict(options: argparse.Namespace) -> int:
    with _extras_needed("predict"):
        from .classifier.predict import predict
    return predict(options)


def _animate(options: argparse.Namespace) -> int:
    from viz.command import animate_command

    return animate_command(options)


def _show(options: argparse.Namespace) -> int:
    from rich.console import Console

    from .show import show, show_recovered

    (show_recovered if options.recover else show)(Console(), options.storage)
    return 0


if __name__ == "__main__":
    sys.exit(main())
