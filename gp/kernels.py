"""The classical kernels (Rasmussen & Williams 2006, chapter 4), each one formula.

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
from .errors import DataError
from .parameters import Array, Value, positive

SQRT5 = 5**0.5


@dataclass(frozen=True)
class Stationary(Kernel):
    """A kernel that depends on r² only; a new one needs `lengthscale` and `profile`, and is faster with `slope`."""

    lengthscale: Value

    @abstractmethod
    def profile(self, r2: Array) -> Array:
        """k as a function of r², for an array of any shape."""

    def slope(self, r2: Array) -> Array:
        """c = -2 dk/d(r²); by differences where a kernel has nothing better."""
        step = 1e-6 * (1 + r2)
        ahead, behind = r2 + step, np.maximum(r2 - step, 0)
        return -2 * (self.profile(ahead) - self.profile(behind)) / (ahead - behind)

    def _scaled(self, x: Array) -> Array:
        if isinstance(self.lengthscale, tuple) and len(self.lengthscale) != x.shape[-1]:
            raise DataError(f"{self!r} has {len(self.lengthscale)} lengthscales, the inputs have {x.shape[-1]} columns")
        with np.errstate(over="ignore"):
            scaled = x / self.lengthscale
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
        return self.profile(r2), lambda W: self._pull_lengthscale(W, scaled, r2)

    def _pull_lengthscale(self, W: Array, scaled: Array, r2: Array) -> Array:
        """Σᵢⱼ Wᵢⱼ ∂kᵢⱼ/∂log ℓ: with M = W c, the sum of M (zᵢ - zⱼ)² is found without an array of differences."""
        M = self.slope(r2)
        M *= W
        if not isinstance(self.lengthscale, tuple):
            return np.array([np.vdot(M, r2)])
        # The diagonal has distance 0; left in, it would only bring rounding errors.
        np.fill_diagonal(M, 0.0)
        z = np.clip(scaled - scaled.mean(axis=0), -1e100, 1e100)
        return (M.sum(axis=0) + M.sum(axis=1)) @ z**2 - 2 * np.einsum("ij,ij->j", z, M @ z)

    def gradient(self, x: Array) -> Array:
        difference = self._scaled(x)[:, None] - self._scaled(x)
        c = self.slope(squared_distance(self._scaled(x), self._scaled(x)))
        by_dimension = c[..., None] * np.clip(difference, -1e100, 1e100) ** 2
        return by_dimension if isinstance(self.lengthscale, tuple) else by_dimension.sum(axis=-1, keepdims=True)

    def input_gradient(self, x: Array, z: Array) -> Array:
        points, others = self._scaled(np.atleast_2d(x)), self._scaled(z)
        c = self.slope(squared_distance(points, others))
        result = c[..., None] * ((others - points[:, None]) / self.lengthscale)
        return result[0] if x.ndim == 1 else result

    def diagonal_gradient(self, x: Array) -> Array:
        return np.zeros(x.shape)


@dataclass(frozen=True)
class RBF(Stationary):
    """Squared exponential kernel: its functions are infinitely smooth.

        k = exp(-r²/2)          (Rasmussen & Williams 2006, eq. 4.9)

    >>> RBF(lengthscale=2.0)(np.array([[0.0]]), np.array([[2.0]])).round(4)
    array([[0.6065]])
    """

    lengthscale: Value = positive(1.0)

    def profile(self, r2: Array) -> Array:
        return np.exp(-0.5 * r2)

    def slope(self, r2: Array) -> Array:
        return np.exp(-0.5 * r2)


@dataclass(frozen=True)
class Matern52(Stationary):
    """Matérn kernel with ν = 5/2: its functions can be differentiated twice.

        k = (1 + t + t²/3) exp(-t),   t = √5 r          (Rasmussen & Williams 2006, eq. 4.17)

    >>> Matern52(lengthscale=(1.0, 4.0))(np.array([[0.0, 0.0]]), np.array([[1.0, 0.0]])).round(4)
    array([[0.524]])
    """

    lengthscale: Value = positive(1.0)

    def profile(self, r2: Array) -> Array:
        t = SQRT5 * np.sqrt(r2)
        decay = np.exp(-t)
        t *= 1 + t / 3
        t += 1
        t *= decay
        return t

    def slope(self, r2: Array) -> Array:
        t = SQRT5 * np.sqrt(r2)
        decay = np.exp(-t)
        t += 1
        t *= decay
        t *= 5 / 3
        return t
