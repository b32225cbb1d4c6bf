"""The two calls that most need: make an optimizer, run it, and return its history."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Executor
from typing import TYPE_CHECKING, Any, Literal

from acquisition import Acquisition
from gp import Kernel

from .history import History
from .loop import Callback, Clock, run_to
from .optimizer import Optimizer
from .pruning import PruningRule
from .space import Space
from .stopping import StoppingRule

if TYPE_CHECKING:
    from .runfile import RunFile


def minimize(
    objective: Callable[..., Any],
    space: Mapping[str, Any] | Space,
    n_trials: int = 30,
    *,
    kernel: Kernel | None = None,
    acquisition: Acquisition | None = None,
    n_initial: int | None = None,
    seed: int | None = None,
    executor: Executor | None = None,
    n_parallel: int = 1,
    timeout: float | None = None,
    trial_timeout: float | None = None,
    storage: str | os.PathLike[str] | RunFile | None = None,
    callbacks: Iterable[Callback] = (),
    progress: bool = False,
    on_error: str = "raise",
    constraints: Mapping[str, tuple[float | None, float | None]] | None = None,
    trust_region: bool = False,
    stop: StoppingRule | Literal[False] | None = None,
    prune: PruningRule | None = None,
    clock: Clock = time.perf_counter,
) -> History:
    """Search the space for the point where objective(**params) is smallest, and return the history of the search.

    With `storage="run.db"` nothing that was told is ever lost: the same call continues the run that the file holds,
    and n_trials counts what is there; several processes may call it at once and divide the work.

    With `constraints` such as {"memory": (None, 8.0)} the objective returns (value, {"memory": 6.1}) and the best is
    the best that keeps the limits; `stop=SmallGain()` ends the search when nothing is left to gain;
    `trust_region=True` is for ten dimensions or more and hundreds of trials.

    `executor` and `n_parallel` (evaluate on workers), `timeout` (seconds, no new trial after it),
    `trial_timeout` (seconds for one evaluation, a failed trial when it takes longer), `callbacks` (each called with
    optimizer and trial; a true result ends the run), `progress`, `on_error` ("raise", or "continue" to record
    failures and go on), `prune` (a rule such as MedianRule() that ends hopeless trials early: the objective takes
    `trial` and calls trial.report(value, step) with what it would return if it ended now), `clock` (what counts a
    trial's seconds).

    >>> history = minimize(lambda x: (x - 3) ** 2, {"x": (0.0, 4.0)}, n_trials=12, seed=0)
    >>> abs(history.best_params["x"] - 3) < 0.05
    True
    """
    optimizer = Optimizer(
        space, direction="minimize", kernel=kernel, acquisition=acquisition, n_initial=n_initial, seed=seed,
        storage=storage, constraints=constraints, trust_region=trust_region, stop=stop,
    )  # fmt: skip
    return run_to(
        optimizer, objective, n_trials, executor=executor, n_parallel=n_parallel, timeout=timeout,
        trial_timeout=trial_timeout, callbacks=callbacks, progress=progress, on_error=on_error, prune=prune,
        clock=clock,
    )  # fmt: skip


def maximize(
    objective: Callable[..., Any],
    space: Mapping[str, Any] | Space,
    n_trials: int = 30,
    *,
    kernel: Kernel | None = None,
    acquisition: Acquisition | None = None,
    n_initial: int | None = None,
    seed: int | None = None,
    executor: Executor | None = None,
    n_parallel: int = 1,
    timeout: float | None = None,
    trial_timeout: float | None = None,
    storage: str | os.PathLike[str] | RunFile | None = None,
    callbacks: Iterable[Callback] = (),
    progress: bool = False,
    on_error: str = "raise",
    constraints: Mapping[str, tuple[float | None, float | None]] | None = None,
    trust_region: bool = False,
    stop: StoppingRule | Literal[False] | None = None,
    prune: PruningRule | None = None,
    clock: Clock = time.perf_counter,
) -> History:
    """Search the space for the point where objective(**params) is largest; all else is as in `minimize`.

    >>> history = maximize(lambda x: -((x - 3) ** 2), {"x": (0.0, 4.0)}, n_trials=12, seed=0)
    >>> abs(history.best_params["x"] - 3) < 0.05
    True
    """
    optimizer = Optimizer(
        space, direction="maximize", kernel=kernel, acquisition=acquisition, n_initial=n_initial, seed=seed,
        storage=storage, constraints=constraints, trust_region=trust_region, stop=stop,
    )  # fmt: skip
    return run_to(
        optimizer, objective, n_trials, executor=executor, n_parallel=n_parallel, timeout=timeout,
        trial_timeout=trial_timeout, callbacks=callbacks, progress=progress, on_error=on_error, prune=prune,
        clock=clock,
    )  # fmt: skip
