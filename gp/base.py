"""What every kernel can do: a covariance function k(x, x') with its parameters and derivatives.

x1 (n1, d), x2 (n2, d)   inputs, one row a point        K   (n1, n2) with K_ij = k(x1_i, x2_j)
theta (p,)               logarithms of the parameters   W   (n, n) weights of the entries of K
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.spatial.distance import cdist

from .columns import check_columns
from .differences import slopes
from .notebook import html_table
from .parameters import Array, Parameterized

if TYPE_CHECKING:
    from .algebra import Power, Product, Sum
    from .restrict import Bounded, Fixed, Selected
    from .tied import Tied

Pullback = Callable[[Array], Array]

# A squared distance beyond this is cut off: no kernel changes visibly there, and inf would make NaN of 0 * inf.
FAR = 1e300


def squared_distance(x1: Array, x2: Array) -> Array:
    """|x1_i - x2_j|² for every pair of rows, (n1, n2).

    Taken from differences, never from |x|² + |x'|² - 2 x.x', which cancels and can turn negative.

    >>> squared_distance(np.array([[0.0], [3.0]]), np.array([[1.0]]))
    array([[1.],
           [4.]])
    """
    check_columns(x1, x2)
    result: Array = cdist(x1, x2, "sqeuclidean")
    return np.minimum(result, FAR, out=result)


def distance(x1: Array, x2: Array) -> Array:
    """|x1_i - x2_j| for every pair of rows, (n1, n2).

    >>> distance(np.array([[0.0], [3.0]]), np.array([[1.0]]))
    array([[1.],
           [2.]])
    """
    result = squared_distance(x1, x2)
    return np.sqrt(result, out=result)


@dataclass(frozen=True)
class Kernel(Parameterized, ABC):
    """A covariance function; a new one needs its fields and `__call__`, all else has a default.

    >>> from gp import positive
    >>> @dataclass(frozen=True)
    ... class Cauchy(Kernel):
    ...     width: float = positive(1.0)
    ...     def __call__(self, x1, x2):
    ...         return 1 / (1 + squared_distance(x1, x2) / self.width**2)
    >>> Cauchy(width=2.0)(np.array([[0.0]]), np.array([[2.0]]))
    array([[0.5]])
    """

    @abstractmethod
    def __call__(self, x1: Array, x2: Array) -> Array:
        """Return K with K_ij = k(x1_i, x2_j), (n1, n2)."""

    def diagonal(self, x: Array) -> Array:
        """k(x_i, x_i) for every row, (n,)."""
        blocks = [np.diagonal(self(rows, rows)) for rows in np.array_split(x, len(x) // 32 + 1)]
        return np.concatenate(blocks)

    def gradient(self, x: Array) -> Array:
        """dK/dtheta, (n, n, p); by central differences where a kernel has nothing better."""
        theta, step = self.theta, 1e-5
        moved = [
            self.with_theta(theta + step * e)(x, x) - self.with_theta(theta - step * e)(x, x)
            for e in np.eye(len(theta))
        ]
        return np.stack(moved, axis=-1) / (2 * step) if moved else np.empty((len(x), len(x), 0))

    def value_and_pullback(self, x: Array) -> tuple[Array, Pullback]:
        """Return K and the function W -> sum_ij W_ij dK_ij/dtheta, (p,).

        This is all that a fit needs of the derivatives, and the (n, n, p) array need never be built.
        """
        return self(x, x), lambda W: np.einsum("ij,ijp->p", W, self.gradient(x))

    def input_gradient(self, x: Array, z: Array) -> Array:
        """dk(x, z_j)/dx: (m, d) for one x (d,), (b, m, d) for x (b, d); z is (m, d). Default: differences."""
        result = slopes(lambda points: self(points, z), np.atleast_2d(x))
        return result[0] if x.ndim == 1 else result

    def diagonal_gradient(self, x: Array) -> Array:
        """d k(x, x)/dx at every row, (n, d): twice the gradient in the first argument, k being symmetric."""
        return np.array([2 * self.input_gradient(row, row[None])[0] for row in x]).reshape(x.shape)

    def frequencies(self, count: int, d: int, rng: np.random.Generator) -> tuple[Array, float] | None:
        """Draw ω (count, d) such that k(x, x') = variance · E cos(ω · (x - x')); return them and the variance.

        None, the default, where a kernel has no such spectrum (Bochner's theorem) or it is not known.
        """
        return None

    def _repr_html_(self) -> str:
        return html_table(repr(self), self.parameters.items(), ("parameter", "value"))

    # The classes of the algebra are kernels themselves, so they can only be imported once this one exists.

    def __add__(self, other: Kernel | float) -> Sum:
        from .algebra import Sum, as_kernel

        return Sum(self, as_kernel(other))

    def __radd__(self, other: float) -> Kernel:
        from .algebra import Sum, as_kernel

        if isinstance(other, int) and other == 0:
            return self  # where sum([k1, k2]) begins
        return Sum(as_kernel(other), self)

    def __mul__(self, other: Kernel | float) -> Product:
        from .algebra import Product, as_kernel

        return Product(self, as_kernel(other))

    def __rmul__(self, other: float) -> Product:
        from .algebra import Product, as_kernel

        return Product(as_kernel(other), self)

    def __pow__(self, exponent: int) -> Power:
        from .algebra import Power

        return Power(self, exponent)

    def on(self, columns: Iterable[int]) -> Selected:
        """Look only at these columns of the inputs."""
        from .restrict import Selected

        return Selected(self, tuple(columns))

    def tied(self, groups: Iterable[int]) -> Tied:
        """Share a lengthscale among columns: column i has that of number groups[i]."""
        from .tied import Tied

        return Tied(self, tuple(groups))

    def fixed(self, *names: str) -> Fixed:
        """Keep these parameters as they are: a fit leaves them alone."""
        from .restrict import Fixed

        return Fixed(self, names)

    def bounded(self, **bounds: tuple[float, float]) -> Bounded:
        """Search these parameters between the given bounds."""
        from .restrict import Bounded

        return Bounded(self, tuple(bounds.items()))
