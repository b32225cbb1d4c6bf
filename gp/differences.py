"""Derivatives by differences, for kernels and acquisitions that know no formula of theirs."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from .parameters import Array

STEP = 1e-6  # of 1 + |x|


def slopes(f: Callable[[Array], Array], x: Array) -> Array:
    """Differences of f along each coordinate at the rows of x (b, d), for f(x) of shape (b, ...): (b, ..., d).

        ∂f/∂xᵢ ≈ (f(x + hᵢ) - f(x - hᵢ)) / 2hᵢ

    One-sided where f has a value on one side only: at the edge of what it is defined on, as √x is at 0.

    >>> slopes(lambda x: x[:, 0] * x[:, 1], np.array([[2.0, 5.0]])).round(6)
    array([[5., 2.]])
    """
    return np.stack([_slope(f, x, h) for h in np.eye(x.shape[1])[:, None] * STEP * (1 + np.abs(x))], axis=-1)


def _slope(f: Callable[[Array], Array], x: Array, h: Array) -> Array:
    ahead, behind = x + h, x - h
    with np.errstate(invalid="ignore", divide="ignore"):  # a point beyond the edge; -inf on both sides
        high, low = f(ahead), f(behind)
        slope = _ratio(high - low, ahead - behind)
        if np.isfinite(slope).all():
            return slope
        here = f(x)
        forward, backward = _ratio(high - here, ahead - x), _ratio(here - low, x - behind)
        return np.where(np.isfinite(slope), slope, np.where(np.isfinite(forward), forward, backward))


def _ratio(rise: Array, run: Array) -> Array:
    """Each row's rise by its one step, of which all other entries are 0."""
    width = run.sum(axis=-1)
    return rise / width.reshape(-1, *[1] * (rise.ndim - 1))
