"""What a long search costs: each suggestion and the memory of 1,000 trials in a row, and one fit to 2,000 points.

python -m tests.benchmarks.long [trials] [picture.png]       # CPU seconds on one BLAS thread up to 1,000 points
"""

import resource
import sys
import time

import numpy as np

from bayestuner import Optimizer
from bayestuner.benchmarks import hartmann6
from bayestuner.bend import Values
from bayestuner.surrogate import default_processes, learn_values
from gp.threads import one_thread

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


def sequential(trials):
    """CPU seconds of tell and ask (trials,) of a search from its first trial on, and the peak memory after each, MB."""
    optimizer, seconds, peak = Optimizer(hartmann6.space, seed=0), [], []
    for _ in range(trials):
        begin = time.process_time()
        point = optimizer.ask()
        optimizer.tell(point, hartmann6(**point))
        seconds.append(time.process_time() - begin)
        peak.append(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
    return np.array(seconds), np.array(peak)


def draw(seconds, peak, path):
    from matplotlib.figure import Figure

    figure = Figure(figsize=(8, 3), layout="constrained")
    for axes, values, label in zip(figure.subplots(1, 2), (seconds, peak), ("s a suggestion", "peak MB"), strict=True):
        axes.plot(np.arange(1, len(values) + 1), values, lw=0.8)
        axes.set(xlabel="trial", ylabel=label, ylim=(0, None))
    figure.savefig(path, dpi=120)


def print_sequential(seconds, peak):
    print(
        f"{len(seconds)} trials in a row, d = 6: {seconds.sum():.0f} CPU s; median of the hundred before, peak memory"
    )
    for end in range(100, len(seconds) + 1, 100):
        print(f"  {end:5}: {1e3 * np.median(seconds[end - 100 : end]):6.0f} ms  {peak[end - 1]:4.0f} MB")


def fit(n=2000):
    """CPU seconds of learning the default model, nothing known before."""
    names = list(hartmann6.space)
    U = np.random.default_rng(0).random((n, len(names)))
    y = np.array([hartmann6(**dict(zip(names, u, strict=True))) for u in U])
    begin = time.process_time()
    with one_thread(0):
        learn_values(default_processes(range(len(names))), U, Values(y, "minimize"))
    return time.process_time() - begin


def main(trials=1000, picture=None):
    seconds, peak = sequential(trials)
    print_sequential(seconds, peak)
    if picture:
        draw(seconds, peak, picture)
    shown = ", ".join(f"{s:.2f}" for s in suggestion(trials))
    print(f"d = 6, tell and ask from {trials} trials on: {shown} s")
    print(f"d = 6, first fit to 2,000 points: {fit():.1f} s")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1000, *sys.argv[2:3])
