"""Several evaluations at a time, on any `concurrent.futures.Executor`."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Executor, Future, wait
from typing import Any

from .evaluate import Outcome, evaluate
from .ledger import Suggestion
from .limits import TrialTimeoutError


def keep_busy(
    executor: Executor,
    n: int,
    limit: float | None,
    ask: Callable[[], Suggestion | None],
    call: Callable[[Suggestion], tuple[Any, ...]],
    tell: Callable[[Suggestion, Outcome], None],
) -> None:
    """Keep n evaluations going until there is nothing to ask; a new point is asked for as soon as any of them is done.

    `call` gives the arguments of `evaluate`, `limit` the seconds that one may take.
    """
    running: dict[Future[Outcome], Suggestion] = {}
    try:
        while True:
            while len(running) < n and (params := ask()) is not None:
                running[_submitted(executor, limit, call(params))] = params
            if not running:
                return
            done, _ = wait(running, return_when=FIRST_COMPLETED)
            # In the order of asking, so that the same finishing times give the same run.
            for future in sorted(done, key=lambda f: running[f].number):
                tell(running.pop(future), _outcome(future))
    finally:
        for future in running:
            future.cancel()
        if running and (interrupt := getattr(executor, "interrupt", None)) is not None:
            interrupt()  # our own `Workers` can end what they do


def _submitted(executor: Executor, limit: float | None, call: tuple[Any, ...]) -> Future[Outcome]:
    """Send an evaluation to the executor; where that refuses, a future that has failed already."""
    try:
        if (submit_within := getattr(executor, "submit_within", None)) is not None:
            return submit_within(limit, evaluate, *call)
        return executor.submit(evaluate, *call)
    except RuntimeError as error:  # a worker was killed and the pool is broken, or it was shut down
        refused: Future[Outcome] = Future()
        refused.set_exception(error)
        return refused


def _outcome(future: Future[Outcome]) -> Outcome:
    try:
        return future.result()
    except TrialTimeoutError as error:
        return Outcome(0.0, error=f"timeout: {error}")
    except Exception as exception:  # the worker died, or the objective could not be sent to it
        return Outcome(0.0, error=f"the worker failed: {exception!r}", exception=exception)
