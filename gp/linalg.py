"""The linear algebra of a Gaussian process: factor once, then only solve with triangles.

    K   (n, n) symmetric positive definite      L   (n, n) lower triangle with L Lᵀ = K

LAPACK is called by its own names, because for the small matrices of a search
the checks of the friendlier functions would cost more than the arithmetic.
"""

from __future__ import annotations

import logging
import math

import numpy as np
from scipy.linalg import lapack

from .errors import DataError
from .parameters import Array

logger = logging.getLogger("bayestuner")
logger.addHandler(logging.NullHandler())  # silent until a program asks to hear


JITTERS = (0.0, *(10.0**e for e in range(-10, -3)))


def with_noise(K: Array, noise: float | Array, extra: Array | None = None) -> Array:
    """K plus the noise variance, and the extra variances of single points, on its diagonal; a new matrix."""
    noisy = K.copy(order="K")
    noisy.ravel(order="K")[:: len(K) + 1] += noise if extra is None else noise + extra
    return noisy


def cholesky(K: Array, noise: float | Array = 0.0, level: int = logging.WARNING) -> Array:
    """Return the lower triangle L of K + noise I = L Lᵀ, adding the smallest jitter that makes it positive definite.

    Nothing is added where it factors as it is. Otherwise 1e-10, 1e-9, ... 1e-4 times the
    mean of the diagonal is tried in turn, and what was added is logged, at the given level.
    Raises DataError where K is not finite or no jitter helps. K stays as it is.
    """
    if not len(K):
        return np.zeros((0, 0))
    for share in JITTERS:
        jitter = share * float(np.mean(K.diagonal() + noise)) if share else 0.0
        noisy = with_noise(K, noise + jitter)
        # LAPACK counts columns first; a symmetric matrix is its own transpose, so nothing need be copied.
        L, failed = lapack.dpotrf(noisy if noisy.flags.f_contiguous else noisy.T, lower=1, clean=1, overwrite_a=1)
        if not failed and math.isfinite(L.trace()):
            if share:
                logger.log(level, "covariance matrix nearly singular: added %.1e to its diagonal", jitter)
            return _array(L)
        if not share and not np.isfinite(K).all():
            raise DataError("the covariance matrix has NaN or inf; scale X and y to about 1 and look at the kernel")
    raise DataError(
        "the covariance matrix is not positive definite, even with 1e-4 of its size added to the diagonal; "
        "use a larger noise, or look at this kernel with gp.check_kernel(kernel, X)"
    )


def solve_lower(L: Array, B: Array) -> Array:
    """Solve L V = B for V; B is (n,) or (n, m)."""
    if not B.size:
        return np.zeros(B.shape)
    return _array(lapack.dtrtrs(L, B, lower=1)[0])


def solve(L: Array, B: Array) -> Array:
    """Solve L Lᵀ V = B for V; B is (n,) or (n, m)."""
    if not B.size:
        return np.zeros(B.shape)
    return _array(lapack.dpotrs(L, B, lower=1)[0])


def half_inverse(L: Array, overwrite: bool = False) -> Array:
    """Return the lower triangle of (L Lᵀ)⁻¹, zeros above: a symmetric sum needs no more, and mirroring it costs."""
    return _array(lapack.dpotri(L, lower=1, overwrite_c=overwrite)[0]) if len(L) else L


def _array(values: Array) -> Array:
    """For the type checker: LAPACK's functions say nothing of what they return."""
    return values
