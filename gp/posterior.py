"""The function after it has been observed: what is expected, how sure that is, and samples of it.

X (n, d)       observed inputs            mean, std   (m,) posterior of the function at m queries
y (n,)         observed values            noise       variance of y around the function
K (n, n)       k(X, X) + noise I          L           lower triangle, K = L Lᵀ
k (n, m)       k(X, queries)              alpha (n,)  K⁻¹ (y - prior mean)
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.linalg import eigh

from . import linalg
from .data import as_count, as_inputs, as_targets, as_variances
from .errors import DataError
from .likelihood import likelihood_and_gradient, log_likelihood
from .notebook import html_table
from .parameters import Array
from .paths import Path, draw_path

if TYPE_CHECKING:
    from .regression import GaussianProcess


@dataclass(frozen=True, eq=False, repr=False)
class GaussianPosterior:
    """What is known of the function after observing it: immutable, made by `condition`, `fit` or `append`.

    >>> from gp import RBF, GaussianProcess
    >>> posterior = GaussianProcess(RBF(), noise=0.5).condition([[0.0], [9.0]], [3.0, 1.0])
    >>> mean, std = posterior.predict([[0.0]])  # of the function, which the noise hides
    >>> mean.round(3), (std**2).round(3)
    (array([2.]), array([0.333]))
    """

    prior: GaussianProcess
    X: Array
    y: Array
    extra_noise: Array | None
    cholesky: Array
    alpha: Array

    def __post_init__(self) -> None:
        if not np.isfinite(self.alpha).all() or not math.isfinite(self.log_marginal_likelihood):
            raise DataError(f"y up to {np.abs(self.y).max():.3g} overflows in the likelihood; scale y to about 1")
        for array in (self.X, self.y, self.extra_noise, self.cholesky, self.alpha):
            if array is not None:
                array.setflags(write=False)

    def _queries(self, X: Any) -> Array:
        return as_inputs(X, columns=self.X.shape[1])

    def predict(self, X: Any) -> tuple[Array, Array]:
        """Return mean and standard deviation of the function (not of y) at X, (m,) each.

        mean = prior mean + kᵀα,   var = k(x, x) - vᵀv with v = L⁻¹k          (R&W 2006, eq. 2.25, 2.26)
        """
        X = self._queries(X)
        k = self.prior.kernel(self.X, X)
        v = linalg.solve_lower(self.cholesky, k)
        variance = self.prior.kernel.diagonal(X) - np.einsum("ij,ij->j", v, v)
        return self.prior.mean + k.T @ self.alpha, np.sqrt(np.maximum(variance, 0))

    def covariance(self, X: Any) -> Array:
        """Return the posterior covariance of the function at X, (m, m)."""
        X = self._queries(X)
        v = linalg.solve_lower(self.cholesky, self.prior.kernel(self.X, X))
        return self.prior.kernel(X, X) - v.T @ v

    def predict_with_gradient(self, x: Any) -> tuple[Array, Array, Array, Array]:
        """Return mean, std (m,) and their gradients dmean, dstd (m, d) at x (m, d).

        ∇mean = Jᵀα,   ∇var = ∇k(x, x) - 2 JᵀK⁻¹k,   J = ∂k/∂x;   ∇std = ∇var / 2 std, and 0 where std is 0.
        """
        x = self._queries(x)
        kernel = self.prior.kernel
        k = kernel(self.X, x)
        weights = linalg.solve(self.cholesky, k)
        std = np.sqrt(np.maximum(kernel.diagonal(x) - np.einsum("ij,ij->j", k, weights), 0))
        J = kernel.input_gradient(x, self.X)
        dmean = self.alpha @ J
        dvariance = kernel.diagonal_gradient(x) - 2 * (weights.T[:, None, :] @ J)[:, 0, :]
        dstd = np.divide(dvariance, 2 * std[:, None], out=np.zeros_like(dvariance), where=std[:, None] > 0)
        return self.prior.mean + k.T @ self.alpha, std, dmean, dstd

    def predict_gradient(self, x: Any) -> tuple[Array, Array]:
        """Return the gradients of mean and std: (d,) each at one point x (d,), (m, d) each at x (m, d)."""
        x = np.asarray(x, dtype=float)
        _, _, dmean, dstd = self.predict_with_gradient(np.atleast_2d(x))
        return (dmean[0], dstd[0]) if x.ndim == 1 else (dmean, dstd)

    def sample(self, X: Any, size: int = 1, seed: Any = None) -> Array:
        """Draw functions from the posterior, seen jointly at X: (size, m)."""
        X = self._queries(X)
        return draw(self.predict(X)[0], self.covariance(X), size, seed)

    def sample_path(self, seed: Any = None) -> Path:
        """Draw one function from the posterior: path(X) gives its values (m,), path.gradient(x) its gradient."""
        noise = self.prior.noise + (np.zeros(len(self.X)) if self.extra_noise is None else self.extra_noise)
        rng = np.random.default_rng(seed)
        return draw_path(self.prior.kernel, self.prior.mean, self.X, self.y, noise, self.cholesky, rng)

    def cross_covariance(self, X: Any, Z: Any) -> Array:
        """Return the posterior covariance of the function at X (m, d) with that at Z (p, d), (m, p)."""
        X, Z = self._queries(X), self._queries(Z)
        kernel = self.prior.kernel
        v = linalg.solve_lower(self.cholesky, kernel(self.X, X))
        return kernel(X, Z) - v.T @ linalg.solve_lower(self.cholesky, kernel(self.X, Z))

    def append(self, X_new: Any, y_new: Any, *, noise: Any = None) -> GaussianPosterior:
        """Return the posterior with observations added and nothing refitted, in O(n²) a point.

        L' = [[L, 0], [lᵀ, c]],   l = L⁻¹k,   c cᵀ = k(x, x) + noise - lᵀl          (Osborne 2010)

        `noise` (q,) adds variances to the new points: with v (1/g - 1), where v = std² + prior noise, the
        result is the posterior that is a share g of the way to having seen the point.
        """
        X_new = self._queries(X_new)
        y_new = as_targets(y_new, len(X_new), "y_new")
        extra = None if noise is None else as_variances(noise, len(X_new))
        X, y = np.vstack([self.X, X_new]), np.append(self.y, y_new)
        all_extra = self._joined_noise(extra, len(X_new))
        block = linalg.with_noise(self.prior.kernel(X_new, X_new), self.prior.noise, extra)
        l = linalg.solve_lower(self.cholesky, self.prior.kernel(self.X, X_new))
        rest = block - l.T @ l
        # Where rounding has eaten the rest, only a factorisation of the whole, with jitter, is safe.
        if (np.diagonal(rest) <= np.finfo(float).eps * len(X) * np.diagonal(block)).any():
            return self.prior.condition(X, y, noise=all_extra)
        corner = linalg.cholesky(rest)
        n = len(self.X)
        L = np.zeros((len(X), len(X)), order="F")
        L[:n, :n], L[n:, :n], L[n:, n:] = self.cholesky, l.T, corner
        return GaussianPosterior(self.prior, X, y, all_extra, L, linalg.solve(L, y - self.prior.mean))

    def _joined_noise(self, extra: Array | None, q: int) -> Array | None:
        if self.extra_noise is None and extra is None:
            return None
        old = np.zeros(len(self.X)) if self.extra_noise is None else self.extra_noise
        return np.append(old, np.zeros(q) if extra is None else extra)

    @cached_property
    def log_marginal_likelihood(self) -> float:
        """log p(y | X) under the prior's hyperparameters (R&W 2006, eq. 2.30)."""
        return log_likelihood(self.cholesky, self.y - self.prior.mean, self.alpha)

    @property
    def observed_mean(self) -> Array:
        """Posterior mean at the observed points, (n,), without k(X, X): y - noise α, because K α = y - prior mean."""
        noise = self.prior.noise if self.extra_noise is None else self.prior.noise + self.extra_noise
        return self.y - (noise + self._jitter(noise)) * self.alpha

    def _jitter(self, noise: float | Array) -> float:
        """What was added to the diagonal to make K positive definite, 0 as a rule: L Lᵀ has it, k and noise do not."""
        diagonal = self.prior.kernel.diagonal(self.X) + noise
        added = float(np.mean(np.einsum("ij,ij->i", self.cholesky, self.cholesky) - diagonal))
        return added if added > linalg.JITTERS[1] / 2 * float(np.mean(diagonal)) else 0.0

    @property
    def log_posterior(self) -> float:
        """log p(y | X) plus the log priors of the hyperparameters: what `fit` makes as large as it can."""
        return self.log_marginal_likelihood + self.prior.log_prior

    @cached_property
    def log_marginal_likelihood_gradient(self) -> Array:
        """Gradient of log p(y | X) with respect to the kernel's theta, then log noise: (p + 1,) (R&W 2006, eq. 5.9)."""
        y = self.y - self.prior.mean
        return likelihood_and_gradient(self.prior.kernel, self.prior.noise, self.X, y, self.extra_noise)[1]

    def leave_one_out(self) -> tuple[Array, Array]:
        """Return mean and std of each y_i given all the others, noise included (R&W 2006, eq. 5.12).

        mean = yᵢ - αᵢ / K⁻¹ᵢᵢ,   var = 1 / K⁻¹ᵢᵢ
        """
        precision = np.diagonal(linalg.half_inverse(self.cholesky))
        return self.y - self.alpha / precision, np.sqrt(1 / precision)

    def __repr__(self) -> str:
        return f"GaussianPosterior({len(self.y)} points, {self.prior.kernel!r}, noise={self.prior.noise:.3g})"

    def _repr_html_(self) -> str:
        learned = [*self.prior.kernel.parameters.items(), ("noise", self.prior.noise)]
        rows = [("kernel", self.prior.kernel), *learned, ("log marginal likelihood", self.log_marginal_likelihood)]
        return html_table(f"GaussianPosterior of {len(self.y)} points", rows)


def draw(mean: Array, covariance: Array, size: int, seed: Any) -> Array:
    """mean + V √λ z: by eigenvectors, because a posterior covariance is often singular."""
    size = as_count("size", size)
    eigenvalues, V = eigh(covariance) if len(mean) else (np.zeros(0), np.zeros((0, 0)))
    z = np.random.default_rng(seed).standard_normal((size, len(mean)))
    return mean + (z * np.sqrt(np.maximum(eigenvalues, 0))) @ V.T
