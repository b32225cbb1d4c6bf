"""Small recorded runs of every kind, to draw pictures of; each is made once."""

from dataclasses import dataclass
from functools import cache

import numpy as np

from acquisition import (
    Acquisition,
    ExpectedImprovement,
    KnowledgeGradient,
    LogProbabilityOfImprovement,
    MaxValueEntropySearch,
    Portfolio,
    ProbabilityOfImprovement,
    ThompsonSampling,
    UpperConfidenceBound,
)
from bayestuner import Integer, Optimizer, Real, maximize, minimize
from gp import RBF, Linear

X = {"x": (2.7, 7.5)}
LONG = "learning_rate_of_encoder"  # 24 letters


def wave(x):
    """Two valleys: one minimum near 3.4, the lower one, -1.90, at 5.15."""
    return float(np.sin(x) + np.sin(10 * x / 3))


@dataclass(frozen=True)
class Greedy(Acquisition):
    """A learner's own acquisition."""

    share: float = 0.1

    def score(self, mean, std, best):
        return mean + self.share * std


def search(f=wave, space=None, n=2, start=3, seed=0, **options):
    return minimize(f, space or X, n_trials=start + n, n_initial=start, seed=seed, **options)


def _failing():
    def brittle(x):
        if x < 3 or 4 < x < 5 or x > 7:
            raise ValueError("out of memory")
        return wave(x)

    return search(brittle, n=4, on_error="continue")


def _noisy():
    noise = np.random.default_rng(1)
    return search(lambda x: wave(x) + 0.5 * noise.standard_normal(), n=2, start=16, kernel=1.0 * RBF(0.15))


def _told(script):
    optimizer = Optimizer(X, n_initial=3, seed=1)
    for params in optimizer.ask(3):
        optimizer.tell(params, wave(params["x"]))
    script(optimizer)
    return optimizer.history


def _batch(optimizer):
    for _ in range(2):
        for params in reversed(optimizer.ask(3)):
            optimizer.tell(params, wave(params["x"]))


def _parallel(optimizer):
    """Always one more is asked before the last one is told; the last two stay unfinished."""
    waiting = optimizer.ask()
    for _ in range(3):
        following = optimizer.ask()
        optimizer.tell(waiting, wave(waiting["x"]))
        waiting = following
    optimizer.ask()


def _users_own(optimizer):
    for x in (3.0, 4.0):
        params = optimizer.ask()
        optimizer.tell(params, wave(params["x"]))
        optimizer.tell({"x": x}, wave(x))


def _with(acquisition):
    return lambda: search(acquisition=acquisition)


KINDS = {
    "usual": lambda: search(start=2, n=4),
    "long name": lambda: search(lambda **p: wave(p[LONG]), {LONG: (2.7, 7.5)}),
    "long name, tiny": lambda: search(lambda **p: 1e-6 * wave(1e6 * p[LONG]), {LONG: (2.7e-6, 7.5e-6)}),
    "long name, huge": lambda: maximize(
        lambda **p: 1e6 * wave(1e-6 * p[LONG]), {LONG: (2.7e6, 7.5e6)}, 5, n_initial=3, seed=0
    ),
    "maximise": lambda: maximize(lambda x: -wave(x), X, 6, n_initial=3, seed=0),
    "far from zero": lambda: search(lambda x: -1e5 + wave(x)),
    "logarithmic": lambda: search(lambda lr: (np.log10(lr) + 2.5) ** 2, {"lr": Real(1e-5, 1.0, log=True)}),
    "noise": _noisy,
    "failed": _failing,
    "integer": lambda: search(lambda n: (n - 7) ** 2, {"n": (1, 12)}),
    "many integers": lambda: search(lambda n: (np.log2(n) - 7) ** 2, {"n": Integer(1, 1024, log=True)}),
    "categorical": lambda: search(
        lambda a: len(str(a)), {"a": ["relu", "tanh", "exponential_linear_unit", True, None]}, start=2
    ),
    "strange names": lambda: search(lambda **p: wave(p["$a_b^{c}$\n %"]), {"$a_b^{c}$\n %": (2.7, 7.5)}),
    "strange choices": lambda: search(lambda a: len(a), {"a": ["$x$", "a$b", "\\frac", "_", "^", "x y\nz"]}, n=3),
    "outlier": lambda: search(lambda x: 1e9 if x > 7 else wave(x), n=3, start=5),
    "near the largest float": lambda: search(lambda x: 1e300 * wave(x)),
    "many categories": lambda: search(lambda a: len(a) / 7 + ord(a[0]), {"a": [c * 9 for c in "cabfdeghijklmn"]}),
    "one value": lambda: search(lambda x: wave(x + 4), {"x": (1.0, 1.0)}, start=1, n=1),
    "one iteration": lambda: search(n=1),
    "one start point": lambda: search(start=1, n=2),
    "constant": lambda: search(lambda x: 1.0),
    "all zero": lambda: search(lambda x: 0.0, start=1),
    "only start": lambda: search(n=0),
    "only one point": lambda: search(start=1, n=0),
    "batch": lambda: _told(_batch),
    "parallel": lambda: _told(_parallel),
    "user": lambda: _told(_users_own),
    "another kernel": lambda: search(kernel=Linear() + 0.5),
    "EI": _with(ExpectedImprovement()),
    "PI": _with(ProbabilityOfImprovement()),
    "log PI": _with(LogProbabilityOfImprovement()),
    "LCB": _with(UpperConfidenceBound(1.5)),
    "UCB": lambda: maximize(wave, X, 5, n_initial=3, seed=0, acquisition=UpperConfidenceBound()),
    "Thompson": _with(ThompsonSampling()),
    "entropy": _with(MaxValueEntropySearch()),
    "knowledge": _with(KnowledgeGradient()),
    "portfolio": _with(Portfolio([ExpectedImprovement(), UpperConfidenceBound()])),
    "custom": _with(Greedy()),
}


@cache
def run(kind):
    """The recorded run of that kind."""
    return KINDS[kind]()
