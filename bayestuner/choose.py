"""The place to try next: the top of the acquisition among the legal places not tried yet."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from acquisition import Acquisition
from acquisition.mixed import find_top_mixed
from acquisition.search import CLOSE, SAME, find_top, near
from gp import GaussianPosterior

from .neighbours import all_places
from .scaling import Array
from .space import Space

FEW_PLACES = 1024  # a space of so many points is looked at as a whole


def choose(
    acquisition: Acquisition,
    posterior: GaussianPosterior,
    best: float,
    space: Space,
    bounds: Array,
    rng: np.random.Generator,
    tried: Array | None,
    radius: float | Array = SAME,
    enough: float = CLOSE,
) -> tuple[Array, float]:
    """Return the place (width,) in the box that a prepared acquisition likes best, and its value there.

    Places within the radius of one in `tried` are passed over while there is another. A finite space of few points
    is scored as a whole, one with whole numbers and choices searched by climbing and moving by turns, any other by
    climbing.
    """
    if not space.discrete:
        return find_top(
            acquisition, posterior, best, bounds, rng,
            project=space.project, exclude=tried, radius=radius, enough=enough,
        )  # fmt: skip
    places = all_places(space, FEW_PLACES)
    if places is None:
        return find_top_mixed(
            acquisition, posterior, best, bounds, space, rng, exclude=tried, radius=radius, enough=enough
        )
    # Where every place is too near to one on its way, only those themselves are passed over.
    places = next((left for r in (radius, SAME) if len(left := places[~near(places, tried, r)])), places)
    values = np.nan_to_num(acquisition(posterior, places, best), nan=-np.inf)
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
    return choose(_Mean(), posterior, 0.0, space, space.bounds, rng, None, enough=0.0)[0]
