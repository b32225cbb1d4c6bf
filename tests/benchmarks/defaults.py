"""What each choice of the default model and search is worth: the regret with all of them, and with one changed.

python -m tests.benchmarks.defaults [seeds] [words of the choices, such as "noise" or "as it is"]

Problems, first points and seeds are those of `peers.py`.
"""

import sys
import warnings
from contextlib import nullcontext
from dataclasses import replace
from unittest.mock import patch

import numpy as np

from acquisition import ExpectedImprovement, LogExpectedImprovement
from bayestuner import Optimizer
from bayestuner.surrogate import default_processes
from gp import Matern52, lengthscale_prior
from tests.benchmarks.peers import PROBLEMS, Ours, regret

CHOSEN = PROBLEMS


def models(change):
    """The default models with a change to each of them."""

    def processes(groups, kernel=None):
        return tuple(changed for process in default_processes(groups, kernel) for changed in change(process))

    return patch("bayestuner.suggest.default_processes", processes)


def only(number):
    return patch("bayestuner.suggest.default_processes", lambda *given: default_processes(*given)[number:][:1])


def with_prior(process, name, prior):
    """The process with another prior of one parameter, or None for none."""
    others = tuple((key, known) for key, known in process.priors if key != name)
    return [replace(process, priors=others if prior is None else (*others, (name, prior)))]


def without_constant(process):
    renamed = tuple((key.replace("left.left.", "left."), prior) for key, prior in process.priors)
    return [replace(process, kernel=process.kernel.left, priors=renamed)]


def by_distance(process):
    """The Matérn kernel of the straight distance in place of the product."""
    shape = process.kernel.left.right
    if not type(shape).__name__.startswith("Separable"):
        return [process]
    return [replace(process, kernel=1.0 * Matern52(lengthscale=shape.lengthscale) + process.kernel.right)]


class WithEI(Ours):
    def __init__(self, problem, seed):
        self.optimizer = Optimizer(problem.box, seed=seed, acquisition=ExpectedImprovement(noise="learned"))


class WithoutNoise(Ours):
    def __init__(self, problem, seed):
        self.optimizer = Optimizer(problem.box, seed=seed, acquisition=LogExpectedImprovement())


def nowhere(posterior, bounds, rng):
    return np.empty((0, len(bounds)))


CHOICES = {
    "as it is": nullcontext,
    "values never bent": lambda: patch("bayestuner.bend.BENDS", ()),
    "Matérn product only": lambda: only(0),
    "RBF only": lambda: only(1),
    "Matérn of the distance, not a product": lambda: models(by_distance),
    "no constant in the kernel": lambda: models(without_constant),
    "lengthscale prior not moved": lambda: models(
        lambda p: with_prior(p, "lengthscale", lengthscale_prior(len(p.kernel.left.right.lengthscale)))
    ),
    "no prior of the noise": lambda: models(lambda p: with_prior(p, "noise", None)),
    "noise >= 1e-8": lambda: models(lambda p: [replace(p, noise_bounds=(1e-8, 1.0))]),
    "noise >= 1e-6": lambda: models(lambda p: [replace(p, noise_bounds=(1e-6, 1.0))]),
    "EI, not log EI": nullcontext,
    "gain of the function, not of the mean after noise": nullcontext,
    "no candidates around the best points": lambda: patch("acquisition.search.around_incumbents", nowhere),
}


PEERS = {"EI, not log EI": WithEI, "gain of the function, not of the mean after noise": WithoutNoise}


def log_regrets(choice, problem, seeds):
    """log10 of the regret of each seed."""
    peer = PEERS.get(choice, Ours)
    with CHOICES[choice]():
        found = [regret(peer, problem, seed) for seed in range(seeds)]
    return np.log10(found)


def main(seeds=6, words=("",)):
    warnings.simplefilter("ignore")
    print(f"log10 of the median regret, {seeds} seeds")
    print("| | " + " | ".join(problem.name for problem in CHOSEN) + " | mean |")
    print("| --- " * (len(CHOSEN) + 2) + "|")
    for choice in (name for name in CHOICES if any(word in name for word in words)):
        medians = [float(np.median(log_regrets(choice, problem, seeds))) for problem in CHOSEN]
        print(f"| {choice} | " + " | ".join(f"{m:.2f}" for m in [*medians, np.mean(medians)]) + " |", flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 6, sys.argv[2:] or [""])
