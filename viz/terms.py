"""The terms that captions use: names of acquisitions, what was expected, which way a length changed."""

from __future__ import annotations

import math

import numpy as np

from acquisition import ThompsonSampling, UpperConfidenceBound
from bayestuner import Step, Trial
from bayestuner.explain import acquisition_name
from gp import Kernel

from .rounds import Round, shown_score
from .text import Numbers, elided, significant


def leading(kernel: Kernel) -> tuple[str, float] | None:
    """The parameter that says most about a kernel: its (first) lengthscale, else its first parameter."""
    values = kernel.parameters
    found = next((name for name in values if name.endswith("lengthscale")), next(iter(values), None))
    if found is None:
        return None
    value = values[found]
    entries = value if isinstance(value, tuple) else (value,)
    return found.split(".")[-1], math.exp(sum(map(math.log, entries)) / len(entries))


def same_values(a_round: Round) -> bool:
    """Whether all values are equal, so that the largest hole was chosen and not what the acquisition likes."""
    return len({t.value for t in a_round.seen}) < 2


def short_name(step: Step) -> str:
    """The acquisition's name, as it is said in a picture; log EI and log PI are shown as EI and PI."""
    return elided({"log EI": "EI", "log PI": "PI"}.get(name := acquisition_name(step), name), 20)


def change(old: float, new: float) -> str:
    """Longer, shorter or same: from 2 % of difference on.

    >>> change(1.0, 1.01), change(1.0, 2.0)
    ('same', 'longer')
    """
    ratio = new / old
    return "longer" if ratio > 1.02 else "shorter" if ratio < 1 / 1.02 else "same"


def expected(a_round: Round, trial: Trial, y: Numbers) -> tuple[float, float]:
    """Mean and standard deviation that were predicted for a trial; with the noise, where that can be seen."""
    own = next((step for step in a_round.steps if step.number == trial.number), None)
    if own is not None:
        mean, std = own.mean, own.std
    else:
        means, stds = a_round.chosen.predict(a_round.encoded([trial]))
        mean, std = float(means[0]), float(stds[0])
    noise = a_round.chosen.noise_std(mean)
    return mean, math.hypot(std, noise) if noise > y.span / 200 else std


def score_words(a_round: Round) -> str:
    """The acquisition's value at its choice, as it stands beside the triangle: max EI = 0.0428."""
    step = a_round.step
    value = float(shown_score(a_round, np.array([step.value]))[0])
    name, low = short_name(step), a_round.direction == "minimize"
    if isinstance(step.acquisition, ThompsonSampling):
        return f"sample's {'lowest' if low else 'highest'} = {significant(float(a_round.scaling.mean(step.value)), 3)}"
    if isinstance(step.acquisition, UpperConfidenceBound):
        return f"{'lowest' if low else 'highest'} {name} = {significant(value, 3)}"
    what = f"{name} here" if same_values(a_round) else f"max {name}"
    return f"{what} = {significant(math.exp(value) if name == 'PI' and value < 0 else value, 3)}"
