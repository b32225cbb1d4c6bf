"""A run as a story of rounds: learn, choose a point (or a batch), and be told what came of it.

The first moment of a round's fit is the last one of the update before, so that a picture never jumps.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from bayestuner import History, NotFittedError, ParameterError, Step, Trial
from bayestuner.bend import Values
from bayestuner.scaling import Scaling
from bayestuner.space import Params, Space
from bayestuner.step import avoid, in_user_units
from bayestuner.surrogate import believe, default_processes, learn_values, value_to_beat
from gp import GaussianPosterior

from .moment import Array, Learned, Moment, between, counted, tempered


@dataclass(frozen=True, eq=False)
class Round:
    """One iteration: what the model had learned, the point (or the batch) chosen, and what was told before the next.

    `number` counts from 1; a run without any suggestion has a single round of number 0 that only fits.
    `values` are those of `seen` as the model counts them (absurdly bad ones are cut off), in the user's units.
    """

    number: int
    space: Space
    direction: str
    learned: Learned
    log_marginal_likelihood: float
    steps: tuple[Step, ...]
    told: tuple[Trial, ...]
    arrived: tuple[Trial, ...]

    @property
    def scaling(self) -> Scaling:
        """Between the user's values and the model's."""
        return self.learned.scaling

    @property
    def step(self) -> Step:
        """The first suggestion of the round."""
        return self.steps[0]

    @cached_property
    def seen(self) -> list[Trial]:
        """The trials with a value that the model knew, in the order they were told."""
        return [t for t in self.told if t.status == "complete"]

    @cached_property
    def new(self) -> list[Trial]:
        """The trials with a value that were told afterwards."""
        return [t for t in self.arrived if t.status == "complete"]

    @cached_property
    def values(self) -> Array:
        """Values of the seen trials as the model counts them, (n,)."""
        return counted(self.seen, self.direction)

    @cached_property
    def new_values(self) -> Array:
        """Values of the new trials as the next model will count them, (q,)."""
        return counted(self.seen + self.new, self.direction)[len(self.seen) :]

    @cached_property
    def waiting(self) -> list[Params]:
        """Points chosen in earlier rounds and not told yet."""
        own = {step.number for step in self.steps}
        record = self.steps[0].record if self.steps else None
        return [] if record is None else [record.trials[n].params for n in self.step.pending if n not in own]

    def encoded(self, trials: Sequence[Trial]) -> Array:
        """The trials' points in the unit cube."""
        return self.space.encode([t.params for t in trials]) if trials else np.empty((0, self.space.width))

    @cached_property
    def chosen(self) -> Moment:
        """What the model believed when it chose."""
        posterior = self.learned.condition(self.encoded(self.seen), self.values)
        if not self.steps:
            return Moment(posterior, self.scaling, posterior, value_to_beat(posterior), None)
        best = float(self.scaling.to_model(self.step.best))
        return Moment(posterior, self.scaling, self._shown(posterior), best, self.step.prepared)

    def _shown(self, posterior: GaussianPosterior, arrived: Sequence[Trial] = ()) -> GaussianPosterior:
        """The posterior as the acquisition sees it: pending points believed, failed ones avoided."""
        known = {t.number for t in arrived}
        pending = [self.step.record.trials[n] for n in self.step.pending if n not in known]
        failed = [t for t in (*self.told, *arrived) if t.status == "failed"]
        return avoid(believe(posterior, self.encoded(pending)), self.encoded(failed))

    # ---- in between

    def updating(self, g: float) -> Moment:
        """What is believed when a share g of the new values is known: as if seen with noise v (1/g - 1) on top.

        v is the variance of a value there before. The value to beat goes from the old to the new one.
        """
        posterior = self.chosen.posterior
        if g > 0 and self.new:
            posterior = tempered(posterior, self.encoded(self.new), self.scaling.to_model(self.new_values), g)
        if not self.steps:
            return replace(self.chosen, posterior=posterior)
        best = (1 - g) * self.chosen.best + g * self._best_after
        shown = self._shown(posterior, self.arrived if g > 0 else ())
        return Moment(posterior, self.scaling, shown, best, self.step.prepared)

    @cached_property
    def _best_after(self) -> float:
        if not self.new:
            return self.chosen.best
        U, z = self.encoded(self.new), self.scaling.to_model(self.new_values)
        return value_to_beat(tempered(self.chosen.posterior, U, z, 1.0))

    def fitting(self, before: Round | None, t: float) -> Moment:
        """What is believed when the hyperparameters have gone a share t of the way from the last round's to these.

        In the first round the values arrive instead: a share t of them is known.
        """
        if t >= 1:
            return self.chosen
        if before is None:
            prior = self.learned.condition(np.empty((0, self.space.width)), np.empty(0))
            U, z = self.encoded(self.seen), self.scaling.to_model(self.values)
            posterior, learned = (tempered(prior, U, z, t) if t > 0 else prior), self.learned
        else:
            learned = between(before.learned, self.learned, t, self.values)
            old = np.append(before.values, self.values[len(before.values) :])
            posterior = learned.condition(self.encoded(self.seen), (1 - t) * old + t * self.values)
        return Moment(posterior, learned.scaling, posterior, 0.0, None)

    def likelihood_before(self, before: Round) -> float:
        """Log marginal likelihood of this round's values under the last round's hyperparameters, in our units."""
        moment = self.fitting(before, 0.0)
        stretched = before.scaling.log_slope(self.values) - self.scaling.log_slope(self.values)
        return float(moment.posterior.log_marginal_likelihood + stretched.sum())


