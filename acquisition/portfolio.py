"""Several acquisitions and one memory of which has done well: a hedge against choosing the wrong one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Self

import numpy as np

from gp.errors import ParameterError

from .base import Acquisition, Array, Posterior, Projection, checked_acquisition, checked_setting
from .errors import AcquisitionError
from .search import maximize


@dataclass(frozen=True)
class Portfolio(Acquisition):
    """GP-Hedge: each member names its own point, one of them is drawn, and all are judged afterwards.

        P(member i) ∝ exp(η gᵢ),   gᵢ += mean(xᵢ) under the next posterior   (Hoffman, Brochu & de Freitas 2011)

    The memory is in the fields: `follow` takes it over from the portfolio of the suggestion before.

    >>> from acquisition import LogExpectedImprovement, UpperConfidenceBound
    >>> Portfolio([LogExpectedImprovement(), UpperConfidenceBound()], eta=2.0).acquisitions[0]
    LogExpectedImprovement(xi=0.0, noise=0.0)
    """

    acquisitions: tuple[Acquisition, ...]
    eta: float = 1.0
    gains: tuple[float, ...] = ()
    nominees: tuple[tuple[float, ...], ...] = ()
    chosen: int | None = None
    _project: Projection | None = field(default=None, init=False, repr=False, compare=False)
    _exclude: Array | None = field(default=None, init=False, repr=False, compare=False)

    label = "Portfolio"

    @property
    def needs_seconds(self) -> bool:
        return any(member.needs_seconds for member in self.acquisitions)

    def __post_init__(self) -> None:
        members: Sequence[Any] = self.acquisitions
        if not isinstance(members, (list, tuple)):
            raise TypeError(f"Portfolio: expected a list of acquisitions, got {members!r}")
        if not members:
            raise ParameterError("Portfolio: expected at least one acquisition, got an empty list")
        for member in members:
            checked_acquisition("Portfolio", member)
        if self.gains and len(self.gains) != len(members):
            raise ParameterError(f"Portfolio: {len(members)} acquisitions cannot have {len(self.gains)} gains")
        object.__setattr__(self, "acquisitions", tuple(members))
        object.__setattr__(self, "eta", checked_setting("Portfolio", "eta", self.eta))
        object.__setattr__(self, "gains", self.gains or (0.0,) * len(members))

    def follow(self, previous: Acquisition) -> Self:
        """Go on with the gains and nominees of the suggestion before."""
        if not isinstance(previous, Portfolio) or len(previous.acquisitions) != len(self.acquisitions):
            return self
        return replace(self, gains=previous.gains, nominees=previous.nominees)

    def probabilities(self) -> Array:
        """The chance of each member to be drawn."""
        weights = np.exp(self.eta * (np.array(self.gains) - max(self.gains)))
        return weights / weights.sum()

    def among(self, project: Projection | None, exclude: Array | None) -> Self:
        """Let the members nominate legal points only, and none of those excluded."""
        if self.chosen is not None:
            return self
        aware = replace(self, acquisitions=tuple(a.among(project, exclude) for a in self.acquisitions))
        object.__setattr__(aware, "_project", project)
        object.__setattr__(aware, "_exclude", exclude)
        return aware

    def prepare(
        self, posterior: Posterior, best: float, bounds: Array, *, seed: Any, seconds: Posterior | None = None
    ) -> Self:
        """Judge the last nominees, let each member name a new one, and draw the member to follow."""
        if self.chosen is not None:  # all is drawn, but a stored portfolio needs its model of the seconds again
            members = (a.prepare(posterior, best, bounds, seed=seed, seconds=seconds) for a in self.acquisitions)
            return self if seconds is None else replace(self, acquisitions=tuple(members))
        rng = np.random.default_rng(seed)
        gains = np.array(self.gains)
        if self.nominees:
            gains = gains + posterior.predict(np.array(self.nominees))[0]
        judged = replace(self, gains=tuple(float(g) for g in gains))
        ready = tuple(a.prepare(posterior, best, bounds, seed=rng, seconds=seconds) for a in self.acquisitions)

        def nominee(member: Acquisition) -> tuple[float, ...]:
            place, exclude = self._project, self._exclude
            x, _ = maximize(member, posterior, best, bounds, seed=rng, project=place, exclude=exclude)
            return tuple(x.tolist())

        nominees = tuple(nominee(member) for member in ready)
        chosen = int(rng.choice(len(ready), p=judged.probabilities()))
        return replace(judged, acquisitions=ready, nominees=nominees, chosen=chosen)

    def _member(self) -> Acquisition:
        if self.chosen is None:
            raise AcquisitionError("Portfolio: no member is drawn yet; call prepare first, as maximize does")
        return self.acquisitions[self.chosen]

    def __call__(self, posterior: Posterior, X: Array, best: float) -> Array:
        return self._member()(posterior, X, best)

    def value_and_gradient(self, posterior: Posterior, X: Array, best: float) -> tuple[Array, Array]:
        return self._member().value_and_gradient(posterior, X, best)
