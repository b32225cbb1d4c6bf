"""Between the user's values and the model's: direction, units and, where the data ask for it, a bend.

    w(y) = center + asinh(bend (y - center)) / bend        z = (w(y) - shift) / scale

y (n,)   values in the user's units
z (n,)   the same as the model sees them: mean 0, variance 1, larger is better

The scale is negative when minimising: direction and units are turned here. A bend of 0 leaves the values as they are,
w(y) = y. Any other leaves w straight near the center, the best value told that keeps the constraints, and makes it a
logarithm far away: a function whose worst values lie a thousand times as far off as its good ones lie apart is seen in
all its detail (a warped Gaussian process: Snelson, Rasmussen & Ghahramani 2004).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

HOPELESS = 100.0  # values worse than the median by so many spreads say no more than "bad" and are moved up to there
EQUAL = 1e-12  # differences so small, relative to the largest value, are rounding
STEEPEST = 700.0  # sinh of more would overflow


@dataclass(frozen=True)
class Scaling:
    """The map between the user's values and the model's: affine, and bent where `bend` is not 0.

    >>> Scaling(shift=1.0, scale=-2.0).to_model(5.0)
    array(-2.)
    >>> bent = Scaling(shift=0.0, scale=-1.0, center=0.0, bend=10.0)
    >>> bent.to_model(np.array([0.01, 1.0, 100.0])).round(3)
    array([-0.01, -0.3 , -0.76])
    """

    shift: float
    scale: float
    center: float = 0.0
    bend: float = 0.0

    def to_model(self, y: Array | float) -> Array:
        """The user's values as the model sees them."""
        # Halves keep the difference of two values near ±1.8e308 from overflowing.
        y = np.asarray(y) / 2
        if self.bend:
            y = self.center / 2 + np.arcsinh(2 * self.bend * (y - self.center / 2)) / self.bend / 2
        return np.asarray((y - self.shift / 2) / (self.scale / 2))

    def mean(self, z: Array | float) -> Array:
        """The model's values in the user's units. Its mean becomes the median: a bend moves medians, not means."""
        if not self.bend:
            return np.asarray(self.shift + self.scale * np.asarray(z))
        return np.asarray(self.center + np.sinh(self._argument(z)) / self.bend)

    def unbent(self, z: Array) -> Array:
        """The model's values without the bend: straight in y, the scale as their unit, the best value as 0."""
        return np.sinh(self._argument(z)) / (self.bend * self.scale) if self.bend else z

    def std(self, std: Array | float) -> Array:
        """A standard deviation of the model in the user's units, for values near the best."""
        return np.asarray(abs(self.scale) * np.asarray(std))

    def moments(self, mean: Array | float, std: Array | float) -> tuple[Array, Array]:
        """Mean and standard deviation in the user's units: the std times the slope there."""
        return self.mean(mean), np.asarray(std) * self.slope(mean)

    def slope(self, z: Array | float) -> Array:
        """|dy/dz| = |scale| cosh(bend (w - center)), where the model sees z."""
        return np.asarray(abs(self.scale) * (np.cosh(self._argument(z)) if self.bend else np.ones(np.shape(z))))

    def deviations(self, values: Array | float, mean: Array | float, std: Array | float) -> Array:
        """By how many standard deviations values are above a prediction, as the model counts them: normal there."""
        z = self.to_model(mean)
        return np.asarray((self.to_model(values) - z) * self.slope(z) / std * np.sign(self.scale))

    def above(self, mean: Array | float, std: Array | float, count: Array | float) -> Array:
        """What is so many standard deviations above a prediction, as the model counts them."""
        if not self.bend:
            return np.asarray(mean + np.asarray(count) * std)
        z = self.to_model(mean)
        return self.mean(z + np.asarray(count) * std / self.slope(z) * np.sign(self.scale))

    def interval(self, mean: Array | float, std: Array | float, wide: float) -> tuple[Array, Array]:
        """The ends of what lies within so many standard deviations of a prediction."""
        return self.above(mean, std, -wide), self.above(mean, std, wide)

    def gain(self, best: float, gain: Array | float) -> Array:
        """What a gain over the value to beat, both the model's, is in the user's units."""
        if not self.bend:
            return self.std(gain)
        half = self.bend * self.scale * np.asarray(gain) / 2  # sinh(a + 2h) - sinh(a) = 2 cosh(a + h) sinh(h)
        return np.abs(2 * np.cosh(self._argument(best) + half) * np.sinh(half) / self.bend)

    def log_slope(self, y: Array) -> Array:
        """log |dz/dy| at the user's values, (n,): what turns the probability of z into that of y."""
        slope = np.full(np.shape(y), -np.log(abs(self.scale)))
        if self.bend:
            slope -= np.log(np.hypot(1.0, 2 * self.bend * (np.asarray(y) / 2 - self.center / 2)))
        return slope

    def _argument(self, z: Array | float) -> Array:
        """bend (w - center), no larger than a sinh can take."""
        bent = self.bend * ((self.shift - self.center) + self.scale * np.asarray(z))
        return np.asarray(np.clip(bent, -STEEPEST, STEEPEST))


