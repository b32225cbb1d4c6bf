"""From trials to a model: the data as the Gaussian process sees them, and the model that is used by default.

U (n, width)   observed points in the unit cube        z (n,)   their values, standardised, larger is better

z = (y - shift) / scale, with a negative scale when minimising: direction and units are turned here and nowhere else.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from gp import (
    RBF,
    Constant,
    GaussianPosterior,
    GaussianProcess,
    Kernel,
    LogNormal,
    SeparableMatern52,
    lengthscale_prior,
)

Array = NDArray[np.float64]

NOISE_BOUNDS = (1e-8, 1.0)  # of the variance of y: low enough to see the last digits of a noiseless function
LEVEL = 10.0  # variance of the function's level, in units of that of the values: any level is believed
FEW, AFRESH = 20, 10  # all models are fitted from their own starts up to so many points, and at every multiple
FIT_TOLERANCE = 0.05  # of the gradient of the log posterior: closer to the top nothing changes
HOPELESS = 100.0  # values worse than the median by so many spreads say no more than "bad" and are moved up to there


@dataclass(frozen=True)
class Scaling:
    """The affine map between the user's values and the model's: z = (y - shift) / scale."""

    shift: float
    scale: float

    def to_model(self, y: Array | float) -> Array:
        """The user's values as the model sees them."""
        # Halves keep the difference of two values near ±1.8e308 from overflowing.
        return np.asarray((np.asarray(y) / 2 - self.shift / 2) / (self.scale / 2))

    def mean(self, z: Array | float) -> Array:
        """A mean of the model in the user's units."""
        return np.asarray(self.shift + self.scale * np.asarray(z))

    def std(self, std: Array | float) -> Array:
        """A standard deviation of the model in the user's units."""
        return np.asarray(abs(self.scale) * np.asarray(std))


def standardise(y: Array, direction: str) -> tuple[Array, Scaling]:
    """Return z with mean 0 and standard deviation 1 where larger is better, and its scaling.

    A single absurd value must not flatten all others: on the bad side values are cut off at the
    median - 100 median absolute deviations. Everything is divided by max |y| first, so that
    squares neither overflow nor vanish.
    """
    size = float(np.abs(y).max(initial=0.0)) or 1.0
    sign = 1.0 if direction == "maximize" else -1.0
    good = sign * (y / size)
    median = float(np.median(good))
    spread = 1.4826 * float(np.median(np.abs(good - median)))
    if spread > 0:
        good = np.maximum(good, median - HOPELESS * spread)
    mean, std = float(good.mean()), float(good.std())
    if std <= 1e-12 * float(np.abs(good).max(initial=0.0)):
        std = 1.0
    scaling = Scaling(sign * mean * size, sign * max(std * size, float(np.finfo(float).tiny)))
    return (good - mean) / std, scaling


def default_processes(groups: Sequence[int], kernel: Kernel | None = None) -> tuple[GaussianProcess, ...]:
    """The models to choose from: just the given kernel's, or one for rough and one for smooth functions.

        amplitude · shape + 10,   shape a product of Matérn 5/2 kernels along each parameter, or RBF

    with a learned noise, and priors for inputs in the unit cube. groups[i] is the number of the parameter that column
    i belongs to: the columns of a category share a lengthscale. The constant leaves the level of the function to the
    data: its mean over the cube need not be that of the points seen, most of which are good ones. The lengthscale's
    prior is the dimension-scaled one, moved to 0.3 of its median and less wide. That of the noise has its mode at
    e⁻¹² of the variance: a mode much lower would explain noise by short lengthscales.
    """
    if kernel is not None:
        return (GaussianProcess(kernel, noise=1e-3, noise_bounds=NOISE_BOUNDS),)
    count = max(groups) + 1
    published = lengthscale_prior(count)
    prior = LogNormal(published.mu + math.log(0.3), 1.0)
    priors = {"lengthscale": prior, "left.left.value": LogNormal(0.5, 1.5), "noise": LogNormal(4.0, 4.0)}
    start = (prior.mode,) * count
    plain = (SeparableMatern52(lengthscale=start), RBF(lengthscale=start))
    shapes: tuple[Kernel, ...] = plain if len(groups) == count else tuple(shape.tied(groups) for shape in plain)
    level = Constant(LEVEL).fixed("value")
    return tuple(
        GaussianProcess(1.0 * shape + level, noise=1e-3, priors=priors, noise_bounds=NOISE_BOUNDS) for shape in shapes
    )


def afresh(observed: int, before: int) -> bool:
    """Whether all models compete again: while little is observed, and then whenever that passes a multiple of 10."""
    return observed <= FEW or observed // AFRESH > before // AFRESH


def learn(
    processes: tuple[GaussianProcess, ...],
    U: Array,
    z: Array,
    last: tuple[Kernel, float] | None = None,
    again: bool = True,
) -> GaussianPosterior:
    """Fit the model to z at U, from where the last fit ended, for a point more changes little.

    Where there is none, or `again`, all models are fitted from their own starts, too, and the most probable wins: the
    evidence decides how smooth the function is, and no search stays in a likelihood's lesser top.
    """
    begin = [] if last is None else [p for p in (_continued(process, *last) for process in processes) if p]
    if again or not begin:
        begin += processes
    fitted = [process.fit(U, z, restarts=0, tolerance=FIT_TOLERANCE) for process in begin]
    return max(fitted, key=lambda posterior: posterior.log_posterior)


def _continued(process: GaussianProcess, kernel: Kernel, noise: float) -> GaussianProcess | None:
    """The process with what was learned, if that kernel is its own with other values."""
    if process.kernel.learned != kernel.learned or process.kernel.with_theta(kernel.theta) != kernel:
        return None
    return replace(process, kernel=kernel, noise=noise)


def believe(posterior: GaussianPosterior, pending: Array) -> GaussianPosterior:
    """The posterior as if each pending point had already shown its mean: no other point near it is worth trying.

    The mean stays what it is everywhere, the uncertainty around the pending points goes
    (Kriging believer; Ginsbourger, Le Riche & Carraro 2010).
    """
    if not len(pending):
        return posterior
    return posterior.append(pending, posterior.predict(pending)[0])


def value_to_beat(posterior: GaussianPosterior) -> float:
    """The largest posterior mean at an observed point: under noise the largest y is mostly luck."""
    return float(posterior.predict(posterior.X)[0].max())
