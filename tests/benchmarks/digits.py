"""BayesSearchCV against RandomizedSearchCV: an SVC on digits, log C and log γ, 3 folds.

    python -m tests.benchmarks.digits

Prints the best mean accuracy by the number of candidates, its median over the seeds, and what the search itself costs.
"""

import argparse
import time

import numpy as np
from scipy.stats import loguniform
from sklearn.datasets import load_digits
from sklearn.model_selection import RandomizedSearchCV
from sklearn.svm import SVC

from bayestuner import Real
from bayestuner.sklearn import BayesSearchCV

BOUNDS = {"C": (1e-3, 1e3), "gamma": (1e-5, 10.0)}
COUNTS = (10, 20, 30, 60)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=600)
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2, 3, 4])
    options = parser.parse_args()
    X, y = load_digits(return_X_y=True)
    rows = np.random.default_rng(0).permutation(len(y))[: options.rows]
    searches = {
        "Bayesian": (BayesSearchCV, {name: Real(*ends, log=True) for name, ends in BOUNDS.items()}, 30),
        "random": (RandomizedSearchCV, {name: loguniform(*ends) for name, ends in BOUNDS.items()}, 60),
    }
    print(f"{'candidates':20s}" + "".join(f"{count:8d}" for count in COUNTS))
    for name, (search_class, space, n_iter) in searches.items():
        best, begin = [], time.process_time()
        for seed in options.seeds:
            search = search_class(SVC(), space, n_iter=n_iter, cv=3, random_state=seed).fit(X[rows], y[rows])
            best.append(np.maximum.accumulate(search.cv_results_["mean_test_score"]))
            print(f"{name + f', seed {seed}':20s}" + row(best[-1]))
        seconds = (time.process_time() - begin) / len(best) / n_iter
        print(f"{name + ', median':20s}{row(np.median(best, axis=0))}    {1e3 * seconds:.0f} CPU ms a candidate")


def row(best):
    return "".join(f"{best[count - 1]:8.4f}" for count in COUNTS if count <= len(best))


if __name__ == "__main__":
    main()
