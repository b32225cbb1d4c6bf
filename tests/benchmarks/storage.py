"""What a storage costs: 2,000 trials in one file, and how busy eight workers are kept."""

import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import numpy as np
from scipy.linalg import lapack

from bayestuner import Optimizer, minimize
from bayestuner.benchmarks import branin
from bayestuner.history import Trial

TRIALS = 2000


def fill(file):
    """A run of 2,000 trials, each with a step of its own, as a search of that length would leave it."""
    with closing(Optimizer(branin.space, seed=0, storage=file)) as optimizer:
        for point in optimizer.space.sample(20, seed=1):
            optimizer.tell(point, branin(**point), seconds=1.0)
        optimizer.ask()
        step, rng = optimizer.ledger.steps[-1], np.random.default_rng(0)
        begin = time.perf_counter()
        for number, point in enumerate(optimizer.space.sample(TRIALS - 21, rng), start=21):
            theta = step.kernel.theta + rng.normal(0, 0.1, len(step.kernel.theta))
            optimizer.ledger.write(
                Trial(number, point, source="model"), replace(step, number=number, kernel=step.kernel.with_theta(theta))
            )
            optimizer.ledger.write(Trial(number, point, branin(**point), "complete", None, 1.0, "model"))
        return (time.perf_counter() - begin) / (2 * (TRIALS - 21))


def opening(import_seconds):
    """Open and read a long run; import_seconds: what `import bayestuner` takes, for the ratio."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "run.db"
        per_write = fill(file)
        times = []
        for _ in range(5):
            begin = time.process_time()
            optimizer = Optimizer(branin.space, storage=file)
            times.append(time.process_time() - begin)
            optimizer.close()
        X = np.random.default_rng(0).random((TRIALS, TRIALS))
        K = np.asfortranarray(X @ X.T + TRIALS * np.eye(TRIALS))
        begin = time.process_time()
        lapack.dpotrf(K, lower=1)
        allowed = 3 * import_seconds + time.process_time() - begin
        print(
            f"storage of {TRIALS} trials: {file.stat().st_size / 1e6:.1f} MB, opened in {np.median(times):.2f} s, "
            f"{np.median(times) / allowed:.2f} x (3 imports and one factorisation), one write {1e3 * per_write:.1f} ms"
        )


def utilisation(workers=8, seconds=0.5, trials=96):
    """Share of the time that workers are busy, from when all have begun until no more points are asked for."""
    spans = []

    def objective(x1, x2):
        begin = time.perf_counter()
        time.sleep(seconds)
        spans.append((begin, time.perf_counter()))
        return branin(x1=x1, x2=x2)

    with ThreadPoolExecutor(workers) as executor:
        history = minimize(objective, branin.space, trials, seed=0, executor=executor, n_parallel=workers)
    begins = sorted(begin for begin, _ in spans)
    start, end = begins[workers - 1], begins[-1]
    busy = sum(max(min(b, end) - max(a, start), 0.0) for a, b in spans)
    asking = sum(sum(step.seconds.values()) for step in history.steps)
    print(
        f"{workers} workers, {trials} evaluations of {seconds} s: busy {100 * busy / (workers * (end - start)):.1f} % "
        f"of the time, a suggestion {1e3 * asking / len(history.steps):.0f} ms, all of them "
        f"{100 * asking / (spans[-1][1] - begins[0]):.0f} % of one core's time"
    )


def batches(seeds=10):
    """Branin, 40 evaluations, 4 at a time: the regret, and how near two suggestions come to each other."""
    regrets, nearest = [], []
    for seed in range(seeds):
        optimizer = Optimizer(branin.space, seed=seed)
        for _ in range(10):
            for params in optimizer.ask(4):
                optimizer.tell(params, branin(**params))
        U = optimizer.space.encode([trial.params for trial in optimizer.history.trials])
        nearest.append((np.abs(U[:, None] - U).max(axis=2) + np.eye(len(U))).min())
        regrets.append(optimizer.best.value - branin.minimum)
    print(
        f"branin, 40 evaluations, 4 at a time: median regret {np.median(regrets):.1e}, nearest two {min(nearest):.1e}"
    )
