"""check_acquisition: each typical mistake is found and named, and no acquisition that is right is accused."""

from dataclasses import dataclass, replace

import numpy as np
import pytest
from contracts import Hills
from scipy.special import ndtr
from test_acquisition import ALL
from test_more_acquisitions import OF_MEAN_AND_STD, OF_THE_POSTERIOR

from acquisition import (
    Acquisition,
    AcquisitionError,
    Constrained,
    Constraint,
    ExpectedImprovement,
    KnowledgeGradient,
    LogExpectedImprovement,
    MaxValueEntropySearch,
    Portfolio,
    check_acquisition,
)
from acquisition.normal import Phi, log_h, phi
from gp import ParameterError

EI = ExpectedImprovement()


def good(mean, std, best):
    return mean - best + 0.5 * std


def scored(formula, **methods):
    """A learner's acquisition with this score (without self), and these methods."""

    @dataclass(frozen=True)
    class Mine(Acquisition):
        def score(self, mean, std, best):
            return formula(mean, std, best)

    for name, method in methods.items():
        setattr(Mine, name, method)
    return Mine()


def called(formula, **methods):
    """A learner's acquisition that sees the posterior."""

    @dataclass(frozen=True)
    class Mine(Acquisition):
        def __call__(self, posterior, X, best):
            return formula(posterior, X, best)

    for name, method in methods.items():
        setattr(Mine, name, method)
    return Mine()


def in_place(mean, std, best):
    mean -= best
    return mean + std


def shifts(posterior, X, best):
    X += 1e-3
    return posterior.predict(X)[0]


def slip(name):
    raise AttributeError(f"no {name}")


class Undecorated(Acquisition):
    def score(self, mean, std, best):
        return good(mean, std, best)


generator = np.random.default_rng(0)
FIRST = np.random.default_rng(0).random()  # in the first of the points that are looked at


def with_partials(make):
    return scored(EI.score, partials=lambda self, mean, std, best: make(*EI.partials(mean, std, best)))


