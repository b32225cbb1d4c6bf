"""The loop of Bayesian optimization, one question and one answer at a time.

ask:   fit the model to what was told -> score the space -> choose the best point (`suggest.py`)
tell:  write down the value; the next ask knows it (`ledger.py`)
"""

from __future__ import annotations

import math
import os
import time
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Executor
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Literal

from acquisition import Acquisition
from gp import GaussianPosterior, Kernel

from .arguments import as_value, checked_count, checked_reports, checked_seconds
from .constraints import checked_measured
from .explain import explain_step
from .history import History, Reports, Trial, best_trial
from .ledger import Ledger, Suggestion
from .scaling import Array
from .settings import checked_direction, checked_settings, settle
from .space import Params, Space
from .step import Step
from .stopping import StoppingRule
from .suggest import Suggester

if TYPE_CHECKING:
    from .loop import Callback, Clock
    from .pruning import PruningRule
    from .runfile import RunFile


class Optimizer:
    """Suggests where to evaluate next, learning from every value it is told.

    With `storage`, the name of a file, every ask and tell is on the disk before it returns, and a run that the
    file holds is continued: settings left out are the run's own, others must be equal to them.

    `constraints` {name: (low, high)} are limits of quantities that are told with each value; `trust_region=True`
    searches near the best point, for 10 dimensions or more and hundreds of trials; `stop` is a rule such as
    SmallGain() that ends a `run`, and may be another, or False for none, when a stored run is continued.

    >>> optimizer = Optimizer({"x": (0.0, 4.0)}, seed=0)
    >>> for _ in range(12):
    ...     params = optimizer.ask()
    ...     optimizer.tell(params, (params["x"] - 3) ** 2)
    >>> abs(optimizer.best.params["x"] - 3) < 0.05
    True
    """

    _search = "bayesian"

    def __init__(
        self,
        space: Mapping[str, Any] | Space,
        *,
        direction: str = "minimize",
        kernel: Kernel | None = None,
        acquisition: Acquisition | None = None,
        n_initial: int | None = None,
        seed: int | None = None,
        storage: str | os.PathLike[str] | RunFile | None = None,
        constraints: Mapping[str, tuple[float | None, float | None]] | None = None,
        trust_region: bool = False,
        stop: StoppingRule | Literal[False] | None = None,
    ) -> None:
        space = space if isinstance(space, Space) else Space(space)
        given = checked_settings(
            space, search=self._search, kernel=kernel, acquisition=acquisition, n_initial=n_initial, seed=seed,
            constraints=constraints, trust_region=trust_region, stop=stop,
        )  # fmt: skip
        self.space, settings, file = settle(space, checked_direction(direction), given, storage)
        self.direction, self.constraints = direction, settings["constraints"]
        self.trust_region, self.n_initial, self.seed = (settings[n] for n in ("trust_region", "n_initial", "seed"))
        self.stop: StoppingRule | None = settings["stop"] or None
        self.ledger = Ledger(self.space, direction, settings, file)
        self._suggester = Suggester(self.ledger.record, self.ledger.steps, settings)
        self.acquisition = self._suggester.acquisition

    # ---- ask

    def ask(self, n: int | None = None) -> Any:
        """Return a point to try next, or a list of n; each carries its trial's .number and is pending until told."""
        if n is None:
            return self._ask_one()
        return [self._ask_one() for _ in range(checked_count("n", n, low=1))]

    def _ask_one(self) -> Suggestion:
        """A trial that nobody finished, a point that is waiting in the queue, or a new one."""
        with self.ledger.turn():
            unfinished, queue = self.ledger.unfinished, self.ledger.queue
            if unfinished:
                trial, step = self.ledger.trial(unfinished[0]), None
            elif queue:
                trial, step = Trial(self.count, queue[0], source="user"), None
            else:
                trial, step = self._next(self.count)
            self.ledger.write(trial, step, queued=bool(queue) and not unfinished)
            return Suggestion(trial.params, trial.number)

    def _next(self, number: int) -> tuple[Trial, Step | None]:
        return self._suggester.next(number)

    def enqueue(self, params: Mapping[str, Any], *, repeat: bool = False) -> bool:
        """Ask for this point before any other; return whether it will be.

        A point that has a trial already, as when a script is started again, is passed over unless `repeat` is true.
        """
        point = self.space.check(params)
        with self.ledger.turn():
            known = [*self.ledger.queue, *(trial.params for trial in self.ledger.record.trials.values())]
            new = repeat or not any(self.space.same(point, other) for other in known)
            if new:
                self.ledger.enqueue(point)
            return new

    def tell(
        self,
        params: Mapping[str, Any],
        value: Any,
        *,
        seconds: float | None = None,
        constraints: Mapping[str, Any] | None = None,
        reports: Reports = (),
    ) -> None:
        """Write down a value, and what was measured of the constraints; NaN and inf make a failed trial.

        What `ask` gave, or an equal dict while it is pending, completes that trial; telling the same
        suggestion again is a StateError. Any other point is a new trial of source "user". `reports` are pairs
        (step, value), `seconds` what the evaluation took.
        """
        number, measured = as_value(value), checked_measured(constraints, self.constraints)
        known: dict[str, Any] = {"seconds": checked_seconds(seconds), "reports": checked_reports(reports)}
        for name, quantity in (measured or {}).items():
            if not math.isfinite(quantity):
                self._finish(params, status="failed", error=f"the constraint {name} is {quantity}", **known)
                return
        if math.isfinite(number):
            self._finish(params, status="complete", value=number, constraints=measured, **known)
        else:
            error = f"the objective returned {number}"
            self._finish(params, status="failed", error=error, constraints=measured, **known)

    def tell_failure(
        self,
        params: Mapping[str, Any],
        error: Any,
        *,
        seconds: float | None = None,
        reports: Reports = (),
        stopped_early: bool = False,
    ) -> None:
        """Write down that the evaluation failed, and why; or that it was stopped, for it was hopeless."""
        text = str(error).encode("utf-8", "backslashreplace").decode()  # a file must be able to hold it
        known: dict[str, Any] = {"seconds": checked_seconds(seconds), "reports": checked_reports(reports)}
        self._finish(params, status="failed", error=text, stopped_early=stopped_early, **known)

    def _finish(self, params: Mapping[str, Any], **outcome: Any) -> None:
        with self.ledger.turn():
            self.ledger.write(replace(self.ledger.trial_of(params), **outcome))

    def restore(self, history: History) -> None:
        """Continue an earlier run of the same space: its trials count as told, its unfinished ones are asked again.

        With the same seed and settings the suggestions are those of a run that was never interrupted.
        """
        self.ledger.restore(history)

    def close(self) -> None:
        """Let the storage go; done at the end of the program, too, however it ends."""
        self.ledger.close()

    # ---- what is known

    @property
    def exhausted(self) -> bool:
        """Whether every point of a finite space has been tried, or is on its way."""
        with self.ledger.lock:
            return self._suggester.exhausted

    @property
    def count(self) -> int:
        """How many trials there are, unfinished ones included."""
        return len(self.ledger.record.trials)

    @property
    def unfinished(self) -> list[int]:
        """Trials that nobody evaluates any more, as after a kill or Ctrl-C: they are asked for again first."""
        return self.ledger.unfinished

    def trial(self, number: int) -> Trial:
        """The trial of that number, as it stands."""
        return self.ledger.trial(number)

    def predict(self, points: Any) -> tuple[Array, Array]:
        """Return what the model expects at points, and how sure it is: mean and std in the user's units, (n,) each.

        Where values are bent: the median, and the std as the slope makes it there.
        """
        with self.ledger.lock:
            return self._suggester.predict(points)

    @property
    def posterior(self) -> GaussianPosterior:
        """The model as the acquisition sees it: inputs in the unit cube, values standardised, larger is better."""
        with self.ledger.lock:
            return self._suggester.posterior

    @property
    def best(self) -> Trial:
        """The trial with the best value told that keeps all constraints; NotFittedError before there is one."""
        with self.ledger.lock:
            record = self.ledger.record
            return best_trial(record.complete(), self.direction, self.constraints, record.failed())

    def recommend(self) -> Params:
        """Return the point to use: where the posterior mean is best, of all the space, not only of what was tried.

        Under noise the best value told is mostly luck. With constraints the best of the feasible points tried.
        """
        with self.ledger.lock:
            return self._suggester.recommend()

    @property
    def should_stop(self) -> str:
        """Why the stopping rule would end the search now; an empty text to go on, or without a rule."""
        with self.ledger.lock:
            return "" if self.stop is None else self.stop.reason(self.ledger.steps)

    @property
    def history(self) -> History:
        """All that happened so far."""
        return self.ledger.history()

    def explain(self) -> str:
        """Say why the last point was chosen: expected value, uncertainty, chance and size of the gain."""
        with self.ledger.lock:
            record, steps = self.ledger.record, self.ledger.steps
            if not record.trials:
                return "Nothing has been asked yet."
            last = record.trials[max(record.trials)]
            if steps and steps[-1].number == last.number:
                return explain_step(steps[-1])
        if last.source == "user":
            return "The last point was told by you, or enqueued: it was not suggested."
        of = f" of {self.n_initial}" if last.number < self.n_initial else ""
        return f"Point {last.number + 1}{of} of the start design: spread evenly, before there is a model."

    def _repr_html_(self) -> str:
        return self.history._repr_html_()

    def run(
        self,
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
        clock: Clock = time.perf_counter,
    ) -> History:
        """Evaluate the objective n_trials more times and return the history; the arguments are those of `minimize`."""
        from .loop import run

        return run(
            self, objective, n_trials, executor=executor, n_parallel=n_parallel, timeout=timeout,
            trial_timeout=trial_timeout, callbacks=callbacks, progress=progress, on_error=on_error, prune=prune,
            clock=clock,
        )  # fmt: skip
