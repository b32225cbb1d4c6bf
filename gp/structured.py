"""Kernels with a structure of their own: repetition, straight lines, and plain equality.

Derivatives are with respect to the logarithms of the parameters; a lengthscale or period
that is a tuple has one entry for each dimension.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.spatial.distance import cdist

from .base import Kernel, Pullback
from .columns import check_columns, fold, per_dimension
from .errors import DataError
from .parameters import Array, Value, positive

MOST_TURNS = 1e18  # of a Poisson variable's mean: more cannot be drawn
UNRELATED = 1e6  # a frequency: cosines of it at two categories, 1 apart or so, are as good as drawn anew
SHORTEST = 1e-100  # a shorter lengthscale of Periodic counts as this one, of which the square is still a number


@dataclass(frozen=True)
class Periodic(Kernel):
    """Functions that repeat themselves exactly, in every dimension with its own period.

        k = exp(-2 Σᵢ sin²(π (xᵢ - x'ᵢ) / pᵢ) / ℓᵢ²)          (Rasmussen & Williams 2006, eq. 4.31)

    It is a product over dimensions. The sine of the distance |x - x'| instead, as one finds it
    elsewhere, is no covariance function in two dimensions or more.

    >>> Periodic(period=0.5)(np.array([[0.1]]), np.array([[0.6]])).round(4)
    array([[1.]])
    """

    lengthscale: Value = positive(1.0)
    period: Value = positive(1.0)

    def _angles(self, x1: Array, x2: Array) -> tuple[Array, Array, Array]:
        """π (x - x') / p for every pair and dimension (n1, n2, d), then ℓ and p (d,)."""
        check_columns(x1, x2)
        lengthscale = np.maximum(per_dimension(self, self.lengthscale, x1.shape[1]), SHORTEST)
        period = per_dimension(self, self.period, x1.shape[1], "period")
        with np.errstate(over="ignore"):
            turns = x1 / period, x2 / period
        if not all(np.isfinite(t).all() for t in turns):
            raise DataError(f"inputs overflow in units of the period of {self!r}")
        # Whole periods are taken off each coordinate first: sin of a huge number has no digits left.
        first, second = (np.mod(t, 1.0) for t in turns)
        return np.pi * (first[:, None] - second), lengthscale, period

    def __call__(self, x1: Array, x2: Array) -> Array:
        angle, lengthscale, _ = self._angles(x1, x2)
        return np.exp(-2 * ((np.sin(angle) / lengthscale) ** 2).sum(axis=-1))

    def diagonal(self, x: Array) -> Array:
        return np.ones(len(x))

    def gradient(self, x: Array) -> Array:
        """∂k/∂log ℓᵢ = 4k sin² / ℓᵢ²,   ∂k/∂log pᵢ = 2π k d / (pᵢ ℓᵢ²) sin(2π d / pᵢ), d = xᵢ - x'ᵢ."""
        angle, lengthscale, period = self._angles(x, x)
        k = self(x, x)[..., None]
        turns = np.pi * (x[:, None] - x) / period
        by_lengthscale = 4 * k * (np.sin(angle) / lengthscale) ** 2
        by_period = 2 * k * turns / lengthscale**2 * np.sin(2 * angle)
        return np.concatenate([fold(by_lengthscale, self.lengthscale), fold(by_period, self.period)], axis=-1)

    def input_gradient(self, x: Array, z: Array) -> Array:
        points = np.atleast_2d(x)
        angle, lengthscale, period = self._angles(points, z)
        result = -2 * np.pi / (period * lengthscale**2) * self(points, z)[..., None] * np.sin(2 * angle)
        return result[0] if x.ndim == 1 else result

    def diagonal_gradient(self, x: Array) -> Array:
        return np.zeros(x.shape)

    def frequencies(self, count: int, d: int, rng: np.random.Generator) -> tuple[Array, float]:
        """Whole multiples n of 2π / p, with probabilities I_n(1/ℓ²) exp(-1/ℓ²): the Fourier series of the kernel.

        The difference of two Poisson variables of mean 1 / 2ℓ² has just these (Skellam 1946).
        """
        rate = np.minimum(0.5 / np.maximum(per_dimension(self, self.lengthscale, d), SHORTEST) ** 2, MOST_TURNS)
        multiples = rng.poisson(rate, (count, d)) - rng.poisson(rate, (count, d))
        return 2 * np.pi * multiples / per_dimension(self, self.period, d, "period"), 1.0


@dataclass(frozen=True)
class Linear(Kernel):
    """Straight lines, or planes, with an unknown offset: Bayesian linear regression as a kernel.

        k = offset² + x · x'          (Rasmussen & Williams 2006, section 4.2.2)

    >>> Linear(offset=2.0)(np.array([[1.0]]), np.array([[3.0]]))
    array([[7.]])
    """

    offset: float = positive(1.0, single=True)

    def __call__(self, x1: Array, x2: Array) -> Array:
        check_columns(x1, x2)
        return self.offset**2 + x1 @ x2.T

    def diagonal(self, x: Array) -> Array:
        return self.offset**2 + np.einsum("ij,ij->i", x, x)

    def gradient(self, x: Array) -> Array:
        return np.full((len(x), len(x), 1), 2 * self.offset**2)

    def value_and_pullback(self, x: Array) -> tuple[Array, Pullback]:
        return self(x, x), lambda W: np.array([2 * self.offset**2 * W.sum()])

    def input_gradient(self, x: Array, z: Array) -> Array:
        return np.broadcast_to(z, (*x.shape[:-1], *z.shape)).copy()

    def diagonal_gradient(self, x: Array) -> Array:
        return 2 * x


@dataclass(frozen=True)
class White(Kernel):
    """Noise as part of the function: rows that are equal share it, any others have nothing in common.

        k = noise where x = x', else 0

    >>> White(noise=0.5)(np.array([[0.0], [1.0]]), np.array([[1.0]]))
    array([[0. ],
           [0.5]])
    """

    noise: float = positive(1.0, single=True)

    def __call__(self, x1: Array, x2: Array) -> Array:
        check_columns(x1, x2)
        return np.where(cdist(x1, x2, "chebyshev") == 0, self.noise, 0.0)

    def diagonal(self, x: Array) -> Array:
        return np.full(len(x), self.noise)

    def gradient(self, x: Array) -> Array:
        return self(x, x)[..., None]

    def value_and_pullback(self, x: Array) -> tuple[Array, Pullback]:
        K = self(x, x)
        return K, lambda W: np.array([np.vdot(W, K)])

    def input_gradient(self, x: Array, z: Array) -> Array:
        return np.zeros((*x.shape[:-1], *z.shape))

    def diagonal_gradient(self, x: Array) -> Array:
        return np.zeros(x.shape)


@dataclass(frozen=True)
class Hamming(Kernel):
    """For categories: what counts is in how many columns two rows differ, not by how much.

        k = exp(-Σᵢ [xᵢ ≠ x'ᵢ] / ℓᵢ)

    One factor for each column, and each is a covariance function: 1 on the diagonal, the same
    number everywhere else.

    >>> Hamming(lengthscale=1.0)(np.array([[0.0, 1.0]]), np.array([[0.0, 2.0]])).round(4)
    array([[0.3679]])
    """

    lengthscale: Value = positive(1.0)

    def _differs(self, x1: Array, x2: Array) -> tuple[Array, Array]:
        """Whether each pair differs in each column (n1, n2, d), and ℓ (d,)."""
        check_columns(x1, x2)
        lengthscale = per_dimension(self, self.lengthscale, x1.shape[1])
        return (x1[:, None] != x2).astype(float), lengthscale

    def __call__(self, x1: Array, x2: Array) -> Array:
        differs, lengthscale = self._differs(x1, x2)
        return np.exp(-(differs @ (1 / lengthscale)))

    def diagonal(self, x: Array) -> Array:
        return np.ones(len(x))

    def gradient(self, x: Array) -> Array:
        differs, lengthscale = self._differs(x, x)
        return fold(self(x, x)[..., None] * differs / lengthscale, self.lengthscale)

    def input_gradient(self, x: Array, z: Array) -> Array:
        return np.zeros((*x.shape[:-1], *z.shape))

    def diagonal_gradient(self, x: Array) -> Array:
        return np.zeros(x.shape)

    def frequencies(self, count: int, d: int, rng: np.random.Generator) -> tuple[Array, float]:
        """In each column 0 with probability exp(-1/ℓ), else so large that two categories have nothing in common."""
        level = np.exp(-1 / per_dimension(self, self.lengthscale, d))
        return np.where(rng.random((count, d)) < level, 0.0, rng.normal(0.0, UNRELATED, (count, d))), 1.0
