"""Kernels made of kernels: k1 + k2, k1 * k2, 2.0 * k, k ** 2, k.on([0, 2]), k.fixed("period"), k.bounded(...).

Sums, products and whole powers of covariance functions are covariance functions
(Rasmussen & Williams 2006, section 4.2.4), so any expression is a kernel again,
and prints as the algebra that makes it.
"""

from __future__ import annotations

import math
import operator
from abc import abstractmethod
from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np

from .base import Kernel, Pullback
from .errors import DataError, ParameterError
from .parameters import Array, Bounds, Value, positive


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

    value: float = positive(1.0)

    def __post_init__(self) -> None:
        super().__post_init__()
        if isinstance(self.value, tuple):
            raise TypeError(f"Constant: value must be a number, got {self.value!r}")

    # Read-only views of one number: as large as needed, and nothing to fill.
    def __call__(self, x1: Array, x2: Array) -> Array:
        return np.broadcast_to(self.value, (len(x1), len(x2)))

    def diagonal(self, x: Array) -> Array:
        return np.broadcast_to(self.value, len(x))

    def gradient(self, x: Array) -> Array:
        return np.broadcast_to(self.value, (len(x), len(x), 1))

    def value_and_pullback(self, x: Array) -> tuple[Array, Pullback]:
        return self(x, x), lambda W: np.array([self.value * W.sum()])

    def input_gradient(self, x: Array, z: Array) -> Array:
        return np.zeros((*x.shape[:-1], *z.shape))

    def diagonal_gradient(self, x: Array) -> Array:
        return np.zeros(x.shape)


@dataclass(frozen=True, repr=False)
class _Pair(Kernel):
    """Two kernels and a sign between them."""

    left: Kernel
    right: Kernel

    def __post_init__(self) -> None:
        object.__setattr__(self, "left", as_kernel(self.left))
        object.__setattr__(self, "right", as_kernel(self.right))

    @abstractmethod
    def __call__(self, x1: Array, x2: Array) -> Array: ...


@dataclass(frozen=True, repr=False)
class Sum(_Pair):
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

    def __repr__(self) -> str:
        right = f"({self.right!r})" if isinstance(self.right, Sum) else _term(self.right)
        return f"{_term(self.left, number=not isinstance(self.right, Constant))} + {right}"


@dataclass(frozen=True, repr=False)
class Product(_Pair):
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
        left, pull_left = self.left.value_and_pullback(x)
        right, pull_right = self.right.value_and_pullback(x)
        return left * right, lambda W: np.concatenate([pull_left(W * right), pull_right(W * left)])

    def input_gradient(self, x: Array, z: Array) -> Array:
        points = np.atleast_2d(x)
        by_left = self.left.input_gradient(points, z) * self.right(points, z)[..., None]
        result = by_left + self.left(points, z)[..., None] * self.right.input_gradient(points, z)
        return result[0] if x.ndim == 1 else result

    def diagonal_gradient(self, x: Array) -> Array:
        by_left = self.left.diagonal_gradient(x) * self.right.diagonal(x)[:, None]
        return by_left + self.left.diagonal(x)[:, None] * self.right.diagonal_gradient(x)

    def __repr__(self) -> str:
        right = f"({self.right!r})" if isinstance(self.right, _Pair) else _factor(self.right)
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

    def __repr__(self) -> str:
        base = f"({self.kernel!r})" if isinstance(self.kernel, (_Pair, Power)) else repr(self.kernel)
        return f"{base} ** {self.exponent}"


@dataclass(frozen=True, repr=False)
class Selected(Kernel):
    """A kernel that looks at some columns of the inputs only.

    >>> from gp import RBF
    >>> RBF().on([0, 2])
    RBF(lengthscale=1.0).on([0, 2])
    """

    kernel: Kernel
    columns: tuple[int, ...]

    def __post_init__(self) -> None:
        columns = tuple(operator.index(c) for c in self.columns)
        if not columns or len(set(columns)) < len(columns) or min(columns) < 0:
            raise ParameterError(f"on(columns): expected different column numbers >= 0, got {list(self.columns)!r}")
        object.__setattr__(self, "columns", columns)

    def _pick(self, x: Array) -> Array:
        if max(self.columns) >= x.shape[-1]:
            raise DataError(f"{self!r} looks at column {max(self.columns)}, the inputs have {x.shape[-1]} columns")
        return x[..., list(self.columns)]

    def __call__(self, x1: Array, x2: Array) -> Array:
        return self.kernel(self._pick(x1), self._pick(x2))

    def diagonal(self, x: Array) -> Array:
        return self.kernel.diagonal(self._pick(x))

    def gradient(self, x: Array) -> Array:
        return self.kernel.gradient(self._pick(x))

    def value_and_pullback(self, x: Array) -> tuple[Array, Pullback]:
        return self.kernel.value_and_pullback(self._pick(x))

    def _spread(self, inner: Array, d: int) -> Array:
        result = np.zeros((*inner.shape[:-1], d))
        result[..., list(self.columns)] = inner
        return result

    def input_gradient(self, x: Array, z: Array) -> Array:
        return self._spread(self.kernel.input_gradient(self._pick(x), self._pick(z)), x.shape[-1])

    def diagonal_gradient(self, x: Array) -> Array:
        return self._spread(self.kernel.diagonal_gradient(self._pick(x)), x.shape[-1])

    def __repr__(self) -> str:
        return f"{_atom(self.kernel)}.on({list(self.columns)})"


