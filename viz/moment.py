"""What a model believed at one moment of a run, also in between two steps: numbers, no pictures.

    U (m, width)   points in the unit cube          t   how far the hyperparameters have gone, from 0 to 1
    z              values as the model sees them    g   how much of the new values is known, from 0 to 1

Every in-between moment is a real posterior, never a mixture of two pictures. While hyperparameters move, all of them
move together, and with them the standardisation of y; while a value arrives, it is first seen with infinite noise
and finally with the model's own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from acquisition import Acquisition
from bayestuner import Trial
from bayestuner.history import best_trial
from bayestuner.scaling import Scaling, standardise
from gp import GaussianPosterior, GaussianProcess, Kernel

Array = NDArray[np.float64]

UNSEEN = 0.01  # a bend of so much, at a distance of one standard deviation, is none


@dataclass(frozen=True, eq=False)
class Moment:
    """What was believed at one moment, and how the acquisition judged it.

    `best` is what it had to beat, in the model's units; `believing` is the posterior that it was shown.
    """

    posterior: GaussianPosterior
    scaling: Scaling
    believing: GaussianPosterior
    best: float
    acquisition: Acquisition | None

    def predict(self, U: Array) -> tuple[Array, Array]:
        """Mean and standard deviation of f at U in the user's units, (m,) each."""
        return self.scaling.moments(*self.posterior.predict(U))

    def score(self, U: Array) -> Array:
        """The acquisition's own values at U, larger is better, (m,)."""
        if self.acquisition is None:
            return np.zeros(len(U))
        return np.asarray(self.acquisition(self.believing, U, self.best), dtype=float)

    def noise_std(self, y: float) -> float:
        """Standard deviation of a value around f where f is y, in the user's units."""
        return float(self.scaling.slope(self.scaling.to_model(y)) * np.sqrt(self.posterior.prior.noise))


def tempered(posterior: GaussianPosterior, U: Array, z: Array, g: float) -> GaussianPosterior:
    """The posterior a share g > 0 of the way to having seen values z at U."""
    v = posterior.predict(U)[1] ** 2 + posterior.prior.noise
    return posterior.append(U, z, noise=v * (1 / g - 1) if g < 1 else None)


@dataclass(frozen=True)
class Learned:
    """All that a fit has learned: kernel and noise in the model's units, and the scaling of the values."""

    kernel: Kernel
    noise: float
    scaling: Scaling

    def condition(self, U: Array, y: Array) -> GaussianPosterior:
        """The posterior given values y (n,) in the user's units."""
        return GaussianProcess(self.kernel, noise=self.noise).condition(U, self.scaling.to_model(y))


def between(old: Learned, new: Learned, t: float, y: Array) -> Learned:
    """What is learned from y a share t of the way: positive numbers in their logarithm, the shift linearly.

    Kernels of two kinds are added, each with its share: a sum of kernels is a kernel, too.
    """
    if not 0 < t < 1:
        return old if t <= 0 else new
    scaling = _between(old.scaling, new.scaling, t, y)
    noise = _geometric(max(old.noise, 1e-300), max(new.noise, 1e-300), t)
    if old.kernel.learned == new.kernel.learned and old.kernel.with_theta(new.kernel.theta) == new.kernel:
        kernel: Kernel = old.kernel.with_theta((1 - t) * old.kernel.theta + t * new.kernel.theta)
    else:
        scale = scaling.scale
        shares = (1 - t) * (old.scaling.scale / scale) ** 2, t * (new.scaling.scale / scale) ** 2
        kernel = float(shares[0]) * old.kernel + float(shares[1]) * new.kernel
    return Learned(kernel, noise, scaling)


def _between(old: Scaling, new: Scaling, t: float, y: Array) -> Scaling:
    """The scaling a share t of the way: with a bend, mean and spread of the values as they are bent go from old to new.

    From no bend at all it begins as one that can hardly be seen.
    """
    scale = np.sign(new.scale) * _geometric(abs(old.scale), abs(new.scale), t)
    if old.bend == new.bend == 0:
        return Scaling((1 - t) * old.shift + t * new.shift, float(scale))
    # Where one of them has no bend it has no center either.
    center = (1 - t) * old.center + t * new.center if old.bend and new.bend else old.center + new.center
    before, after = (each.bend or UNSEEN / abs(each.scale) for each in (old, new))
    bend = _geometric(before, after, t)
    bent, z_old, z_new = Scaling(0.0, 1.0, center, bend).to_model(y), old.to_model(y), new.to_model(y)
    if bent.std() > 0:
        scale = np.sign(new.scale) * bent.std() / _geometric(float(z_old.std()), float(z_new.std()), t)
    shift = bent.mean() - scale * ((1 - t) * z_old.mean() + t * z_new.mean())
    return Scaling(float(shift), float(scale), center, bend)


def _geometric(a: float, b: float, t: float) -> float:
    return float(a ** (1 - t) * b**t)


def counted(trials: Sequence[Trial], direction: str) -> Array:
    """Values as the model counts them, in the user's units: absurdly bad ones are cut off."""
    z, scaling = standardise(np.array([t.value for t in trials], dtype=float), direction)
    return scaling.mean(z)


def better(a: float, b: float, direction: str) -> bool:
    """Whether a is a better value than b."""
    return a < b if direction == "minimize" else a > b


def best_of(trials: Sequence[Trial], direction: str) -> Trial | None:
    """The first trial with the best value, None where none has one."""
    complete = [t for t in trials if t.status == "complete"]
    return best_trial(complete, direction) if complete else None


def best_so_far(trials: Sequence[Trial], direction: str) -> Array:
    """The best value after each trial told, (n,); NaN before the first value."""
    values = np.array([t.value if t.status == "complete" else np.nan for t in trials], dtype=float)
    return np.fmin.accumulate(values) if direction == "minimize" else np.fmax.accumulate(values)
