"""One evaluation of an objective: called as it wants to be, within its time, and what comes of it."""

from __future__ import annotations

import inspect
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from .arguments import as_value
from .constraints import Limits, checked_measured, split_result
from .history import Reports
from .limits import TrialTimeoutError, call_within
from .pruning import RunningTrial, TrialStopped, takes_trial
from .space import Params, Space


@dataclass(frozen=True)
class Outcome:
    """What one evaluation came to: a value, or the error that took its place."""

    seconds: float
    value: Any = None
    constraints: dict[str, float] | None = None
    error: str | None = None
    exception: BaseException | None = None
    reports: Reports = ()
    stopped_early: bool = False


def evaluate(
    objective: Callable[..., Any],
    params: Params,
    limit: float | None = None,
    limits: Limits | None = None,
    trial: RunningTrial | None = None,
    clock: Callable[[], float] = time.perf_counter,
) -> Outcome:
    """Call objective(**params) and catch what goes wrong; this is what a worker runs.

    `limit` are the seconds that it may take, `limits` the constraints; `trial` is handed on to who reports to it,
    `clock` counts its seconds.
    """
    begin = clock()
    given = params if trial is None else {**params, "trial": trial}

    def outcome(**known: Any) -> Outcome:
        return Outcome(clock() - begin, reports=tuple(trial.reports) if trial else (), **known)

    try:
        result, measured = split_result(call_within(limit, lambda: objective(**given)), limits or {})
        return outcome(value=as_value(result), constraints=checked_measured(measured, limits or {}))
    except TrialTimeoutError as error:
        return outcome(error=f"timeout: {error}")
    except TrialStopped as stop:
        return outcome(error=str(stop), stopped_early=True)
    except (Exception, SystemExit) as exception:
        return outcome(error="".join(traceback.format_exception(exception)), exception=exception)


def check_objective(objective: Any, space: Space) -> None:
    """Raise TypeError where the objective is no function of the parameters."""
    if not callable(objective):
        raise TypeError(f"objective must be a function of {', '.join(space.names)}, got {objective!r}")
    try:
        signature = inspect.signature(objective)
    except (TypeError, ValueError):  # built in, without a signature to look at
        return
    name = getattr(objective, "__name__", type(objective).__name__)
    trial = {"trial": None} if takes_trial(objective, space) else {}
    try:
        signature.bind(**dict.fromkeys(space.names), **trial)
    except TypeError as error:
        raise TypeError(
            f"objective {name}{signature} cannot be called with {', '.join(space.names)}: {error}"
        ) from None
    try:
        signature.bind(**dict.fromkeys(n for n in space.names if not space.dimensions[n].conditions), **trial)
    except TypeError as error:
        raise TypeError(
            f"objective {name}{signature} is called without the parameters that are not there (see `when`), "
            f"so they need a default such as None: {error}"
        ) from None
