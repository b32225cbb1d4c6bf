"""A Matérn kernel that is a product over the dimensions: each parameter speaks for itself.

t (n1, n2)   √5 |xᵢ - x'ᵢ| / ℓᵢ along one dimension i, where the kernel is f = (1 + t + t²/3) exp(-t)
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from scipy.spatial.distance import cdist, pdist, squareform

from .base import Kernel, Pullback
from .errors import DataError
from .kernels import SQRT5, matern_mixing
from .parameters import Array, Value, positive

FAR_T = 1e100  # a slope needs no larger t, and their squares must not overflow
BLOCK = 2**16  # numbers that fit into the processor's cache
FAR_TOTAL = 700.0  # the kernel is 0 beyond, and up to there nothing overflows


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
        left, right = self._scaled(x1), self._scaled(x2)
        pairs = _blocks(left.shape[1], len(left) * len(right), lambda i: cdist(left[:, i], right[:, i], "cityblock"))
        return _product((len(left), len(right)), pairs)

    def diagonal(self, x: Array) -> Array:
        return np.ones(len(x))

    # A fit comes here a hundred times. K is symmetric with 1 on its diagonal: only the triangle above it is computed.
    def value_and_pullback(self, x: Array) -> tuple[Array, Pullback]:
        scaled, size = self._scaled(x), len(x) * (len(x) - 1) // 2

        def pairs() -> Iterator[Array]:
            return _blocks(scaled.shape[1], size, lambda i: pdist(scaled[:, i], "cityblock"))

        triangle = _product((size,), pairs())
        K = squareform(triangle, checks=False) if size else np.ones((len(x), len(x)))
        np.fill_diagonal(K, 1.0)

        def pullback(W: Array) -> Array:
            M = triangle * squareform(W + W.T, checks=False) if size else triangle
            return self._by_parameter(np.concatenate([_log_slope(t) @ M for t in pairs()]))

        return K, pullback

    def gradient(self, x: Array) -> Array:
        scaled = self._scaled(x)
        t = np.abs(scaled[:, None] - scaled)
        return self._by_parameter(self(x, x)[..., None] * _log_slope(t))

    def input_gradient(self, x: Array, z: Array) -> Array:
        points = np.atleast_2d(x)
        difference = self._scaled(points)[:, None] - self._scaled(z)
        t = np.minimum(np.abs(difference), FAR_T)
        # f' / f = -t (1 + t) / (3 + 3 t + t²)
        slope = -np.sign(difference) * t * (1 + t) / (3 + 3 * t + t * t)
        result = self(points, z)[..., None] * slope * (SQRT5 / np.asarray(self.lengthscale))
        return result[0] if x.ndim == 1 else result

    def diagonal_gradient(self, x: Array) -> Array:
        return np.zeros(x.shape)

    def frequencies(self, count: int, d: int, rng: np.random.Generator) -> tuple[Array, float]:
        scales = matern_mixing(2.5, count * d, rng).reshape(count, d)
        return np.sqrt(scales) * rng.standard_normal((count, d)) / self.lengthscale, 1.0

    def _scaled(self, x: Array) -> Array:
        """√5 x / ℓ: distances along a column are then t."""
        if isinstance(self.lengthscale, tuple) and len(self.lengthscale) != x.shape[-1]:
            raise DataError(f"{self!r} has {len(self.lengthscale)} lengthscales, the inputs have {x.shape[-1]} columns")
        with np.errstate(over="ignore"):
            scaled = SQRT5 * x / self.lengthscale
        if not np.isfinite(scaled).all():
            raise DataError(f"inputs up to {np.abs(x).max():.3g} overflow in units of the lengthscale of {self!r}")
        return scaled

    def _by_parameter(self, by_dimension: Array) -> Array:
        """One lengthscale for all dimensions has the sum of their gradients."""
        return by_dimension if isinstance(self.lengthscale, tuple) else by_dimension.sum(axis=-1, keepdims=True)


def _blocks(d: int, size: int, distances: Callable[[slice], Array]) -> Iterator[Array]:
    """t of a few dimensions at a time, (b, ...): many where there are few points, and not more than BLOCK numbers."""
    few = max(1, BLOCK // max(1, size))
    for first in range(0, d, few):
        yield np.stack([distances(slice(i, i + 1)) for i in range(first, min(first + few, d))])


@np.errstate(over="ignore", invalid="ignore")
def _product(shape: tuple[int, ...], blocks: Iterable[Array]) -> Array:
    """Πᵢ (1 + tᵢ + tᵢ²/3) exp(-tᵢ), with one exponential for all: exp(-Σ tᵢ)."""
    product, total = np.ones(shape), np.zeros(shape)
    for t in blocks:
        total += t.sum(axis=0)
        factor = t / 3
        factor += 1
        factor *= t
        factor += 1
        product *= factor.prod(axis=0)
    product *= np.exp(-total)
    product[total > FAR_TOTAL] = 0.0
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
