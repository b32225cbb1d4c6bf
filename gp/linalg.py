"""The linear algebra of a Gaussian process: factor once, then only solve with triangles.

    K   (n, n) symmetric positive definite      L   (n, n) lower triangle with L L^T = K

LAPACK is called by its own names, because for the small matrices of a search
the checks of the friendlier functions would cost more than the arithmetic.
"""

from __future__ import annotations

import logging

import numpy as np
from scipy.linalg import lapack

from .errors import DataError
from .parameters import Array

logger = logging.getLogger("bayestuner")
logger.addHandler(logging.NullHandler())  # silent until a program asks to hear


def cholesky(K: Array, level: int = logging.WARNING) -> Array:
    """Return the lower triangle L of K = L L^T, adding the smallest jitter that makes K positive definite.

    Nothing is added where K factors as it is. Otherwise 1e-10, 1e-9, ... 1e-4 times the
    mean of the diagonal is tried in turn, and what was added is logged, at the given level.
    Raises DataError where K is not finite or no jitter helps.
    """
    if not len(K):
        return np.zeros((0, 0))
    L, failed = lapack.dpotrf(K, lower=1, clean=1)
    if not failed and np.isfinite(np.diagonal(L)).all():
        return _array(L)
    if not np.isfinite(K).all():
        raise DataError("the covariance matrix has NaN or inf; scale X and y to about 1 and look at the kernel")
    for jitter in 10.0 ** np.arange(-10, -3) * np.mean(np.diagonal(K)):
        L, failed = lapack.dpotrf(K + jitter * np.eye(len(K)), lower=1, clean=1)
        if not failed:
            logger.log(level, "covariance matrix nearly singular: added %.1e to its diagonal", jitter)
            return _array(L)
    raise DataError(
        "the covariance matrix is not positive definite, even with 1e-4 of its size added to the diagonal; "
        "use a larger noise, or look at the kernel with gp.check_kernel"
    )


def solve_lower(L: Array, B: Array) -> Array:
    """Solve L V = B for V; B is (n,) or (n, m)."""
    if not B.size:
        return np.zeros(B.shape)
    return _array(lapack.dtrtrs(L, B, lower=1)[0])


def solve(L: Array, B: Array) -> Array:
    """Solve L L^T V = B for V; B is (n,) or (n, m)."""
    if not B.size:
        return np.zeros(B.shape)
    return _array(lapack.dpotrs(L, B, lower=1)[0])


def half_inverse(L: Array) -> Array:
    """Return the lower triangle of (L L^T)⁻¹, zeros above: a symmetric sum needs no more, and mirroring it costs."""
    return _array(lapack.dpotri(L, lower=1)[0]) if len(L) else L


def _array(values: Array) -> Array:
    return values
