"""The 1-D story, moment by moment: the shot of every cue, from the numbers of the run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any

import numpy as np

from acquisition import ThompsonSampling, UpperConfidenceBound
from bayestuner import Categorical, Trial
from bayestuner.scaling import Scaling

from .frames import Cue, ease
from .moment import Array, Moment, best_of
from .rounds import Round
from .shares import Shares
from .shot import Bell, Shot
from .tale1d import Tale
from .terms import leading, score_words

WORDS = 0.25  # of the axis: room of the level's words
VISIBLE = 1 / 120  # of the shown range: a standard deviation from which noise is drawn


class Shots:
    """What each frame of a tale shows.

    Moments that stay for a whole phase are computed once; in between ones are not worth keeping.
    """

    def __init__(self, tale: Tale) -> None:
        self.tale = tale
        self._line = lru_cache(maxsize=16)(self._compute_line)
        self._score = lru_cache(maxsize=4)(self._compute_score)

    def shot(self, cue: Cue, slow: bool) -> Shot:
        """What a cue shows; `slow` where the story is told to who sees it first."""
        gain = ease((cue.tween + 1) / cue.of)
        if cue.phase == "Fit":
            # The first frame of a fit is the last of the update before, so it starts from 0.
            return self._fit(cue.step, 1.0 if cue.of == 1 else ease(cue.tween / (cue.of - 1)))
        if cue.phase == "Score":
            share = (cue.tween + 1) / (cue.of - 1) if slow and cue.of > 1 else gain
            return self._scoring(cue.step, 2.0 if cue.key else min(share, 1.0), slow)
        if cue.phase == "Choose":
            return self._choosing(cue.step, gain)
        if cue.phase == "Evaluate":
            return self._evaluating(cue.step, gain)
        return self._updating(cue.step, gain)

    def _compute_line(self, number: int, kind: str) -> tuple[Array, Array, Scaling]:
        a_round = self.tale.round(number)
        return self._believed(a_round.chosen if kind == "chosen" else a_round.fitting(self.tale.before(number), 0.0))

    def _believed(self, moment: Moment) -> tuple[Array, Array, Scaling]:
        """Mean, std and scaling of a moment."""
        return *moment.predict(self.tale.U), moment.scaling

    def _compute_score(self, number: int) -> tuple[Array, Shares]:
        """The acquisition's values on the grid when it chose, and how they are scaled."""
        a_round = self.tale.round(number)
        score = a_round.chosen.score(self.tale.U)
        return score, Shares.of(a_round.step.acquisition, score)

    def _base(self, a_round: Round, line: tuple[Array, Array, Scaling], told: Sequence[Trial], level: float) -> Shot:
        """What is in every shot: the model, what was told, and the level to beat."""
        best = best_of(told, self.tale.direction)
        complete = [t for t in told if t.status == "complete"]
        noise = a_round.chosen.posterior.prior.noise**0.5
        seen = a_round.chosen.noise_std(level) > VISIBLE * (self.tale.y_limits[1] - self.tale.y_limits[0])
        mean, std, scaling = line
        return Shot(
            mean=mean,
            std=std,
            scaling=scaling,
            level=level,
            level_words=self._level_words(level, best),
            level_left=self._level_left(a_round, level),
            seen=[self._spot(t) for t in complete if t is not best],
            best=None if best is None else self._spot(best),
            noise=noise if seen else 0.0,
            failed=[self.tale.place(t.params) for t in told if t.status == "failed"],
            truth=self.tale.truth,
            **self._length(leading(a_round.learned.kernel)),
        )

    def _level_words(self, level: float, best: Trial | None) -> str:
        shown = self.tale.words.y(level)
        told = best is not None and best.value is not None and self.tale.words.y(best.value) == shown
        return f"best so far {shown}" if told else f"to beat {shown}"

    def _level_left(self, a_round: Round, level: float) -> bool:
        """Whether the level's words stand at the left: far from the chosen point, or from points they would cover.

        Never where the lengthscale's words are.
        """
        low, high = self.tale.y_limits
        if level > high - 0.25 * (high - low):
            return False
        near = [x for x, y in map(self._spot, a_round.seen) if abs(y - level) < 0.05 * (high - low)]
        left, right = sum(x < WORDS for x in near), sum(x > 1 - WORDS for x in near)
        chosen = self.tale.place(a_round.step.params) if a_round.steps else 0.0
        return right > left if left != right else chosen > 0.6

    def _spot(self, trial: Trial) -> tuple[float, float]:
        assert trial.value is not None
        return self.tale.place(trial.params), trial.value

    def _length(self, found: tuple[str, float] | None) -> dict[str, Any]:
        if found is None or found[0] != "lengthscale" or isinstance(self.tale.axis.dimension, Categorical):
            return {}
        return {"length": found[1], "length_words": self.tale.words.length(found[1])}

    # ---- the five phases

    def _level(self, a_round: Round) -> float:
        """What the acquisition had to beat."""
        if a_round.steps:
            return a_round.step.best
        values = [t.value for t in a_round.seen if t.value is not None]
        return min(values) if self.tale.direction == "minimize" else max(values)

    def _level_after(self, a_round: Round) -> float:
        return float(a_round.scaling.mean(a_round.updating(1.0).best))

    def _fit(self, number: int, t: float) -> Shot:
        a_round, before = self.tale.round(number), self.tale.before(number)
        line = self._believed(a_round.fitting(before, t))
        level = self._level(a_round)
        if before is None:
            return self._base(a_round, line, a_round.told, level)
        level = (1 - t) * self._level_after(before) + t * level
        shot = self._base(a_round, line, a_round.told, level)
        old, new = leading(before.learned.kernel), leading(a_round.learned.kernel)
        if old and new and old[0] == new[0]:
            shot = replace(shot, **self._length((new[0], old[1] ** (1 - t) * new[1] ** t)))
        return replace(shot, before=self._line(number, "before"), share_before=self._share_after(before))

    def _share_after(self, a_round: Round) -> Array | None:
        if not a_round.steps:
            return None
        return self._score(a_round.number)[1](a_round.updating(1.0).score(self.tale.U))

    def _scored(self, number: int) -> Shot:
        """A shot with the whole acquisition, and with the function that it goes by."""
        a_round = self.tale.round(number)
        score, share = self._score(number)
        shot = self._base(a_round, self._line(number, "chosen"), a_round.told, self._level(a_round))
        waiting = [self._mean_at(number, self.tale.place(params)) for params in a_round.waiting]
        return replace(shot, share=share(score), curve=self._curve(a_round, a_round.chosen, score), waiting=waiting)

    def _curve(self, a_round: Round, moment: Moment, score: Array) -> Array | None:
        by_curve = isinstance(a_round.step.acquisition, (ThompsonSampling, UpperConfidenceBound))
        return moment.scaling.mean(score) if by_curve else None

    def _mean_at(self, number: int, place: float) -> tuple[float, float]:
        return place, float(np.interp(place, self.tale.places, self._line(number, "chosen")[0]))

    def _bell(self, number: int, place: float, opening: float = 1.0) -> Bell:
        mean, std, _ = self._line(number, "chosen")
        at = float(np.interp(place, self.tale.places, mean)), float(np.interp(place, self.tale.places, std))
        return Bell(place, *at, opening)

    def _scoring(self, number: int, until: float, slow: bool) -> Shot:
        """The curve as far as it is drawn; at last (until > 1) the slow scanner rests at its top, to be read."""
        shot = self._scored(number)
        if not slow:
            return replace(shot, until=min(until, 1.0))
        assert shot.share is not None
        scanner = until if until <= 1 else float(self.tale.places[int(np.argmax(shot.share))])
        if self.tale.axis.discrete:
            scanner = float(self.tale.places[int(np.argmin(abs(self.tale.places - scanner)))])
        return replace(shot, until=min(until, 1.0), scanner=scanner, bell=self._bell(number, scanner))

    def _choosing(self, number: int, gain: float) -> Shot:
        a_round, shot = self.tale.round(number), self._scored(number)
        chosen = [self.tale.place(step.params) for step in a_round.steps]
        assert shot.share is not None
        picks = [(x, float(np.interp(x, self.tale.places, shot.share))) for x in chosen]
        shot = replace(shot, guides=chosen, picks=picks, pick_words=score_words(a_round))
        new = [self._mean_at(number, x) for x in chosen] if len(chosen) > 1 else []
        return replace(shot, bell=self._bell(number, chosen[0], gain), new=new)

    def _arrived(self, a_round: Round) -> list[Trial]:
        """What was told after the choice, in the order chosen."""
        order = {step.number: i for i, step in enumerate(a_round.steps)}
        return sorted(a_round.arrived, key=lambda t: order.get(t.number, len(order)))

    def _evaluating(self, number: int, gain: float) -> Shot:
        a_round, shot = self.tale.round(number), self._choosing(number, 1.0)
        arrived = self._arrived(a_round)
        starts = [self._mean_at(number, self.tale.place(t.params)) for t in arrived if t.status == "complete"]
        ends = [self._spot(t) for t in arrived if t.status == "complete"]
        now = [(x, a + gain * (b - a)) for (x, a), (_, b) in zip(starts, ends, strict=True)]
        failed = [self.tale.place(t.params) for t in arrived if t.status == "failed"]
        return replace(
            shot,
            bell=None,
            new=now,
            residuals=[(x, a, b) for (x, a), (_, b) in zip(starts, now, strict=True)],
            failed=[*shot.failed, *failed],
            failed_now=failed[0] if failed else None,
            waiting=self._still_waiting(number),
        )

    def _still_waiting(self, number: int) -> list[tuple[float, float]]:
        """The points that are still out when this round's values have come."""
        a_round = self.tale.round(number)
        known = {t.number for t in a_round.arrived}
        asked = dict.fromkeys([*a_round.step.pending, *(step.number for step in a_round.steps)])
        trials = [a_round.step.record.trials[n] for n in asked if n not in known]
        return [self._mean_at(number, self.tale.place(t.params)) for t in trials]

    def _updating(self, number: int, g: float) -> Shot:
        a_round = self.tale.round(number)
        moment = a_round.updating(g)
        told = [*a_round.told, *a_round.arrived]
        shot = self._base(a_round, self._believed(moment), told, self._level_after(a_round))
        score, share = self._score(number)
        live = moment.score(self.tale.U)
        best = best_of(told, self.tale.direction)
        fresh = {t.number for t in a_round.new}
        return replace(
            shot,
            before=self._line(number, "chosen"),
            best_is_new=best is not None and best.number in fresh,
            seen=[spot for spot in shot.seen if spot not in [self._spot(t) for t in a_round.new]],
            new=[self._spot(t) for t in self._arrived(a_round) if t.number in fresh and t is not best],
            share=share(live),
            share_before=share(score),
            curve=self._curve(a_round, moment, live),
            filled=False,
            waiting=self._still_waiting(number),
        )
