"""The numbers of a sweep: the model under every value of a hyperparameter, and how likely each makes the data."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from bayestuner import ParameterError
from gp import GaussianPosterior, linalg
from gp.linalg import with_noise

from .axis import Array
from .panel import (
    limits,
)
from .sweep import Evidence, evidence, full_name, swept, value_of, verdict
from .text import significant
from .view import View

VALUES = 241
KINDS = {"lengthscale": "length-scale", "noise": "noise", "amplitude": "amplitude"}


@dataclass(frozen=True, eq=False)
class Sweep:
    """The numbers: values from the smallest to the largest, the model under each, and its evidence."""

    view: View
    parameter: str
    truth: Array | None = None

    def __post_init__(self) -> None:
        self.name  # noqa: B018 - a name that means nothing is refused before anything is drawn
        if len(self.view.y) < 2:
            raise ParameterError(f"a sweep needs at least 2 observations, the model has {len(self.view.y)}")

    @property
    def name(self) -> str:
        """The parameter's full name."""
        return full_name(self.view.posterior.prior, self.parameter)

    @property
    def kind(self) -> str:
        """Which of the three it is: "lengthscale", "noise" or "amplitude"."""
        last = self.name.rsplit(".")[-1]
        kind = "amplitude" if last == "value" else last
        if kind not in KINDS:
            raise ParameterError(f"parameter must be a lengthscale, the noise or an amplitude, got {self.parameter!r}")
        return kind

    @cached_property
    def values(self) -> Array:
        """In the model's units, evenly spread on a log scale; the model's own value lies within."""
        now = value_of(self.view.posterior.prior, self.name)
        variance = float(np.var(self.view.posterior.y)) or 1.0
        reach = self.view.reach
        low, high = {
            "lengthscale": (0.02 / reach, 2.0 / reach),
            "noise": (1e-6 * variance, 2.0 * variance),
            "amplitude": (0.03 * variance, 12.0 * variance),
        }[self.kind]
        return np.geomspace(min(low, now / 1.5), max(high, now * 1.5), VALUES)

    @cached_property
    def posteriors(self) -> list[GaussianPosterior]:
        """Under each value, all else as it is."""
        return swept(self.view.posterior, self.name, self.values.tolist())

    @cached_property
    def evidences(self) -> list[Evidence]:
        """Under each value, for the data in the user's units."""
        log_slope = float(self.view.scaling.log_slope(self.view.y).sum())
        return [evidence(posterior, log_slope) for posterior in self.posteriors]

    @cached_property
    def totals(self) -> Array:
        """Log marginal likelihood under each value."""
        return np.array([e.total for e in self.evidences])

    @property
    def best(self) -> int:
        """The index of the most likely value."""
        return int(self.totals.argmax())

    def verdict(self, index: int) -> str:
        """Whether a value is "short", "right" or "long"."""
        best = self.best
        return verdict(self.values[index], self.totals[index], self.values[best], self.totals[best])

    def shown(self, value: float) -> float:
        """A value in the user's units; noise and amplitude as standard deviations."""
        return self.view.length(value) if self.kind == "lengthscale" else float(self.view.scaling.std(math.sqrt(value)))

    def words(self, value: float) -> str:
        """A value in words."""
        return self.view.length_words(value) if self.kind == "lengthscale" else f"±{significant(self.shown(value), 2)}"

    # ---- curves

    def line(self, index: int) -> tuple[Array, Array]:
        """Mean and std under a value."""
        return self.view.line(self.posteriors[index])

    def samples(self, index: int, count: int = 3, seed: int = 0) -> Array:
        """Functions drawn under a value, (count, m): the same random numbers for all, so that they only stretch."""
        posterior = self.posteriors[index]
        process, U, X = posterior.prior, self.view.U, posterior.X
        points = np.vstack([U, X])
        K = process.kernel(points, points)
        L = linalg.cholesky(with_noise(K, 1e-8 * float(np.mean(np.diagonal(K)))))
        rng = np.random.default_rng(seed)
        prior = process.mean + L @ rng.standard_normal((len(points), count))
        extra = np.zeros(len(X)) if posterior.extra_noise is None else posterior.extra_noise
        seen = prior[len(U) :] + np.sqrt(process.noise + extra)[:, None] * rng.standard_normal((len(X), count))
        weights = linalg.solve(posterior.cholesky, posterior.y[:, None] - seen)
        return self.view.scaling.mean((prior[: len(U)] + K[: len(U), len(U) :] @ weights).T)

    @cached_property
    def limits(self) -> tuple[float, float]:
        """Of y, for all values: nearly all of every band, all data and the truth."""
        bands = [self.view.scaling.interval(*self.line(index), 2) for index in range(0, VALUES, 6)]
        return limits(np.quantile(bands, [0.02, 0.98]), self.view.y, *([] if self.truth is None else [self.truth]))

    def likeness(self, index: int) -> Array:
        """The kernel against distance: from one end of the axis; of y where the noise is swept."""
        process, U = self.posteriors[index].prior, self.view.U
        k = process.kernel(U[:1], U)[0]
        if self.kind == "amplitude":
            return k * self.view.scaling.scale**2
        return k / (k[0] + (process.noise if self.kind == "noise" else 0.0))
