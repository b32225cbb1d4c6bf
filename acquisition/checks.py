"""Is this an acquisition? A check that says in plain words what is wrong with a new one, and how to mend it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from .base import Acquisition, Array, checked_count
from .errors import AcquisitionError

MEANS = np.array([-2.0, -0.5, 0.0, 0.3, 0.9, 1.5])
STDS = np.array([0.3, 1.0, 0.5, 2.0, 0.1, 0.7])
BEST = 0.4
SLOPES = ("partials", "gradient", "value_and_gradient")


@dataclass(frozen=True)
class _Lines:
    """A made-up posterior: mean and log std are straight lines in x; enough to check formulas without a model."""

    def predict(self, X: Array) -> tuple[Array, Array]:
        d = X.shape[1]
        return X @ np.resize([1.0, -0.5], d), np.exp(0.3 * X @ np.resize([0.2, 1.0], d))


def check_acquisition(acquisition: Acquisition, columns: int = 2) -> None:
    """Raise AcquisitionError that says what is wrong with an acquisition, or return None.

    Checked are shapes, finite values, std 0 and values far below the best, that a better mean is never worth less
    and a higher best never makes a point worth more, repeatability, arguments left alone, and partials and gradient
    against differences. What is not a function of mean and std is checked through its `__call__`, with points of so
    many columns: one that looks into the points of a larger space needs as many as that has.

    >>> from acquisition import ExpectedImprovement
    >>> check_acquisition(ExpectedImprovement())
    """
    _check_class(acquisition)
    columns = checked_count("check_acquisition", "columns", columns, low=1)
    name, X = type(acquisition).__name__, np.random.default_rng(0).random((7, columns))
    posterior: Any = _Lines() if type(acquisition).__call__ is Acquisition.__call__ else _small_model(columns)
    ready = _prepared(name, acquisition, posterior, columns)
    if type(acquisition).score is not Acquisition.score:
        values = _scored(name, ready, MEANS, STDS, BEST)
        _check_each_alone(name, ready, values)
        _check_edges(name, ready)
        _check_directions(name, ready)
        _check_partials(name, ready)
    _check_call(name, ready, posterior, X)
    _check_gradient(name, ready, posterior, X)


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


def _tried(what: str, call: Callable[[], Any], advice: str) -> Any:
    """The result of a call of the acquisition's own code, an error in it said with advice."""
    try:
        with np.errstate(all="ignore"):
            return call()
    except Exception as error:
        raise AcquisitionError(f"{what} fails: {type(error).__name__}: {error}; {advice}") from error


def _values(what: str, values: Any, m: int) -> Array:
    if not isinstance(values, np.ndarray) or values.dtype.kind not in "fiub":
        kind = f"{values.dtype} numbers" if isinstance(values, np.ndarray) else type(values).__name__
        forgotten = "; does it end with return?" if values is None else ""
        raise AcquisitionError(f"{what} must return an array of real numbers, got {kind}{forgotten}")
    if values.shape != (m,):
        raise AcquisitionError(
            f"{what} returns shape {values.shape} for {m} points, it must be ({m},): one value for each point"
        )
    return np.asarray(values, dtype=float)


def _prepared(name: str, acquisition: Acquisition, posterior: Any, columns: int) -> Acquisition:
    what, bounds = f"{name}.prepare", np.tile([0.0, 1.0], (columns, 1))
    ready = _tried(
        what,
        lambda: acquisition.prepare(posterior, BEST, bounds, seed=0),
        "it is called as prepare(posterior, best, bounds, seed=..., seconds=None)",
    )
    if not isinstance(ready, Acquisition):
        raise AcquisitionError(f"{what} must return the acquisition to use, got {ready!r}; end it with return self")
    return ready


def _scored(name: str, acquisition: Acquisition, mean: Array, std: Array, best: float) -> Array:
    """score(mean, std, best), with its faults said in words."""
    first, second = mean.copy(), std.copy()
    values = _tried(
        f"{name}.score",
        lambda: acquisition.score(first, second, best),
        "mean and std are arrays (m,), best is one number; instead of an if use np.where(condition, a, b)",
    )
    if not (np.array_equal(first, mean) and np.array_equal(second, std)):
        raise AcquisitionError(f"{name}.score changes mean or std in place; write mean = mean - best, not mean -= best")
    return _values(f"{name}.score", values, len(mean))


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
    given = _partials(name, acquisition, MEANS, STDS)
    step, still = 1e-6, np.zeros(len(MEANS))
    slopes = [
        _scored(name, acquisition, MEANS + a, STDS + b, BEST) - _scored(name, acquisition, MEANS - a, STDS - b, BEST)
        for a, b in ((still + step, still), (still, still + step))
    ]
    expected = [slope / (2 * step) for slope in slopes]
    if _close(given[0], expected[1]) and _close(given[1], expected[0]) and not _close(expected[0], expected[1]):
        raise AcquisitionError(f"{name}.partials are swapped: first the derivative by mean, then by std")
    own = type(acquisition).partials is not Acquisition.partials
    for g, e, by in zip(given, expected, ("mean", "std"), strict=True):
        if not _close(g, e):
            i = int(np.argmax(np.abs(g - e)))
            if not own:
                raise _jump(f"{name}.score", f"mean {MEANS[i]}, std {STDS[i]}, best {BEST}")
            turned = ": its sign is turned" if _close(-g, e) else ""
            off = abs(float(g[i] - e[i]))
            raise AcquisitionError(f"{name}.partials by {by} is off by up to {off:.3g}{turned}; or leave partials out")
    if own and np.isnan(_partials(name, acquisition, np.array([BEST - 1, BEST, BEST + 1]), np.zeros(3))).any():
        raise AcquisitionError(f"{name}.partials is NaN where std is 0 (0 / 0?); give the limit there, with np.where")


