"""What one number does to a model, all else as it is: a hyperparameter, or an acquisition's taste for exploring."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from acquisition import Acquisition
from gp import GaussianPosterior, GaussianProcess, ParameterError

Array = NDArray[np.float64]

JUST_RIGHT = 1.0  # of log likelihood below the best: a value e times less probable is still fine


@dataclass(frozen=True)
class Evidence:
    """The log marginal likelihood and its three parts (Rasmussen & Williams 2006, eq. 2.30).

    log p(y | X) = -½ yᵀK⁻¹y  (data fit)  - ½ log |K|  (simplicity)  - n/2 log 2π  (constant)
    """

    data_fit: float
    simplicity: float
    constant: float

    @property
    def total(self) -> float:
        """The log marginal likelihood."""
        return self.data_fit + self.simplicity + self.constant


def evidence(posterior: GaussianPosterior, log_slope: float = 0.0) -> Evidence:
    """The parts of log p(y | X), in other units of y where Σ log |dz/dy|, z the model's values, is not 0."""
    y = posterior.y - posterior.prior.mean
    n = len(y)
    log_root = float(np.log(np.diagonal(posterior.cholesky)).sum()) - log_slope
    return Evidence(-0.5 * float(y @ posterior.alpha), -log_root, -0.5 * n * math.log(2 * math.pi))


def full_name(process: GaussianProcess, name: str) -> str:
    """The learned parameter that a name means: "noise", "amplitude", a dotted name or its last part."""
    learned = process.kernel.learned
    last = "value" if name == "amplitude" else name
    found = [full for full in dict.fromkeys(learned) if last in (full, full.rsplit(".")[-1])]
    if name == "noise":
        found = ["noise"]
    if len(found) != 1:
        what = f"{len(found)} parameters are called" if found else "there is no learned parameter"
        raise ParameterError(f"{what} {name!r}; choose one of {', '.join([*dict.fromkeys(learned), 'noise'])}")
    return found[0]


def value_of(process: GaussianProcess, name: str) -> float:
    """The value of a parameter; of an ARD lengthscale the geometric mean."""
    full = full_name(process, name)
    if full == "noise":
        return process.noise
    where = [learned == full for learned in process.kernel.learned]
    return float(np.exp(process.kernel.theta[where].mean()))


def with_value(process: GaussianProcess, name: str, value: float) -> GaussianProcess:
    """The process with one parameter set; an ARD lengthscale keeps its proportions."""
    full = full_name(process, name)
    if full == "noise":
        return replace(process, noise=value)
    where = np.array([learned == full for learned in process.kernel.learned])
    theta = process.kernel.theta + where * math.log(value / value_of(process, name))
    return replace(process, kernel=process.kernel.with_theta(theta))


def swept(posterior: GaussianPosterior, name: str, values: Sequence[float]) -> list[GaussianPosterior]:
    """The posterior of the same data under each value of a parameter."""
    return [
        with_value(posterior.prior, name, value).condition(posterior.X, posterior.y, noise=posterior.extra_noise)
        for value in values
    ]


def verdict(value: float, total: float, best_value: float, best_total: float) -> str:
    """Whether a value is "short", "right" or "long" beside the most likely one."""
    if best_total - total <= JUST_RIGHT:
        return "right"
    return "short" if value < best_value else "long"


def traced(
    acquisitions: Sequence[Acquisition], posterior: GaussianPosterior, U: Array, best: float
) -> tuple[Array, NDArray[np.intp]]:
    """Scores (k, m) of k acquisitions at U (m, d), and the row of U that each would pick, (k,)."""
    scores = np.array([acquisition(posterior, U, best) for acquisition in acquisitions])
    return scores, scores.argmax(axis=1)


def largest_jump(picks: Array, span: float, least: float = 0.05) -> int | None:
    """The index at which the pick moves furthest from the one before; None where it only creeps."""
    moves = np.abs(np.diff(picks))
    if not len(moves) or moves.max() < least * span:
        return None
    return int(moves.argmax()) + 1
