"""The place to try next: the top of the acquisition among the legal places not tried yet."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from acquisition import Acquisition
from acquisition.goal import NOTHING_TAKEN, Goal, Taken
from acquisition.mixed import find_top_mixed
from acquisition.search import CLOSE, find_top
from gp import GaussianPosterior

from .neighbours import all_places
from .scaling import Array
from .space import Space

FEW_PLACES = 1024  # a space of so many points is looked at as a whole


def choose(
    goal: Goal,
    space: Space,
    bounds: Array,
    rng: np.random.Generator,
    taken: Taken = NOTHING_TAKEN,
    enough: float = CLOSE,
) -> tuple[Array, float]:
    """Return the place (width,) in the box where the goal is highest, and its value there.

    What is taken is passed over while there is another place. A finite space of few points is scored as a whole, one
    with whole numbers and choices searched by climbing and moving by turns, any other by climbing.
    """
    if not space.discrete:
        return find_top(goal, bounds, rng, project=space.project, taken=taken, enough=enough)
    places = all_places(space, FEW_PLACES)
    if places is None:
        return find_top_mixed(goal, bounds, space, rng, taken=taken, enough=enough)
    places, _ = taken.free(places)
    values = np.nan_to_num(goal.values(places), nan=-np.inf)
    chosen = int(np.argmax(values))
    return places[chosen], float(values[chosen])


@dataclass(frozen=True)
class _Mean(Acquisition):
    """The posterior mean: what is best for all that is known."""

    def score(self, mean: Array, std: Array, best: float) -> Array:
        return mean

    def partials(self, mean: Array, std: Array, best: float) -> tuple[Array, Array]:
        return np.ones_like(mean), np.zeros_like(std)


def highest_mean(posterior: GaussianPosterior, space: Space, rng: np.random.Generator) -> Array:
    """The place (width,) where the posterior mean is largest, tried or not."""
    return choose(Goal(_Mean(), posterior, 0.0), space, space.bounds, rng, enough=0.0)[0]
