"""What every acquisition can do: say of each point how much it deserves to be tried next.

    X (m, d)      candidate points           mean, std (m,)   the posterior at them
    best          value to beat, in the units of the posterior, where larger is better

An acquisition sees a posterior, anything with `predict(X) -> (mean, std)`, and is always maximised.
"""

from __future__ import annotations

import math
from abc import ABC
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol, Self

import numpy as np
from numpy.typing import NDArray

from gp.differences import slopes
from gp.errors import ParameterError

Array = NDArray[np.float64]
Projection = Callable[[Array], Array]


class Posterior(Protocol):
    """All that an acquisition needs of a model; `predict_gradient(x) -> (dmean, dstd)` is used where there is one."""

    def predict(self, X: Array, /) -> tuple[Array, Array]:
        """Return mean and standard deviation at X (m, d), (m,) each."""


@dataclass(frozen=True)
class Acquisition(ABC):  # noqa: B024 - a subclass chooses which of two methods to write
    """A score for candidate points; a new one writes `score`, or `__call__` where mean and std are not enough.

    >>> @dataclass(frozen=True)
    ... class Greedy(Acquisition):
    ...     def score(self, mean, std, best):
    ...         return mean - best
    >>> Greedy().score(np.array([1.5]), np.array([0.1]), best=1.0)
    array([0.5])
    """

    label: ClassVar[str] = ""

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        if cls.score is Acquisition.score and cls.__call__ is Acquisition.__call__:
            raise TypeError(
                f"{cls.__name__} must define score(self, mean, std, best), or __call__(self, posterior, X, best)"
            )

    def score(self, mean: Array, std: Array, best: float) -> Array:
        """Return the value of points with this mean and std, (m,); more is better."""
        raise TypeError(f"{type(self).__name__} has no score of mean and std; call it with a posterior")

    def partials(self, mean: Array, std: Array, best: float) -> tuple[Array, Array]:
        """Return the derivatives of score by mean and by std, (m,) each; by central differences unless overridden."""
        # A score changes on the scale of std, and a step must not drown in the digits of the mean.
        step = np.maximum(1e-5 * np.maximum(std, 1e-6), 1e-11 * np.abs(mean))
        higher, lower, wider, narrower = mean + step, mean - step, (1 + 1e-5) * std, (1 - 1e-5) * std
        with np.errstate(over="ignore", invalid="ignore"):
            by_mean = (self.score(higher, std, best) - self.score(lower, std, best)) / (higher - lower)
            change = self.score(mean, wider, best) - self.score(mean, narrower, best)
            return by_mean, change / np.where(wider > narrower, wider - narrower, 1.0)

    def __call__(self, posterior: Posterior, X: Array, best: float) -> Array:
        """Return the value of each row of X, (m,)."""
        return self.score(*posterior.predict(X), best)

    def gradient(self, posterior: Posterior, x: Array, best: float) -> Array:
        """Return the gradient of the value: (d,) at one point x (d,), (m, d) at x (m, d)."""
        points = np.atleast_2d(np.asarray(x, dtype=float))
        result = self.value_and_gradient(posterior, points, best)[1]
        return result[0] if np.ndim(x) == 1 else result

    def value_and_gradient(self, posterior: Posterior, X: Array, best: float) -> tuple[Array, Array]:
        """Return values (m,) and gradients (m, d), from one look at the posterior where it offers that."""
        if not hasattr(posterior, "predict_gradient") or type(self).__call__ is not Acquisition.__call__:
            return self(posterior, X, best), slopes(lambda points: self(posterior, points, best), X)
        mean, std, dmean, dstd = predict_with_gradient(posterior, X)
        by_mean, by_std = self.partials(mean, std, best)
        return self.score(mean, std, best), by_mean[:, None] * dmean + by_std[:, None] * dstd

    @property
    def needs_seconds(self) -> bool:
        """Whether `prepare` wants a model of how long evaluations take."""
        return False

    def follow(self, previous: Acquisition) -> Self:
        """Return the acquisition that goes on from the prepared one of the suggestion before; most have no memory."""
        return self

    def among(self, project: Projection | None, exclude: Array | None) -> Self:
        """Return the acquisition for a search among the legal points that `project` maps to, less those in `exclude`.

        Called before `prepare`; only those that search on their own need to know.
        """
        return self

    def prepare(
        self, posterior: Posterior, best: float, bounds: Array, *, seed: Any, seconds: Posterior | None = None
    ) -> Self:
        """Return the acquisition for this one suggestion, with all drawn that is drawn once; most need nothing.

        What is prepared already stays as it is, so that it can be recorded and then handed to `maximize`.
        """
        return self


def predict_with_gradient(posterior: Any, X: Array) -> tuple[Array, Array, Array, Array]:
    """Mean, std (m,) and their gradients (m, d), at once where the posterior offers that."""
    together = getattr(posterior, "predict_with_gradient", None)
    return together(X) if together else (*posterior.predict(X), *posterior.predict_gradient(X))


def checked_setting(owner: str, name: str, value: Any, low: float = 0.0) -> float:
    """Return a setting as a finite float >= low, or say what is allowed."""
    if isinstance(value, (bool, str, complex)) or np.ndim(value) != 0:
        raise TypeError(f"{owner}: {name} must be a number >= {low:g}, got {value!r}")
    try:
        number = float(value)
    except TypeError:
        raise TypeError(f"{owner}: {name} must be a number >= {low:g}, got {value!r}") from None
    except OverflowError:
        number = math.inf
    if not (math.isfinite(number) and number >= low):
        raise ParameterError(f"{owner}: {name} must be finite and >= {low:g}, got {number!r}")
    return number


def checked_count(owner: str, name: str, value: Any, low: int = 0) -> int:
    """Return a setting as a whole number >= low, or say what is allowed."""
    if not checked_setting(owner, name, value, low).is_integer():
        raise ParameterError(f"{owner}: {name} must be a whole number >= {low}, got {value!r}")
    return int(value)


def checked_acquisition(owner: str, value: Any) -> Acquisition:
    """Return an acquisition as it is; a name or a class is none."""
    if isinstance(value, type) and issubclass(value, Acquisition):
        raise TypeError(f"{owner}: {value.__name__} is a class; give an instance: {value.__name__}()")
    if not isinstance(value, Acquisition):
        raise TypeError(f"{owner}: expected an acquisition such as LogExpectedImprovement(), got {value!r}")
    return value


def checked_moments(mean: Array, std: Array, best: float) -> None:
    """Refuse a negative std or a best that is NaN: no formula has an answer to them."""
    if np.min(std, initial=0.0) < 0:
        raise ParameterError(f"std must be >= 0, got {np.min(std)}")
    if math.isnan(best):
        raise ParameterError("best must be a number, got NaN; leave failed observations out")
