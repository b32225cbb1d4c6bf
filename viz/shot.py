"""What one frame of the 1-D story shows, as data: a shot; and how its points and curves become lines.

x is a place in [0, 1] on the parameter's axis; values are in the user's units.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from bayestuner.scaling import AS_IT_IS, Scaling

from .axis import Axis
from .moment import Array

Points = Sequence[tuple[float, float]]


@dataclass(frozen=True, eq=False)
class Bell:
    """The predictive density at a place, drawn sideways; `opening` from 0 to 1."""

    place: float
    mean: float
    std: float
    opening: float = 1.0


@dataclass(frozen=True, eq=False)
class Shot:
    """All that one frame shows. Curves are (m,) on the scene's places; what is None or empty is not there."""

    mean: Array
    std: Array
    scaling: Scaling = AS_IT_IS  # how the model saw the values
    before: tuple[Array, Array, Scaling] | None = None  # mean and std of the old state, and its scaling
    level: float | None = None  # what has to be beaten
    level_words: str = ""
    level_left: bool = False
    seen: Points = ()
    noise: float = 0.0  # standard deviation of a value, in the model's units, where it can be seen
    best: tuple[float, float] | None = None
    best_is_new: bool = False
    new: Points = ()
    waiting: Points = ()  # chosen earlier, not told yet
    residuals: Sequence[tuple[float, float, float]] = ()  # place, from, to
    failed: Sequence[float] = ()
    failed_now: float | None = None
    bell: Bell | None = None
    guides: Sequence[float] = ()
    scanner: float | None = None
    length: float | None = None  # lengthscale as a share of the axis
    length_words: str = ""
    curve: Array | None = None  # the sample, or the edge, that the acquisition goes by
    share: Array | None = None
    share_before: Array | None = None
    filled: bool = True
    until: float = 1.0  # how far curve and share are drawn
    picks: Points = ()
    pick_words: str = ""
    truth: Array | None = None


def upright(lines: Any, places: Sequence[float], height: float = 1.0) -> None:
    """Set a collection of vertical lines, from the bottom to a share of the axes' height."""
    lines.set_segments([[(x, 0.0), (x, height)] for x in places])


def columns(points: Points) -> tuple[Array, Array]:
    """Points [(x, y)] as an array of x and one of y."""
    table = np.array(points, dtype=float).reshape(-1, 2)
    return table[:, 0], table[:, 1]


def drawn(axis: Axis, places: Array, y: Array) -> tuple[Array, Array]:
    """The corners of a curve; on a discrete axis each value keeps its level as far as halfway to the next."""
    if not axis.discrete:
        return places, y
    middle = (places[1:] + places[:-1]) / 2
    first, last = (middle[0], middle[-1]) if len(middle) else (0.5, 0.5)
    ends = [max(2 * places[0] - first, 0.0)], [min(2 * places[-1] - last, 1.0)]
    ends = ends if len(middle) else ([0.0], [1.0])
    return np.concatenate([ends[0], np.repeat(middle, 2), ends[1]]), np.repeat(y, 2)


def revealed(x: Array, y: Array, until: float) -> tuple[Array, Array]:
    """The curve up to a place, its end interpolated."""
    if until >= 1:
        return x, y
    shown = x < until
    if not shown.any():
        return np.empty(0), np.empty(0)
    return np.append(x[shown], until), np.append(y[shown], np.interp(until, x, y))
