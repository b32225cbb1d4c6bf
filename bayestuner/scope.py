"""What of a run counts for the next suggestion: feasible trials, those of this trust region, and where to look."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from gp import GaussianPosterior

from .constraints import ConstraintModel, Limits, is_feasible, learn_constraint
from .duration import DurationModel, LogSeconds, learn_duration
from .history import Record, Trial
from .scaling import Array
from .step import measured_values, seconds_of
from .surrogate import default_processes, value_to_beat
from .trust_region import TrustRegion, box_in_space, replay

ConstraintFits = tuple[tuple[ConstraintModel, GaussianPosterior], ...]


@dataclass(frozen=True)
class Scope:
    """A record and the settings that say which of its trials count."""

    record: Record
    limits: Limits
    trust_region: bool
    n_initial: int

    def feasible(self, trials: list[Trial]) -> list[Trial]:
        """The trials that keep all constraints."""
        return [t for t in trials if is_feasible(t.constraints, self.limits)]

    def best_value(self, trials: list[Trial]) -> float:
        """The best value of the trials that keep all constraints; while none does, of any."""
        values = [t.value for t in self.feasible(trials) or trials if t.value is not None]
        return min(values) if self.record.direction == "minimize" else max(values)

    def region(self) -> TrustRegion:
        """The trust region after all that was told."""
        sign = 1.0 if self.record.direction == "maximize" else -1.0
        told = (self.record.trials[number] for number in self.record.told)
        goods = (
            sign * t.value if t.value is not None and is_feasible(t.constraints, self.limits) else None for t in told
        )
        return replay(goods, len(self.record.space.names), self.n_initial)

    def complete(self) -> list[Trial]:
        """The trials with a value; with a trust region those since it was last started."""
        return self._of_region(self.record.complete())

    def _of_region(self, trials: list[Trial]) -> list[Trial]:
        begin = self.region().begin if self.trust_region else 0
        return [t for t in trials if t.told is not None and t.told >= begin]

    def starting(self) -> bool:
        """Whether the start design goes on: too little is known, or no value at all."""
        complete, measured = self.complete(), self._of_region(self.record.measured())
        broken = sum(t.value is None for t in measured)
        return not complete or len(complete) + broken + len(self.record.pending()) < self.n_initial

    def to_beat(self, posterior: GaussianPosterior) -> float:
        """The largest posterior mean at a point that counts, observed or believed; while none is feasible, at any."""
        if not self.limits and not self.trust_region:
            return value_to_beat(posterior)
        return float(posterior.predict(self._counting())[0].max())

    def box(self, posterior: GaussianPosterior) -> Array:
        """Where to search: the unit cube, or the trust region around the point with the largest posterior mean."""
        space = self.record.space
        if not self.trust_region:
            return space.bounds
        places = self._counting()
        center = places[int(np.argmax(posterior.predict(places)[0]))]
        return box_in_space(self.region(), space, center, posterior.prior.kernel)

    def _counting(self) -> Array:
        complete = self.complete()
        return self.record.encoded(self.feasible(complete) or complete)

    def learn_duration(self, last: DurationModel | None, again: bool) -> tuple[DurationModel, LogSeconds] | None:
        """Learn how long evaluations take; None while no trial has told its seconds."""
        trials = self.record.timed()
        if not trials:
            return None
        processes = default_processes(self.record.space.groups)
        return learn_duration(processes, self.record.encoded(trials), seconds_of(trials), last, again)

    def learn_constraints(self, last: Mapping[str, ConstraintModel], again: bool) -> ConstraintFits:
        """Learn each constraint from all that was measured, starting where the last step ended; see `learn`."""
        trials = self.record.measured()
        U = self.record.encoded(trials)
        processes = default_processes(self.record.space.groups)
        before = {name: (model.kernel, model.noise) for name, model in last.items()}
        return tuple(
            learn_constraint(name, limits, processes, U, measured_values(trials, name), before.get(name), again)
            for name, limits in self.limits.items()
        )
