"""Is the winner real? How probable it is that each of some candidates is the best, from measuring each again.

y_kr   the r-th measurement of candidate k          s²   the pooled variance within candidates, ν = K (R - 1)
μ_k    its true mean: μ_k = ȳ_k + s/√R · t, with t from Student's distribution with ν degrees of freedom (the
       posterior for flat priors and one common variance)
"""

from __future__ import annotations

from typing import Any

import numpy as np

from gp import ParameterError

from .scaling import Array

DRAWS = 100_000


def chance_best(values: Any, direction: str = "minimize", *, draws: int = DRAWS, seed: int = 0) -> Array:
    """Return the probability that each of K candidates has the best true mean, (K,), from values (K, R).

    Leave out the measurements that made them candidates: the lowest of many noisy values is lower than it deserves.
    Raises ParameterError for other shapes than two or more candidates measured twice or more, and for NaN.

    >>> chance_best([[0.70, 0.71, 0.69], [0.80, 0.81, 0.79]]).round(3).tolist()
    [1.0, 0.0]
    """
    y = np.asarray(values, dtype=float)
    if y.ndim != 2 or y.shape[0] < 2 or y.shape[1] < 2 or not np.isfinite(y).all():
        raise ParameterError(
            f"chance_best: expected finite values (candidates, repeats), two or more of each, got shape {y.shape}"
        )
    if direction not in ("minimize", "maximize"):
        raise ParameterError(f"direction must be 'minimize' or 'maximize', got {direction!r}")
    K, R = y.shape
    s = float(np.sqrt(y.var(axis=1, ddof=1).mean()))
    rng = np.random.default_rng(seed)
    # All means share s, so one draw of it, through χ², serves all candidates.
    spread = s / np.sqrt(R) / np.sqrt(rng.chisquare(K * (R - 1), (draws, 1)) / (K * (R - 1)))
    means = y.mean(axis=1) + spread * rng.standard_normal((draws, K))
    best = means.argmin(axis=1) if direction == "minimize" else means.argmax(axis=1)
    return np.bincount(best, minlength=K) / draws
