"""The classical stationary kernels (Rasmussen & Williams 2006, chapter 4), each one formula in r², and its slope.

r²   Σᵢ (xᵢ - x'ᵢ)² / ℓᵢ², the squared distance in units of the lengthscale        slope   c = -2 dk/d(r²)
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import gammaln, kve

from .errors import ParameterError
from .parameters import Array, checked_positive, positive
from .stationary import Stationary as Stationary
from .stationary import matern_mixing

SQRT3, SQRT5 = 3**0.5, 5**0.5
LARGEST_NU = 100.0
SMALLEST_T = 1e-150  # a rough kernel, of a small nu, is far from 1 at 1e-10 still
LARGEST_T = 1e5  # every Matérn kernel is 0 there, and scipy knows no K of much larger t


@dataclass(frozen=True)
class RBF(Stationary):
    """Squared exponential kernel: its functions are infinitely smooth.

        k = exp(-r²/2)          (Rasmussen & Williams 2006, eq. 4.9)

    >>> RBF(lengthscale=2.0)(np.array([[0.0]]), np.array([[2.0]])).round(4)
    array([[0.6065]])
    """

    def profile(self, r2: Array) -> Array:
        return np.exp(-0.5 * r2)

    def slope(self, r2: Array) -> Array:
        return np.exp(-0.5 * r2)

    def mixing(self, count: int, rng: np.random.Generator) -> Array:
        return np.ones(count)


@dataclass(frozen=True)
class Matern12(Stationary):
    """Matérn kernel with ν = 1/2, the exponential kernel: its functions are continuous and rough everywhere.

        k = exp(-r)          (Rasmussen & Williams 2006, eq. 4.18)

    At r = 0 it has no gradient; 0 is given there.

    >>> Matern12(lengthscale=2.0)(np.array([[0.0]]), np.array([[2.0]])).round(4)
    array([[0.3679]])
    """

    def profile(self, r2: Array) -> Array:
        return np.exp(-np.sqrt(r2))

    def slope(self, r2: Array) -> Array:
        r = np.sqrt(r2)
        return np.divide(np.exp(-r), r, out=np.zeros_like(r), where=r > 0)

    def mixing(self, count: int, rng: np.random.Generator) -> Array:
        return matern_mixing(0.5, count, rng)


@dataclass(frozen=True)
class Matern32(Stationary):
    """Matérn kernel with ν = 3/2: its functions can be differentiated once.

        k = (1 + t) exp(-t),   t = √3 r          (Rasmussen & Williams 2006, eq. 4.17)

    >>> Matern32(lengthscale=2.0)(np.array([[0.0]]), np.array([[2.0]])).round(4)
    array([[0.4834]])
    """

    def profile(self, r2: Array) -> Array:
        t = SQRT3 * np.sqrt(r2)
        return (1 + t) * np.exp(-t)

    def slope(self, r2: Array) -> Array:
        return 3 * np.exp(-SQRT3 * np.sqrt(r2))

    def mixing(self, count: int, rng: np.random.Generator) -> Array:
        return matern_mixing(1.5, count, rng)


@dataclass(frozen=True)
class Matern52(Stationary):
    """Matérn kernel with ν = 5/2: its functions can be differentiated twice.

        k = (1 + t + t²/3) exp(-t),   t = √5 r          (Rasmussen & Williams 2006, eq. 4.17)

    >>> Matern52(lengthscale=(1.0, 4.0))(np.array([[0.0, 0.0]]), np.array([[1.0, 0.0]])).round(4)
    array([[0.524]])
    """

    # In place, because a fit comes here a hundred times and large arrays are slow to make.
    def profile(self, r2: Array) -> Array:
        t = np.sqrt(r2)
        t *= SQRT5
        decay = np.exp(-t)
        t *= 1 + t / 3
        t += 1
        t *= decay
        return t

    def slope(self, r2: Array) -> Array:
        t = np.sqrt(r2)
        t *= -SQRT5
        decay = np.exp(t)
        t -= 1
        t *= decay
        t *= -5 / 3
        return t

    def mixing(self, count: int, rng: np.random.Generator) -> Array:
        return matern_mixing(2.5, count, rng)


@dataclass(frozen=True)
class Matern(Stationary):
    """Matérn kernel of any smoothness ν > 0, a setting that is not learned; ν = ∞ would be RBF.

        k = 2^(1-ν) / Γ(ν) t^ν K_ν(t),   t = √(2ν) r          (Rasmussen & Williams 2006, eq. 4.14)

    K_ν is the modified Bessel function. For ν = 1/2, 3/2, 5/2 the classes of their own are faster.

    >>> Matern(nu=0.8)(np.array([[0.0]]), np.array([[0.7]])).round(4)
    array([[0.5732]])
    """

    nu: float = 2.5

    def __post_init__(self) -> None:
        super().__post_init__()
        object.__setattr__(self, "nu", checked_positive("Matern", "nu", self.nu))
        if isinstance(self.nu, tuple) or self.nu > LARGEST_NU:
            raise ParameterError(
                f"Matern: nu must be one number in (0, {LARGEST_NU:g}], got {self.nu!r}; beyond use RBF"
            )

    def _bessel(self, order: float, r2: Array, at_zero: float) -> Array:
        """2^(1-ν) / Γ(ν) t^order K_order(t).

        A tiny t would overflow K: there it is the limit at 0, times 1 + q / (1-order) (1 + q / 2(2-order)), q = t²/4.
        """
        t = np.minimum(np.sqrt(2 * self.nu * r2), LARGEST_T)
        K = kve(order, np.maximum(t, SMALLEST_T))
        tiny = (t <= SMALLEST_T) | np.isinf(K)
        safe = np.where(tiny, 1.0, t)
        log_factor = (1 - self.nu) * np.log(2) - gammaln(self.nu) + order * np.log(safe) - safe
        q = t**2 / 4
        # K of a small order overflows nowhere but at 0.
        near = at_zero * (1 + q / (1 - order) * (1 + q / (2 * (2 - order)))) if order > 5 else at_zero
        return np.where(tiny, near, np.exp(log_factor) * np.where(tiny, 0.0, K))

    def profile(self, r2: Array) -> Array:
        return self._bessel(self.nu, r2, 1.0)

    def slope(self, r2: Array) -> Array:
        at_zero = 0.5 / (self.nu - 1) if self.nu > 1 else 0.0
        return 2 * self.nu * self._bessel(self.nu - 1, r2, at_zero)

    def mixing(self, count: int, rng: np.random.Generator) -> Array:
        return matern_mixing(self.nu, count, rng)


@dataclass(frozen=True)
class RationalQuadratic(Stationary):
    """A mixture of RBF kernels of many lengthscales; a small alpha mixes widely, a large one is RBF again.

        k = B^(-α),   B = 1 + r² / (2α)          (Rasmussen & Williams 2006, eq. 4.19)

    >>> RationalQuadratic(lengthscale=2.0, alpha=1.0)(np.array([[0.0]]), np.array([[2.0]])).round(4)
    array([[0.6667]])
    """

    alpha: float = positive(1.0, single=True)

    def profile(self, r2: Array) -> Array:
        return np.exp(-self.alpha * np.log1p(r2 / (2 * self.alpha)))

    def slope(self, r2: Array) -> Array:
        return np.exp(-(self.alpha + 1) * np.log1p(r2 / (2 * self.alpha)))

    def shape_gradient(self, r2: Array) -> Array:
        """dk/dlog α = k (-α log B + r² / (2B))."""
        log_B = np.log1p(r2 / (2 * self.alpha))
        return (np.exp(-self.alpha * log_B) * (0.5 * r2 / np.exp(log_B) - self.alpha * log_B))[..., None]

    def mixing(self, count: int, rng: np.random.Generator) -> Array:
        return rng.gamma(self.alpha, 1 / self.alpha, count)
