"""The loop of Bayesian optimization, one question and one answer at a time.

ask:   fit the model to what was told -> score the space -> choose the best point
tell:  write down the value; the next ask knows it
"""

from __future__ import annotations

import math
import os
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from acquisition import Acquisition, LogExpectedImprovement
from acquisition.search import SAME, farthest, sobol
from gp import GaussianPosterior, Kernel, ParameterError
from gp.threads import one_thread

from .arguments import as_value, checked_count, checked_flag, checked_seed
from .choose import choose, highest_mean
from .constraints import checked_limits, checked_measured, on_log_scale
from .errors import NotFittedError, SpaceMismatchError, StateError
from .explain import explain_step
from .history import History, Record, Step, Trial, avoid, best_trial, weighed
from .limits import held
from .scope import ConstraintFits, Scope
from .space import Params, Space
from .stopping import StoppingRule, checked_rule
from .surrogate import Array, Scaling, believe, default_processes, learn, standardise

if TYPE_CHECKING:
    from .runfile import RunFile

DIRECTIONS = ("minimize", "maximize")
DEFAULT_INITIAL = 5
APART = 0.01  # of each range: a point so close to a pending one would tell nothing that this one does not
FINITE_DESIGN = 64  # so many points of a finite space are looked at for a new one


class Suggestion(dict[str, Any]):
    """A point to try: a dict of parameters that knows the number of its trial."""

    def __init__(self, params: Params, number: int) -> None:
        super().__init__(params)
        self.number = number

    def __reduce__(self) -> tuple[Any, ...]:
        return (Suggestion, (dict(self), self.number))


@dataclass(frozen=True)
class _Model:
    """A fitted posterior, the scaling of its values, the models of the constraints, and how long the fits took."""

    posterior: GaussianPosterior
    scaling: Scaling
    constraints: ConstraintFits
    observed: int
    seconds: float


