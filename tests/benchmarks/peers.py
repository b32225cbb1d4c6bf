"""Ours against bayes_opt and Optuna's GPSampler in one run: seconds a suggestion, and how near the minimum they end.

python -m tests.benchmarks.peers [seeds]       # GPSampler where Optuna is installed

All get the same five random points of a seed first, and are asked for one point at a time; all else is each
library's default. CPU seconds on one BLAS thread, so that other work on the machine does not count.
"""

import importlib.metadata
import sys
import time
import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np

from bayestuner import Optimizer
from bayestuner.benchmarks import branin, hartmann6

FIRST = 5
SIZES = (10, 25, 50, 100, 200, 400)
STEPS = 3  # so many are timed, after one that is not
RUNS = 3  # so many times, from other points


def camel6(x1, x2):
    return (4 - 2.1 * x1**2 + x1**4 / 3) * x1**2 + x1 * x2 + (4 * x2**2 - 4) * x2**2


def rosenbrock(**x):
    x = np.array(list(x.values()))
    return float(np.sum(100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2))


def levy(**x):
    w = 1 + (np.array(list(x.values())) - 1) / 4
    middle = np.sum((w[:-1] - 1) ** 2 * (1 + 10 * np.sin(np.pi * w[:-1] + 1) ** 2))
    return float(np.sin(np.pi * w[0]) ** 2 + middle + (w[-1] - 1) ** 2 * (1 + np.sin(2 * np.pi * w[-1]) ** 2))


@dataclass(frozen=True)
class Problem:
    """A function to minimise on a box, its smallest value, the noise of what is told, and the number of evaluations."""

    name: str
    function: Any
    box: dict
    minimum: float
    noise: float = 0.0
    budget: int = 40

    def points(self, n, seed):
        rng = np.random.default_rng(seed)
        return [{name: float(rng.uniform(*ends)) for name, ends in self.box.items()} for _ in range(n)]


def cube(low, high, d):
    return {f"x{i}": (low, high) for i in range(1, d + 1)}


PROBLEMS = [
    Problem("branin", branin, dict(branin.space), branin.minimum),
    Problem("camel6", camel6, {"x1": (-3.0, 3.0), "x2": (-2.0, 2.0)}, -1.0316284534898774),
    Problem("rosenbrock4", rosenbrock, cube(-2.048, 2.048, 4), 0.0, budget=60),
    Problem("levy4", levy, cube(-10.0, 10.0, 4), 0.0, budget=60),
    Problem("hartmann6", hartmann6, dict(hartmann6.space), hartmann6.minimum, budget=60),
    Problem("branin, noise 2.5", branin, dict(branin.space), branin.minimum, noise=2.5),
]
BY_DIMENSION = {2: PROBLEMS[0], 4: PROBLEMS[2], 6: PROBLEMS[4]}


class Ours:
    name = "BayesTuner"

    def __init__(self, problem, seed):
        self.optimizer = Optimizer(problem.box, seed=seed)

    def ask(self):
        return self.optimizer.ask()

    def tell(self, point, value):
        self.optimizer.tell(point, value)


class BayesOpt:
    name = "bayes_opt"

    def __init__(self, problem, seed):
        from bayes_opt import BayesianOptimization

        self.optimizer = BayesianOptimization(
            None, problem.box, random_state=seed, verbose=0, allow_duplicate_points=True
        )

    def ask(self):
        return {name: float(value) for name, value in self.optimizer.suggest().items()}

    def tell(self, point, value):
        self.optimizer.register(point, -value)


class GPSampler:
    name = "Optuna GPSampler"

    def __init__(self, problem, seed):
        import optuna

        optuna.logging.set_verbosity(optuna.logging.ERROR)
        self.box = {name: optuna.distributions.FloatDistribution(*ends) for name, ends in problem.box.items()}
        self.study = optuna.create_study(sampler=optuna.samplers.GPSampler(seed=seed, n_startup_trials=FIRST))
        self.asked = None

    def ask(self):
        self.asked = self.study.ask(self.box)
        return self.asked.params

    def tell(self, point, value):
        import optuna

        if self.asked is None:
            self.study.add_trial(optuna.trial.create_trial(params=point, distributions=self.box, value=value))
        else:
            self.study.tell(self.asked, value)
        self.asked = None


def installed():
    """The optimizers that can be compared; why not, where one cannot."""
    peers = [Ours]
    for peer, package in ((BayesOpt, "bayesian-optimization"), (GPSampler, "optuna")):
        try:
            print(f"{peer.name}: {package} {importlib.metadata.version(package)}")
        except importlib.metadata.PackageNotFoundError:
            print(f"{peer.name}: left out, {package} is not installed (pip install {package})")
        else:
            peers.append(peer)
    return peers


def step_seconds(peer, problem, n):
    """Median CPU seconds of tell and ask, hyperparameters refitted, from n random points on."""
    times = []
    for seed in range(RUNS):
        optimizer = peer(problem, seed)
        for point in problem.points(n, seed):
            optimizer.tell(point, problem.function(**point))
        point = optimizer.ask()
        for _ in range(STEPS):
            begin = time.process_time()
            optimizer.tell(point, problem.function(**point))
            point = optimizer.ask()
            times.append(time.process_time() - begin)
    return float(np.median(times))


def overheads(peers):
    for peer in peers:
        step_seconds(peer, PROBLEMS[0], FIRST)  # what is done at first use is not timed
    print("tell and ask with refit, ms (ours / the fastest of the others)")
    for d, problem in BY_DIMENSION.items():
        for n in SIZES:
            ours, *others = (1e3 * step_seconds(peer, problem, n) for peer in peers)
            shown = "  ".join(f"{p.name} {ms:.0f}" for p, ms in zip(peers[1:], others, strict=True))
            ratio = f"{ours / min(others):.2f}" if others else "-"
            print(f"  d = {d}, n = {n:3}: {ours:.0f}  {shown}  ratio {ratio}", flush=True)


def regret(peer, problem, seed):
    """Regret, without noise, of the point with the best value told."""
    optimizer, noise = peer(problem, seed), np.random.default_rng([seed, 7])
    first, told = problem.points(FIRST, seed), []
    for number in range(problem.budget):
        point = first[number] if number < FIRST else optimizer.ask()
        true = problem.function(**point)
        value = true + problem.noise * noise.standard_normal()
        optimizer.tell(point, value)
        told.append((value, true))
    return max(min(told)[1] - problem.minimum, 1e-10)


def regrets(peers, seeds, problems=PROBLEMS):
    print(f"log10 of the median regret, seeds {seeds[0]} to {seeds[-1]}, and the mean rank over runs (1 is best)")
    ranks = []
    for problem in problems:
        table = np.array([[regret(peer, problem, seed) for peer in peers] for seed in seeds])
        rank = (table[:, :, None] > table[:, None, :]).sum(axis=2) + 1
        ranks.append(rank.mean(axis=0))
        medians = np.log10(np.median(table, axis=0))
        shown = "  ".join(f"{p.name} {m:.2f} ({r:.1f})" for p, m, r in zip(peers, medians, ranks[-1], strict=True))
        print(f"  {problem.name:18} {shown}", flush=True)
    shown = "  ".join(f"{p.name} {r:.2f}" for p, r in zip(peers, np.mean(ranks, axis=0), strict=True))
    print(f"  mean rank          {shown}")


def main(seeds=5):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the others
        peers = installed()
        overheads(peers)
        regrets(peers, range(seeds))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 5)
