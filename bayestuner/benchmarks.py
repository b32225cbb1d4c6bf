"""Functions with known minima, to try a search on.

Formulas and minima: Surjanovic & Bingham, Virtual Library of Simulation Experiments.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Benchmark:
    """A function to minimise, where, and the smallest value it takes there.

    >>> branin(x1=math.pi, x2=2.275) - branin.minimum < 1e-6
    True
    """

    name: str
    function: Callable[..., float]
    space: dict[str, Any]
    minimum: float

    def __call__(self, **params: float) -> float:
        if params.keys() != self.space.keys():
            raise TypeError(f"{self.name} is a function of {', '.join(self.space)}; got {', '.join(params)}")
        return float(self.function(*(params[name] for name in self.space)))


def _branin(x1: float, x2: float) -> float:
    bowl = x2 - 5.1 / (4 * math.pi**2) * x1**2 + 5 / math.pi * x1 - 6
    return bowl**2 + 10 * (1 - 1 / (8 * math.pi)) * math.cos(x1) + 10


def _forrester(x: float) -> float:
    return (6 * x - 2) ** 2 * math.sin(12 * x - 4)


def _ishigami(x1: float, x2: float, x3: float) -> float:
    return math.sin(x1) + 7 * math.sin(x2) ** 2 + 0.1 * x3**4 * math.sin(x1)


_A = np.array(
    [[10, 3, 17, 3.5, 1.7, 8], [0.05, 10, 17, 0.1, 8, 14], [3, 3.5, 1.7, 10, 17, 8], [17, 8, 0.05, 10, 0.1, 14]]
)
_P = 1e-4 * np.array(
    [
        [1312, 1696, 5569, 124, 8283, 5886],
        [2329, 4135, 8307, 3736, 1004, 9991],
        [2348, 1451, 3522, 2883, 3047, 6650],
        [4047, 8828, 8732, 5743, 1091, 381],
    ]
)


def _hartmann6(*x: float) -> float:
    return float(-np.array([1.0, 1.2, 3.0, 3.2]) @ np.exp(-np.sum(_A * (np.array(x) - _P) ** 2, axis=1)))


branin = Benchmark("branin", _branin, {"x1": (-5.0, 10.0), "x2": (0.0, 15.0)}, 0.39788735772973816)
forrester = Benchmark("forrester", _forrester, {"x": (0.0, 1.0)}, -6.020740055767083)
ishigami = Benchmark(
    "ishigami", _ishigami, dict.fromkeys(("x1", "x2", "x3"), (-math.pi, math.pi)), -1 - 0.1 * math.pi**4
)
hartmann6 = Benchmark("hartmann6", _hartmann6, {f"x{i}": (0.0, 1.0) for i in range(1, 7)}, -3.322368011415512)
