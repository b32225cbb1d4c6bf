"""Climb a function from many starts at once: a quasi-Newton method inside a box.

    x (m, d)   one point for each start      H (m, d, d)   each start's own estimate of -(Hessian)⁻¹
    g (m, d)   gradients                     t (m,)        the length of each start's next step

All starts are evaluated as one batch, so that m starts cost hardly more than one.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
ValueAndGradient = Callable[[Array], tuple[Array, Array]]

SUFFICIENT = 1e-4  # the share of the promised gain that a step must bring (Armijo)
FIRST_STEP = 0.1  # of the box: the length of the first step, when nothing is known of the curvature
SHORTEST = 1e-10


def ascend(
    evaluate: ValueAndGradient,
    starts: Array,
    bounds: Array,
    *,
    iterations: int = 60,
    tolerance: float = 1e-6,
    enough: float = 0.0,
    hope: float = math.inf,
) -> tuple[Array, Array]:
    """Return the tops (m, d) reached from the starts, and their values (m,).

    Projected BFGS (Bertsekas 1982; Nocedal & Wright 2006, algorithm 6.1). A coordinate at a
    bound with the gradient pointing outwards is held. In every iteration each start tries one
    step: one that gains enough is taken and updates its H, any other is shortened and tried again.
    bounds is (d, 2). No value ever falls below that of its start.

    A start has arrived when its gradient is below `tolerance`, or when its next step promises a gain gᵀHg below
    `enough`; both count in units of the steepest gradient at the starts, where that is below 1. With a finite `hope`,
    for those who want the highest top alone, a start is given up, too, when `hope` times its promised gain would not
    make it the highest: most climb the same hill, or a lower one.
    """
    low, high = bounds.T
    box = high - low

    def in_cube(u: Array) -> tuple[Array, Array]:
        value, gradient = evaluate(_clip(low + u * box, low, high))
        gradient = gradient * box
        if not np.isfinite(gradient).all():
            gradient = np.nan_to_num(gradient)
        return np.where(np.isnan(value), -np.inf, value), gradient

    x = np.clip(np.divide(starts - low, box, out=np.zeros_like(starts), where=box > 0), 0.0, 1.0)
    value, g = in_cube(x)
    steepest = min(1.0, np.abs(g).max(initial=0.0))  # an acquisition may be small everywhere
    tolerance, enough = tolerance * steepest, enough * steepest
    H, t = _identity(x), np.ones(len(x))
    direction = _direction(x, g, H)
    direction *= _first_length(direction)[:, None]
    live = np.ones(len(x), dtype=bool)
    for _ in range(iterations):
        promise = np.einsum("ij,ij->i", g, direction)
        live &= (np.abs(_free(x, g) * g).max(axis=1) > tolerance) & (t * promise > enough) & (t > SHORTEST)
        if hope < math.inf:
            live &= value + hope * promise >= value.max(initial=-math.inf)
        if not live.any():
            break
        rows = np.flatnonzero(live)
        trial = _clip(x[rows] + t[rows, None] * direction[rows], 0.0, 1.0)
        step = trial - x[rows]
        trial_value, trial_g = in_cube(trial)
        promised = np.einsum("ij,ij->i", g[rows], step)
        taken = trial_value > value[rows] + SUFFICIENT * np.maximum(promised, 0.0)
        t[rows[~taken]] *= np.where(np.isfinite(trial_value[~taken]), 0.3, 0.1)
        won = rows[taken]
        # A coordinate that was held says nothing of the curvature along the others.
        change = np.where(step[taken] == 0, 0.0, g[won] - trial_g[taken])
        H[won] = _bfgs(H[won], step[taken], change)
        x[won], value[won], g[won] = trial[taken], trial_value[taken], trial_g[taken]
        direction[won], t[won] = _direction(x[won], g[won], H[won]), 1.0
    return np.asarray(np.clip(low + x * box, low, high), dtype=np.float64), value


def _clip(x: Array, low: Array | float, high: Array | float) -> Array:
    return np.asarray(np.minimum(np.maximum(x, low), high))  # np.clip in a third of its time, for small arrays


def _identity(x: Array) -> Array:
    return np.tile(np.eye(x.shape[1]), (len(x), 1, 1))


def _free(x: Array, g: Array) -> Array:
    """1 where a coordinate may move, 0 where it is held at its bound."""
    held = ((x <= 0) & (g < 0)) | ((x >= 1) & (g > 0))
    return np.where(held, 0.0, 1.0)


def _direction(x: Array, g: Array, H: Array) -> Array:
    """H g among the free coordinates; the plain gradient where that would not climb."""
    free = _free(x, g)
    held_g = free * g
    direction = free * np.einsum("mij,mj->mi", H, held_g)
    climbs = np.einsum("ij,ij->i", direction, held_g) > 0
    return np.where(climbs[:, None], direction, held_g)


def _first_length(direction: Array) -> Array:
    largest = np.abs(direction).max(axis=1)
    return FIRST_STEP / np.where(largest > 0, largest, 1.0)


def _bfgs(H: Array, s: Array, y: Array) -> Array:
    """H' = (I - ρ s yᵀ) H (I - ρ y sᵀ) + ρ s sᵀ, ρ = 1 / yᵀs; unchanged where the curvature is not that of a top."""
    sy, yy = np.einsum("mi,mi->m", s, y), np.einsum("mi,mi->m", y, y)
    good = sy > 1e-10 * np.sqrt(np.einsum("mi,mi->m", s, s) * yy)
    rho = np.where(good, 1 / np.where(good, sy, 1.0), 0.0)[:, None, None]
    identity = np.eye(s.shape[1])
    # Before its first update H is the identity; the usual scaling makes it of the right size (N&W eq. 6.20).
    fresh = (identity == H).all(axis=(1, 2)) & good
    if fresh.any():
        H = np.where(fresh[:, None, None], identity * (sy / np.where(good, yy, 1.0))[:, None, None], H)
    left = identity - rho * s[:, :, None] * y[:, None, :]
    return left @ H @ left.transpose(0, 2, 1) + rho * s[:, :, None] * s[:, None, :]
