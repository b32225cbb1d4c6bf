"""The tuned network against the default one and logistic regression, over several splits of a table.

    python -m tests.benchmarks.splits --data FILE.csv --target COLUMN --seeds 0 1 2 3 4

All models are trained on the same rows; nothing is chosen by the test rows. Without --data: the bundled customers.
"""

import argparse
import tempfile
from contextlib import closing
from pathlib import Path

import numpy as np

from bayestuner.classifier.job import finish, open_run, read_job, search, workers
from bayestuner.classifier.space_file import read_space


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", type=Path)
    parser.add_argument("--target")
    parser.add_argument("--trials", type=int, default=30)
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2, 3, 4])
    parser.add_argument("--workers", type=int, default=1)
    options = parser.parse_args()
    losses = {}
    for seed in options.seeds:
        job = read_job(options.data, options.target, read_space(None), trials=options.trials, seed=seed)
        with tempfile.TemporaryDirectory() as folder, workers(job, options.workers) as executor:
            with closing(open_run(job, Path(folder), Path(folder) / "run.db")) as optimizer:
                history = search(job, Path(folder), optimizer, executor, options.workers)
            result = finish(job, history, Path(folder), executor)
        for score in (*result.scores, *([result.lowest] if result.lowest else [])):
            losses.setdefault(score.name, []).append(score.log_loss)
        row = "  ".join(f"{name} {values[-1]:.4f}" for name, values in losses.items())
        print(f"seed {seed}: {row}  validation {history.best_value:.4f} ± {result.seed_noise:.4f}", flush=True)
    print(f"test log loss over {len(options.seeds)} splits, mean ± standard deviation:")
    for name, values in losses.items():
        print(f"  {name:20s} {np.mean(values):.4f} ± {np.std(values, ddof=1):.4f}")
    for name in ("default network", "logistic regression"):
        gaps = np.array(losses["tuned network"]) - losses[name]
        print(f"  tuned - {name}: {gaps.mean():+.4f} ± {gaps.std(ddof=1) / np.sqrt(len(gaps)):.4f} (standard error)")


if __name__ == "__main__":
    main()