MISTAKES = {
    "(m, 1)": (scored(lambda m, s, b: good(m, s, b)[:, None]), ["shape (6, 1)", "(6,)", "one value for each point"]),
    "one number": (scored(lambda m, s, b: float(good(m, s, b).sum())), ["array of real numbers", "float"]),
    "a sum": (scored(lambda m, s, b: good(m, s, b).sum()), ["array of real numbers", "float64"]),
    "a list": (scored(lambda m, s, b: list(good(m, s, b))), ["array of real numbers", "list"]),
    "nothing": (scored(lambda m, s, b: None), ["NoneType", "return"]),
    "complex": (scored(lambda m, s, b: good(m, s, b) + 0j), ["real numbers", "complex"]),
    "std missing": (scored(lambda m, s, b: m.sigma), ["fails", "AttributeError", "arrays (m,)"]),
    "if of an array": (scored(lambda m, s, b: m - b if s > 0 else 0.0), ["fails", "ambiguous", "np.where"]),
    "sign": (scored(lambda m, s, b: b - m + s), ["lower mean", "sign is turned", "maximised"]),
    "lower bound": (scored(lambda m, s, b: -m - s), ["sign is turned"]),
    "not monotone": (scored(lambda m, s, b: -((m - b - 0.5) ** 2) + 2 * m), ["larger mean", "worth less"]),
    "best turned": (scored(lambda m, s, b: m + b + s), ["best has the wrong sign", "mean - best"]),
    "0 / 0": (scored(lambda m, s, b: Phi((m - b) / s)), ["NaN", "std is 0", "np.where"]),
    "log of 0": (
        scored(lambda m, s, b: np.log(ndtr((m - b) / np.maximum(s, 1e-6)))),
        ["-inf", "50 standard", "stable"],
    ),
    "NaN": (scored(lambda m, s, b: np.sqrt(m - b)), ["nan", "at mean -2"]),
    "in place": (scored(in_place), ["in place", "mean = mean - best"]),
    "relative to the others": (scored(lambda m, s, b: good(m, s, b) - m.max()), ["other points", "by itself"]),
    "ranks": (scored(lambda m, s, b: np.argsort(np.argsort(m)) * 1.0), ["other points"]),
    "random": (scored(lambda m, s, b: good(m, s, b) + generator.normal()), ["called again", "prepare"]),
    "partials swapped": (with_partials(lambda a, b: (b, a)), ["swapped", "first the derivative by mean"]),
    "partial by mean turned": (with_partials(lambda a, b: (-a, b)), ["by mean", "sign is turned"]),
    "partial by std turned": (with_partials(lambda a, b: (a, -b)), ["by std", "sign is turned"]),
    "partial off": (with_partials(lambda a, b: (a, 1.1 * b)), ["by std is off", "leave partials out"]),
    "one partial": (with_partials(lambda a, b: a), ["two arrays"]),
    "partials (m, 1)": (with_partials(lambda a, b: (a[:, None], b)), ["two arrays (m,)"]),
    "partials broken": (with_partials(lambda a, b: slip("phi")), ["partials fails", "no phi"]),
    "partials NaN at 0": (
        scored(EI.score, partials=lambda self, m, s, b: (Phi((m - b) / s), phi((m - b) / s))),
        ["partials", "NaN", "std is 0"],
    ),
    "gradient off": (
        scored(good, gradient=lambda self, posterior, x, best: np.ones(np.shape(x))),
        ["gradient is off", "leave gradient out"],
    ),
    "gradient sign": (
        scored(good, gradient=lambda self, posterior, x, best: -Acquisition.gradient(self, posterior, x, best)),
        ["gradient is off", "sign is turned"],
    ),
    "gradient shape": (
        scored(good, gradient=lambda self, posterior, x, best: np.ones(len(x))),
        ["gradient returns shape (7,)", "(7, 2)"],
    ),
    "a gradient of its own for the search": (
        scored(good, value_and_gradient=lambda self, p, X, best: (self(p, X, best), np.zeros(X.shape))),
        ["gradient is off"],
    ),
    "values of its own for the search": (
        scored(good, value_and_gradient=lambda self, p, X, best: (0 * X[:, 0], 0 * X)),
        ["value_and_gradient", "other values"],
    ),
    "prepare without return": (scored(good, prepare=lambda self, *a, **k: None), ["prepare", "return self"]),
    "call (m, 1)": (called(lambda p, X, b: p.predict(X)[0][:, None]), ["shape (7, 1)", "(7,)"]),
    "call one number": (called(lambda p, X, b: p.predict(X)[0].max()), ["array of real numbers", "float64"]),
    "call complex": (called(lambda p, X, b: p.predict(X)[0] + 0j), ["real numbers", "complex"]),
    "call NaN": (called(lambda p, X, b: np.log(X[:, 0] - 0.5)), ["nan", "ordinary points"]),
    "call in place": (called(shifts), ["changes the points", "copy"]),
    "call broken": (called(lambda p, X, b: p.forecast(X)), ["fails", "forecast"]),
    "call random": (called(lambda p, X, b: p.predict(X)[0] + generator.normal()), ["called again", "prepare"]),
    "call relative": (called(lambda p, X, b: p.predict(X)[0] - X.mean()), ["other points", "by itself"]),
    "a jump": (
        scored(lambda m, s, b: m - b - s * (s > 0.5)),
        ["score jumps", "std 0.5", "let the pieces of a condition meet"],
    ),
    "call with a jump": (called(lambda p, X, b: p.predict(X)[0] + (X[:, 0] >= FIRST)), ["jumps", "x = [0.63"]),
    "not decorated": (Undecorated(), ["@dataclass(frozen=True)"]),
    "a class": (ExpectedImprovement, ["is a class", "ExpectedImprovement()"]),
    "a name": ("ei", ["'ei' is not an acquisition", "acquisition.Acquisition"]),
    "a function": (good, ["not an acquisition"]),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_a_typical_mistake_is_named(name):
    wrong, words = MISTAKES[name]
    with pytest.raises(AcquisitionError) as caught:
        check_acquisition(wrong)
    for word in words:
        assert word in str(caught.value), f"{word!r} is not in: {caught.value}"


# --- no false alarms


@pytest.mark.parametrize(
    "built_in",
    [*ALL, *OF_MEAN_AND_STD, *OF_THE_POSTERIOR, MaxValueEntropySearch(), Portfolio([EI, MaxValueEntropySearch()])],
    ids=lambda a: repr(a)[:60],
)
def test_every_built_in_acquisition_passes(built_in):
    check_acquisition(built_in)


def test_a_right_gradient_of_its_own_passes():
    check_acquisition(scored(EI.score, partials=lambda self, *at: EI.partials(*at)))
    check_acquisition(Constrained((Constraint(Hills(), low=0.2),), EI))
    check_acquisition(replace(KnowledgeGradient(), size=3))


@dataclass(frozen=True)
class Cautious(Acquisition):
    courage: float = 1.0

    def score(self, mean, std, best):
        return mean - best + self.courage * std


@dataclass(frozen=True)
class Bold(Acquisition):
    def score(self, mean, std, best):
        safe = np.maximum(std, 1e-6)
        return np.log(safe) + log_h((mean - best) / safe)


@dataclass(frozen=True)
class Priced(Acquisition):
    def __call__(self, posterior, X, best):
        return EI(posterior, X, best) / (1 + X[:, 0])


@pytest.mark.parametrize("own", [Cautious(), Cautious(0.0), Bold(), Priced()], ids=repr)
def test_a_learners_right_acquisition_passes(own):
    check_acquisition(own)


@dataclass(frozen=True)
class PricedByTheLast(Acquisition):
    def __call__(self, posterior, X, best):
        return LogExpectedImprovement()(posterior, X, best) - np.log(1 + X[:, 3])


def test_an_acquisition_that_looks_into_its_points_is_given_as_many_columns_as_it_needs():
    with pytest.raises(AcquisitionError, match="X has 2 columns here, set by columns="):
        check_acquisition(PricedByTheLast())
    check_acquisition(PricedByTheLast(), columns=4)
    check_acquisition(LogExpectedImprovement(), columns=1)
    with pytest.raises(ParameterError, match="columns must be finite and >= 1, got 0"):
        check_acquisition(LogExpectedImprovement(), columns=0)
