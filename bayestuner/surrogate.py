"""From trials to a model: the data as the Gaussian process sees them, and the model that is used by default.

U (n, width)   observed points in the unit cube        y (n,)   their values in the user's units
                                                       z (n,)   the same, standardised, larger is better

Hyperparameters are learned by making p(y | U) large, times their priors: those of the kernel, the noise, and the bend
of the values (`scaling.py`).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from scipy.linalg import cho_solve

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

from .scaling import Array, Scaling, off_center, standardise, standardise_each

NOISE_BOUNDS = (1e-12, 1.0)  # of the variance of y: low enough to see the last digits of a noiseless function
LEVEL = 10.0  # variance of the function's level, in units of that of the values: any level is believed
FEW, OFTEN, SELDOM = 20, 2, 10  # all models compete at every second point, of more than 20 at every tenth
FIT_TOLERANCE = 0.05  # of the gradient of the log posterior: closer to the top nothing changes
SETTLED = 100  # of more points one hardly changes the bend: it is asked for where all models compete
MANY = 500  # of more points, so many decide which model it is; all then teach it
BENDS = tuple(10.0 ** (k / 2) for k in range(13))  # 1 to 1e6: over the usual distance from the center; or none
TELLING = 6  # of fewer values the bend is not asked: they are the start design
STRONG = math.log(20.0)  # what a bend must gain in log probability: strong evidence begins there (Kass & Raftery 1995)
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
    y: Array,
    direction: str,
    last: tuple[Kernel, float, float] | None = None,
    again: bool = True,
    may_bend: bool = True,
    center: float | None = None,
) -> tuple[GaussianPosterior, Scaling]:
    """Learn kernel, noise and bend from values y at U; return the posterior of z and how y became z.

    `last` are the kernel, noise and bend of the fit before. Where all models compete `again`, those of values that
    are not bent do so, too. Without `may_bend` the values stay as they are. The center of the bend is the one given, or
    the best value.
    """
    if again and len(U) > MANY:
        rows = np.linspace(0, len(U) - 1, MANY).astype(int)  # from the first to the last
        few, scaling = learn_values(processes, U[rows], y[rows], direction, None, True, may_bend, center)
        last, again = (few.prior.kernel, few.prior.noise, scaling.bend), False
    bends = _bends(y, direction, center) if may_bend else np.zeros(1)
    before = 0.0 if last is None else _nearest(bends, last[2])
    if last is not None and not again and len(U) > SETTLED:
        bends, before = np.array([last[2]]), last[2]
    found = _by_turns(processes, U, y, direction, last and last[:2], bends, before, again, center)
    if not (again and found[1].bend):
        return found
    z, scaling = standardise(y, direction)
    straight, off = (learn(processes, U, z), scaling), off_center(y, direction, center)
    return max(found, straight, key=lambda model: model[0].log_posterior + _log_bending(model[1], off))


def _log_bending(scaling: Scaling, off: Array) -> float:
    """What a scaling adds to the log probability of values under the model, less the price of a bend.

    Only values off the center count. It was chosen because it is so good: counted itself, it would make any bend
    around it look probable, and the sharper the more.
    """
    return float(scaling.log_slope(off).sum()) - (STRONG if scaling.bend else 0.0)


def _by_turns(
    processes: tuple[GaussianProcess, ...],
    U: Array,
    y: Array,
    direction: str,
    last: tuple[Kernel, float] | None,
    bends: Array,
    bend: float,
    again: bool,
    center: float | None,
) -> tuple[GaussianPosterior, Scaling]:
    """Learn the kernel for a bend, then take the bend that is best for this kernel, until it stays."""
    for turn in range(TURNS):
        z, scaling = standardise(y, direction, bend, center)
        posterior = learn(processes, U, z, last, again)
        if turn == TURNS - 1 or (better := most_probable_bend(posterior, y, direction, bends, center)) == bend:
            break
        bend, last, again = better, (posterior.prior.kernel, posterior.prior.noise), False
    return posterior, scaling


def most_probable_bend(
    posterior: GaussianPosterior, y: Array, direction: str, bends: Array, center: float | None = None
) -> float:
    """The bend under which the values are most probable, the kernel as it is but for its amplitude.

        log p(y | bend) = -n/2 log zᵀ K⁻¹ z + Σ log |dz/dy| + constant, and log 20 less for any bend but 0

    The sum is over the values off the center. K does not depend on any value: one factorisation serves
    all bends.
    """
    if len(bends) == 1:
        return float(bends[0])
    bent = standardise_each(y, direction, bends, center)
    Z = np.stack([z for z, _ in bent], axis=1)
    misfit = (Z * cho_solve((posterior.cholesky, True), Z, check_finite=False)).sum(axis=0)
    off = off_center(y, direction, center)
    bending = [_log_bending(scaling, off) for _, scaling in bent]
    return float(bends[int(np.argmax(bending - len(y) / 2 * np.log(misfit)))])


def _bends(y: Array, direction: str, center: float | None = None) -> Array:
    """The bends to choose from, 0 first; only that where the values are few or all alike."""
    off = off_center(y, direction, center)
    if len(y) < TELLING or not len(off):
        return np.zeros(1)
    with np.errstate(over="ignore", invalid="ignore"):
        best = y.min() if direction == "minimize" else y.max()
        away = np.abs(off - (best if center is None else center))
        furthest = away.max()
        distance = furthest * np.sqrt(np.square(away / furthest).sum() / len(y))  # root mean square of huge ones, too
        bends = np.array(BENDS) / distance
    return np.append(0.0, bends) if np.isfinite(bends).all() else np.zeros(1)


def _nearest(bends: Array, bend: float) -> float:
    """The bend of a list that is nearest by its factor; 0 stays 0."""
    return float(bends[1 + np.abs(np.log(bends[1:] / bend)).argmin()]) if bend and len(bends) > 1 else 0.0


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
