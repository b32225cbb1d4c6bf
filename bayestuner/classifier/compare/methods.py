"""The searches that are compared: each takes (objective, space, n_trials, **options) and returns a History."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from importlib.util import find_spec

from acquisition import ExpectedImprovementPerSecond
from gp import ParameterError

from ...baselines import grid_search, random_search
from ...history import History
from ...pruning import MedianRule
from ...search import minimize
from . import peers


@dataclass(frozen=True)
class Method:
    """A search by the name it has in tables and pictures; `package` is what must be installed for it, if anything.

    A `thrifty` one gives up some gain a trial for less time a trial, so it is judged by seconds.
    """

    label: str
    search: Callable[..., History]
    package: str = ""
    thrifty: bool = False


METHODS: dict[str, Method] = {
    "grid": Method("grid search", grid_search),
    "random": Method("random search", random_search),
    "bayes": Method("Bayesian search", minimize),
    "bayes-per-second": Method(
        "Bayesian, gain per second", partial(minimize, acquisition=ExpectedImprovementPerSecond()), thrifty=True
    ),
    "bayes-pruned": Method("Bayesian, stopped early", partial(minimize, prune=MedianRule()), thrifty=True),
    "bayes_opt": Method("bayes_opt", peers.search_by("bayes_opt", peers.bayes_opt), "bayes_opt"),
    "optuna-tpe": Method("Optuna TPE", peers.search_by("optuna-tpe", peers.optuna_tpe), "optuna"),
    "optuna-gp": Method("Optuna GP", peers.search_by("optuna-gp", peers.optuna_gp), "optuna"),
}
SAMPLERS = {"optuna": ("optuna-tpe", "optuna-gp")}  # one word for both


def checked_methods(names: Iterable[str]) -> tuple[str, ...]:
    """Return the methods of these names, each once; ParameterError for an unknown one and for one not installed."""
    methods = dict.fromkeys(method for name in names for method in SAMPLERS.get(name, (name,)))
    for method in methods:
        if method not in METHODS:
            raise ParameterError(f"there is no method {method!r}: choose from {', '.join(METHODS)}")
        if (package := METHODS[method].package) and find_spec(package) is None:
            raise ParameterError(f"{method} needs {package}: in the clone, run python -m pip install -e '.[peers]'")
    if not methods:
        raise ParameterError(f"no method is left to compare: choose from {', '.join(METHODS)}")
    return tuple(methods)