@dataclass(frozen=True, repr=False)
class _Restricted(Kernel):
    """A kernel with its names unchanged but another set of learned parameters, or other bounds."""

    kernel: Kernel

    @property
    def parameters(self) -> dict[str, Value]:
        return self.kernel.parameters

    def _known(self, name: str) -> str:
        if name not in self.kernel.parameters:
            known = ", ".join(self.kernel.parameters) or "none"
            raise ParameterError(f"{self.kernel!r} has no parameter {name!r}; its parameters: {known}")
        return name

    def _learned_mask(self) -> Array:
        own = self._named_bounds()
        return np.array([name in own for name in self.kernel.learned], dtype=bool)

    def _take(self, theta: Array) -> tuple[Self, Array]:
        full, mask = self.kernel.theta, self._learned_mask()
        count = int(mask.sum())
        if len(theta) < count:
            raise ParameterError(f"theta is too short for {self!r}")
        full[mask] = theta[:count]
        return replace(self, kernel=self.kernel.with_theta(full)), theta[count:]

    def __call__(self, x1: Array, x2: Array) -> Array:
        return self.kernel(x1, x2)

    def diagonal(self, x: Array) -> Array:
        return self.kernel.diagonal(x)

    def gradient(self, x: Array) -> Array:
        return self.kernel.gradient(x)[..., self._learned_mask()]

    def value_and_pullback(self, x: Array) -> tuple[Array, Pullback]:
        K, pull = self.kernel.value_and_pullback(x)
        mask = self._learned_mask()
        return K, lambda W: pull(W)[mask]

    def input_gradient(self, x: Array, z: Array) -> Array:
        return self.kernel.input_gradient(x, z)

    def diagonal_gradient(self, x: Array) -> Array:
        return self.kernel.diagonal_gradient(x)


@dataclass(frozen=True, repr=False)
class Fixed(_Restricted):
    """A kernel of which some parameters are not learned.

    >>> from gp import RBF
    >>> (2.0 * RBF()).fixed("left.value").learned
    ('right.lengthscale',)
    """

    names: tuple[str, ...]

    def __post_init__(self) -> None:
        object.__setattr__(self, "names", tuple(self._known(name) for name in self.names))

    def _named_bounds(self) -> dict[str, Bounds]:
        return {name: b for name, b in self.kernel._named_bounds().items() if name not in self.names}

    def __repr__(self) -> str:
        return f"{_atom(self.kernel)}.fixed({', '.join(map(repr, self.names))})"


@dataclass(frozen=True, repr=False)
class Bounded(_Restricted):
    """A kernel of which some parameters are searched between other bounds; a fit moves values outside to the nearest.

    >>> from gp import RBF
    >>> RBF().bounded(lengthscale=(0.1, 10.0))
    RBF(lengthscale=1.0).bounded(lengthscale=(0.1, 10.0))
    """

    bounds: tuple[tuple[str, Bounds], ...]

    def __post_init__(self) -> None:
        object.__setattr__(self, "bounds", tuple((self._known(n), _checked_bounds(n, b)) for n, b in self.bounds))

    def _named_bounds(self) -> dict[str, Bounds]:
        new = dict(self.bounds)
        return {name: new.get(name, b) for name, b in self.kernel._named_bounds().items()}

    def __repr__(self) -> str:
        plain = all(name.isidentifier() for name, _ in self.bounds)
        inner = ", ".join(f"{n}={b}" for n, b in self.bounds) if plain else f"**{dict(self.bounds)}"
        return f"{_atom(self.kernel)}.bounded({inner})"


def _checked_bounds(name: str, bounds: Any) -> Bounds:
    try:
        low, high = (float(b) for b in bounds)
    except (TypeError, ValueError):
        raise TypeError(f"bounds of {name} must be two numbers, got {bounds!r}") from None
    if not 0 < low <= high < math.inf:
        raise ParameterError(f"bounds of {name} must be finite with 0 < low <= high, got {bounds!r}")
    return low, high


def _term(kernel: Kernel, number: bool = True) -> str:
    return repr(kernel.value) if number and isinstance(kernel, Constant) else repr(kernel)


def _factor(kernel: Kernel, number: bool = True) -> str:
    return f"({kernel!r})" if isinstance(kernel, Sum) else _term(kernel, number)


def _atom(kernel: Kernel) -> str:
    return f"({kernel!r})" if isinstance(kernel, (_Pair, Power)) else repr(kernel)
