"""Many parameters, few of which matter, and parameters of all kinds: ours against random search and Optuna's TPE.

python -m tests.benchmarks.mixed [seeds]       # TPE where Optuna is installed
"""

import math
import sys
from dataclasses import dataclass
from typing import Any

import numpy as np

from bayestuner import Categorical, Integer, Real, Space, minimize, random_search
from bayestuner.benchmarks import branin


@dataclass(frozen=True)
class Problem:
    """A function to minimise whose smallest value is 0, and how often it may be called."""

    name: str
    function: Any
    space: dict
    budget: int


def sparse20(**x):
    """Branin in the 8th and the 14th of twenty parameters; the others do nothing."""
    return branin(x1=15 * x["x7"] - 5, x2=15 * x["x13"]) - branin.minimum


def mixed10(lr, momentum, dropout, decay, units, depth, batch, act, opt, sched):
    """Shaped like the loss of a network: what is good of one parameter depends on another; choices have no order."""
    rate = {"sgd": 1.5, "adam": 3.0, "rms": 2.6, "ada": 2.0}[opt]
    drag = {"sgd": 0.9, "adam": 0.6, "rms": 0.3, "ada": 0.5}[opt]
    loss = 0.6 * (math.log10(lr) + rate) ** 2 + 1.5 * (momentum - drag) ** 2
    loss += 2 * (dropout - 0.05 * depth) ** 2 + 0.05 * (math.log10(decay) + 4) ** 2
    loss += 0.25 * (math.log2(units) - 8 + 0.5 * (depth - 3)) ** 2 + 0.08 * (depth - 4) ** 2
    loss += 0.1 * abs(math.log2(batch) - 6) * (1.5 if act == "tanh" else 1.0)
    loss += {"relu": 0.15, "tanh": 0.3, "gelu": 0.0, "elu": 0.2, "sigmoid": 0.8}[act]
    return (
        loss
        + {"sgd": 0.25, "adam": 0.0, "rms": 0.1, "ada": 0.5}[opt]
        + {"cosine": 0.0, "step": 0.1, "none": 0.3}[sched]
    )


def layers(layers, width1, width2=None, width3=None, *, act, lr):
    """How many layers, and how wide each: conditional parameters."""
    widths = [w for w in (width1, width2, width3) if w is not None]
    off = sum(math.log2(w / best) ** 2 for w, best in zip(widths, (128, 64, 32), strict=False))
    return 0.15 * off + {1: 0.6, 2: 0.0, 3: 0.12}[layers] + 0.3 * (math.log10(lr) + 2.3) ** 2 + 0.1 * (act == "relu")


WIDTH = Integer(8, 512, log=True)
PROBLEMS = [
    Problem("sparse20", sparse20, {f"x{i}": (0.0, 1.0) for i in range(20)}, 100),
    Problem(
        "mixed10",
        mixed10,
        {
            "lr": Real(1e-5, 1.0, log=True),
            "momentum": (0.0, 1.0),
            "dropout": (0.0, 0.7),
            "decay": Real(1e-7, 0.1, log=True),
            "units": Integer(8, 1024, log=True),
            "depth": (1, 8),
            "batch": Integer(4, 512, log=True),
            "act": ["relu", "tanh", "gelu", "elu", "sigmoid"],
            "opt": ["sgd", "adam", "rms", "ada"],
            "sched": ["step", "cosine", "none"],
        },
        60,
    ),
    Problem(
        "layers",
        layers,
        {
            "layers": (1, 3),
            "width1": WIDTH,
            "width2": WIDTH.when(layers=[2, 3]),
            "width3": WIDTH.when(layers=3),
            "act": ["relu", "tanh"],
            "lr": Real(1e-4, 0.1, log=True),
        },
        40,
    ),
]


def tpe(problem, seed):
    """The best value that Optuna's default sampler finds, conditional parameters drawn only where they are there."""
    import optuna

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    space = Space(problem.space)

    def objective(trial):
        point = {}
        for name, d in space.dimensions.items():
            if any(point.get(parent) not in values for parent, values in d.conditions):
                continue
            if isinstance(d, Categorical):
                point[name] = trial.suggest_categorical(name, list(d.choices))
            else:
                suggest = trial.suggest_int if isinstance(d, Integer) else trial.suggest_float
                point[name] = suggest(name, d.low, d.high, log=d.log)
        return problem.function(**point)

    study = optuna.create_study(sampler=optuna.samplers.TPESampler(seed=seed))
    study.optimize(objective, problem.budget)
    return study.best_value


def ours(problem, seed):
    return minimize(problem.function, problem.space, problem.budget, seed=seed).best_value


def chance(problem, seed):
    return random_search(problem.function, problem.space, problem.budget, seed=seed).best_value


def main(seeds):
    peers = {"BayesTuner": ours, "random": chance}
    try:
        import optuna
    except ImportError:
        print("Optuna is not installed: pip install optuna")
    else:
        peers[f"Optuna {optuna.__version__} TPE"] = tpe
    for problem in PROBLEMS:
        print(f"{problem.name}, {problem.budget} evaluations, {seeds} seeds: best value, median (quartiles)")
        for name, peer in peers.items():
            low, middle, high = np.quantile([peer(problem, seed) for seed in range(seeds)], [0.25, 0.5, 0.75])
            print(f"  {name:20} {middle:.4f} ({low:.4f} .. {high:.4f})", flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 10)
