"""What a search climbs, and where it must not end."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.distance import cdist

from .base import Acquisition, Array, Posterior
from .errors import AcquisitionError

SAME = 1e-9  # points so close in every coordinate are one


@dataclass(frozen=True, eq=False)
class Goal:
    """A prepared acquisition as one function of points: with the posterior and the value to beat."""

    acquisition: Acquisition
    posterior: Posterior
    best: float

    def values(self, X: Array) -> Array:
        """The scores of points (m,), -inf where one is NaN; AcquisitionError where their shape is wrong."""
        values = np.asarray(self.acquisition(self.posterior, X, self.best), dtype=float)
        if values.shape != (len(X),):
            name, n = type(self.acquisition).__name__, len(X)
            raise AcquisitionError(f"{name} returned shape {values.shape} for {n} points; it must return ({n},)")
        return np.where(np.isnan(values), -np.inf, values)

    def value_and_gradient(self, X: Array) -> tuple[Array, Array]:
        """Values (m,) and gradients (m, d)."""
        return self.acquisition.value_and_gradient(self.posterior, X, self.best)


@dataclass(frozen=True, eq=False)
class Taken:
    """Points (n, d) that are not to be proposed, and how far to stay from each: one number or (n,)."""

    points: Array | None = None
    radius: float | Array = SAME

    def near(self, X: Array) -> NDArray[np.bool_]:
        """Which rows of X are within the radius of one of the points in every coordinate, (m,)."""
        if self.points is None or not len(self.points):
            return np.zeros(len(X), dtype=bool)
        return np.asarray((cdist(X, self.points, "chebyshev") < self.radius).any(axis=1))

    def free(self, X: Array) -> tuple[Array, Taken]:
        """The rows of X that are left, and what they had to stay off.

        Where every row is near, only the points themselves are off limits; where even these are all there is, nothing.
        """
        for taken in (self, Taken(self.points)):
            if len(left := X[~taken.near(X)]):
                return left, taken
        return X, Taken(self.points)


NOTHING_TAKEN = Taken()
