"""Is this an acquisition? A check that says in plain words what is wrong with a new one, and how to mend it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from .base import Acquisition, Array
from .errors import AcquisitionError

MEANS = np.array([-2.0, -0.5, 0.0, 0.3, 0.9, 1.5])
STDS = np.array([0.3, 1.0, 0.5, 2.0, 0.1, 0.7])
BEST = 0.4


@dataclass(frozen=True)
class _Lines:
    """A made-up posterior: mean and log std are straight lines in x; enough to check formulas without a model."""

    def predict(self, X: Array) -> tuple[Array, Array]:
        return X @ np.array([1.0, -0.5]), np.exp(0.3 * X @ np.array([0.2, 1.0]))


def check_acquisition(acquisition: Acquisition) -> None:
    """Raise AcquisitionError that says what is wrong with an acquisition, or return None.

    Checked are shapes, finite values, std 0 and values far below the best, that a better mean is never worth less
    and a higher best never makes a point worth more, repeatability, arguments left alone, and partials and gradient
    against differences. What is not a function of mean and std is checked through its `__call__`.

    >>> from acquisition import ExpectedImprovement
    >>> check_acquisition(ExpectedImprovement())
    """
    _check_class(acquisition)
    name = type(acquisition).__name__
    if type(acquisition).score is Acquisition.score:
        return _check_call(name, acquisition)
    values = _scored(name, acquisition, MEANS, STDS, BEST)
    _check_each_alone(name, acquisition, values)
    _check_edges(name, acquisition)
    _check_directions(name, acquisition)
    _check_partials(name, acquisition)
    _check_call(name, acquisition)


def _check_class(acquisition: Any) -> None:
    if isinstance(acquisition, type):
        raise AcquisitionError(f"{acquisition.__name__} is a class; check an instance: {acquisition.__name__}()")
    if not isinstance(acquisition, Acquisition):
        raise AcquisitionError(f"{acquisition!r} is not an acquisition; derive the class from acquisition.Acquisition")
    cls = type(acquisition)
    if "__dataclass_fields__" not in cls.__dict__:
        raise AcquisitionError(
            f"{cls.__name__} is not a dataclass of its own; write @dataclass(frozen=True) above the class, "
            "so that its settings are seen, printed and stored"
        )


def _scored(name: str, acquisition: Acquisition, mean: Array, std: Array, best: float) -> Array:
    """score(mean, std, best), with its faults said in words."""
    first, second = mean.copy(), std.copy()
    try:
        with np.errstate(all="ignore"):
            values = acquisition.score(first, second, best)
    except AcquisitionError:
        raise
    except Exception as error:
        raise AcquisitionError(
            f"{name}.score fails for {len(mean)} points: {type(error).__name__}: {error}; "
            "mean and std are arrays (m,), best is one number"
        ) from error
    if not (np.array_equal(first, mean) and np.array_equal(second, std)):
        raise AcquisitionError(f"{name}.score changes mean or std in place; write mean = mean - best, not mean -= best")
    if not isinstance(values, np.ndarray) or values.dtype.kind not in "fiub":
        raise AcquisitionError(f"{name}.score must return an array of real numbers, got {type(values).__name__}")
    if values.shape != mean.shape:
        raise AcquisitionError(
            f"{name}.score returns shape {values.shape} for {len(mean)} points, it must be ({len(mean)},): "
            "one value for each point"
        )
    return np.asarray(values, dtype=float)


def _check_each_alone(name: str, acquisition: Acquisition, values: Array) -> None:
    if not np.isfinite(values).all():
        i = int(np.argmin(np.isfinite(values)))
        raise AcquisitionError(f"{name}.score gives {values[i]} at mean {MEANS[i]}, std {STDS[i]}, best {BEST}")
    if not np.array_equal(_scored(name, acquisition, MEANS, STDS, BEST), values):
        raise AcquisitionError(f"{name}.score gives other values when called again; draw what is random in prepare")
    alone = np.concatenate(
        [_scored(name, acquisition, MEANS[i : i + 1], STDS[i : i + 1], BEST) for i in range(len(MEANS))]
    )
    if not np.allclose(alone, values, rtol=1e-9, atol=1e-12):
        raise AcquisitionError(
            f"{name}.score of a point depends on the other points it is given with (a maximum or a mean over all of "
            "them?); each point must be judged by itself"
        )


def _check_edges(name: str, acquisition: Acquisition) -> None:
    certain = _scored(name, acquisition, np.array([BEST - 1, BEST, BEST + 1]), np.zeros(3), BEST)
    if np.isnan(certain).any():
        raise AcquisitionError(
            f"{name}.score is NaN where std is 0, as at points already observed (0 / 0?); give the limit there, "
            "with np.where(std > 0, ..., ...)"
        )
    far = _scored(name, acquisition, np.array([BEST - 50.0]), np.array([1.0]), BEST)
    if not np.isfinite(far).all():
        raise AcquisitionError(
            f"{name}.score is {far[0]} at a point 50 standard deviations below the best, where a search needs a slope; "
            "take the logarithm in its stable form (acquisition.normal.log_h), not of a number that has become 0"
        )


def _check_directions(name: str, acquisition: Acquisition) -> None:
    means = np.linspace(-3, 3, 61)
    for std in (0.3, 1.0):
        values = _scored(name, acquisition, means, np.full(61, std), BEST)
        if (np.diff(values) < -1e-9 * (1 + np.abs(values[1:]))).any():
            if values[-1] < values[0]:
                raise AcquisitionError(
                    f"{name} likes points with a lower mean better: its sign is turned. Acquisitions are maximised and "
                    "a larger mean is better, also when the objective is minimised: the optimizer turns that"
                )
            raise AcquisitionError(f"{name} is not monotone: somewhere a larger mean, all else equal, is worth less")
    low = _scored(name, acquisition, MEANS, STDS, BEST - 0.5)
    high = _scored(name, acquisition, MEANS, STDS, BEST + 0.5)
    if (high > low + 1e-9 * (1 + np.abs(low))).any():
        raise AcquisitionError(
            f"{name} values points more when the value to beat is higher: best has the wrong sign; "
            "the gain is mean - best"
        )


def _check_partials(name: str, acquisition: Acquisition) -> None:
    given = acquisition.partials(MEANS.copy(), STDS.copy(), BEST)
    step = 1e-6
    expected = (
        (acquisition.score(MEANS + step, STDS, BEST) - acquisition.score(MEANS - step, STDS, BEST)) / (2 * step),
        (acquisition.score(MEANS, STDS + step, BEST) - acquisition.score(MEANS, STDS - step, BEST)) / (2 * step),
    )
    if not isinstance(given, tuple) or len(given) != 2 or any(np.shape(g) != MEANS.shape for g in given):
        raise AcquisitionError(f"{name}.partials must return two arrays (m,): the derivatives by mean and by std")
    if _close(given[0], expected[1]) and _close(given[1], expected[0]) and not _close(expected[0], expected[1]):
        raise AcquisitionError(f"{name}.partials are swapped: first the derivative by mean, then by std")
    for g, e, by in zip(given, expected, ("mean", "std"), strict=True):
        if not _close(g, e):
            turned = ": its sign is turned" if _close(-g, e) else ""
            off = float(np.abs(g - e).max())
            raise AcquisitionError(f"{name}.partials by {by} is off by up to {off:.3g}{turned}; or leave partials out")


def _close(given: Array, expected: Array) -> bool:
    return bool(np.allclose(given, expected, rtol=1e-3, atol=1e-4 * max(1.0, float(np.abs(expected).max()))))


def _check_call(name: str, acquisition: Acquisition) -> None:
    X = np.random.default_rng(0).random((7, 2))
    bounds = np.array([[0.0, 1.0], [0.0, 1.0]])
    posterior: Any = _Lines() if type(acquisition).score is not Acquisition.score else _small_model()
    ready = acquisition.prepare(posterior, BEST, bounds, seed=0)
    before = X.copy()
    values = np.asarray(ready(posterior, X, BEST))
    if not np.array_equal(X, before):
        raise AcquisitionError(f"{name} changes the points it is called with; work on a copy")
    if values.shape != (7,):
        raise AcquisitionError(f"{name}(posterior, X, best) returns shape {values.shape} for 7 points, it must be (7,)")
    if not np.isfinite(values).all():
        raise AcquisitionError(
            f"{name}(posterior, X, best) gives {values[~np.isfinite(values)][0]} for ordinary points"
        )
    gradient = np.asarray(ready.gradient(posterior, X, BEST))
    if gradient.shape != X.shape:
        raise AcquisitionError(f"{name}.gradient returns shape {gradient.shape} for X (7, 2), it must be (7, 2)")
    step, expected = 1e-5, np.empty_like(X)
    for j, e in enumerate(np.eye(2)):
        expected[:, j] = (ready(posterior, X + step * e, BEST) - ready(posterior, X - step * e, BEST)) / (2 * step)
    if not _close(gradient, expected):
        raise AcquisitionError(
            f"{name}.gradient is off by up to {np.abs(gradient - expected).max():.3g}; or leave gradient out"
        )


def _small_model() -> Any:
    """A Gaussian process on six points, for acquisitions that need more than mean and std."""
    from gp import RBF, GaussianProcess

    X = np.random.default_rng(1).random((6, 2))
    return GaussianProcess(RBF(lengthscale=0.4), noise=1e-3).condition(X, np.sin(5 * X[:, 0]) - X[:, 1])
