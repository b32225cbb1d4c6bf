"""Was the model honest? Each value beside what the model says of it when it has not seen it.

y_i         a value that was told                         μ₋ᵢ, σ₋ᵢ   its prediction from all the others, noise included
z_i         (y_i - μ₋ᵢ) / σ₋ᵢ, standard normal for an honest model; in the model's units where values are bent
coverage    the share of values within the central interval of some probability, μ₋ᵢ ± Φ⁻¹((1 + level) / 2) σ₋ᵢ
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .history import History
from .importance import model_of
from .scaling import AS_IT_IS, Array, Scaling

LEVELS = (0.5, 0.8, 0.95)


@dataclass(frozen=True)
class Coverage:
    """How many of `count` values lay within the interval that should hold a share `level` of them.

    `low` and `high` are the ends of the 95 % interval of the true share (Clopper & Pearson 1934).
    """

    level: float
    inside: int
    count: int
    low: float
    high: float

    @property
    def share(self) -> float:
        """The share of values inside."""
        return self.inside / self.count

    @property
    def honest(self) -> bool:
        """Whether the promised share is among those that the values allow."""
        return self.low <= self.level <= self.high


@dataclass(frozen=True, eq=False)
class Calibration:
    """Values (n,) with their predictions from all others, mean and std (n,), in the user's units.

    >>> Calibration(np.array([1.0, 4.0]), np.array([2.0, 1.0]), np.array([1.0, 2.0])).z
    array([-1. ,  1.5])
    """

    values: Array
    mean: Array
    std: Array
    scaling: Scaling = AS_IT_IS

    @property
    def z(self) -> Array:
        """How many standard deviations each value is above its prediction, (n,)."""
        return self.scaling.deviations(self.values, self.mean, self.std)

    def coverage(self, level: float) -> Coverage:
        """Count the values within the central interval of probability `level`, 0 < level < 1."""
        from scipy.special import betaincinv, ndtri

        count = len(self.values)
        inside = int((np.abs(self.z) <= ndtri((1 + level) / 2)).sum())
        low = float(betaincinv(inside, count - inside + 1, 0.025)) if inside else 0.0
        high = float(betaincinv(inside + 1, count - inside, 0.975)) if inside < count else 1.0
        return Coverage(level, inside, count, low, high)


def calibration(history: History, step: int | None = None) -> Calibration:
    """Return each value of a history beside its leave-one-out prediction by the model.

    `step` counts the steps of the history; None takes the last model and all values told. The hyperparameters are
    those learned from all values, so this is a little kinder to the model than predicting before evaluating.
    Absurdly bad values are counted as the model counts them. Raises NotFittedError before the first value.

    >>> from bayestuner import minimize
    >>> run = minimize(lambda x: (x - 2) ** 2, {"x": (0.0, 5.0)}, 12, seed=0)
    >>> calibration(run).coverage(0.95).count
    12
    """
    posterior, scaling = model_of(history, step)
    return Calibration(scaling.mean(posterior.y), *scaling.moments(*posterior.leave_one_out()), scaling)
