"""What a long search costs: seconds a suggestion when so many trials are told, and one fit to 2,000 points.

python -m tests.benchmarks.long [trials]       # CPU seconds on one BLAS thread up to 1,000 points
"""

import sys
import time

import numpy as np

from bayestuner import Optimizer
from bayestuner.benchmarks import hartmann6
from bayestuner.surrogate import default_processes, learn, standardise

STEPS = 3


def suggestion(trials):
    """Seconds of tell and ask after so many random points, each time, with what the model was before."""
    optimizer, seconds = Optimizer(hartmann6.space, seed=0), []
    for point in optimizer.space.sample(trials, seed=0):
        optimizer.tell(point, hartmann6(**point))
    point = optimizer.ask()
    for _ in range(STEPS):
        begin = time.process_time()
        optimizer.tell(point, hartmann6(**point))
        point = optimizer.ask()
        seconds.append(time.process_time() - begin)
    return seconds


def fit(n=2000):
    """CPU seconds of all default models fitted from their own starts."""
    names = list(hartmann6.space)
    U = np.random.default_rng(0).random((n, len(names)))
    y = np.array([hartmann6(**dict(zip(names, u, strict=True))) for u in U])
    z, _ = standardise(y, "minimize")
    begin = time.process_time()
    learn(default_processes(range(len(names))), U, z)
    return time.process_time() - begin


def main(trials=1000):
    shown = ", ".join(f"{s:.2f}" for s in suggestion(trials))
    print(f"d = 6, tell and ask from {trials} trials on: {shown} s")
    print(f"d = 6, fit of all models to 2,000 points: {fit():.1f} s")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1000)
