"""Kernels made of kernels: k1 + k2, k1 * k2, 2.0 * k, k ** 2.

Sums, products and whole powers of covariance functions are covariance functions
(Rasmussen & Williams 2006, section 4.2.4), so any expression is a kernel again,
and prints as the algebra that makes it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .base import Kernel, Pullback
from .errors import ParameterError
from .parameters import Array, positive

Spectrum = tuple[Array, float] | None


def as_kernel(part: Kernel | float) -> Kernel:
    """Return a kernel as it is, a number as Constant(number)."""
    if isinstance(part, Kernel):
        return part
    if isinstance(part, (int, float, np.integer, np.floating)) and not isinstance(part, bool):
        return Constant(float(part))
    raise TypeError(f"a kernel can be combined with a kernel or a number, got {part!r}")


@dataclass(frozen=True)
class Constant(Kernel):
    """The same covariance everywhere: k = value. As a factor it is the amplitude σ_f² of a kernel.

    >>> Constant(2.0)(np.zeros((1, 1)), np.ones((2, 1)))
    array([[2., 2.]])
    """

    value: float = positive(1.0, (1e-10, 1e10), single=True)  # a variance: the square of what lies in 1e-5 to 1e5

    def __call__(self, x1: Array, x2: Array) -> Array:
        return self._spread(len(x1), len(x2))

    def diagonal(self, x: Array) -> Array:
        return self._spread(len(x))

    def gradient(self, x: Array) -> Array:
        return self._spread(len(x), len(x), 1)

    def _spread(self, *shape: int) -> Array:
        """One number in every place of an array without memory: np.broadcast_to in a tenth of its time."""
        array = np.ndarray(shape, buffer=np.array(self.value), strides=(0,) * len(shape))
        array.setflags(write=False)
        return array

    def value_and_pullback(self, x: Array) -> tuple[Array, Pullback]:
        return self(x, x), lambda W: np.array([self.value * W.sum()])

    def input_gradient(self, x: Array, z: Array) -> Array:
        return np.zeros((*x.shape[:-1], *z.shape))

    def diagonal_gradient(self, x: Array) -> Array:
        return np.zeros(x.shape)

    def frequencies(self, count: int, d: int, rng: np.random.Generator) -> Spectrum:
        return np.zeros((count, d)), self.value


@dataclass(frozen=True, repr=False)
class Pair(Kernel):
    """Two kernels and a sign between them."""

    left: Kernel
    right: Kernel

    def __post_init__(self) -> None:
        object.__setattr__(self, "left", as_kernel(self.left))
        object.__setattr__(self, "right", as_kernel(self.right))


@dataclass(frozen=True, repr=False)
class Sum(Pair):
    """k = k1 + k2: a function of the one kind plus a function of the other.

    >>> from gp import RBF
    >>> RBF(lengthscale=2.0) + 0.5
    RBF(lengthscale=2.0) + 0.5
    """

    def __call__(self, x1: Array, x2: Array) -> Array:
        return self.left(x1, x2) + self.right(x1, x2)

    def diagonal(self, x: Array) -> Array:
        return self.left.diagonal(x) + self.right.diagonal(x)

    def gradient(self, x: Array) -> Array:
        return np.concatenate([self.left.gradient(x), self.right.gradient(x)], axis=-1)

    def value_and_pullback(self, x: Array) -> tuple[Array, Pullback]:
        left, pull_left = self.left.value_and_pullback(x)
        right, pull_right = self.right.value_and_pullback(x)
        return left + right, lambda W: np.concatenate([pull_left(W), pull_right(W)])

    def input_gradient(self, x: Array, z: Array) -> Array:
        return self.left.input_gradient(x, z) + self.right.input_gradient(x, z)

    def diagonal_gradient(self, x: Array) -> Array:
        return self.left.diagonal_gradient(x) + self.right.diagonal_gradient(x)

    def frequencies(self, count: int, d: int, rng: np.random.Generator) -> Spectrum:
        left, right = self.left.frequencies(count, d, rng), self.right.frequencies(count, d, rng)
        if left is None or right is None:
            return None
        variance = left[1] + right[1]
        from_left = rng.random((count, 1)) < left[1] / variance
        return np.where(from_left, left[0], right[0]), variance

    def __repr__(self) -> str:
        right = f"({self.right!r})" if isinstance(self.right, Sum) else _term(self.right)
        return f"{_term(self.left, number=not isinstance(self.right, Constant))} + {right}"


@dataclass(frozen=True, repr=False)
class Product(Pair):
    """k = k1 k2: alike only where both kernels find the points alike.

    >>> from gp import RBF
    >>> 2.0 * RBF(lengthscale=2.0)
    2.0 * RBF(lengthscale=2.0)
    """

    def __call__(self, x1: Array, x2: Array) -> Array:
        return self.left(x1, x2) * self.right(x1, x2)

    def diagonal(self, x: Array) -> Array:
        return self.left.diagonal(x) * self.right.diagonal(x)

    def gradient(self, x: Array) -> Array:
        by_left = self.left.gradient(x) * self.right(x, x)[..., None]
        by_right = self.left(x, x)[..., None] * self.right.gradient(x)
        return np.concatenate([by_left, by_right], axis=-1)

    def value_and_pullback(self, x: Array) -> tuple[Array, Pullback]:
        right, pull_right = self.right.value_and_pullback(x)
        if isinstance(self.left, Constant):
            return self._scaled(self.left.value, right, pull_right)
        left, pull_left = self.left.value_and_pullback(x)
        return left * right, lambda W: np.concatenate([pull_left(W * right), pull_right(W * left)])

    def _scaled(self, amplitude: float, right: Array, pull_right: Pullback) -> tuple[Array, Pullback]:
        """A number times a kernel, the most common product, needs no arrays full of that number."""

        def pullback(W: Array) -> Array:
            return np.concatenate([[amplitude * np.vdot(W, right)], amplitude * pull_right(W)])

        return amplitude * right, pullback

    def input_gradient(self, x: Array, z: Array) -> Array:
        if isinstance(self.left, Constant):
            return self.left.value * self.right.input_gradient(x, z)
        points = np.atleast_2d(x)
        by_left = self.left.input_gradient(points, z) * self.right(points, z)[..., None]
        result = by_left + self.left(points, z)[..., None] * self.right.input_gradient(points, z)
        return result[0] if x.ndim == 1 else result

    def diagonal_gradient(self, x: Array) -> Array:
        by_left = self.left.diagonal_gradient(x) * self.right.diagonal(x)[:, None]
        return by_left + self.left.diagonal(x)[:, None] * self.right.diagonal_gradient(x)

    def frequencies(self, count: int, d: int, rng: np.random.Generator) -> Spectrum:
        left, right = self.left.frequencies(count, d, rng), self.right.frequencies(count, d, rng)
        # cos a cos b is the mean of cos (a + b) and cos (a - b), and both signs of b are equally probable
        return None if left is None or right is None else (left[0] + right[0], left[1] * right[1])

    def __repr__(self) -> str:
        right = f"({self.right!r})" if isinstance(self.right, Pair) else _factor(self.right)
        return f"{_factor(self.left, number=not isinstance(self.right, Constant))} * {right}"


@dataclass(frozen=True, repr=False)
class Power(Kernel):
    """k = k1 ** exponent, with a whole exponent >= 1 (other powers need not be covariance functions).

    >>> from gp import RBF
    >>> RBF() ** 2
    RBF(lengthscale=1.0) ** 2
    """

    kernel: Kernel
    exponent: int

    def __post_init__(self) -> None:
        message = f"Power: exponent must be a whole number >= 1, got {self.exponent!r}"
        if not isinstance(self.exponent, (int, float, np.integer, np.floating)):
            raise TypeError(message)
        if isinstance(self.exponent, bool) or not float(self.exponent).is_integer() or self.exponent < 1:
            raise ParameterError(message)
        object.__setattr__(self, "exponent", int(self.exponent))

    def __call__(self, x1: Array, x2: Array) -> Array:
        return self.kernel(x1, x2) ** self.exponent

    def diagonal(self, x: Array) -> Array:
        return self.kernel.diagonal(x) ** self.exponent

    def _outer_slope(self, K: Array) -> Array:
        return self.exponent * K ** (self.exponent - 1)

    def gradient(self, x: Array) -> Array:
        return self._outer_slope(self.kernel(x, x))[..., None] * self.kernel.gradient(x)

    def value_and_pullback(self, x: Array) -> tuple[Array, Pullback]:
        K, pull = self.kernel.value_and_pullback(x)
        return K**self.exponent, lambda W: pull(W * self._outer_slope(K))

    def input_gradient(self, x: Array, z: Array) -> Array:
        points = np.atleast_2d(x)
        result = self._outer_slope(self.kernel(points, z))[..., None] * self.kernel.input_gradient(points, z)
        return result[0] if x.ndim == 1 else result

    def diagonal_gradient(self, x: Array) -> Array:
        return self._outer_slope(self.kernel.diagonal(x))[:, None] * self.kernel.diagonal_gradient(x)

    def frequencies(self, count: int, d: int, rng: np.random.Generator) -> Spectrum:
        drawn = [self.kernel.frequencies(count, d, rng) for _ in range(self.exponent)]
        known = [each for each in drawn if each is not None]
        if len(known) < len(drawn):
            return None
        return np.sum([frequencies for frequencies, _ in known], axis=0), known[0][1] ** self.exponent

    def __repr__(self) -> str:
        base = f"({self.kernel!r})" if isinstance(self.kernel, (Pair, Power)) else repr(self.kernel)
        return f"{base} ** {self.exponent}"


def _term(kernel: Kernel, number: bool = True) -> str:
    return repr(kernel.value) if number and isinstance(kernel, Constant) else repr(kernel)


def _factor(kernel: Kernel, number: bool = True) -> str:
    return f"({kernel!r})" if isinstance(kernel, Sum) else _term(kernel, number)
