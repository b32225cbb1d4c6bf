"""Regret on problems, and on seeds, that played no part in choosing the defaults.

python -m tests.benchmarks.unseen [seeds]      # bayes_opt; Optuna's GPSampler where it is installed

Ten problems of 2 to 8 parameters, written down before anything had been run on them: textbook functions, a robot's arm,
a piston, the tuning of a support vector machine. Then the problems of `peers`, from seed 10 on.
"""

import functools
import sys
import warnings
from dataclasses import replace

import numpy as np

from tests.benchmarks import peers
from tests.benchmarks.peers import Problem, cube

NEW_SEEDS = 10  # those below were looked at when the defaults were chosen


def mccormick(x1, x2):
    return np.sin(x1 + x2) + (x1 - x2) ** 2 - 1.5 * x1 + 2.5 * x2 + 1


def holder_table(x1, x2):
    return -abs(np.sin(x1) * np.cos(x2) * np.exp(abs(1 - np.hypot(x1, x2) / np.pi)))


def colville(x1, x2, x3, x4):
    left, right = 100 * (x1**2 - x2) ** 2 + (x1 - 1) ** 2, 90 * (x3**2 - x4) ** 2 + (x3 - 1) ** 2
    return left + right + 10.1 * ((x2 - 1) ** 2 + (x4 - 1) ** 2) + 19.8 * (x2 - 1) * (x4 - 1)


def powell(x1, x2, x3, x4):
    return (x1 + 10 * x2) ** 2 + 5 * (x3 - x4) ** 2 + (x2 - 2 * x3) ** 4 + 10 * (x1 - x4) ** 4


def cosine_mixture(**x):
    x = np.array(list(x.values()))
    return float((x**2).sum() - 0.1 * np.cos(5 * np.pi * x).sum() + 0.1 * len(x))


def robot_arm(**x):
    """Distance of a four-jointed arm's hand from (1, 1): turns of the joints, lengths of the segments."""
    x = np.array(list(x.values()))
    angles, lengths = np.cumsum(2 * np.pi * x[:4]), x[4:]
    return float(np.hypot(lengths @ np.cos(angles) - 1, lengths @ np.sin(angles) - 1))


PISTON = {
    "mass": (30.0, 60.0),
    "area": (0.005, 0.02),
    "volume": (0.002, 0.01),
    "spring": (1000.0, 5000.0),
    "pressure": (90000.0, 110000.0),
    "ambient": (290.0, 296.0),
    "filling": (340.0, 360.0),
}


def piston(mass, area, volume, spring, pressure, ambient, filling):
    """Seconds of a piston's cycle (Kenett & Zacks 1998)."""
    a = pressure * area + 19.62 * mass - spring * volume / area
    heat = pressure * volume / filling * ambient
    v = area / (2 * spring) * (np.sqrt(a**2 + 4 * spring * heat) - a)
    return 2 * np.pi * np.sqrt(mass / (spring + area**2 * heat / v**2))


@functools.cache
def _diabetes():
    from sklearn.datasets import load_diabetes
    from sklearn.model_selection import KFold

    return (*load_diabetes(return_X_y=True), KFold(5, shuffle=True, random_state=0))


def support_vectors(C, gamma, epsilon):
    """Cross-validated error on the diabetes data; its minimum is not known, so what is printed is the error."""
    from sklearn.model_selection import cross_val_score
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler
    from sklearn.svm import SVR

    X, y, folds = _diabetes()
    model = make_pipeline(StandardScaler(), SVR(C=10**C, gamma=10**gamma, epsilon=10**epsilon, max_iter=20000))
    return -float(cross_val_score(model, X, y, cv=folds, scoring="neg_root_mean_squared_error").mean())


MCCORMICK = Problem("mccormick2", mccormick, {"x1": (-1.5, 4.0), "x2": (-3.0, 4.0)}, -1.9132229549810367)
PISTON7 = Problem("piston7", piston, PISTON, 0.1642288493934725, budget=60)
PROBLEMS = [
    MCCORMICK,
    Problem("holder2", holder_table, cube(-10.0, 10.0, 2), -19.208502567886754),
    Problem("colville4", colville, cube(-10.0, 10.0, 4), 0.0, budget=60),
    Problem("powell4", powell, cube(-4.0, 5.0, 4), 0.0, budget=60),
    Problem("cosine5", cosine_mixture, cube(-1.0, 1.0, 5), 0.0, budget=60),
    Problem("robot8", robot_arm, cube(0.0, 1.0, 8), 0.0, budget=60),
    PISTON7,
    Problem("svr3", support_vectors, {"C": (-2.0, 4.0), "gamma": (-5.0, 1.0), "epsilon": (-3.0, 2.0)}, 0.0),
    replace(MCCORMICK, name="mccormick2, noise", noise=0.41),
    replace(PISTON7, name="piston7, noise", noise=0.007),
]


def main(seeds=10):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the others
        rivals = peers.installed()
        peers.regrets(rivals, range(seeds), PROBLEMS)
        peers.regrets(rivals, range(NEW_SEEDS, NEW_SEEDS + seeds), peers.PROBLEMS)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 10)
