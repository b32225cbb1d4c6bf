"""How strongly the values are bent (see `scaling.py`): the bends to choose from, and the most probable one.

y (n,)   values in the user's units        z (n,)   the same as the model sees them, under some bend
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from scipy.linalg import cho_solve

from gp import GaussianPosterior

from .scaling import Array, Scaling, off_center, standardise, standardise_each

BENDS = tuple(10.0 ** (k / 2) for k in range(13))  # 1 to 1e6: over the usual distance from the center; or none
TELLING = 6  # of fewer values the bend is not asked: they are the start design
STRONG = math.log(20.0)  # what a bend must gain in log probability: strong evidence begins there (Kass & Raftery 1995)


@dataclass(frozen=True, eq=False)
class Values:
    """What was told, y (n,), and whether it may be bent: around one of the values, the best unless said.

    >>> values = Values(np.array([1.0, 2.0, 6.0]), "minimize")
    >>> values.standardised()[0].round(3)
    array([ 0.926,  0.463, -1.389])
    """

    y: Array
    direction: str
    center: float | None = None
    may_bend: bool = True

    def of(self, rows: Array) -> Values:
        """Some of the values."""
        return replace(self, y=self.y[rows])

    def standardised(self, bend: float = 0.0) -> tuple[Array, Scaling]:
        """The values as the model sees them under a bend, and how they became so."""
        return standardise(self.y, self.direction, bend, self.center)

    @cached_property
    def off_center(self) -> Array:
        """The values that are not the center, (m,)."""
        return off_center(self.y, self.direction, self.center)

    @cached_property
    def bends(self) -> Array:
        """The bends to choose from, 0 first; only that where the values are few or all alike, or must not be bent."""
        if not self.may_bend or len(self.y) < TELLING or not len(self.off_center):
            return np.zeros(1)
        best = self.y.min() if self.direction == "minimize" else self.y.max()
        with np.errstate(over="ignore", invalid="ignore"):
            away = np.abs(self.off_center - (best if self.center is None else self.center))
            furthest = away.max()  # taken out of the root mean square: the squares of huge values are none
            bends = np.array(BENDS) / (furthest * np.sqrt(np.square(away / furthest).sum() / len(self.y)))
        return np.append(0.0, bends) if np.isfinite(bends).all() else np.zeros(1)

    def log_bending(self, scaling: Scaling) -> float:
        """What a scaling adds to the log probability of the values under the model, less the price of a bend.

        Only values off the center count. It was chosen because it is so good: counted itself, it would make any bend
        around it look probable, and the sharper the more.
        """
        return float(scaling.log_slope(self.off_center).sum()) - (STRONG if scaling.bend else 0.0)


def nearest(bends: Array, bend: float) -> float:
    """The bend of a list (0 first) that is nearest by its factor; 0 stays 0."""
    return float(bends[1 + np.abs(np.log(bends[1:] / bend)).argmin()]) if bend and len(bends) > 1 else 0.0


def most_probable_bend(posterior: GaussianPosterior, values: Values, bends: Array) -> float:
    """The bend under which the values are most probable, the kernel as it is but for its amplitude.

        log p(y | bend) = -n/2 log zᵀ K⁻¹ z + Σ log |dz/dy| + constant, and log 20 less for any bend but 0

    The sum is over the values off the center. K does not depend on any value: one factorisation serves all bends.
    """
    if len(bends) == 1:
        return float(bends[0])
    bent = standardise_each(values.y, values.direction, bends, values.center)
    Z = np.stack([z for z, _ in bent], axis=1)
    misfit = (Z * cho_solve((posterior.cholesky, True), Z, check_finite=False)).sum(axis=0)
    bending = [values.log_bending(scaling) for _, scaling in bent]
    return float(bends[int(np.argmax(bending - len(values.y) / 2 * np.log(misfit)))])
