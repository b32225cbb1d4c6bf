"""One function drawn from a posterior, as a function: it can be called, and climbed, anywhere.

    f(x) = g(x) + k(x, X) K⁻¹ (y - g(X) - ε)          (Matheron's rule; Wilson et al. 2020, arXiv 2002.09309)

g is drawn from the prior as a sum of cosines, random Fourier features (Rahimi & Recht 2007); where a kernel has no
spectrum to draw from, g is drawn at points of a Sobol sequence and continued between them by the kernel: far from
these, as where a short lengthscale meets many dimensions, such a path varies too little, and of White nothing is
left. The parts of a sum of kernels are drawn apart: together a large part would leave few features to a small one.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from scipy.linalg import eigh

from . import linalg
from .algebra import Sum
from .base import Kernel
from .parameters import Array

FEATURES = 1024
SUPPORT = 512


class PriorPath(Protocol):
    """A function drawn from a prior with mean 0."""

    def __call__(self, X: Array) -> Array:
        """Values at X (m, d), (m,)."""

    def gradient(self, x: Array) -> Array:
        """Gradients at x (m, d), (m, d)."""


@dataclass(frozen=True, eq=False)
class Cosines:
    """g(x) = Σ aⱼ cos(ωⱼ · x + bⱼ): frequencies ω (p, d), phases b (p,), amplitudes a (p,)."""

    frequencies: Array
    phases: Array
    amplitudes: Array

    def __call__(self, X: Array) -> Array:
        return np.cos(X @ self.frequencies.T + self.phases) @ self.amplitudes

    def gradient(self, x: Array) -> Array:
        return -(np.sin(x @ self.frequencies.T + self.phases) * self.amplitudes) @ self.frequencies


@dataclass(frozen=True, eq=False)
class Continued:
    """g(x) = k(x, Z) w: values drawn at points Z (p, d), continued by the kernel."""

    kernel: Kernel
    Z: Array
    weights: Array

    def __call__(self, X: Array) -> Array:
        return self.kernel(X, self.Z) @ self.weights

    def gradient(self, x: Array) -> Array:
        return self.weights @ self.kernel.input_gradient(x, self.Z)


@dataclass(frozen=True, eq=False)
class Added:
    """g = g1 + g2: what is drawn from a sum of kernels."""

    left: PriorPath
    right: PriorPath

    def __call__(self, X: Array) -> Array:
        return self.left(X) + self.right(X)

    def gradient(self, x: Array) -> Array:
        return self.left.gradient(x) + self.right.gradient(x)


@dataclass(frozen=True, eq=False)
class Path:
    """One function drawn from a posterior: path(X) and path.gradient(x)."""

    kernel: Kernel
    mean: float
    prior_path: PriorPath
    X: Array
    weights: Array

    def __call__(self, X: Any) -> Array:
        """Values of the function at X (m, d), (m,)."""
        X = np.asarray(X, dtype=float)
        return self.mean + self.prior_path(X) + self.kernel(X, self.X) @ self.weights

    def gradient(self, x: Any) -> Array:
        """Gradient of the function: (d,) at x (d,), (m, d) at x (m, d)."""
        points = np.atleast_2d(np.asarray(x, dtype=float))
        result = self.prior_path.gradient(points) + self.weights @ self.kernel.input_gradient(points, self.X)
        return result[0] if np.ndim(x) == 1 else result


def draw_path(
    kernel: Kernel, mean: float, X: Array, y: Array, noise: Array, L: Array, rng: np.random.Generator
) -> Path:
    """Draw a function given y at X with noise variances (n,) and the triangle L of K."""
    prior_path = draw_prior_path(kernel, X, rng)
    residual = y - mean - prior_path(X) - np.sqrt(noise) * rng.standard_normal(len(y))
    return Path(kernel, mean, prior_path, X, linalg.solve(L, residual))


def draw_prior_path(kernel: Kernel, X: Array, rng: np.random.Generator) -> PriorPath:
    """Draw a function from the prior with this kernel."""
    if isinstance(kernel, Sum):
        return Added(draw_prior_path(kernel.left, X, rng), draw_prior_path(kernel.right, X, rng))
    drawn = kernel.frequencies(FEATURES, X.shape[1], rng)
    if drawn is None:
        return _continued(kernel, X, rng)
    frequencies, variance = drawn
    if not frequencies.any():  # a constant: one feature is all there is to draw
        return Cosines(frequencies[:1], np.zeros(1), math.sqrt(variance) * rng.standard_normal(1))
    phases = rng.uniform(0, 2 * np.pi, FEATURES)
    return Cosines(frequencies, phases, np.sqrt(2 * variance / FEATURES) * rng.standard_normal(FEATURES))


def _continued(kernel: Kernel, X: Array, rng: np.random.Generator) -> Continued:
    """Values at Sobol points of the box around X and the unit cube, and at X, drawn jointly."""
    from scipy.stats import qmc  # at first use: importing scipy.stats takes longer than all the rest

    low, high = np.minimum(X.min(axis=0, initial=0.0), 0.0), np.maximum(X.max(axis=0, initial=1.0), 1.0)
    Z = np.vstack([X, low + (high - low) * qmc.Sobol(X.shape[1], rng=rng).random(SUPPORT)])
    eigenvalues, V = eigh(kernel(Z, Z))
    kept = eigenvalues > 1e-10 * eigenvalues[-1]
    weights = V[:, kept] @ (rng.standard_normal(kept.sum()) / np.sqrt(eigenvalues[kept]))
    return Continued(kernel, Z, weights)
