"""Kernels with a narrower view: k.on([0, 2]), k.fixed("period"), k.bounded(lengthscale=(0.1, 10.0)).

Each wraps a kernel and leaves it as it is: to change something about a kernel, put something around it.
"""

from __future__ import annotations

import operator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Self

import numpy as np

from .algebra import Pair, Power, Spectrum
from .base import Kernel, Pullback
from .errors import DataError, ParameterError
from .parameters import Array, Bounds, Value, checked_bounds


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

    def frequencies(self, count: int, d: int, rng: np.random.Generator) -> Spectrum:
        drawn = self.kernel.frequencies(count, len(self.columns), rng)
        return None if drawn is None else (self._spread(drawn[0], d), drawn[1])

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

    @cached_property
    def _kept(self) -> list[int]:
        """Which entries of the kernel's theta are ours too."""
        own = self._named_bounds()
        return [i for i, name in enumerate(self.kernel.learned) if name in own]

    def _take(self, values: list[float]) -> tuple[Self, list[float]]:
        kept = self._kept
        if not kept:
            return self, values
        if len(values) < len(kept):
            raise ParameterError(f"theta is too short for {self!r}")
        merged = self.kernel._values()
        for i, value in zip(kept, values, strict=False):
            merged[i] = value
        return replace(self, kernel=self.kernel._take(merged)[0]), values[len(kept) :]

    def __call__(self, x1: Array, x2: Array) -> Array:
        return self.kernel(x1, x2)

    def diagonal(self, x: Array) -> Array:
        return self.kernel.diagonal(x)

    def gradient(self, x: Array) -> Array:
        return self.kernel.gradient(x)[..., self._kept]

    def value_and_pullback(self, x: Array) -> tuple[Array, Pullback]:
        K, pull = self.kernel.value_and_pullback(x)
        kept = self._kept
        return K, lambda W: pull(W)[kept] if kept else np.empty(0)

    def input_gradient(self, x: Array, z: Array) -> Array:
        return self.kernel.input_gradient(x, z)

    def diagonal_gradient(self, x: Array) -> Array:
        return self.kernel.diagonal_gradient(x)

    def frequencies(self, count: int, d: int, rng: np.random.Generator) -> Spectrum:
        return self.kernel.frequencies(count, d, rng)


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
        bounds = tuple((self._known(name), checked_bounds(f"bounds of {name}", pair)) for name, pair in self.bounds)
        object.__setattr__(self, "bounds", bounds)

    def _named_bounds(self) -> dict[str, Bounds]:
        new = dict(self.bounds)
        return {name: new.get(name, b) for name, b in self.kernel._named_bounds().items()}

    def __repr__(self) -> str:
        plain = all(name.isidentifier() for name, _ in self.bounds)
        inner = ", ".join(f"{n}={b}" for n, b in self.bounds) if plain else f"**{dict(self.bounds)}"
        return f"{_atom(self.kernel)}.bounded({inner})"


def _atom(kernel: Kernel) -> str:
    return f"({kernel!r})" if isinstance(kernel, (Pair, Power)) else repr(kernel)
