"""From trials to a model: the data as the Gaussian process sees them, and the model that is used by default.

U (n, width)   observed points in the unit cube        y (n,)   their values in the user's units
                                                       z (n,)   the same, standardised, larger is better

Hyperparameters are learned by making p(y | U) large, times their priors: those of the kernel, the noise, and the bend
of the values (`bend.py`).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

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

from .bend import Values, most_probable_bend, nearest
from .scaling import Array, Scaling

NOISE_BOUNDS = (1e-12, 1.0)  # of the variance of y: low enough to see the last digits of a noiseless function
LEVEL = 10.0  # variance of the function's level, in units of that of the values: any level is believed
FEW, OFTEN, SELDOM = 20, 2, 10  # all models compete at every second point, of more than 20 at every tenth
FIT_TOLERANCE = 0.05  # of the gradient of the log posterior: closer to the top nothing changes
SETTLED = 100  # of more points one hardly changes the bend: it is asked for where all models compete
MANY = 500  # of more points, so many decide which model it is; all then teach it
TURNS = 3  # kernel and bend are learned by turns, so often at most


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


def learn_values(
    processes: tuple[GaussianProcess, ...],
    U: Array,
    values: Values,
    last: tuple[Kernel, float, float] | None = None,
    again: bool = True,
) -> tuple[GaussianPosterior, Scaling]:
    """Learn kernel, noise and bend from values at U; return the posterior of z and how the values became z.

    `last` are the kernel, noise and bend of the fit before. Where all models compete `again`, those of values that
    are not bent do so, too.
    """
    if again and len(U) > MANY:
        rows = np.linspace(0, len(U) - 1, MANY).astype(int)  # from the first to the last
        few, scaling = learn_values(processes, U[rows], values.of(rows))
        last, again = (few.prior.kernel, few.prior.noise, scaling.bend), False
    bends, before = values.bends, 0.0 if last is None else nearest(values.bends, last[2])
    if last is not None and not again and len(U) > SETTLED:
        bends, before = np.array([last[2]]), last[2]
    found = _by_turns(processes, U, values, None if last is None else last[:2], bends, before, again)
    if not (again and found[1].bend):
        return found
    z, scaling = values.standardised()
    straight = learn(processes, U, z), scaling
    return max(found, straight, key=lambda model: model[0].log_posterior + values.log_bending(model[1]))


def _by_turns(
    processes: tuple[GaussianProcess, ...],
    U: Array,
    values: Values,
    last: tuple[Kernel, float] | None,
    bends: Array,
    bend: float,
    again: bool,
) -> tuple[GaussianPosterior, Scaling]:
    """Learn the kernel for a bend, then take the bend that is best for this kernel, until it stays."""
    for turn in range(TURNS):
        z, scaling = values.standardised(bend)
        posterior = learn(processes, U, z, last, again)
        if turn == TURNS - 1 or (better := most_probable_bend(posterior, values, bends)) == bend:
            break
        bend, last, again = better, (posterior.prior.kernel, posterior.prior.noise), False
    return posterior, scaling


def afresh(observed: int, before: int) -> bool:
    """Whether all models compete again: often while little is observed, seldom later."""
    pace = OFTEN if observed <= FEW else SELDOM
    return observed // pace > before // pace


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
    """The largest posterior mean at a point observed or believed: under noise the largest y is mostly luck."""
    return float(posterior.observed_mean.max())
