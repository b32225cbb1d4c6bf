"""Functions drawn from a model that move, and bend as data arrive, and are exact draws in every frame.

P (m, d)     the points where the functions are seen: a grid, and the places of the observations
root (m, r)  covariance of the functions at P = root rootᵀ
z (r, s)     standard normal numbers, one column a function
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import eigh

from gp import GaussianProcess

Array = NDArray[np.float64]

TURN = 48  # frames of a full turn


@dataclass(frozen=True, eq=False)
class Bundle:
    """A normal distribution of functions at points P: f = mean + root z."""

    mean: Array
    root: Array

    @property
    def std(self) -> Array:
        """Standard deviation at each point, (m,)."""
        return np.asarray(np.sqrt(np.einsum("ij,ij->i", self.root, self.root)))

    def curves(self, z: Array) -> Array:
        """The functions of these numbers z (r, s), one a row: (s, m)."""
        return (self.mean[:, None] + self.root @ z).T

    def observe(self, point: int, y: float, noise: float, fresh: int, gain: float = 1.0) -> Bundle:
        """Bend every function by an observation y at P[point] with a noise variance, seen with gain g in [0, 1].

            f' = f + g c/v (y - f(x*) - ε),   c = cov(f, f(x*)),   v = c(x*) + noise,   var ε = noise + v (1/g - 1)

        Matheron's rule for y measured with so much extra noise; ε is row `fresh` of z, not used before.
        """
        c = self.root @ self.root[point]
        v = c[point] + noise
        row = gain * self.root[point]
        row[fresh] += math.sqrt(gain * (gain * noise + v * (1 - gain)))
        return Bundle(self.mean + gain * c / v * (y - self.mean[point]), self.root - np.outer(c / v, row))


def prior_bundle(process: GaussianProcess, points: Array, observations: int) -> Bundle:
    """The functions of a prior at points (m, d), with room for the noise of so many observations."""
    eigenvalues, V = eigh(process.kernel(points, points))
    kept = eigenvalues > 1e-14 * eigenvalues[-1]
    root = V[:, kept] * np.sqrt(eigenvalues[kept])
    return Bundle(np.full(len(points), process.mean), np.hstack([root, np.zeros((len(points), observations))]))


def living(z0: Array, z1: Array, frame: int, turn: int = TURN) -> Array:
    """z(t) = cos t z0 + sin t z1, t = 2π frame / turn: standard normal at every t, and back at z0 after a turn."""
    t = 2 * math.pi * (frame % turn) / turn
    return math.cos(t) * z0 + math.sin(t) * z1
