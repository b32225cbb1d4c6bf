"""Other packages on the same objective: bayes_opt, and Optuna's two samplers, each with its own defaults.

A peer is a function of what has been told: it is built anew for every suggestion and shown all trials, so that a
search by it can be stored, interrupted and continued like any other. Its own seconds are not counted.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

import numpy as np

from gp import ParameterError

from ...baselines import Guided
from ...dimensions import Dimension
from ...history import History, Trial
from ...loop import run_to
from ...space import Categorical, Integer, Params, Space

BAYES_OPT_START = 5  # random points, as many as `BayesianOptimization.maximize` begins with

Suggest = Callable[[Space, list[Trial], int], Params]


def search_by(name: str, suggest: Suggest) -> Callable[..., History]:
    """Return a search like `random_search` whose points suggest(space, trials told, seed) chooses."""

    def search(
        objective: Callable[..., Any], space: Space, n_trials: int, *, seed: int, storage: Any = None, **options: Any
    ) -> History:
        if space.conditional:
            raise ParameterError(f"{name} is compared on parameters that are always there; leave out `when`")
        optimizer = Guided(space, name, direction="minimize", seed=seed, storage=storage, constraints=None)

        def point(place: int) -> Params:
            told = [t for t in optimizer.history.trials if t.status == "complete"]
            own_seed = int(np.random.SeedSequence([optimizer.seed, place]).generate_state(1)[0])
            return suggest(optimizer.space, told, own_seed)

        optimizer.point = point
        return run_to(optimizer, objective, n_trials, **options)

    return search


def bayes_opt(space: Space, trials: list[Trial], seed: int) -> Params:
    """bayes_opt's default: a GP and its upper confidence bound. It knows no logarithms, so it gets the unit cube."""
    from bayes_opt import BayesianOptimization

    bounds = {str(column): (0.0, 1.0) for column in range(space.width)}
    optimizer = BayesianOptimization(None, bounds, random_state=seed, verbose=0, allow_duplicate_points=True)
    if len(trials) < BAYES_OPT_START:
        u = np.random.default_rng(seed).random(space.width)
    else:
        for trial, row in zip(trials, space.encode([t.params for t in trials]), strict=True):
            assert trial.value is not None
            optimizer.register(dict(zip(bounds, row.tolist(), strict=True)), -trial.value)
        found = optimizer.suggest()
        u = np.array([found[column] for column in bounds])
    return space.decode(np.clip(u, 0.0, 1.0)[None])[0]


def optuna_tpe(space: Space, trials: list[Trial], seed: int) -> Params:
    """Optuna's default, the tree-structured Parzen estimator."""
    from optuna.samplers import TPESampler

    return _by_optuna(space, trials, TPESampler(seed=seed))


def optuna_gp(space: Space, trials: list[Trial], seed: int) -> Params:
    """Optuna's Gaussian process with log EI."""
    from optuna.samplers import GPSampler

    return _by_optuna(space, trials, GPSampler(seed=seed))


def _by_optuna(space: Space, trials: list[Trial], sampler: Any) -> Params:
    import optuna

    optuna.logging.set_verbosity(logging.WARNING)
    distributions = {name: _distribution(dimension) for name, dimension in space.dimensions.items()}
    study = optuna.create_study(sampler=sampler)
    study.add_trials([optuna.create_trial(params=t.params, distributions=distributions, value=t.value) for t in trials])
    return dict(study.ask(distributions).params)


def _distribution(dimension: Dimension) -> Any:
    from optuna import distributions

    if isinstance(dimension, Categorical):
        return distributions.CategoricalDistribution(dimension.choices)
    if isinstance(dimension, Integer):
        return distributions.IntDistribution(dimension.low, dimension.high, dimension.log, dimension.step)
    return distributions.FloatDistribution(dimension.low, dimension.high, dimension.log)
