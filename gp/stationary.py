"""What all kernels have in common that look at distance alone.

A stationary kernel is a function of r² alone, the squared distance in units of the
lengthscale: r² = Σᵢ (xᵢ - x'ᵢ)² / ℓᵢ². A lengthscale that is a tuple has one entry for
each dimension (ARD). `profile` is that function, `slope` is c = -2 dk/d(r²); every gradient follows:

    ∂k/∂log ℓᵢ = c (xᵢ - x'ᵢ)² / ℓᵢ²        ∂k/∂xᵢ = -c (xᵢ - x'ᵢ) / ℓᵢ²
"""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass

import numpy as np

from .base import Kernel, Pullback, squared_distance
from .columns import fold, per_dimension
from .errors import DataError
from .parameters import Array, Value, positive


@dataclass(frozen=True)
class Stationary(Kernel):
    """A kernel that depends on r² only; a new one needs `profile`, and is faster with `slope`.

    >>> @dataclass(frozen=True)
    ... class Cauchy(Stationary):
    ...     def profile(self, r2):
    ...         return 1 / (1 + r2)
    >>> Cauchy(lengthscale=2.0)(np.array([[0.0]]), np.array([[2.0]]))
    array([[0.5]])
    """

    lengthscale: Value = positive(1.0)

    @abstractmethod
    def profile(self, r2: Array) -> Array:
        """k as a function of r², for an array of any shape; r² is finite."""

    def slope(self, r2: Array) -> Array:
        """c = -2 dk/d(r²), in a new array; by differences where a kernel has nothing better."""
        step = 1e-6 * (1 + r2)
        ahead, behind = r2 + step, np.maximum(r2 - step, 0)
        return -2 * (self.profile(ahead) - self.profile(behind)) / (ahead - behind)

    def shape_gradient(self, r2: Array) -> Array:
        """dk/dlog of each learned parameter after the lengthscale, (..., q); by differences unless overridden."""
        theta, step = self.theta, 1e-5
        moves = np.eye(len(theta))[self._lengthscales :] * step
        moved = [self.with_theta(theta + m).profile(r2) - self.with_theta(theta - m).profile(r2) for m in moves]
        return np.stack(moved, axis=-1) / (2 * step) if moved else np.empty((*r2.shape, 0))

    @property
    def _lengthscales(self) -> int:
        return len(self.lengthscale) if isinstance(self.lengthscale, tuple) else 1

    def _scaled(self, x: Array) -> Array:
        lengthscale = per_dimension(self, self.lengthscale, x.shape[-1])
        with np.errstate(over="ignore"):
            scaled = x / lengthscale
        if not np.isfinite(scaled).all():
            raise DataError(f"inputs up to {np.abs(x).max():.3g} overflow in units of the lengthscale of {self!r}")
        return scaled

    def __call__(self, x1: Array, x2: Array) -> Array:
        return self.profile(squared_distance(self._scaled(x1), self._scaled(x2)))

    def diagonal(self, x: Array) -> Array:
        return self.profile(np.zeros(len(x)))

    def value_and_pullback(self, x: Array) -> tuple[Array, Pullback]:
        scaled = self._scaled(x)
        r2 = squared_distance(scaled, scaled)

        def pullback(W: Array) -> Array:
            by_lengthscale = self._pull_lengthscale(W, scaled, r2)
            if len(self._own()) == 1:
                return by_lengthscale
            return np.append(by_lengthscale, np.einsum("ij,ijq->q", W, self.shape_gradient(r2)))

        return self.profile(r2), pullback

    def _pull_lengthscale(self, W: Array, scaled: Array, r2: Array) -> Array:
        """Σᵢⱼ Wᵢⱼ ∂kᵢⱼ/∂log ℓ: with M = W c, the sum of M (zᵢ - zⱼ)² is found without an array of differences."""
        M = self.slope(r2)
        M *= W
        if not isinstance(self.lengthscale, tuple):
            return np.array([np.vdot(M, r2)])
        # The diagonal has distance 0; left in, it would only bring rounding errors.
        np.fill_diagonal(M, 0.0)
        z = np.clip(scaled - scaled[:1], -1e100, 1e100)  # only differences count, so keep the numbers small
        return (M.sum(axis=0) + M.sum(axis=1)) @ z**2 - 2 * np.einsum("ij,ij->j", z, M @ z)

    def gradient(self, x: Array) -> Array:
        scaled = self._scaled(x)
        r2 = squared_distance(scaled, scaled)
        squares = np.clip(scaled[:, None] - scaled, -1e100, 1e100) ** 2
        by_lengthscale = fold(self.slope(r2)[..., None] * squares, self.lengthscale)
        return np.concatenate([by_lengthscale, self.shape_gradient(r2)], axis=-1)

    def input_gradient(self, x: Array, z: Array) -> Array:
        points, others = self._scaled(np.atleast_2d(x)), self._scaled(z)
        c = self.slope(squared_distance(points, others))
        result = c[..., None] * ((others - points[:, None]) / self.lengthscale)
        return result[0] if x.ndim == 1 else result

    def diagonal_gradient(self, x: Array) -> Array:
        return np.zeros(x.shape)

    def mixing(self, count: int, rng: np.random.Generator) -> Array | None:
        """Draw s (count,) such that the profile is E exp(-s r²/2), a mixture of RBFs; None where it is not known."""
        return None

    def frequencies(self, count: int, d: int, rng: np.random.Generator) -> tuple[Array, float] | None:
        scales = self.mixing(count, rng)
        if scales is None:
            return None
        return np.sqrt(scales)[:, None] * rng.standard_normal((count, d)) / self.lengthscale, 1.0


def matern_mixing(nu: float, count: int, rng: np.random.Generator) -> Array:
    """Scales of the RBF kernels that a Matérn kernel is a mixture of: 2ν / χ²(2ν), as in Student's t distribution."""
    return 2 * nu / rng.chisquare(2 * nu, count)
