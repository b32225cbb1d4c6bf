"""One lengthscale for several columns: k.tied([0, 1, 1]).

A category of three choices takes three columns of the inputs, and no choice is nearer to one than to
another: along all three the function must vary equally fast.
"""

from __future__ import annotations

import operator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Self

import numpy as np

from .base import Kernel, Pullback
from .errors import ParameterError
from .parameters import Array, Bounds, Value


@dataclass(frozen=True, repr=False)
class Tied(Kernel):
    """A kernel with one lengthscale for each group of columns; groups[i] is the group of column i.

        ℓᵢ = ℓ_g for every column i in group g

    >>> from gp import RBF
    >>> RBF((0.5, 2.0)).tied([0, 1, 1])
    RBF(lengthscale=(0.5, 2.0)).tied([0, 1, 1])
    """

    kernel: Kernel
    groups: tuple[int, ...]

    def __post_init__(self) -> None:
        if "lengthscale" not in dict(self.kernel._own()):
            raise ParameterError(f"tied(groups): {self.kernel!r} has no lengthscale of its own to share among columns")
        groups = tuple(operator.index(g) for g in self.groups)
        entries = len(self._lengthscales)
        if sorted(set(groups)) != list(range(entries)):
            raise ParameterError(
                f"tied(groups): {self.kernel!r} has {entries} lengthscales, so the groups must be numbered "
                f"from 0 to {entries - 1} without a gap; got {list(groups)!r}"
            )
        object.__setattr__(self, "groups", groups)

    @property
    def _lengthscales(self) -> tuple[float, ...]:
        lengthscale = self.kernel.parameters["lengthscale"]
        return lengthscale if isinstance(lengthscale, tuple) else (lengthscale,)

    @cached_property
    def spread(self) -> Kernel:
        """The same kernel with a lengthscale for every column."""
        lengthscale = tuple(self._lengthscales[g] for g in self.groups)
        return replace(self.kernel, **{"lengthscale": lengthscale})  # a field that mypy does not know of

    @cached_property
    def _sums(self) -> Array:
        """Turns derivatives by the theta of `spread` into those by our own, (·, p): a sum over each group."""
        own = self.kernel.learned
        first, entries = own.index("lengthscale"), len(self._lengthscales)
        after = range(first + entries, len(own))
        return np.eye(len(own))[[*range(first), *(first + g for g in self.groups), *after]]

    @property
    def parameters(self) -> dict[str, Value]:
        return self.kernel.parameters

    def _named_bounds(self) -> dict[str, Bounds]:
        return self.kernel._named_bounds()

    def _take(self, values: list[float]) -> tuple[Self, list[float]]:
        kernel, rest = self.kernel._take(values)
        return replace(self, kernel=kernel), rest

    def __call__(self, x1: Array, x2: Array) -> Array:
        return self.spread(x1, x2)

    def diagonal(self, x: Array) -> Array:
        return self.spread.diagonal(x)

    def gradient(self, x: Array) -> Array:
        return self.spread.gradient(x) @ self._sums

    def value_and_pullback(self, x: Array) -> tuple[Array, Pullback]:
        K, pull = self.spread.value_and_pullback(x)
        return K, lambda W: pull(W) @ self._sums

    def input_gradient(self, x: Array, z: Array) -> Array:
        return self.spread.input_gradient(x, z)

    def diagonal_gradient(self, x: Array) -> Array:
        return self.spread.diagonal_gradient(x)

    def frequencies(self, count: int, d: int, rng: np.random.Generator) -> tuple[Array, float] | None:
        return self.spread.frequencies(count, d, rng)

    def __repr__(self) -> str:
        return f"{self.kernel!r}.tied({list(self.groups)})"
