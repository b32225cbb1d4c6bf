"""How probable the observations are under a kernel: the marginal likelihood and its gradient.

K = k(X, X) + noise I = L L^T       alpha = K⁻¹ y       theta   (p,) log parameters of the kernel
"""

from __future__ import annotations

import logging
import math

import numpy as np

from . import linalg
from .base import Kernel
from .parameters import Array

LOG_2PI = math.log(2 * math.pi)


def with_noise(K: Array, noise: float, extra: Array | None = None) -> Array:
    """K plus the noise variance, and the extra variances of single points, on its diagonal; a new matrix."""
    noisy = np.array(K, order="F")
    noisy.ravel(order="K")[:: len(K) + 1] += noise if extra is None else noise + extra
    return noisy


@np.errstate(over="ignore", invalid="ignore")  # a y beyond all bounds has likelihood 0, and that is an answer
def log_likelihood(L: Array, y: Array, alpha: Array) -> float:
    """log p(y | X) = -½ yᵀα - Σ log Lᵢᵢ - n/2 log 2π (Rasmussen & Williams 2006, eq. 2.30)."""
    return float(-0.5 * (y @ alpha) - np.log(np.diagonal(L)).sum() - 0.5 * len(y) * LOG_2PI)


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
    K, pullback = kernel.value_and_pullback(X)
    L = linalg.cholesky(with_noise(K, noise, extra), logging.DEBUG)
    alpha = linalg.solve(L, y)
    value = log_likelihood(L, y, alpha)
    half = linalg.half_inverse(L)
    del K, L  # n x n each, and the most memory is needed below
    # ∂K is symmetric, so one triangle of K⁻¹ counted twice weighs the same as both.
    W = np.outer(0.5 * alpha, alpha)
    W -= half.T
    W.ravel()[:: len(y) + 1] += 0.5 * np.diagonal(half)
    del half
    return value, np.append(pullback(W), noise * np.trace(W))
