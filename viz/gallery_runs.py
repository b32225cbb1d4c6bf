"""The runs that the gallery shows: small searches of one, two and more parameters, and a model."""

from __future__ import annotations

from functools import cache

import numpy as np

from acquisition import ExpectedImprovement, ProbabilityOfImprovement, ThompsonSampling, UpperConfidenceBound
from bayestuner import History, Integer, Real, minimize, random_search
from bayestuner.benchmarks import branin
from gp import RBF, GaussianPosterior, GaussianProcess

WAVES = {"x": (2.7, 7.5)}


def waves(x: float) -> float:
    """Two sines: a function of one parameter with several valleys, the deepest of −1.90 at 5.15."""
    return float(np.sin(x) + np.sin(10 * x / 3))


def training(rate: float, units: int, decay: float, momentum: float) -> float:
    """What the error of a network may look like: the rate matters most, the momentum hardly."""
    far = np.log10(rate) + 2.2 - 0.2 * np.log2(units / 64)
    return float(4 + 6 * far**2 + 1.5 * (np.log10(decay) + 3) ** 2 + 0.8 * (units / 64 - 1) ** 2 - 0.3 * momentum)


@cache
def along_one() -> History:
    """A search of one parameter."""
    return minimize(waves, WAVES, 10, n_initial=2, seed=1)


@cache
def on_a_map() -> History:
    """A search of two parameters."""
    return minimize(branin, branin.space, 14, n_initial=5, seed=3)


@cache
def of_many() -> History:
    """A search of four parameters of different kinds."""
    space = {
        "rate": Real(1e-4, 1.0, log=True),
        "units": Integer(16, 256, log=True),
        "decay": Real(1e-6, 0.1, log=True),
        "momentum": (0.0, 0.99),
    }
    return minimize(training, space, 20, n_initial=8, seed=0)


@cache
def four_ways() -> dict[str, History]:
    """The same search by four acquisitions."""
    ways = {
        "EI": ExpectedImprovement(),
        "LCB": UpperConfidenceBound(),
        "PI": ProbabilityOfImprovement(),
        "Thompson": ThompsonSampling(),
    }
    return {name: minimize(waves, WAVES, 11, n_initial=2, seed=4, acquisition=a) for name, a in ways.items()}


@cache
def many_seeds() -> dict[str, list[History]]:
    """Bayesian and random search over several seeds."""
    seeds = range(5)
    return {
        "Bayesian search": [minimize(waves, WAVES, 14, n_initial=3, seed=s) for s in seeds],
        "random search": [random_search(waves, WAVES, 14, seed=s) for s in seeds],
    }


def losses() -> tuple[list[float], dict[str, list[float]]]:
    """Validation losses of nine made-up networks, and those on other rows: the better ones have learned by heart."""
    validation = [0.82, 0.74, 0.70, 0.64, 0.69, 0.66, 0.78, 0.67, 0.65]
    test = [v + 0.02 + 0.02 * (-1) ** i for i, v in enumerate(validation)]
    return validation, {"test": test, "train": [2.2 * v - 0.85 for v in validation]}


@cache
def model() -> GaussianPosterior:
    """A Gaussian process of eleven points."""
    x = np.array([2.8, 3.18, 3.42, 3.76, 4.33, 4.62, 5.1, 5.32, 5.96, 6.26, 7.27])
    y = np.array([waves(v) for v in x])
    return GaussianProcess(1.0 * RBF(0.6), noise=1e-3).fit(x[:, None], y, learn_noise=False)