def _partials(name: str, acquisition: Acquisition, mean: Array, std: Array) -> tuple[Array, Array]:
    given = _tried(
        f"{name}.partials", lambda: acquisition.partials(mean.copy(), std.copy(), BEST), "or leave partials out"
    )
    if not isinstance(given, tuple) or len(given) != 2 or any(np.shape(g) != mean.shape for g in given):
        raise AcquisitionError(f"{name}.partials must return two arrays (m,): the derivatives by mean and by std")
    return given


def _close(given: Array, expected: Array) -> bool:
    return bool(np.allclose(given, expected, rtol=1e-3, atol=1e-4 * max(1.0, float(np.abs(expected).max()))))


def _check_call(name: str, ready: Acquisition, posterior: Any, points: Array) -> None:
    what = f"{name}(posterior, X, best)"
    advice = f"a posterior has predict(X) -> (mean, std); X has {points.shape[1]} columns here, set by columns="

    def called(X: Array) -> Array:
        given = X.copy()
        values = _tried(what, lambda: ready(posterior, given, BEST), advice)
        if not np.array_equal(given, X):
            raise AcquisitionError(f"{name} changes the points it is called with; work on a copy")
        return _values(what, values, len(X))

    values = called(points)
    if not np.isfinite(values).all():
        raise AcquisitionError(f"{what} gives {values[~np.isfinite(values)][0]} for ordinary points")
    if not np.array_equal(called(points), values):
        raise AcquisitionError(f"{what} gives other values when called again; draw what is random in prepare")
    alone = np.concatenate([called(row[None]) for row in points])
    if not np.allclose(alone, values, rtol=1e-7, atol=1e-9):
        raise AcquisitionError(
            f"{what}: the value of a point depends on the other points it is given with; each must be judged by itself"
        )
    together = _tried(f"{name}.value_and_gradient", lambda: ready.value_and_gradient(posterior, points, BEST), "")
    if not np.allclose(together[0], values, rtol=1e-7, atol=1e-9):
        raise AcquisitionError(f"{name}.value_and_gradient gives other values than calling it does; or leave it out")


def _check_gradient(name: str, ready: Acquisition, posterior: Any, points: Array) -> None:
    what, advice = f"{name}.gradient", "or leave gradient out"
    gradient = np.asarray(_tried(what, lambda: ready.gradient(posterior, points.copy(), BEST), advice))
    if gradient.shape != points.shape:
        raise AcquisitionError(f"{what} returns shape {gradient.shape} for X {points.shape}, it must be the same")
    moves = 1e-5 * np.eye(points.shape[1])
    changes = [ready(posterior, points + e, BEST) - ready(posterior, points - e, BEST) for e in moves]
    expected = np.stack(changes, axis=-1) / 2e-5
    if not _close(gradient, expected):
        if not any(getattr(type(ready), own) is not getattr(Acquisition, own) for own in SLOPES):
            raise _jump(what.removesuffix(".gradient"), f"x = {points[np.abs(gradient - expected).max(1).argmax()]}")
        turned = ": its sign is turned" if _close(-gradient, expected) else ""
        raise AcquisitionError(f"{what} is off by up to {np.abs(gradient - expected).max():.3g}{turned}; {advice}")


def _jump(what: str, where: str) -> AcquisitionError:
    """Slopes by differences of two sizes do not agree, and nobody wrote a slope."""
    return AcquisitionError(
        f"{what} jumps or is ragged at {where}: its slopes by small steps of two sizes do not agree, and the search "
        "climbs by slopes; let the pieces of a condition meet, and round nothing"
    )


def _small_model(columns: int) -> Any:
    """A Gaussian process on six points, for acquisitions that need more than mean and std."""
    from gp import RBF, GaussianProcess

    X = np.random.default_rng(1).random((6, columns))
    return GaussianProcess(RBF(lengthscale=0.4), noise=1e-3).condition(X, np.sin(5 * X[:, 0]) - X[:, -1])
