"""What is said of a search of two parameters where a map needs other words than a curve."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

from acquisition import ThompsonSampling, UpperConfidenceBound
from bayestuner import Integer, Real
from gp import Kernel

from .axis import Axis
from .rounds import Round
from .terms import short_name
from .text import Numbers, elided, number, significant
from .words import Caption, Words

LOWERED = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
FASTER = 1.3  # so many times shorter is a lengthscale that is called so


def pretty(name: str, length: int = 40) -> str:
    """A name as print has it: x1 with a lowered 1, a long one cut.

    >>> pretty("x1"), pretty("learning_rate", 9)
    ('x₁', 'learning…')
    """
    lowered = re.fullmatch(r"([^\W\d_])(\d{1,2})", name)
    return lowered[1] + lowered[2].translate(LOWERED) if lowered else elided(name, length)


def lengthscales(kernel: Kernel, columns: Sequence[slice]) -> list[float] | None:
    """The lengthscale along each parameter, in the unit cube; None where the kernel has none for each."""
    found = next((v for name, v in kernel.parameters.items() if name.endswith("lengthscale")), None)
    if found is None:
        return None
    if not isinstance(found, tuple):
        return [found] * len(columns)
    if len(found) != columns[-1].stop:
        return None
    return [math.exp(sum(map(math.log, found[c])) / len(found[c])) for c in columns]


def length_along(axis: Axis, lengthscale: float) -> str:
    """A lengthscale in words: in the units of the axis, a factor on a logarithmic one, else a share of it."""
    dimension = axis.dimension
    if isinstance(dimension, Real) and dimension.log and dimension.low < dimension.high:
        return f"×{significant(math.exp(min(lengthscale * math.log(dimension.high / dimension.low), 300.0)), 2)}"
    if isinstance(dimension, Real):
        return significant(lengthscale * (dimension.high - dimension.low), 2)
    if isinstance(dimension, Integer) and not dimension.log:
        return significant(lengthscale * dimension.size * dimension.step, 2)
    return significant(lengthscale, 2)


def fit_caption(words: Words, a_round: Round, before: Round | None) -> Caption:
    """The lengthscales before and now, and along which parameter f varies faster."""
    columns = [a_round.space.columns(axis.name) for axis in words.axes]
    new = lengthscales(a_round.learned.kernel, columns)
    old = None if before is None else lengthscales(before.learned.kernel, columns)
    line, second = words.fit(a_round, before)
    if new is None:
        return line, second
    parts = []
    for i, axis in enumerate(words.axes):
        now, name = length_along(axis, new[i]), pretty(axis.name, 18)
        was = "" if old is None or length_along(axis, old[i]) == now else f"{length_along(axis, old[i])} → "
        parts.append(f"{was}{now} along {name}")
    return line, f"Length-scales: {', '.join(parts)}: f varies {_faster(words.axes, new)}."


def _faster(axes: Sequence[Axis], lengths: Sequence[float]) -> str:
    short, long = sorted(range(2), key=lambda i: lengths[i])
    if lengths[long] <= FASTER * lengths[short]:
        return "about equally fast in both directions"
    return f"faster along {pretty(axes[short].name, 18)}"


def score_caption(words: Words, a_round: Round, good: str) -> Caption:
    """What the acquisition asks of every point; `good` is how the maps show much: dark or bright."""
    step, name = a_round.step, short_name(a_round.step)
    line = f"Score every point: how much could we gain over the best so far, {words.y(step.best)}?"
    if isinstance(step.acquisition, ThompsonSampling):
        top = "lowest" if words.direction == "minimize" else "highest"
        return line, f"One function is drawn from the model; its {top} point is tried next."
    if isinstance(step.acquisition, UpperConfidenceBound):
        sign, kappa = ("−" if words.direction == "minimize" else "+"), number(step.acquisition.kappa)
        return line, f"{name} = mean {sign} κσ, κ = {kappa}: good where the mean is good (left) or σ is large (centre)."
    if name in ("EI", "PI"):
        lead = "EI is high" if name == "EI" else "PI, the chance of any gain, is high"
        return (
            line,
            f"{lead} where the mean is good ({good}, left) or the model is unsure ({good}, centre).  Both count.",
        )
    return line, f"{name} is highest where the next point is."


def end_values(low: float, high: float) -> tuple[str, str]:
    """The ends of a colour bar in words."""
    shown = Numbers.of(low, high)
    return shown(low), shown(high)
