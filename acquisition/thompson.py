"""Trust one draw: try the top of a function that the model thinks possible."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any, Self

import numpy as np

from .base import Acquisition, Array, Posterior, checked_count
from .errors import AcquisitionError


@dataclass(frozen=True)
class ThompsonSampling(Acquisition):
    """The value of one function drawn from the posterior (Thompson 1933).

    Where the model is unsure, its functions differ, and so do the points that it tries. `prepare` draws the
    function by its seed, a new one for each suggestion unless `seed` is given; the posterior needs `sample_path`.

    >>> from gp import RBF, GaussianProcess
    >>> posterior = GaussianProcess(RBF()).condition([[0.0]], [1.0])
    >>> ThompsonSampling(seed=0)(posterior, np.array([[0.0]]), best=1.0).round(1)
    array([1.])
    """

    seed: int | None = None
    _drawn: tuple[Any, Any] | None = field(default=None, init=False, repr=False, compare=False)

    label = "Thompson"

    def __post_init__(self) -> None:
        if self.seed is not None:
            object.__setattr__(self, "seed", checked_count("ThompsonSampling", "seed", self.seed))

    def prepare(
        self, posterior: Posterior, best: float, bounds: Array, *, seed: Any, seconds: Posterior | None = None
    ) -> Self:
        """Draw the function."""
        drawn = int(np.random.default_rng(seed).integers(2**31)) if self.seed is None else self.seed
        ready = replace(self, seed=drawn)
        ready._path(posterior)
        return ready

    def _path(self, posterior: Posterior) -> Any:
        """The function of this seed and posterior, drawn once."""
        if self.seed is None:
            raise AcquisitionError("ThompsonSampling: no function is drawn yet; call prepare first, as maximize does")
        if self._drawn is None or self._drawn[0] is not posterior:
            sample_path = getattr(posterior, "sample_path", None)
            if sample_path is None:
                raise AcquisitionError(f"ThompsonSampling needs a posterior with sample_path, got {posterior!r}")
            object.__setattr__(self, "_drawn", (posterior, sample_path(self.seed)))
        assert self._drawn is not None
        return self._drawn[1]

    def __call__(self, posterior: Posterior, X: Array, best: float) -> Array:
        return np.asarray(self._path(posterior)(X))

    def value_and_gradient(self, posterior: Posterior, X: Array, best: float) -> tuple[Array, Array]:
        path = self._path(posterior)
        return path(X), path.gradient(X)
