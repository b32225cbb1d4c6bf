"""The next point: a start design spread evenly, then fit the model -> score the space -> choose the best point."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from acquisition import Acquisition
from acquisition.goal import SAME, Goal, Taken
from acquisition.search import farthest, sobol
from gp import GaussianPosterior
from gp.threads import one_thread

from .bend import Values
from .choose import FEW_PLACES, choose, highest_mean
from .constraints import on_log_scale
from .duration import DurationModel, LogSeconds
from .errors import NotFittedError
from .history import Record, Trial, best_trial
from .neighbours import all_places
from .scaling import Array, Scaling
from .scope import ConstraintFits, Scope
from .space import Params
from .step import Step, avoid, weighed
from .surrogate import afresh, believe, default_processes, learn_values

APART = 0.01  # of each range: a point so close to a pending one would tell nothing that this one does not
FINITE_DESIGN = 64  # so many points of a finite space are looked at for a new one


@dataclass(frozen=True)
class _Model:
    """A fitted posterior, the scaling of its values, the models of constraints and seconds, how long the fits took."""

    posterior: GaussianPosterior
    scaling: Scaling
    constraints: ConstraintFits
    duration: tuple[DurationModel, LogSeconds] | None
    observed: int
    seconds: float


class Suggester:
    """Says where to evaluate next, from a record that others write; the settings are the optimizer's."""

    def __init__(self, record: Record, steps: list[Step], settings: Mapping[str, Any]) -> None:
        self._record, self._steps = record, steps
        self.space, self.direction = record.space, record.direction
        self.constraints = settings["constraints"]
        self.acquisition = on_log_scale(settings["acquisition"]) if self.constraints else settings["acquisition"]
        self.n_initial, self.seed = settings["n_initial"], settings["seed"]
        self._processes = default_processes(self.space.groups, settings["kernel"])
        self._may_bend = settings["kernel"] is None  # whoever brings a kernel means it for the values as they are
        self._scope = Scope(record, self.constraints, settings["trust_region"], self.n_initial)
        self._model: _Model | None = None

    def next(self, number: int) -> tuple[Trial, Step | None]:
        """A point of the start design, or the model's and how it came to it."""
        if self._scope.starting():
            return Trial(number, self._initial_point(number), source="initial"), None
        with one_thread(len(self._record.told)):
            params, step = self._suggest(number)
        return Trial(number, params, source="model"), step

    def _initial_point(self, number: int) -> Params:
        """The start design is a Sobol sequence; in a finite space what was tried is passed over while there is more."""
        rng = np.random.default_rng([self.seed, 0])
        if math.isinf(self.space.size):
            design = sobol(max(self.n_initial, number + 1), self.space.bounds, rng)
            return self.space.decode(design[number : number + 1])[0]
        tried = self._places()
        design = self.space.project(sobol(max(FINITE_DESIGN, 2 * number), self.space.bounds, rng)[number:])
        places = all_places(self.space, FEW_PLACES)
        design = design if places is None else np.vstack([design, places])  # the sequence may miss a few
        new = [u for u in design if not (u == tried).all(axis=1).any()]
        return self.space.decode(np.array([new[0] if new else design[0]]))[0]

    def _suggest(self, number: int) -> tuple[Params, Step]:
        """Fit, score, choose: one step of Bayesian optimization, and its record."""
        model, pending = self._fit(), self._record.pending()
        begin = time.perf_counter()
        seed = np.random.SeedSequence([self.seed, number, 2])
        believing = believe(model.posterior, self._record.encoded(pending))
        best = self._scope.to_beat(believing)
        posterior = avoid(believing, self._record.encoded(self._record.unexplained(self.constraints)))
        acquisition = self._prepared(model, posterior, best, seed)
        goal = Goal(self._within_limits(acquisition, model, pending), posterior, best)
        place, value = self._choose(goal, self._scope.box(posterior), np.random.default_rng(seed))
        mean, std = model.scaling.moments(*model.posterior.predict(place[None]))
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
            mean=float(mean[0]),
            std=float(std[0]),
            seconds={"fit": model.seconds, "score": time.perf_counter() - begin},
            record=self._record,
            constraints=tuple(each for each, _ in model.constraints),
            duration=None if model.duration is None else model.duration[0],
            center=model.scaling.center,
            bend=model.scaling.bend,
        )
        return self.space.decode(place[None])[0], step

    def _prepared(
        self, model: _Model, posterior: GaussianPosterior, best: float, seed: np.random.SeedSequence
    ) -> Acquisition:
        """The acquisition for this suggestion: it goes on from the last one's, and draws what it draws once."""
        acquisition = self.acquisition.follow(self._steps[-1].acquisition) if self._steps else self.acquisition
        acquisition = acquisition.among(self.space.project, self._places())
        seconds = None if model.duration is None else model.duration[1]
        return acquisition.prepare(posterior, best, self.space.bounds, seed=seed, seconds=seconds)

    def _within_limits(self, acquisition: Acquisition, model: _Model, pending: list[Trial]) -> Acquisition:
        """The acquisition times the probability that all constraints hold, pending points believed."""
        waiting = self._record.encoded(pending)
        limits = tuple(each.constraint(believe(known, waiting)) for each, known in model.constraints)
        return weighed(acquisition, limits, not self._scope.feasible(self._record.complete()))

    def _places(self) -> Array:
        """Where all trials are, those on their way included, (n, width)."""
        return self._record.encoded(list(self._record.trials.values()))

    def _choose(self, goal: Goal, box: Array, rng: np.random.Generator) -> tuple[Array, float]:
        """The place where the goal is highest among those not tried yet, and its value there.

        As long as all values are equal they say nothing, and the largest hole between the points is looked into.
        """
        trials = list(self._record.trials.values())
        tried = self._record.encoded(trials)
        values = {t.value for t in self._record.complete()}
        if len(values) > 1 or self.constraints or self.exhausted:
            radius = np.array([APART if t.status == "running" else SAME for t in trials])
            return choose(goal, self.space, box, rng, Taken(tried, radius))
        place = farthest(self.space.project(sobol(1024, self.space.bounds, rng)), tried, self.space.bounds)
        return place, float(goal.values(place[None])[0])

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
        y = np.array([t.value for t in trials], dtype=float)
        # The last step that knew less, not the last fit: so a resumed run learns what an uninterrupted one does.
        step = next((s for s in reversed(self._steps) if s.observed < observed), None)
        last = None if step is None else (step.kernel, step.noise, step.bend)
        models = {} if step is None else {c.name: c for c in step.constraints}
        again = step is None or afresh(observed, step.observed)
        values = Values(y, self.direction, self._scope.best_value(trials), self._may_bend)
        posterior, scaling = learn_values(self._processes, U, values, last, again)
        constraints = self._scope.learn_constraints(models, again)
        duration = None
        if self.acquisition.needs_seconds:
            duration = self._scope.learn_duration(None if step is None else step.duration, again)
        self._model = _Model(posterior, scaling, constraints, duration, observed, time.perf_counter() - begin)
        return self._model

    @property
    def exhausted(self) -> bool:
        """Whether every point of a finite space has been tried, or is on its way."""
        if math.isinf(self.space.size) or len(self._record.trials) < self.space.size:
            return False
        tried = self._places()
        return len(np.unique(tried, axis=0)) >= self.space.size

    # ---- what the model knows

    def predict(self, points: Any) -> tuple[Array, Array]:
        """What the model expects at points, and how sure it is: mean and std in the user's units, (n,) each."""
        model = self._fit()
        return model.scaling.moments(*model.posterior.predict(self.space.encode(points)))

    @property
    def posterior(self) -> GaussianPosterior:
        """The model in the unit cube, values standardised, larger is better."""
        return self._fit().posterior

    def recommend(self) -> Params:
        """Where the posterior mean is best; with constraints among the feasible points tried."""
        posterior = self._fit().posterior
        if self.constraints:
            best = best_trial(self._record.complete(), self.direction, self.constraints)  # raises if none is feasible
            tried = self._record.encoded([best, *self._scope.feasible(self._record.complete())])
            place = tried[int(np.argmax(posterior.predict(tried)[0]))]
        else:
            rng = np.random.default_rng([self.seed, len(self._record.told), 3])
            known = avoid(posterior, self._record.encoded(self._record.failed()))
            place = highest_mean(known, self.space, rng)
        return self.space.decode(place[None])[0]
