"""What is believed of a parameter before there are data: densities of a positive number."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from .errors import ParameterError
from .parameters import Array


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
        if not (math.isfinite(self.mu) and math.isfinite(self.sigma) and self.sigma > 0):
            raise ParameterError(
                f"LogNormal: mu must be finite and sigma > 0, got mu={self.mu!r}, sigma={self.sigma!r}"
            )

    @property
    def mode(self) -> float:
        """The most probable value, exp(μ - σ²)."""
        return math.exp(self.mu - self.sigma**2)

    def log_density(self, value: Any) -> Array:
        log_value = np.log(value)
        z = (log_value - self.mu) / self.sigma
        return -log_value - math.log(self.sigma * math.sqrt(2 * math.pi)) - z * z / 2

    def log_slope(self, value: Any) -> Array:
        return -1 - (np.log(value) - self.mu) / self.sigma**2

    def sample(self, rng: np.random.Generator, size: int) -> Array:
        return np.exp(rng.normal(self.mu, self.sigma, size))


def lengthscale_prior(dimensions: int) -> LogNormal:
    """The dimension-scaled prior LogNormal(√2 + ½ log d, √3) for inputs in the unit cube.

    Distances in a cube grow with √d, and so does what counts as far
    (Hvarfner, Hellsten & Nardi 2024, arXiv 2402.02229).
    """
    return LogNormal(math.sqrt(2) + math.log(dimensions) / 2, math.sqrt(3))


NamedPriors = tuple[tuple[str, Prior], ...]


def checked_priors(parameters: Iterable[str], priors: Mapping[str, Prior] | NamedPriors | None) -> NamedPriors | None:
    """Return priors as pairs of a name and a density; each name is a parameter, its last part, or "noise"."""
    if priors is None:
        return None
    pairs = tuple(priors.items()) if isinstance(priors, Mapping) else tuple(priors)
    names = set(parameters)
    known = {"noise"} | names | {name.rsplit(".")[-1] for name in names}
    for name, prior in pairs:
        if name not in known:
            raise ParameterError(f"priors: no parameter {name!r}; known: {', '.join(sorted(known))}")
        if not isinstance(prior, Prior):
            raise TypeError(f"priors[{name!r}] must be a prior such as LogNormal(0.0, 1.0), got {prior!r}")
    return pairs
