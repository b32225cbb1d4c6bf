"""Ask, evaluate, tell, until the budget is used: on this process, or on any `concurrent.futures.Executor`."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import BrokenExecutor, Executor
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from numbers import Real
from typing import Any

from gp import ParameterError

from .arguments import checked_count
from .evaluate import Outcome, check_objective, evaluate
from .history import History, Trial
from .ledger import Suggestion
from .limits import Terminated, ended_by_sigterm
from .optimizer import Optimizer
from .parallel import keep_busy
from .pruning import PruningRule, checked_pruning, running_trial, takes_trial

logger = logging.getLogger("bayestuner")

Clock = Callable[[], float]
Callback = Callable[[Optimizer, Trial], Any]
ON_ERROR = ("raise", "continue")


@dataclass
class _Run:
    """One call of `run`: what it may use, and how far it is."""

    optimizer: Optimizer
    objective: Callable[..., Any]
    n_trials: int
    deadline: float
    callbacks: tuple[Callback, ...]
    on_error: str
    in_all: bool  # n_trials counts what the storage holds already
    limit: float | None = None  # seconds for one evaluation
    prune: PruningRule | None = None
    reporting: bool = False  # whether the objective takes `trial`
    clock: Clock = time.perf_counter
    asked: int = 0
    stopped: str = ""
    error: BaseException | None = None
    running: dict[int, Suggestion] = field(default_factory=dict)

    def go(self, executor: Executor | None, n_parallel: int) -> None:
        """Evaluate here, or on the executor, until the run is over."""
        with ended_by_sigterm():
            try:
                if executor is None:
                    while (params := self.next()) is not None:
                        self.finish(params, evaluate(*self.call(params)))
                else:
                    keep_busy(executor, n_parallel, self.limit, self.next, self.call, self.finish)
            except KeyboardInterrupt:
                self.stopped = "interrupted"
            except Terminated:
                self.stopped = "terminated"
                self.optimizer.ledger.interrupt(list(self.running), self.stopped)
                raise SystemExit(128 + 15) from None
            except Exception as error:
                self.fail(error)

    def next(self) -> Suggestion | None:
        """Ask for the next point; None when the run is over, with the reason in `stopped`."""
        if self.stopped:
            return None
        with self.optimizer.ledger.turn():
            unfinished = len(self.optimizer.unfinished)
            done = self.optimizer.count - unfinished if self.in_all else self.asked
            if done >= self.n_trials:
                self.stopped = f"all {self.n_trials} trials done"
            elif time.monotonic() >= self.deadline:
                self.stopped = "timeout"
            elif self.optimizer.exhausted and not unfinished:
                self.stopped = "every point of the space has been tried"
            elif reason := self.optimizer.should_stop:
                self.stopped = reason
            else:
                self.asked += 1
                suggestion: Suggestion = self.optimizer.ask()
                self.running[suggestion.number] = suggestion
                return suggestion
        return None

    def call(self, params: Suggestion) -> tuple[Any, ...]:
        """The arguments of `evaluate`; a copy of the params, so that what is done to them stays with the objective."""
        trial = None
        if self.reporting:
            trial = running_trial(params.number, self.optimizer.ledger.record, self.prune)
        return self.objective, dict(params), self.limit, self.optimizer.constraints, trial, self.clock

    def finish(self, params: Suggestion, outcome: Outcome) -> None:
        """Tell the optimizer, then the callbacks; an error ends the run once what is being evaluated is done."""
        try:
            trial = self._told(params, outcome)
            for callback in self.callbacks:
                if callback(self.optimizer, trial):
                    self.stopped = self.stopped or "stopped by a callback"
        except Exception as error:
            self.fail(error)
        if isinstance(outcome.exception, BrokenExecutor) or self.on_error == "raise":
            if outcome.exception is not None:
                outcome.exception.add_note(f'at {dict(params)}; on_error="continue" would go on without this trial')
            self.fail(outcome.exception)

    def _told(self, params: Suggestion, outcome: Outcome) -> Trial:
        self.running.pop(params.number, None)
        known: dict[str, Any] = {"seconds": outcome.seconds, "reports": outcome.reports}
        with self.optimizer.ledger.turn():
            if self.optimizer.trial(params.number).status != "running":
                logger.warning("trial %d was taken over and told by another process", params.number)
            elif outcome.error is None:
                self.optimizer.tell(params, outcome.value, constraints=outcome.constraints, **known)
            else:
                self.optimizer.tell_failure(params, outcome.error, stopped_early=outcome.stopped_early, **known)
                level = logging.INFO if outcome.stopped_early else logging.WARNING
                logger.log(level, "trial %d failed: %s", params.number, outcome.error.strip().splitlines()[-1])
            return self.optimizer.trial(params.number)

    def fail(self, error: BaseException | None) -> None:
        """End the run with an error, the first of several."""
        if error is not None:
            self.error = self.error or error
            self.stopped = self.stopped or f"stopped by {type(error).__name__}"


def run(
    optimizer: Optimizer,
    objective: Callable[..., Any],
    n_trials: int,
    *,
    executor: Executor | None = None,
    n_parallel: int = 1,
    timeout: float | None = None,
    trial_timeout: float | None = None,
    callbacks: Iterable[Callback] = (),
    progress: bool = False,
    on_error: str = "raise",
    prune: PruningRule | None = None,
    in_all: bool = False,
    clock: Clock = time.perf_counter,
) -> History:
    """Evaluate the objective n_trials more times and return the history; Ctrl-C ends the run and keeps what is done.

    With in_all, n_trials counts the trials that are there already. `clock` measures the seconds of a trial;
    `time.process_time` leaves out what other programs do meanwhile.
    """
    n_trials = checked_count("n_trials", n_trials)
    n_parallel = checked_count("n_parallel", n_parallel, low=1)
    _check_options(executor, timeout, trial_timeout, callbacks, on_error, clock)
    check_objective(objective, optimizer.space)
    reporting = takes_trial(objective, optimizer.space)
    prune = checked_pruning(prune, reporting)
    deadline = float("inf") if timeout is None else time.monotonic() + timeout
    remaining = max(n_trials - (optimizer.count if in_all else 0), 0)
    with _shown(remaining if progress else 0) as bars:
        state = _Run(
            optimizer, objective, n_trials, deadline, (*callbacks, *bars), on_error, in_all, trial_timeout, prune,
            reporting, clock,
        )  # fmt: skip
        state.go(executor, n_parallel)
    optimizer.ledger.interrupt(list(state.running), state.stopped)
    if state.error is not None:
        raise _with_history(state.error, optimizer.ledger.history(state.stopped))
    return optimizer.ledger.history(state.stopped)


@contextmanager
def _shown(n_trials: int) -> Iterator[tuple[Callback, ...]]:
    """A progress bar of so many trials, as a callback; none for 0."""
    if not n_trials:
        yield ()
        return
    from .progress import ProgressBar

    with ProgressBar(n_trials) as bar:
        yield (bar,)


def _check_options(executor: Any, timeout: Any, trial_timeout: Any, callbacks: Any, on_error: Any, clock: Any) -> None:
    if on_error not in ON_ERROR:
        raise ParameterError(f"on_error must be 'raise' or 'continue', got {on_error!r}")
    for name, seconds in (("timeout", timeout), ("trial_timeout", trial_timeout)):
        if seconds is not None and not isinstance(seconds, Real):
            raise TypeError(f"{name} must be a number of seconds > 0, got {seconds!r}")
        if seconds is not None and not float(seconds) > 0:
            raise ParameterError(f"{name} must be a number of seconds > 0, got {seconds!r}")
    if callable(callbacks) or not isinstance(callbacks, Iterable):
        raise TypeError(f"callbacks must be a list of functions, got {callbacks!r}; put it in a list: callbacks=[...]")
    if executor is not None and not callable(getattr(executor, "submit", None)):
        raise TypeError(f"executor must have a method submit, as ThreadPoolExecutor() has, got {executor!r}")
    if not callable(clock):
        raise TypeError(f"clock must be a function such as time.perf_counter, got {clock!r}")


def run_to(optimizer: Optimizer, objective: Callable[..., Any], n_trials: int, **options: Any) -> History:
    """Run until there are n_trials in all, those of the storage included, and let the storage go."""
    with closing(optimizer):
        return run(optimizer, objective, n_trials, in_all=True, **options)


def _with_history(error: BaseException, history: History) -> BaseException:
    kept = "1 trial is kept" if len(history) == 1 else f"{len(history)} trials are kept"
    error.add_note(f"{kept}: in this exception's .history, and in the optimizer's")
    error.history = history  # type: ignore[attr-defined]
    return error
