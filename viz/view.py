"""A model of one input as it is drawn: along the user's axis, in the user's units."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from bayestuner import History, Real, Step
from bayestuner.scaling import Scaling
from gp import GaussianPosterior, ParameterError

from .axis import Array, Axis, axes_of
from .text import significant

GRID = 241


@dataclass(frozen=True, eq=False)
class View:
    """A posterior, the axis it is shown along, and what was observed.

    places (m,) on the axis and U (m, width), the same points as the model has them; seen (n,) and y (n,)
    the observations; `reach` is the share of the axis that a lengthscale of 1 spans.
    """

    axis: Axis
    places: Array
    U: Array
    posterior: GaussianPosterior
    scaling: Scaling
    seen: Array
    y: Array
    direction: str
    reach: float

    def line(self, posterior: GaussianPosterior | None = None) -> tuple[Array, Array]:
        """Mean and std on the grid, (m,) each, in the user's units; of another posterior of the same data, if given."""
        return self.scaling.moments(*(posterior or self.posterior).predict(self.U))

    def truth(self, objective: Callable[..., Any] | None) -> Array | None:
        """The objective on the grid, if there is one: called with the parameter's name, or with x alone."""
        if objective is None:
            return None
        return np.array([float(objective(**{self.axis.name: value})) for value in self.axis.values(self.places)])

    @property
    def measured(self) -> bool:
        """Whether a length along the axis is one in the user's units: linear, and not a category."""
        return not self.axis.log and isinstance(self.axis.dimension, Real)

    def length(self, lengthscale: float) -> float:
        """A lengthscale in the user's units, or as a share of the axis where it has none."""
        share = lengthscale * self.reach
        dimension = self.axis.dimension
        return share * (dimension.high - dimension.low) if self.measured else share  # type: ignore[union-attr]

    def length_words(self, lengthscale: float) -> str:
        """A lengthscale in words: 0.54, a factor ×3.2 on a logarithmic axis, else a share of the axis."""
        dimension = self.axis.dimension
        share = lengthscale * self.reach
        if self.measured:
            return significant(self.length(lengthscale), 2)
        if isinstance(dimension, Real):
            return f"×{significant(math.exp(min(share * math.log(dimension.high / dimension.low), 300.0)), 2)}"
        return f"{significant(share, 2)} of the axis"


def view_of_step(history: History, step: Step, grid: int = GRID) -> View:
    """The model of a step of a run with one parameter."""
    [axis] = axes_of(history.space)
    places = np.linspace(0, 1, grid)
    if axis.discrete:
        places = np.unique(axis.places(axis.values(places)))
    U = history.space.encode([{axis.name: value} for value in axis.values(places)])
    trials = step.record.complete(step.observed)
    seen = axis.places([t.params[axis.name] for t in trials])
    y = np.array([t.value for t in trials], dtype=float)
    return View(axis, places, U, step.posterior, step.scaling, seen, y, history.direction, 1.0)


def view_of_model(posterior: GaussianPosterior, bounds: tuple[float, float] | None = None, name: str = "x") -> View:
    """A posterior of one input in its own units."""
    if posterior.X.shape[1] != 1:
        raise ParameterError(f"a model of one input can be drawn along it, this one has {posterior.X.shape[1]}")
    if not len(posterior.X) and bounds is None:
        raise ParameterError("a model without observations needs bounds=(low, high), the range of x to show")
    axis = Axis(name, Real(*checked_bounds(bounds, posterior.X)))
    places = np.linspace(0, 1, GRID)
    U = np.array(axis.values(places))[:, None]
    seen = axis.places(posterior.X[:, 0].tolist()) if len(posterior.X) else np.zeros(0)
    low, high = axis.dimension.low, axis.dimension.high  # type: ignore[union-attr]
    return View(axis, places, U, posterior, Scaling(0.0, 1.0), seen, posterior.y, "", 1 / (high - low))


def checked_bounds(bounds: tuple[float, float] | None, X: Array) -> tuple[float, float]:
    """The range of x to show: as given, or all of X with some room."""
    low, high = (float(X.min()), float(X.max())) if len(X) else (math.inf, -math.inf)
    room = 0.15 * (high - low) or max(abs(low), 1.0)
    first, last = (low - room, high + room) if bounds is None else map(float, bounds)
    if not (first <= low and high <= last and first < last and math.isfinite(last - first)):
        raise ParameterError(f"bounds must be (low, high) around all x from {low:g} to {high:g}, got {bounds!r}")
    return first, last


def only_step(owner: str, history: History, step: int) -> Step:
    """A step of a run with one parameter; ParameterError for any other run, or where there is no such step."""
    if len(history.space.names) != 1:
        raise ParameterError(
            f"{owner} shows a search of one parameter, this one has {len(history.space.names)}: "
            f"{', '.join(history.space.names)}"
        )
    if not history.steps:
        raise ParameterError(f"{owner}: nothing to animate, this run has no step yet: tell more than its start points")
    if not -len(history.steps) <= step < len(history.steps):
        raise ParameterError(f"{owner}: there is no step {step}; the run has {len(history.steps)}, from 0")
    return history.steps[step]
