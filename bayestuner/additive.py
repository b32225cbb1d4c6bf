"""Do the parameters act one by one or together? Two models of the same values, weighed by their evidence.

    f = c + g₁(x₁) + ... + g_d(x_d)     one by one: the model that is fitted here
    weight ∝ p(y | model)               Bayesian model averaging (Hoeting, Madigan, Raftery & Volinsky 1999)

A product of kernels holds functions that are sums, too, but takes many points to be sure of it: in between it expects
interactions everywhere. A sum that explains the values as well needs less luck to do so, and the evidence says it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import reduce
from math import log
from operator import add

import numpy as np

from gp import Constant, GaussianPosterior, GaussianProcess, Kernel, Matern52

from .scaling import Array
from .surrogate import LEVEL, NOISE_BOUNDS, default_processes, learn

SPREAD = (1.0, 0.3, 3.0)  # times the usual lengthscales: where fits begin that must not end in a lesser top


def additive_process(groups: Sequence[int]) -> GaussianProcess:
    r"""The default model with a sum of Matérn 5/2 kernels, one for each parameter, in place of their product.

    >>> print(*additive_process([0, 1, 1]).kernel.learned, sep="\n")
    left.left.value
    left.right.left.kernel.lengthscale
    left.right.right.kernel.lengthscale
    """
    product = default_processes(groups)[0]
    lengthscales = np.atleast_1d(product.kernel.parameters["left.right.lengthscale"]).tolist()
    members = [[i for i, group in enumerate(groups) if group == g] for g in range(len(lengthscales))]
    parts: list[Kernel] = [Matern52(scale).on(columns) for scale, columns in zip(lengthscales, members, strict=True)]
    return replace(product, kernel=1.0 * reduce(add, parts) + Constant(LEVEL).fixed("value"))


def from_many_starts(process: GaussianProcess) -> tuple[GaussianProcess, ...]:
    """The process once for each of the lengthscales to begin with."""
    kernel = process.kernel
    moves = np.array(["lengthscale" in name for name in kernel.learned], dtype=float)
    return tuple(replace(process, kernel=kernel.with_theta(kernel.theta + log(factor) * moves)) for factor in SPREAD)


def learn_thoroughly(processes: Sequence[GaussianProcess], U: Array, z: Array) -> GaussianPosterior:
    """The most probable of several models, each fitted from many starts: where there is time for it."""
    return learn(tuple(start for process in processes for start in from_many_starts(process)), U, z)


def one_by_one(posterior: GaussianPosterior, groups: Sequence[int]) -> tuple[GaussianPosterior, float]:
    """The additive model of what a posterior has seen, and how probable it is where both were as likely before.

    It may learn no more noise than the posterior did: noise explains any interaction. A single parameter always acts
    for itself.
    """
    if len(set(groups)) < 2:
        return posterior, 1.0
    noise, low = posterior.prior.noise, NOISE_BOUNDS[0]
    process = replace(additive_process(groups), noise=noise, noise_bounds=(low, max(noise, low)))
    additive = learn_thoroughly((process,), posterior.X, posterior.y)
    evidence = additive.log_marginal_likelihood - posterior.log_marginal_likelihood
    return additive, float(np.exp(-np.logaddexp(0.0, -evidence)))
