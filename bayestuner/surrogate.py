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

from gp import RBF, GaussianPosterior, GaussianProcess, Kernel, LogNormal, Matern52, lengthscale_prior

Array = NDArray[np.float64]

NOISE_BOUNDS = (1e-8, 1.0)  # of the variance of y: low enough to see the last digits of a noiseless function
COLD_EVERY = 10  # fits from the default start: at so many points and at every multiple
FIT_TOLERANCE = 1e-2  # of the gradient of the log posterior: closer to the top nothing changes
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

    Matérn 5/2 and RBF, each with an amplitude and a lengthscale for each parameter (groups[i] is the number of
    the one that column i belongs to: the columns of a category share one), a learned noise, and priors for
    inputs in the unit cube. The lengthscale's prior is the dimension-scaled one, moved to 0.3 of its median and
    less wide.
    """
    if kernel is not None:
        return (GaussianProcess(kernel, noise=1e-3, noise_bounds=NOISE_BOUNDS),)
    count = max(groups) + 1
    published = lengthscale_prior(count)
    prior = LogNormal(published.mu + math.log(0.3), 1.0)
    priors = {"lengthscale": prior, "value": LogNormal(0.0, 1.0), "noise": LogNormal(-8.0, 4.0)}
    start = (prior.mode,) * count
    plain = (Matern52(lengthscale=start), RBF(lengthscale=start))
    shapes = plain if len(groups) == count else tuple(shape.tied(groups) for shape in plain)
    return tuple(GaussianProcess(1.0 * shape, noise=1e-3, priors=priors, noise_bounds=NOISE_BOUNDS) for shape in shapes)


def learn(
    processes: tuple[GaussianProcess, ...], U: Array, z: Array, last: tuple[Kernel, float] | None
) -> GaussianPosterior:
    """Fit each model and return the most probable one: the evidence decides how smooth the function is.

    Each is fitted from where the last one ended, if it can be, for one more point changes little; and
    from its own start while there are few points, and then at every COLD_EVERY-th, so as not to stay in a
    likelihood's lesser top.
    """
    warm = [] if last is None else [_started(process, *last) for process in processes]
    starts = [process for process in warm if process is not None]
    if len(starts) < len(processes) or len(z) <= COLD_EVERY or len(z) % COLD_EVERY == 0:
        starts += processes
    fitted = [process.fit(U, z, restarts=0, tolerance=FIT_TOLERANCE) for process in starts]
    return max(fitted, key=lambda posterior: posterior.log_posterior)


def _started(process: GaussianProcess, kernel: Kernel, noise: float) -> GaussianProcess | None:
    """The process with the learned values of another kernel that has parameters of the same names."""
    if process.kernel.learned != kernel.learned:
        return None
    return replace(process, kernel=process.kernel.with_theta(kernel.theta), noise=noise)


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
