"""A Matérn kernel that is a product over the dimensions: each parameter speaks for itself.

t (n1, n2)   √5 |xᵢ - x'ᵢ| / ℓᵢ along one dimension i, where the kernel is f = (1 + t + t²/3) exp(-t)
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from scipy.spatial.distance import pdist, squareform

from .base import Kernel, Pullback
from .columns import check_columns, fold, per_dimension
from .kernels import SQRT5
from .parameters import Array, Value, positive
from .stationary import matern_mixing

FAR_T = 1e100  # a slope needs no larger t, and their squares must not overflow
BLOCK = 2**13  # numbers that fit into the processor's nearest cache
TABLE = 2**10  # the same where rows meet rows: an array of several such tables is walked through in small steps
REMEMBERED = 2**21  # d n²: the distances between so many points, half of it, are kept and take 8 MB
FAR_TOTAL = 700.0  # the kernel is 0 beyond, and up to there nothing overflows

quiet = np.errstate(over="ignore", invalid="ignore")  # a distance may be infinite: the kernel is 0 there


@dataclass(frozen=True)
class SeparableMatern52(Kernel):
    """A Matérn 5/2 kernel along each dimension, multiplied.

        k = Πᵢ (1 + tᵢ + tᵢ²/3) exp(-tᵢ),   tᵢ = √5 |xᵢ - x'ᵢ| / ℓᵢ

    Matern52 looks at the straight distance of two points and knows no axes once they are scaled. This
    one does: it suits parameters that each do something of their own (Roustant, Ginsbourger & Deville
    2012, section 2.3). In one dimension both are the same.

    >>> SeparableMatern52(lengthscale=(1.0, 4.0))(np.array([[0.0, 0.0]]), np.array([[1.0, 0.0]])).round(4)
    array([[0.524]])
    """

    lengthscale: Value = positive(1.0)

    def __call__(self, x1: Array, x2: Array) -> Array:
        check_columns(x1, x2)
        rates, left, right = self._rates(x1), x1.T[:, :, None], x2.T[:, None, :]

        def t(i: slice) -> Array:
            t = left[i] - right[i]
            np.abs(t, out=t)
            t *= rates[i, None, None]
            return t

        return _product((len(x1), len(x2)), _blocks(len(rates), len(x1) * len(x2), t, TABLE))

    def diagonal(self, x: Array) -> Array:
        return np.ones(len(x))

    # A fit comes here a hundred times. K is symmetric with 1 on its diagonal: only the triangle above it is computed.
    def value_and_pullback(self, x: Array) -> tuple[Array, Pullback]:
        rates, n, size = self._rates(x), len(x), len(x) * (len(x) - 1) // 2

        def blocks() -> Iterator[Array]:
            return _blocks(len(rates), size, lambda i: gaps(x, i) * rates[i, None])

        triangle = _product((size,), blocks())
        K = squareform(triangle, checks=False) if size else np.empty((n, n))
        K.ravel()[:: n + 1] = 1.0

        @quiet
        def pullback(W: Array) -> Array:
            M = triangle * squareform(W + W.T, checks=False) if size else triangle
            return fold(np.concatenate([_log_slope(t) @ M for t in blocks()]), self.lengthscale)

        return K, pullback

    @quiet
    def gradient(self, x: Array) -> Array:
        t = np.abs(x[:, None] - x) * self._rates(x)
        return fold(self(x, x)[..., None] * _log_slope(t), self.lengthscale)

    @quiet
    def input_gradient(self, x: Array, z: Array) -> Array:
        points, rates = np.atleast_2d(x), self._rates(x)
        check_columns(points, z)
        difference = points[:, None] - z
        t = np.minimum(np.abs(difference) * rates, FAR_T)
        # f' / f = -t (1 + t) / (3 + 3 t + t²)
        below = t + 3
        below *= t
        below += 3
        t *= t + 1
        t /= below
        result = np.copysign(t, -difference) * rates
        result *= self(points, z)[..., None]
        return result[0] if x.ndim == 1 else result

    def diagonal_gradient(self, x: Array) -> Array:
        return np.zeros(x.shape)

    def frequencies(self, count: int, d: int, rng: np.random.Generator) -> tuple[Array, float]:
        scales = matern_mixing(2.5, count * d, rng).reshape(count, d)
        return np.sqrt(scales) * rng.standard_normal((count, d)) / self.lengthscale, 1.0

    def _rates(self, x: Array) -> Array:
        """√5 / ℓ of each column, (d,)."""
        return SQRT5 / per_dimension(self, self.lengthscale, x.shape[-1])


def gaps(x: Array, columns: slice) -> Array:
    """|xᵢ - xⱼ| along each of some columns, for all pairs of rows i < j: (b, n (n-1) / 2)."""
    n, d = x.shape
    if d * n * n <= REMEMBERED:
        return _remembered_gaps(np.asarray(x, dtype=float).tobytes(), n, d)[columns]
    return _gaps(x.T[columns])


@lru_cache(maxsize=4)
def _remembered_gaps(rows: bytes, n: int, d: int) -> Array:
    """All gaps at once: the same hundred times in a fit, which moves the lengthscales only."""
    result = _gaps(np.frombuffer(rows).reshape(n, d).T)
    result.setflags(write=False)
    return result


def _gaps(columns: Array) -> Array:
    b, n = columns.shape
    return np.array([pdist(column[:, None], "cityblock") for column in columns]).reshape(b, n * (n - 1) // 2)


def _blocks(d: int, size: int, distances: Callable[[slice], Array], most: int = BLOCK) -> Iterator[Array]:
    """t of a few dimensions at a time, (b, ...): many where there are few points, but not above so many numbers."""
    few = max(1, most // max(1, size))
    return (distances(slice(first, first + few)) for first in range(0, d, few))


@quiet
def _product(shape: tuple[int, ...], blocks: Iterable[Array]) -> Array:
    """Πᵢ (1 + tᵢ + tᵢ²/3) exp(-tᵢ), with one exponential for all: exp(-Σ tᵢ)."""
    product, total = np.ones(shape), np.zeros(shape)
    for t in blocks:
        factor = t / 3
        factor += 1
        factor *= t
        factor += 1
        total += t[0] if len(t) == 1 else t.sum(axis=0)
        product *= factor[0] if len(t) == 1 else factor.prod(axis=0)
    far = total > FAR_TOTAL
    np.negative(total, out=total)
    product *= np.exp(total, out=total)
    product[far] = 0.0
    return product


def _log_slope(t: Array) -> Array:
    """∂ log f / ∂ log ℓ = t² (1 + t) / (3 + 3 t + t²)."""
    t = np.minimum(t, FAR_T)
    below = t + 3
    below *= t
    below += 3
    above = t + 1
    above *= t
    above *= t
    above /= below
    return above
