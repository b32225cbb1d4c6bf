"""How probable the observations are under a kernel: the marginal likelihood and its gradient.

K = k(X, X) + noise I = L Lᵀ       alpha = K⁻¹ y, the mean subtracted       theta   (p,) log parameters of the kernel
"""

from __future__ import annotations

import logging
import math

import numpy as np
from scipy.linalg import blas

from . import linalg
from .base import Kernel
from .parameters import Array

LOG_2PI = math.log(2 * math.pi)


@np.errstate(over="ignore", invalid="ignore")  # a y beyond all bounds has likelihood 0, and that is an answer
def log_likelihood(L: Array, y: Array, alpha: Array) -> float:
    """log p(y | X) = -½ yᵀα - Σ log Lᵢᵢ - n/2 log 2π (Rasmussen & Williams 2006, eq. 2.30)."""
    return float(-0.5 * y.dot(alpha) - np.log(L.diagonal()).sum() - 0.5 * len(y) * LOG_2PI)


@np.errstate(over="ignore", invalid="ignore")
def likelihood_and_gradient(
    kernel: Kernel, noise: float, X: Array, y: Array, extra: Array | None = None
) -> tuple[float, Array]:
    """Return log p(y | X) and its gradient with respect to theta, then log noise: (p + 1,).

    ∂/∂θⱼ log p = Σ W ∘ ∂K/∂θⱼ with W = ½ (ααᵀ - K⁻¹)        (Rasmussen & Williams 2006, eq. 5.9)

    y is (n,) with the mean already subtracted. A jitter that K needs is logged for debugging only: a search
    comes here a hundred times.
    """
    if not len(y):
        return 0.0, np.zeros(len(kernel.theta) + 1)
    k, pullback = kernel.value_and_pullback(X)
    L = linalg.cholesky(k, noise if extra is None else noise + extra, logging.DEBUG)
    del k  # n x n numbers are free again before memory is needed most, below
    alpha = linalg.solve(L, y)
    value = log_likelihood(L, y, alpha)
    # ∂K is symmetric: the lower triangle of K⁻¹ - ααᵀ weighs the same as -W, with its diagonal halved.
    # It takes the place of L.
    minus_W = blas.dsyr(-1.0, alpha, lower=1, a=linalg.half_inverse(L, overwrite=True), overwrite_a=1)
    minus_W.ravel(order="F")[:: len(y) + 1] *= 0.5
    return value, -np.concatenate([pullback(minus_W.T), [noise * minus_W.trace()]])