class Optimizer:
    """Suggests where to evaluate next, learning from every value it is told.

    With `storage`, the name of a file, every ask and tell is on the disk before it returns, and a run that the
    file holds is continued: settings left out are the run's own, others must be equal to them.

    `constraints` {name: (low, high)} are limits of quantities that are told with each value; `trust_region=True`
    searches near the best point, for 10 dimensions or more and hundreds of trials; `stop` is a rule such as
    SmallGain() that ends a `run`.

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
        stop: StoppingRule | None = None,
    ) -> None:
        if direction not in DIRECTIONS:
            raise ParameterError(f"direction must be 'minimize' or 'maximize', got {direction!r}")
        if kernel is not None and not isinstance(kernel, Kernel):
            raise TypeError(f"kernel must be a gp.Kernel such as Matern52(), got {kernel!r}")
        if acquisition is not None and not isinstance(acquisition, Acquisition):
            raise TypeError(f"acquisition must be an Acquisition such as ExpectedImprovement(), got {acquisition!r}")
        self.space = space if isinstance(space, Space) else Space(space)
        self.direction = direction
        settings: dict[str, Any] = {
            "search": self._search,
            "kernel": kernel,
            "acquisition": acquisition,
            "n_initial": None if n_initial is None else checked_count("n_initial", n_initial, low=1),
            "seed": None if seed is None else checked_seed(seed),
            "constraints": checked_limits(constraints, self.space.names) or None,
            "trust_region": checked_flag("trust_region", trust_region) or None,
        }
        defaults: dict[str, Any] = {
            "kernel": None,
            "acquisition": LogExpectedImprovement(),
            "n_initial": DEFAULT_INITIAL,
            "seed": checked_seed(seed),
            "constraints": {},
            "trust_region": False,
        }
        self._file: RunFile | None = None
        self._record, self._steps = Record(self.space, direction), list[Step]()
        if storage is None:
            settings = {name: defaults[name] if value is None else value for name, value in settings.items()}
        else:
            from .runfile import opened  # sqlite3 is loaded by those who store their runs

            self._file = opened(storage)
            self.space, settings = self._file.agree(self.space, direction, settings, defaults)
            self._record, self._steps = self._file.take_over()
        self._settings = settings
        self.constraints, self.trust_region = settings["constraints"], settings["trust_region"]
        self.acquisition = on_log_scale(settings["acquisition"]) if self.constraints else settings["acquisition"]
        self.n_initial, self.seed = settings["n_initial"], settings["seed"]
        self._processes = default_processes(self.space.groups, settings["kernel"])
        self._scope = Scope(self._record, self.constraints, self.trust_region, self.n_initial)
        self.stop = checked_rule(stop)
        self._again: list[int] = []
        self._queue: list[Params] = []
        self._model: _Model | None = None
        self._lock = threading.RLock()

    def __getstate__(self) -> dict[str, Any]:
        if self._file is not None:
            raise TypeError(f"an optimizer with a storage cannot be pickled; open {self._file.path} with storage=")
        return {name: value for name, value in self.__dict__.items() if name != "_lock"}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state, _lock=threading.RLock())

    # ---- the storage, if there is one

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Nobody else asks or tells meanwhile, no thread and no process; what others did before is known."""
        with self._lock:
            if self._file is None:
                yield
                return
            with self._file.turn():
                self._file.catch_up(self._record, self._steps)
                yield

    def _write(self, trial: Trial, step: Step | None = None) -> None:
        """Write a trial, and the step that led to it: to the storage first, for what is there is true."""
        trial = self._record.placed(trial)
        with held():
            if self._file is not None:
                self._file.write(trial, step)
            self._record.add(trial)
            if step is not None:
                self._steps.append(step)

    @property
    def unfinished(self) -> list[int]:
        """Trials that nobody evaluates any more, as after a kill or Ctrl-C: they are asked for again first."""
        abandoned = [] if self._file is None else self._file.abandoned(self._record)
        return [*self._again, *(n for n in abandoned if n not in self._again)]

    def interrupt(self, numbers: list[int], stopped: str) -> None:
        """Note that nobody evaluates these trials any more, and why the run ended."""
        with self.turn():
            self._again.extend(n for n in numbers if self._record.trials[n].status == "running")
            if self._file is not None:
                self._file.finish(stopped)

    def close(self) -> None:
        """Let the storage go; done at the end of the program, too, however it ends."""
        if self._file is not None:
            self._file.close()

    # ---- ask

    def ask(self, n: int | None = None) -> Any:
        """Return a point to try next, or a list of n; each carries its trial's .number and is pending until told."""
        if n is None:
            return self._ask_one()
        return [self._ask_one() for _ in range(checked_count("n", n, low=1))]

    def _ask_one(self) -> Suggestion:
        with self.turn():
            if unfinished := self.unfinished:
                trial = self._record.trials[unfinished[0]]
                self._write(trial)
                self._again = [n for n in self._again if n != trial.number]
                return Suggestion(trial.params, trial.number)
            return self._new_point()

    def _new_point(self) -> Suggestion:
        """A point that is waiting in the queue, or a new one."""
        number = len(self._record.trials)
        if self._queue:
            self._write(Trial(number, self._queue[0], source="user"))
            return Suggestion(self._queue.pop(0), number)
        trial, step = self._next(number)
        self._write(trial, step)
        return Suggestion(trial.params, number)

    def _next(self, number: int) -> tuple[Trial, Step | None]:
        """A point of the start design, or the model's and how it came to it."""
        if self._scope.starting():
            return Trial(number, self._initial_point(number), source="initial"), None
        with one_thread(len(self._record.told)):
            params, step = self._suggest(number)
        return Trial(number, params, source="model"), step

    def enqueue(self, params: Mapping[str, Any], *, repeat: bool = False) -> bool:
        """Ask for this point before any other; return whether it will be.

        A point that has a trial already, as when a script is started again, is passed over unless `repeat` is true.
        """
        point = self.space.check(params)
        with self.turn():
            known = [*self._queue, *(trial.params for trial in self._record.trials.values())]
            new = repeat or not any(self.space.same(point, other) for other in known)
            if new:
                self._queue.append(point)
            return new

    def _initial_point(self, number: int) -> Params:
        """The start design is a Sobol sequence; in a finite space what was tried is passed over while there is more."""
        rng = np.random.default_rng([self.seed, 0])
        if math.isinf(self.space.size):
            design = sobol(max(self.n_initial, number + 1), self.space.bounds, rng)
            return self.space.decode(design[number : number + 1])[0]
        tried = self._record.encoded(list(self._record.trials.values()))
        design = self.space.project(sobol(max(FINITE_DESIGN, 2 * number), self.space.bounds, rng)[number:])
        new = [u for u in design if not (u == tried).all(axis=1).any()]
        return self.space.decode(np.array([new[0] if new else design[0]]))[0]

    def _suggest(self, number: int) -> tuple[Params, Step]:
        """Fit, score, choose: one step of Bayesian optimization, and its record."""
        model = self._fit()
        pending = self._record.pending()
        waiting = self._record.encoded(pending)
        begin = time.perf_counter()
        believing = believe(model.posterior, waiting)
        best = self._scope.to_beat(believing)
        posterior = avoid(believing, self._record.encoded(self._record.unexplained(self.constraints)))
        seed = np.random.SeedSequence([self.seed, number, 2])
        acquisition = self.acquisition.follow(self._steps[-1].acquisition) if self._steps else self.acquisition
        acquisition = acquisition.prepare(posterior, best, self.space.bounds, seed=seed)
        limits = tuple(each.constraint(believe(known, waiting)) for each, known in model.constraints)
        target = weighed(acquisition, limits, not self._scope.feasible(self._record.complete()))
        place, value = self._choose(target, posterior, best, np.random.default_rng(seed))
        mean, std = model.posterior.predict(place[None])
        step = Step(
            number=number,
            observed=model.observed,
            pending=tuple(t.number for t in pending),
            kernel=model.posterior.prior.kernel,
            noise=model.posterior.prior.noise,
            log_marginal_likelihood=model.posterior.log_marginal_likelihood,
            refitted=True,
            acquisition=acquisition,
            value=value,
            shift=model.scaling.shift,
            scale=model.scaling.scale,
            best=float(model.scaling.mean(best)),
            mean=float(model.scaling.mean(mean[0])),
            std=float(model.scaling.std(std[0])),
            seconds={"fit": model.seconds, "score": time.perf_counter() - begin},
            record=self._record,
            constraints=tuple(each for each, _ in model.constraints),
        )
        return self.space.decode(place[None])[0], step

    def _choose(
        self, acquisition: Acquisition, posterior: GaussianPosterior, best: float, rng: np.random.Generator
    ) -> tuple[Array, float]:
        """The place that the acquisition likes best among those not tried yet, and its score there.

        As long as all values are equal they say nothing, and the largest hole between the points is looked into.
        """
        trials = list(self._record.trials.values())
        tried = self._record.encoded(trials)
        values = {t.value for t in self._record.complete()}
        if len(values) > 1 or self.constraints or self.exhausted:
            radius = np.array([APART if t.status == "running" else SAME for t in trials])
            return choose(acquisition, posterior, best, self.space, self._scope.box(posterior), rng, tried, radius)
        place = farthest(self.space.project(sobol(1024, self.space.bounds, rng)), tried, self.space.bounds)
        return place, float(acquisition(posterior, place[None], best)[0])

    def _fit(self) -> _Model:
        """Learn the hyperparameters from all values told, starting where the last step ended."""
        observed = len(self._record.told)
        if self._model is not None and self._model.observed == observed:
            return self._model
        trials = self._record.complete()
        if not trials:
            raise NotFittedError("there is no model before a value has been told: tell one, or run the objective")
        begin = time.perf_counter()
        U = self._record.encoded(trials)
        z, scaling = standardise(np.array([t.value for t in trials], dtype=float), self.direction)
        # The last step that knew less, not the last fit: so a resumed run learns what an uninterrupted one does.
        step = next((s for s in reversed(self._steps) if s.observed < observed), None)
        posterior = learn(self._processes, U, z, None if step is None else (step.kernel, step.noise))
        constraints = self._scope.learn_constraints({} if step is None else {c.name: c for c in step.constraints})
        self._model = _Model(posterior, scaling, constraints, observed, time.perf_counter() - begin)
        return self._model

    # ---- tell

    def tell(
        self,
        params: Mapping[str, Any],
        value: Any,
        *,
        seconds: float | None = None,
        constraints: Mapping[str, Any] | None = None,
    ) -> None:
        """Write down a value, and what was measured of the constraints; NaN and inf make a failed trial.

        What `ask` gave, or an equal dict while it is pending, completes that trial; telling the same
        suggestion again is a StateError. Any other point is a new trial of source "user".
        """
        number, measured = as_value(value), checked_measured(constraints, self.constraints)
        for name, quantity in (measured or {}).items():
            if not math.isfinite(quantity):
                self._finish(params, "failed", error=f"the constraint {name} is {quantity}", seconds=seconds)
                return
        if math.isfinite(number):
            self._finish(params, "complete", value=number, seconds=seconds, measured=measured)
        else:
            error = f"the objective returned {number}"
            self._finish(params, "failed", error=error, seconds=seconds, measured=measured)

    def tell_failure(self, params: Mapping[str, Any], error: Any, *, seconds: float | None = None) -> None:
        """Write down that the evaluation failed, and why."""
        text = str(error).encode("utf-8", "backslashreplace").decode()  # a file must be able to hold it
        self._finish(params, "failed", error=text, seconds=seconds)

    def _finish(
        self, params: Mapping[str, Any], status: str, *, value: float | None = None, error: str | None = None,
        seconds: float | None = None, measured: dict[str, float] | None = None,
    ) -> None:  # fmt: skip
        with self.turn():
            trial = self._trial_of(params)
            told = replace(trial, value=value, status=status, error=error, seconds=seconds, constraints=measured)
            self._write(told)
            self._again = [n for n in self._again if n != trial.number]

    def _trial_of(self, params: Mapping[str, Any]) -> Trial:
        """The trial that these parameters complete: their own, a pending one like them, or a new one."""
        point = self.space.check(params)
        if isinstance(params, Suggestion):
            trial = self._record.trials.get(params.number)
            if trial is not None and self.space.same(trial.params, point):
                if trial.status != "running":
                    raise StateError(
                        f"trial {params.number} was told already; "
                        "to add another value of the same point, tell a plain dict"
                    )
                return trial
        for trial in self._record.pending():
            if self.space.same(trial.params, point):
                return trial
        return Trial(len(self._record.trials), point, source="user")

    def restore(self, history: History) -> None:
        """Continue an earlier run of the same space: its trials count as told, its unfinished ones are asked again.

        With the same seed and settings the suggestions are those of a run that was never interrupted.
        """
        with self._lock:
            if self._record.trials:
                raise StateError(f"this optimizer has {len(self._record.trials)} trials; restore into a new one")
            if self._file is not None:
                raise StateError("this optimizer has a storage: it continues what is there; `tell` it what is not")
            if history.space != self.space or history.direction != self.direction:
                raise SpaceMismatchError(
                    f"the earlier run searched {history.space!r} to {history.direction}, this one {self.space!r} "
                    f"to {self.direction}"
                )
            self._record.trials.update((trial.number, trial) for trial in history.trials)
            told = [trial for trial in history.trials if trial.told is not None]
            self._record.told.extend(t.number for t in sorted(told, key=lambda t: t.told or 0))
            self._steps.extend(replace(step, record=self._record) for step in history.steps)
            self._again.extend(trial.number for trial in history.trials if trial.status == "running")

    # ---- what is known

    @property
    def exhausted(self) -> bool:
        """Whether every point of a finite space has been tried, or is on its way."""
        with self._lock:
            if math.isinf(self.space.size) or len(self._record.trials) < self.space.size:
                return False
            tried = self._record.encoded(list(self._record.trials.values()))
        return len(np.unique(tried, axis=0)) >= self.space.size

    @property
    def count(self) -> int:
        """How many trials there are, unfinished ones included."""
        return len(self._record.trials)

    def trial(self, number: int) -> Trial:
        """The trial of that number, as it stands."""
        if number not in self._record.trials:
            raise ParameterError(f"there is no trial {number}; {len(self._record.trials)} have been made")
        return self._record.trials[number]

    def predict(self, points: Any) -> tuple[Array, Array]:
        """Return what the model expects at points, and how sure it is: mean and std in the user's units, (n,) each."""
        with self._lock:
            model = self._fit()
        mean, std = model.posterior.predict(self.space.encode(points))
        return model.scaling.mean(mean), model.scaling.std(std)

    @property
    def posterior(self) -> GaussianPosterior:
        """The model as the acquisition sees it: inputs in the unit cube, values standardised, larger is better."""
        with self._lock:
            return self._fit().posterior

    @property
    def best(self) -> Trial:
        """The trial with the best value told that keeps all constraints; NotFittedError before there is one."""
        with self._lock:
            return best_trial(self._record.complete(), self.direction, self.constraints)

    def recommend(self) -> Params:
        """Return the point to use: where the posterior mean is best, of all the space, not only of what was tried.

        Under noise the best value told is mostly luck. With constraints the best of the feasible points tried.
        """
        with self._lock:
            posterior = self._fit().posterior
            if self.constraints:
                best = self.best  # raises where none is feasible
                tried = self._record.encoded([best, *self._scope.feasible(self._record.complete())])
                place = tried[int(np.argmax(posterior.predict(tried)[0]))]
            else:
                rng = np.random.default_rng([self.seed, len(self._record.told), 3])
                known = avoid(posterior, self._record.encoded(self._record.failed()))
                place = highest_mean(known, self.space, rng)
            return self.space.decode(place[None])[0]

    @property
    def should_stop(self) -> str:
        """Why the stopping rule would end the search now; an empty text to go on, or without a rule."""
        with self._lock:
            return "" if self.stop is None else self.stop.reason(self._steps)

    @property
    def history(self) -> History:
        """All that happened so far."""
        return self.snapshot()

    def snapshot(self, stopped: str = "") -> History:
        """The history with the reason why the run ended."""
        with self._lock:
            if self._file is not None:
                self._file.catch_up(self._record, self._steps)
            # Copies of the params, so that whoever changes them does not change what the steps remember.
            numbers = sorted(self._record.trials)
            trials = tuple(replace(self._record.trials[n], params=dict(self._record.trials[n].params)) for n in numbers)
            notes = None if self._file is None else self._file.notes
            return History(
                self.space, self.direction, trials, tuple(self._steps), stopped, dict(self._settings), notes
            )  # fmt: skip

    def explain(self) -> str:
        """Say why the last point was chosen: expected value, uncertainty, chance and size of the gain."""
        with self._lock:
            if not self._record.trials:
                return "Nothing has been asked yet."
            last = self._record.trials[max(self._record.trials)]
            if self._steps and self._steps[-1].number == last.number:
                return explain_step(self._steps[-1])
        if last.source == "user":
            return "The last point was told by you, not suggested."
        of = f" of {self.n_initial}" if last.number < self.n_initial else ""
        return f"Point {last.number + 1}{of} of the start design: spread evenly, before there is a model."

    def _repr_html_(self) -> str:
        return self.history._repr_html_()

    def run(self, objective: Any, n_trials: int, **options: Any) -> History:
        """Evaluate the objective n_trials more times; options as in `minimize`."""
        from .loop import run

        return run(self, objective, n_trials, **options)
