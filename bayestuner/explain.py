"""Why this point: what the model expected there, in one or two sentences with numbers."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from acquisition import Acquisition, ExpectedImprovement, LogExpectedImprovement, UpperConfidenceBound
from acquisition.improvement import mean_moves
from acquisition.normal import Phi, h

from .step import Step

NOTHING = 1e-6  # a gain so small, of the range of the values, is none that anybody would pay for


def acquisition_name(step: Step) -> str:
    """What the acquisition is called in words: EI, PI, LCB or UCB by direction; a custom one by its class."""
    if isinstance(step.acquisition, LogExpectedImprovement):
        return "EI"
    if isinstance(step.acquisition, UpperConfidenceBound):
        return "UCB" if step.scale > 0 else "LCB"
    return step.acquisition.label or type(step.acquisition).__name__


def gain_and_chance(step: Step) -> tuple[float, float]:
    """Return the average gain over the best at the chosen point, in units of the objective, and the chance of any.

    Where the acquisition counts the noise, the gain is that of the mean after the measurement.
    """
    mean, std, best = step.standardised
    moves = _moves(step.acquisition, std)
    if moves == 0:
        return float(step.scaling.gain(best, max(mean - best, 0.0))), float(mean > best)
    gain = moves * h(np.array((mean - best) / moves))
    return float(step.scaling.gain(best, gain)), float(Phi(np.array((mean - best) / std)))


def _moves(acquisition: Acquisition, std: float) -> float:
    """By how much the gain at the chosen point is uncertain before it is measured."""
    if not isinstance(acquisition, (ExpectedImprovement, LogExpectedImprovement)) or not acquisition.noise:
        return std
    return float(mean_moves(std, float(acquisition.noise))[0])


def why(step: Step) -> str:
    """Exploiting, exploring or both: by how many standard deviations the mean is ahead of the best."""
    mean, std, best = step.standardised
    z = (mean - best) / std if std > 0 else math.copysign(math.inf, mean - best)
    z = z if math.isinf(z) else round(z, 9)  # a change of units and back costs last digits: 1 must stay 1
    if z >= 1:
        return "Exploiting: the mean already beats the best"
    if z >= -0.25:
        return "A bit of both: a good mean, still uncertain"
    return "Exploring: the uncertainty pays, not the mean"


def decimals(span: float) -> int:
    """As many decimals as make 1/200 of a range visible, 0 to 6."""
    return 0 if span <= 0 or not math.isfinite(span) else min(max(math.ceil(-math.log10(span / 200)), 0), 6)


def number(value: Any) -> str:
    """A parameter's value: three significant digits, no digit lost of a whole number; minus signs as in print."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return str(value)
    return str(value).replace("-", "−") if isinstance(value, int) else significant(value, 3)


def significant(value: float, digits: int) -> str:
    """A number with so many significant digits, as 0.048 or 1e−4."""
    text = f"{value:.{digits}g}"
    if "e" in text or 0 < abs(value) < 1e-3:
        mantissa, exponent = f"{value:.{digits - 1}e}".split("e")
        text = f"{float(mantissa):g}e{int(exponent)}"
    return text.replace("-", "−")


def percent(p: float) -> str:
    """A probability as a whole percentage, <1 % and >99 % at the ends."""
    return "<1 %" if p < 0.01 else ">99 %" if p > 0.99 else f"{100 * p:.0f} %"


def explain_step(step: Step) -> str:
    """Say why a step chose its point."""
    return _about_value(step) + _about_constraints(step)


def _about_constraints(step: Step) -> str:
    if not step.constraints:
        return ""
    names = ", ".join(model.name for model in step.constraints)
    text = f"\nChance that {names} is within limits: {percent(float(step.feasibility([step.params])[0]))}."
    if step.seeks_feasible:
        text += " No point that keeps them is known yet, so that is all that is searched for."
    return text


def _about_value(step: Step) -> str:
    values = [t.value for t in step.record.complete(step.observed) if t.value is not None]
    if len(values) > 1 and len(set(values)) == 1:
        return "All values so far are equal and say nothing: the largest hole between the points is tried."
    span = max(values) - min(values) if values else 2.0
    places = max(decimals(span), decimals(200 * step.std))  # so that a small uncertainty does not read 0.00

    def shown(value: float) -> str:
        return (f"{value:.{places}f}" if abs(value) < 1e6 else f"{value:.3g}").replace("-", "−")

    point = ", ".join(f"{name} = {number(value)}" for name, value in step.params.items())
    gain, chance = gain_and_chance(step)
    verdict = "Hardly anything is left to gain" if gain < NOTHING * span else why(step)
    return (
        f"{acquisition_name(step)} picks {point}: the model expects {shown(step.mean)} ± {shown(step.std)} there.\n"
        f"Chance to beat {shown(step.best)}: {percent(chance)}.  Average gain: {significant(gain, 2)}.  {verdict}."
    )
