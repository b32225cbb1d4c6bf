"""A progress bar on the terminal: how many trials, how long still, the best so far."""

from __future__ import annotations

from types import TracebackType
from typing import Self

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from .errors import NotFittedError
from .history import Trial
from .optimizer import Optimizer


class ProgressBar:
    """A callback for `run` that shows how far it is, on stderr."""

    def __init__(self, n_trials: int, label: str = "trials", progress: Progress | None = None) -> None:
        self._progress = progress or bar()
        self._task = self._progress.add_task(label, total=n_trials, best="")

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._progress.stop()

    def __call__(self, optimizer: Optimizer, trial: Trial) -> None:
        """Advance by one trial."""
        try:
            best = f"best {optimizer.best.value:.6g}"
        except NotFittedError:
            best = "no value yet"
        self._progress.update(self._task, advance=1, best=best)


def bar() -> Progress:
    """The bar's columns: label, bar, count, elapsed, remaining, best."""
    from rich.console import Console

    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(),
        TextColumn("{task.fields[best]}"),
        console=Console(stderr=True),
    )
