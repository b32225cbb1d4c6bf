"""What is believed of a parameter before there are data: densities of a positive number."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from numbers import Real
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .errors import ParameterError
from .parameters import Array

LOG_ROOT_2PI = math.log(2 * math.pi) / 2


class Prior(ABC):
    """The density of a parameter; it is added to the log likelihood without a Jacobian."""

    @abstractmethod
    def log_density(self, value: Any) -> Array:
        """log p(value), of the shape of value."""

    @abstractmethod
    def log_slope(self, value: Any) -> Array:
        """d log p / d log value, of the shape of value."""

    @abstractmethod
    def sample(self, rng: np.random.Generator, size: int) -> Array:
        """Draw parameters, (size,): where the restarts of a fit begin."""


@dataclass(frozen=True)
class LogNormal(Prior):
    """The logarithm of the parameter is normal with mean mu and standard deviation sigma.

        log p(v) = -log v - log(σ √2π) - (log v - μ)² / (2σ²)

    >>> LogNormal(0.0, 1.0).log_density(1.0).round(4)
    np.float64(-0.9189)
    """

    mu: float
    sigma: float

    def __post_init__(self) -> None:
        if not all(isinstance(value, Real) for value in (self.mu, self.sigma)):
            raise TypeError(f"LogNormal: mu and sigma must be numbers, got mu={self.mu!r}, sigma={self.sigma!r}")
        if not (math.isfinite(self.mu) and math.isfinite(self.sigma) and self.sigma > 0):
            raise ParameterError(
                f"LogNormal: mu must be finite and sigma > 0, got mu={self.mu!r}, sigma={self.sigma!r}"
            )

    @property
    def mode(self) -> float:
        """The most probable value, exp(μ - σ²)."""
        return math.exp(self.mu - self.sigma**2)

    def log_density(self, value: Any) -> Array:
        return _log_normal_density(np.log(value), self.mu, self.sigma)

    def log_slope(self, value: Any) -> Array:
        return _log_normal_slope(np.log(value), self.mu, self.sigma)

    def sample(self, rng: np.random.Generator, size: int) -> Array:
        return np.exp(rng.normal(self.mu, self.sigma, size))


PriorEntries = list[tuple[Prior, NDArray[np.int_]]]  # priors, and which parameters each speaks of


def _log_normal_density(log_value: Array, mu: float | Array, sigma: float | Array) -> Array:
    z = (log_value - mu) / sigma
    return -log_value - np.log(sigma) - LOG_ROOT_2PI - z * z / 2


def _log_normal_slope(log_value: Array, mu: float | Array, sigma: float | Array) -> Array:
    return -1 - (log_value - mu) / (sigma * sigma)


@dataclass(frozen=True, eq=False)
class _LogNormals(Prior):
    """As many log-normal parameters, mu and sigma (q,): one long array is faster than several short ones."""

    mu: Array
    sigma: Array

    def log_density(self, value: Any) -> Array:
        return _log_normal_density(np.log(value), self.mu, self.sigma)

    def log_slope(self, value: Any) -> Array:
        return _log_normal_slope(np.log(value), self.mu, self.sigma)

    def sample(self, rng: np.random.Generator, size: int) -> Array:
        return np.exp(rng.normal(self.mu, self.sigma, size))


def join_log_normals(pairs: PriorEntries) -> PriorEntries:
    """The same priors of the same entries, with all that are LogNormal in one."""
    alike = [(prior, where) for prior, where in pairs if type(prior) is LogNormal]
    others = [(prior, where) for prior, where in pairs if type(prior) is not LogNormal]
    if not alike:
        return others
    counts = [len(where) for _, where in alike]
    mu, sigma = (np.repeat([getattr(prior, name) for prior, _ in alike], counts) for name in ("mu", "sigma"))
    return [(_LogNormals(mu, sigma), np.concatenate([where for _, where in alike])), *others]


def lengthscale_prior(dimensions: int) -> LogNormal:
    """The dimension-scaled prior LogNormal(√2 + ½ log d, √3) for inputs in the unit cube.

    Distances in a cube grow with √d, and so does what counts as far
    (Hvarfner, Hellsten & Nardi 2024, arXiv 2402.02229).

    >>> lengthscale_prior(4)
    LogNormal(mu=2.107..., sigma=1.732...)
    """
    return LogNormal(math.sqrt(2) + math.log(dimensions) / 2, math.sqrt(3))


NamedPriors = tuple[tuple[str, Prior], ...]


def checked_priors(parameters: Iterable[str], priors: Mapping[str, Prior] | NamedPriors | None) -> NamedPriors | None:
    """Return priors as pairs of a name and a density; each name is a parameter, its last part, or "noise"."""
    if priors is None:
        return None
    given: Any = priors.items() if isinstance(priors, Mapping) else priors
    pairs = tuple(given) if isinstance(given, Iterable) else ()
    if not isinstance(given, Iterable) or not all(isinstance(pair, tuple) and len(pair) == 2 for pair in pairs):
        raise TypeError(f'priors are a dict such as {{"lengthscale": LogNormal(0.0, 1.0)}}, got {priors!r}')
    names = set(parameters)
    known = {"noise"} | names | {name.rsplit(".")[-1] for name in names}
    for name, prior in pairs:
        if name not in known:
            raise ParameterError(f"priors: no parameter {name!r}; known: {', '.join(sorted(known))}")
        if not isinstance(prior, Prior):
            raise TypeError(f"priors[{name!r}] must be a prior such as LogNormal(0.0, 1.0), got {prior!r}")
    return pairs
