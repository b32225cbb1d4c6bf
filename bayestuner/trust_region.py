"""A box that moves with the best point and breathes with success: search near what is good, in many dimensions.

    L          length of the box's sides before they are stretched by the lengthscales, in the unit cube
    good       values turned so that larger is better; None for a failed or infeasible trial

TuRBO-1 (Eriksson, Pearce, Gardner, Turner & Poloczek, NeurIPS 2019). Everything follows from the values told, in
their order, so that a resumed run has the same box.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from gp import Kernel

from .scaling import Array
from .space import Categorical, Space

FIRST, SHORTEST, LONGEST = 0.8, 2.0**-7, 1.6
ENOUGH_SUCCESSES = 3  # in a row: the box doubles
GAIN = 1e-3  # of |best|: less is no success
LENGTHSCALES = (0.005, 2.0)  # a lengthscale beyond says only "short" or "does not matter"


@dataclass(frozen=True)
class TrustRegion:
    """The length of the box and what has happened since it was last changed."""

    length: float = FIRST
    successes: int = 0
    failures: int = 0
    best: float = -math.inf
    begin: int = 0  # so many trials had been told when this region was started
    seen: int = 0  # trials told since

    def after(self, good: float | None, d: int, n_initial: int) -> TrustRegion:
        """The region after one more trial: the first n_initial only say what there is to beat."""
        better = good is not None and (math.isinf(self.best) or good > self.best + GAIN * abs(self.best))
        told = replace(self, best=self.best if good is None else max(self.best, good), seen=self.seen + 1)
        if told.seen <= n_initial:
            return told
        if better:
            told = replace(told, successes=self.successes + 1, failures=0)
        else:
            told = replace(told, successes=0, failures=self.failures + 1)
        return told._resized(d)

    def _resized(self, d: int) -> TrustRegion:
        """Doubled after enough successes, halved after max(4, d) failures, restarted if tiny."""
        if self.successes >= ENOUGH_SUCCESSES:
            return replace(self, length=min(2 * self.length, LONGEST), successes=0)
        if self.failures < max(4, d):
            return self
        if self.length / 2 < SHORTEST:
            return TrustRegion(begin=self.begin + self.seen)
        return replace(self, length=self.length / 2, failures=0)

    def box(self, center: Array, lengthscales: Array) -> Array:
        """(d, 2): sides wᵢ L around the center, clipped to the unit cube.

        wᵢ = ℓᵢ / (Π ℓ)^(1/d): longer where the function varies slowly, and the volume that of a cube of side L.
        """
        w = lengthscales / lengthscales.mean()
        w = w / np.prod(w ** (1 / len(w)))
        half = w * self.length / 2
        return np.clip(np.stack([center - half, center + half], axis=1), 0.0, 1.0)


def replay(goods: Iterable[float | None], d: int, n_initial: int) -> TrustRegion:
    """The region after all trials told so far."""
    region = TrustRegion()
    for good in goods:
        region = region.after(good, d, n_initial)
    return region


def box_in_space(region: TrustRegion, space: Space, center: Array, kernel: Kernel) -> Array:
    """The region's box (width, 2) around a place of a space; all choices of a category are in it."""
    bounds = space.bounds
    ordered = np.array([not isinstance(d, Categorical) for d in space.dimensions.values()])[list(space.groups)]
    if ordered.any():
        lengthscales = column_lengthscales(kernel, space.groups)
        bounds[ordered] = region.box(center[ordered], lengthscales[ordered])
    return bounds


def column_lengthscales(kernel: Kernel, groups: Sequence[int]) -> Array:
    """The kernel's lengthscale along each column, (width,); all 1 where it has none for each."""
    count = max(groups) + 1
    for name, value in kernel.parameters.items():
        if name.rsplit(".")[-1] == "lengthscale" and isinstance(value, tuple):
            if len(value) == len(groups):
                return np.clip(np.array(value), *LENGTHSCALES)
            if len(value) == count:
                return np.clip(np.array(value)[list(groups)], *LENGTHSCALES)
    return np.ones(len(groups))
