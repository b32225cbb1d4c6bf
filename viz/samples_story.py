"""The numbers of a bundle of functions: as they are before any data, and after each observation."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from gp import GaussianProcess

from .axis import Array, Axis
from .living import TURN, Bundle, living, prior_bundle
from .panel import (
    limits,
)

CURVES = 5
GRID = 181


@dataclass(frozen=True, eq=False)
class SampleStory:
    """The numbers of every frame: the bundle of functions after each observation, and on the way to it."""

    process: GaussianProcess
    axis: Axis
    X: Array
    y: Array
    truth: Array | None
    samples: int
    seed: int
    places: Array = field(default_factory=lambda: np.linspace(0, 1, GRID))

    @cached_property
    def bundles(self) -> list[Bundle]:
        """After 0, 1, ... n observations, on the grid and then at the observations."""
        grid = np.array(self.axis.values(self.places))[:, None]
        bundles = [prior_bundle(self.process, np.vstack([grid, self.X]), len(self.y))]
        for i in range(len(self.y)):
            bundles.append(self._observe(bundles[-1], i, 1.0))
        return bundles

    def _observe(self, bundle: Bundle, i: int, gain: float) -> Bundle:
        noise = max(self.process.noise, 1e-10)  # two points at one place must not divide by 0
        return bundle.observe(GRID + i, float(self.y[i]), noise, i - len(self.y), gain)

    def between(self, i: int, gain: float) -> Bundle:
        """On the way from i to i + 1 observations."""
        return self._observe(self.bundles[i], i, gain)

    def average_std(self, i: int) -> float:
        """Average σ over the shown range after i observations."""
        return float(self.bundles[i].std[:GRID].mean())

    @cached_property
    def _numbers(self) -> tuple[Array, Array]:
        rng = np.random.default_rng(self.seed)
        shape = (self.bundles[0].root.shape[1], self.samples)
        return rng.standard_normal(shape), rng.standard_normal(shape)

    def curves(self, bundle: Bundle, frame: int) -> Array:
        """The living functions on the grid, (samples, m)."""
        return bundle.curves(living(*self._numbers, frame))[:, :GRID]

    @cached_property
    def limits(self) -> tuple[float, float]:
        """Of y, for the whole film: the prior's ±2σ, all data, and nearly all of every curve."""
        start = self.bundles[0]
        band = [start.mean[:GRID] + s * start.std[:GRID] for s in (-2, 2)]
        curves = [self.curves(bundle, f) for bundle in (start, self.bundles[-1]) for f in range(0, TURN, 6)]
        middle = np.quantile(curves, [0.005, 0.995])
        return limits(*band, self.y, middle, *([] if self.truth is None else [self.truth]))
