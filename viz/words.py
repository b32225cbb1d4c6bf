"""What happens in a step, in words with numbers: the captions of the five phases, for every acquisition."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from acquisition import ProbabilityOfImprovement, ThompsonSampling, UpperConfidenceBound
from bayestuner import Integer, Real, Step, Trial
from bayestuner.explain import gain_and_chance, why

from .axis import Axis
from .moment import best_of, better
from .rounds import Round, shown_value
from .terms import change, expected, leading, same_values, short_name
from .text import Numbers, elided, fixed, number, percent, plural, significant

NAME = 16  # letters of a parameter's name in a sentence
Caption = tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Words:
    """Captions of a run: its axes give the names and numbers of points, `y` the numbers of values."""

    axes: Sequence[Axis]
    y: Numbers
    direction: str

    # ---- points and lengths

    @property
    def side(self) -> str:
        """Where the better values lie."""
        return "below" if self.direction == "minimize" else "above"

    def value(self, axis: Axis, given: Any) -> str:
        """A parameter's value."""
        dimension = axis.dimension
        if isinstance(dimension, Real) and not dimension.log:
            return Numbers.of(dimension.low, dimension.high)(float(given))
        return elided(number(given), NAME)

    def place(self, params: Any) -> str:
        """A point without names: 4.98, or (3.10, 2.36)."""
        shown = [self.value(axis, params[axis.name]) for axis in self.axes]
        return shown[0] if len(shown) == 1 else f"({', '.join(shown)})"

    def called(self, params: Any) -> str:
        """The function at a point: f(4.98), or f(3.10, 2.36)."""
        place = self.place(params)
        return f"f{place}" if len(self.axes) > 1 else f"f({place})"

    def point(self, params: Any) -> str:
        """A point with the name of its one parameter: x = 4.98, or (3.10, 2.36)."""
        name = f"{elided(self.axes[0].name, NAME)} = " if len(self.axes) == 1 else ""
        return name + self.place(params)

    def length(self, lengthscale: float) -> str:
        """A lengthscale along the (one) axis: in its units, a factor where it is logarithmic."""
        dimension = self.axes[0].dimension
        if isinstance(dimension, Real) and dimension.low < dimension.high:
            if dimension.log:
                stretch = lengthscale * math.log(dimension.high / dimension.low)
                return f"×{significant(math.exp(min(stretch, 300.0)), 2)}"
            return _two_digits(lengthscale * (dimension.high - dimension.low))
        if isinstance(dimension, Integer) and not dimension.log:
            return _two_digits(lengthscale * dimension.size * dimension.step)
        return _two_digits(lengthscale)

    # ---- the five phases

    def fit(self, a_round: Round, before: Round | None) -> Caption:
        """What the hyperparameters were and are."""
        bent = ", the far values as logarithms" if a_round.scaling.bend else ""
        line = f"Fit the model to {plural(len(a_round.seen), 'observation')}{bent}."
        likelihood = f"{a_round.log_marginal_likelihood:.1f}".replace("-", "−")
        if before is None:
            return line, f"{self._learned(a_round, None)}.  Log marginal likelihood {likelihood}."
        old = f"{a_round.likelihood_before(before):.1f}".replace("-", "−")
        return line, f"{self._learned(a_round, before)}.  Log marginal likelihood {old} → {likelihood}."

    def _learned(self, a_round: Round, before: Round | None) -> str:
        new = leading(a_round.learned.kernel)
        if new is None:
            return "The kernel has nothing to learn"
        name, value = new
        what = "length-scale" if name == "lengthscale" else elided(name, NAME)
        shown = self.length if name == "lengthscale" else lambda v: significant(v, 2)
        old = leading(before.learned.kernel) if before is not None else None
        if old is None or old[0] != name:
            return f"Most plausible {what}: {shown(value)}"
        words = change(old[1], value)
        if name != "lengthscale":
            words = {"longer": "larger", "shorter": "smaller"}.get(words, words)
        return f"Most plausible {what}: {shown(old[1])} → {shown(value)} ({words})"

    def score(self, a_round: Round) -> Caption:
        """What the acquisition asks of every x."""
        step = a_round.step
        line = f"Score every x: how much could we gain over the best so far, {self.y(step.best)}?"
        return line, self._meaning(step)

    def _meaning(self, step: Step) -> str:
        name, top = short_name(step), "lowest" if self.direction == "minimize" else "highest"
        if isinstance(step.acquisition, ThompsonSampling):
            return f"One function is drawn from the model; its {top} point is tried next."
        if isinstance(step.acquisition, UpperConfidenceBound):
            sign = "−" if self.direction == "minimize" else "+"
            kappa = significant(step.acquisition.kappa, 3)
            return f"{name}(x) = mean {sign} κσ: the optimistic edge of the band, κ = {kappa}."
        if name == "EI":
            return (
                "EI(x) = the average gain: the green part of the bell, "
                f"weighted by how far it lies {self.side} the best."
            )
        if name == "PI":
            return "PI(x) = the chance of any gain: the green area of the bell, however small the gain."
        return f"{name}(x) is highest where the next point is."

    def choose(self, a_round: Round) -> Caption:
        """Which point, and why that one."""
        step, name = a_round.step, short_name(a_round.step)
        if len(a_round.steps) > 1:
            places = ", ".join(self.place(s.params) for s in a_round.steps[:6])
            more = ", …" if len(a_round.steps) > 6 else ""
            where = "" if len(self.axes) > 1 else f": {elided(self.axes[0].name, NAME)} = {places}{more}"
            line = f"{name} picks {len(a_round.steps)} points, each counting on those before it{where}."
            reasons = self._reasons(step)
            return line, f"The first: {reasons[0].lower()}{reasons[1:]}"
        expected = f"the model expects {self.y.spread(step.mean, step.std)} there."
        if same_values(a_round):
            line = f"The largest hole is tried, {self.point(step.params)}: {expected}"
            known = "All values so far are equal and say" if len(a_round.seen) > 1 else "One value says"
            return line, f"{known} nothing about where to go; {name} waits until values differ."
        return f"{name} picks {self.point(step.params)}: {expected}", self._reasons(step)

    def _reasons(self, step: Step) -> str:
        _, chance = gain_and_chance(step)
        beat = f"Chance to beat {self.y(step.best)}: {percent(chance)}."
        end, top = f"{why(step)}.", "lowest" if self.direction == "minimize" else "highest"
        name = short_name(step)
        if isinstance(step.acquisition, ThompsonSampling):
            return f"There the drawn function is {top}.  {beat}  {end}"
        if isinstance(step.acquisition, UpperConfidenceBound):
            edge = float(shown_value(step))
            return f"Its optimistic edge is {top}, {self.y(edge)}.  {beat}  {end}"
        if name == "PI" or isinstance(step.acquisition, ProbabilityOfImprovement):
            return f"{beat}  No other x has a larger one.  {end}"
        if name == "EI":
            gain = float(shown_value(step))
            return f"{beat}  Average gain: {significant(gain, 2)}.  {end}"
        return f"{name} = {significant(step.value, 2)} there.  {beat}  {end}"

    def evaluate(self, a_round: Round, best: Trial | None) -> Caption:
        """What came out, against what was expected; `best` was the best told before."""
        if len(a_round.arrived) > 1:
            return self._several(a_round, best)
        [trial] = a_round.arrived
        if trial.stopped_early:
            return (
                f"Evaluate: {self.called(trial.params)} is stopped early.",
                "It fell behind the others: the model takes this place for no better than average.",
            )
        if trial.value is None or trial.status != "complete":
            return (
                f"Evaluate: {self.called(trial.params)} failed.",
                "Evaluation failed: there is no value to learn from.",
            )
        later = trial.number not in {step.number for step in a_round.steps}
        whence = "  (It was chosen earlier.)" if later and trial.source == "model" else ""
        line = f"Evaluate: {self.called(trial.params)} = {self.y(trial.value)}, {self._verdict(trial, best)}."
        return line, self._surprise(a_round, trial) + whence

    def _verdict(self, trial: Trial, best: Trial | None) -> str:
        assert trial.value is not None
        if best is None or best.value is None:
            return "the first value"
        if better(trial.value, best.value, self.direction):
            by = abs(trial.value - best.value)
            margin = f", by {significant(by, 2)}" if self.y(trial.value) == self.y(best.value) else ""
            return f"a new best{margin} (was {self.y(best.value)})"
        return f"no gain (best stays {self.y(best.value)})"

    def _surprise(self, a_round: Round, trial: Trial) -> str:
        mean, std = expected(a_round, trial, self.y)
        assert trial.value is not None
        off = trial.value - mean
        prediction = f"the prediction of {self.y.spread(mean, std)}"
        z = abs(float(a_round.scaling.deviations(trial.value, mean, std))) if std > 0 else math.inf
        if z < 0.05 or self.y(trial.value) == self.y(mean):
            return f"That is {prediction}: within what the model expected."
        shown = f"{z:.1f}σ" if z < 100 else ">100σ"
        verdict = "a surprise" if z > 2 else "within what the model expected"
        return f"That is {shown} {'below' if off < 0 else 'above'} {prediction}: {verdict}."

    def _several(self, a_round: Round, best: Trial | None) -> Caption:
        top = best_of(a_round.new, self.direction)
        shown = [f"{self.called(t.params)} = {self.y(t.value)}" for t in a_round.new if t.value is not None][:4]
        failed = len(a_round.arrived) - len(a_round.new)
        rest = [f"{failed} failed"] * (failed > 0)
        if top is None:
            return f"Evaluate: {failed} evaluations failed.", "There is no value to learn from."
        line = f"Evaluate: {plural(len(a_round.arrived), 'evaluation')}, {self._verdict(top, best)}."
        more = ["…"] * (len(a_round.new) > 4)
        return line, ", ".join(shown + more + rest) + "."

    def update(self, a_round: Round, before: float, after: float) -> Caption:
        """What the model learned from it; `before` and `after` are the average σ over all x."""
        average = f"Average σ over all x: {self._deviation(before)} → {self._deviation(after)}.  Dotted: before."
        if not a_round.new:
            where = self.point(a_round.arrived[0].params)
            return f"Update: the model learns nothing of f, but avoids {where} from now on.", (
                "For the acquisition alone, a failed point counts as no better than average."
            )
        around = "spreads around" if len(self.axes) > 1 else "closes around"
        what = "certainty" if len(self.axes) > 1 else "the band"
        if len(a_round.new) > 1:
            return f"Update: {what} {around} the {len(a_round.new)} new points.", average
        [trial] = a_round.new
        U = a_round.encoded([trial])
        old, new = float(a_round.chosen.predict(U)[1][0]), float(a_round.updating(1.0).predict(U)[1][0])
        where = "." if len(self.axes) > 1 else f" at {self.point(trial.params)}."
        return f"Update: {what} {around} the new point{where}", (
            f"Uncertainty there: ±{self._deviation(old)} → ±{self._deviation(new)}.  {average}"
        )

    def _deviation(self, std: float) -> str:
        """A standard deviation in the decimals of f, or in two digits where those would hide it."""
        return self.y(std) if std > self.y.span / 20 else _two_digits(std)


def _two_digits(size: float) -> str:
    """A length with two digits that count, zeros at the end too."""
    if not 1e-4 < size < 1e6:
        return significant(size, 2)
    return fixed(size, max(1 - math.floor(math.log10(size)), 0))