def told_trials(history: History) -> list[Trial]:
    """The trials that were told, in that order."""
    return sorted((t for t in history.trials if t.told is not None), key=lambda t: t.told or 0)


def rounds(history: History) -> list[Round]:
    """The iterations of a run; suggestions made on the same knowledge are one, a batch.

    Raises NotFittedError where no trial has a value.
    """
    told = told_trials(history)
    if not any(t.status == "complete" for t in told):
        raise NotFittedError(
            f"nothing to animate: none of the {len(history.trials)} trials has a value yet; "
            "run the objective, or tell one"
        )
    if not history.steps:
        return [_only_start(history, told)]
    batches: list[list[Step]] = []
    for step in history.steps:
        if batches and batches[-1][0].observed == step.observed:
            batches[-1].append(step)
        else:
            batches.append([step])
    ends = [batch[0].observed for batch in batches[1:]] + [len(told)]
    return [
        Round(
            number=number,
            space=history.space,
            direction=history.direction,
            learned=Learned(batch[0].kernel, batch[0].noise, batch[0].scaling),
            log_marginal_likelihood=batch[0].log_marginal_likelihood,
            steps=tuple(batch),
            told=tuple(told[: batch[0].observed]),
            arrived=tuple(told[batch[0].observed : end]),
        )
        for number, (batch, end) in enumerate(zip(batches, ends, strict=True), 1)
    ]


def _only_start(history: History, told: list[Trial]) -> Round:
    """A run without suggestions: the default model, fitted here, for the record holds none."""
    complete = [t for t in told if t.status == "complete"]
    y = np.array([t.value for t in complete], dtype=float)
    U = history.space.encode([t.params for t in complete])
    posterior, scaling = learn_values(default_processes(history.space.groups), U, Values(y, history.direction))
    learned = Learned(posterior.prior.kernel, posterior.prior.noise, scaling)
    return Round(0, history.space, history.direction, learned, posterior.log_marginal_likelihood, (), tuple(told), ())


def selected(history: History, all_rounds: list[Round], steps: Any, most: int = 60) -> list[int]:
    """Indices of the rounds to show: those of the steps asked for, or all, but every k-th where there are too many.

    `steps` is an index into history.steps (negative from the end), a slice, or several indices.
    Raises ParameterError where there is no such step.
    """
    if steps is None or not history.steps:
        k = -(-len(all_rounds) // most)
        return list(range(0, len(all_rounds), k))
    count = len(history.steps)
    if isinstance(steps, slice):
        steps = range(count)[steps]
    wanted = [steps] if isinstance(steps, (int, np.integer)) else list(steps)
    if not wanted:
        raise ParameterError(f"steps selects none of the {count} steps")
    of_step = [i for i, a_round in enumerate(all_rounds) for _ in a_round.steps]
    for index in wanted:
        if isinstance(index, bool) or not isinstance(index, (int, np.integer)):
            raise TypeError(f"steps must be whole numbers, a slice or None, got {index!r}")
        if not -count <= index < count:
            raise ParameterError(f"there is no step {index}; the run has {count}: 0 to {count - 1}, or -{count} to -1")
    return sorted({of_step[int(index)] for index in wanted})


def shown_score(a_round: Round, score: Array) -> Array:
    """The acquisition's values in terms that a user can check against the objective."""
    step = a_round.step
    return np.asarray(in_user_units(step.acquisition, score, step.scaling, step.standardised[2]))


def shown_value(step: Step) -> Array:
    """The acquisition's value at the choice, in the same terms."""
    return in_user_units(step.acquisition, np.array(step.value), step.scaling, step.standardised[2])