AS_IT_IS = Scaling(0.0, 1.0)


def standardise(y: Array, direction: str, bend: float = 0.0, center: float | None = None) -> tuple[Array, Scaling]:
    """Return z with mean 0 and standard deviation 1 where larger is better, and its scaling.

    A single absurd value must not flatten all others: values far on the bad side are cut off at the
    median - 100 spreads. The spread is the median absolute deviation, or where that is larger the distance of the
    worst decile: late in a search most values lie close to the best, and the others still say what they said.
    Everything is divided by max |y| first, so that squares neither overflow nor vanish. The center is one of the
    values, the best unless said: the best of all need not keep the constraints.

    >>> z, scaling = standardise(np.array([1.0, 2.0, 6.0]), "minimize")
    >>> z.round(3), scaling.shift, round(scaling.scale, 3)
    (array([ 0.926,  0.463, -1.389]), 3.0, -2.16)
    """
    return standardise_each(y, direction, (bend,), center)[0]


def standardise_each(
    y: Array, direction: str, bends: Iterable[float], center: float | None = None
) -> list[tuple[Array, Scaling]]:
    """What `standardise` makes of the values with each of several bends."""
    good, sign, size = _counted(y, direction)
    middle = _center(y, good, center)
    return [_standardised(good, sign, size, float(bend), middle if bend else 0.0) for bend in bends]


def _standardised(good: Array, sign: float, size: float, bend: float, center: float) -> tuple[Array, Scaling]:
    # Bent values are measured from the center, so that an offset of y, however large, takes no digits from them.
    if bend:
        good = np.arcsinh(bend * size * (good - center)) / (bend * size)
    mean, std = float(good.mean()), float(good.std())
    if std <= EQUAL * float(np.abs(good).max(initial=0.0)):
        std = 1.0
    scale = sign * max(std * size, float(np.finfo(float).tiny))
    return (good - mean) / std, Scaling(sign * (center + mean) * size, scale, sign * center * size, bend)


def off_center(y: Array, direction: str, center: float | None = None) -> Array:
    """The values that are not the center, but for rounding, as they count: absurd ones cut off, (m,)."""
    good, sign, size = _counted(y, direction)
    off = np.abs(good - _center(y, good, center)) > EQUAL * np.abs(good).max()
    return sign * size * good[off]


def _center(y: Array, good: Array, center: float | None) -> float:
    """The center as it counts: that of the values nearest to what is said, or the best."""
    return float(good.max() if center is None else good[np.abs(y / 2 - center / 2).argmin()])


def _counted(y: Array, direction: str) -> tuple[Array, float, float]:
    """Values as they count, larger is better and the largest of them 1 or -1; the sign and the unit."""
    size = float(np.abs(y).max(initial=0.0)) or 1.0
    sign = 1.0 if direction == "maximize" else -1.0
    good = sign * (y / size)
    median = float(np.median(good))
    bad = float(np.quantile(good, 0.1, method="higher"))  # the worst of few values is not its own measure
    spread = max(1.4826 * float(np.median(np.abs(good - median))), median - bad)
    if spread > 0:
        good = np.maximum(good, median - HOPELESS * spread)
    left = float(np.abs(good).max(initial=0.0)) or 1.0  # an absurd value, now cut off, must not set the unit
    return good / left, sign, size * left
