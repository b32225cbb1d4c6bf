"""How long an evaluation takes: a second Gaussian process, of the logarithm of the seconds (Snoek et al. 2012).

U (n, width)   points in the unit cube that were evaluated to the end        seconds (n,)   what each of them took
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gp import GaussianPosterior, GaussianProcess, Kernel

from .scaling import Array, Scaling, standardise
from .surrogate import learn


@dataclass(frozen=True)
class LogSeconds:
    """A posterior of log seconds, for acquisitions that weigh a gain by the time it takes."""

    posterior: GaussianPosterior
    scaling: Scaling

    def predict(self, X: Array) -> tuple[Array, Array]:
        """Return mean and standard deviation of log seconds at X (m, width), (m,) each."""
        return self.scaling.moments(*self.posterior.predict(X))

    def predict_gradient(self, X: Array) -> tuple[Array, Array]:
        """Return the gradients of both at X, (m, width) each."""
        dmean, dstd = self.posterior.predict_gradient(X)
        return self.scaling.scale * dmean, self.scaling.std(dstd)


@dataclass(frozen=True)
class DurationModel:
    """What a step believed of the seconds: learned kernel and noise, and the scaling of their logarithms."""

    kernel: Kernel
    noise: float
    shift: float
    scale: float

    def log_seconds(self, U: Array, seconds: Array) -> LogSeconds:
        """The posterior of log seconds as it was, nothing refitted."""
        posterior = GaussianProcess(self.kernel, noise=self.noise).condition(U, _standardised(seconds)[0])
        return LogSeconds(posterior, Scaling(self.shift, self.scale))


def learn_duration(
    processes: tuple[GaussianProcess, ...], U: Array, seconds: Array, last: DurationModel | None, again: bool
) -> tuple[DurationModel, LogSeconds]:
    """Fit the model of the seconds, starting where the last step ended; see `surrogate.learn`."""
    z, scaling = _standardised(seconds)
    posterior = learn(processes, U, z, None if last is None else (last.kernel, last.noise), again)
    model = DurationModel(posterior.prior.kernel, posterior.prior.noise, scaling.shift, scaling.scale)
    return model, LogSeconds(posterior, scaling)


def _standardised(seconds: Array) -> tuple[Array, Scaling]:
    """Absurdly long ones, as when the machine slept, are cut off."""
    return standardise(np.log(seconds), "minimize")
