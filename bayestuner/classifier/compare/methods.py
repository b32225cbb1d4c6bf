"""The searches that are compared: each takes (objective, space, n_trials, **options) and returns a History."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ...baselines import grid_search, random_search
from ...history import History
from ...loop import minimize


@dataclass(frozen=True)
class Method:
    """A search by the name it has in tables and pictures; `package` is what must be installed for it, if anything."""

    label: str
    search: Callable[..., History]
    package: str = ""


METHODS: dict[str, Method] = {
    "grid": Method("grid search", grid_search),
    "random": Method("random search", random_search),
    "bayes": Method("Bayesian search", minimize),
}
