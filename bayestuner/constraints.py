"""Unknown constraints: quantities that an evaluation measures besides its value, and that must stay within limits.

    minimize(objective, space, constraints={"memory": (None, 8.0)})      # objective returns (value, {"memory": 6.1})

Each gets a Gaussian process of its own. The acquisition is weighed by the probability that all limits hold; before
a feasible point is known, that probability alone is searched (Gardner et al. 2014; `acquisition/feasibility.py`).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from acquisition import (
    Acquisition,
    ExpectedImprovement,
    ExpectedImprovementPerSecond,
    LogExpectedImprovement,
    LogProbabilityOfImprovement,
    ProbabilityOfImprovement,
)
from acquisition.feasibility import Constraint
from gp import GaussianPosterior, GaussianProcess, Kernel, ParameterError

from .arguments import as_value
from .scaling import Array, Scaling, standardise
from .surrogate import learn

Limits = Mapping[str, tuple[float | None, float | None]]


def checked_limits(constraints: Any, parameters: tuple[str, ...]) -> dict[str, tuple[float | None, float | None]]:
    """Return {name: (low, high)} with None where there is no limit; ParameterError that names the constraint."""
    if constraints is None:
        return {}
    if not isinstance(constraints, Mapping):
        raise TypeError(f'constraints are a dict such as {{"memory": (None, 8.0)}}, got {constraints!r}')
    return {_checked_name(name, parameters): _checked_pair(name, pair) for name, pair in constraints.items()}


def _checked_name(name: Any, parameters: tuple[str, ...]) -> str:
    if not isinstance(name, str):
        raise TypeError(f"the name of a constraint must be a string, got {name!r}")
    if name in parameters:
        raise ParameterError(f"constraint {name}: this is a parameter; change its range, or call the constraint else")
    return name


def _checked_pair(name: str, pair: Any) -> tuple[float | None, float | None]:
    if not isinstance(pair, (tuple, list)) or len(pair) != 2:
        raise ParameterError(f"constraint {name}: expected limits (low, high), None for no limit, got {pair!r}")
    low, high = (None if limit is None else _checked_limit(name, limit) for limit in pair)
    if low is None and high is None:
        raise ParameterError(f"constraint {name}: both limits are None; give at least one")
    if low is not None and high is not None and low >= high:
        raise ParameterError(f"constraint {name}: low must be below high, got ({low:g}, {high:g})")
    return low, high


def _checked_limit(name: str, limit: Any) -> float:
    if isinstance(limit, (bool, str, complex)) or np.ndim(limit) != 0:
        raise TypeError(f"constraint {name}: a limit must be a number or None, got {limit!r}")
    if not math.isfinite(limit):
        raise ParameterError(f"constraint {name}: a limit must be finite, got {limit!r}; None is no limit")
    return float(limit)


def checked_measured(measured: Any, limits: Limits) -> dict[str, float] | None:
    """Return what was measured as floats, one for each constraint; ParameterError where names do not match."""
    if not limits:
        if measured is not None:
            raise ParameterError("this search has no constraints; name their limits: Optimizer(..., constraints={...})")
        return None
    names = ", ".join(limits)
    if measured is None:
        raise ParameterError(f"this search has constraints; tell what was measured: constraints={{...}} of {names}")
    if not isinstance(measured, Mapping) or set(measured) != set(limits):
        raise ParameterError(f"constraints: expected a dict with {names}, got {measured!r}")
    try:
        return {name: as_value(measured[name]) for name in limits}
    except TypeError as error:
        raise TypeError(f"constraints: {error}") from None


def split_result(result: Any, limits: Limits) -> tuple[Any, Any]:
    """What an objective returned as (value, measured); measured is None where there are no constraints."""
    if not limits:
        return result, None
    if isinstance(result, tuple) and len(result) == 2 and isinstance(result[1], Mapping):
        return result
    example = ", ".join(f'"{name}": ...' for name in limits)
    raise TypeError(f"with constraints the objective must return (value, {{{example}}}), got {result!r:.80}")


def is_feasible(measured: Mapping[str, float] | None, limits: Limits) -> bool:
    """Whether all that was measured lies within its limits; True where there are none."""
    return all(
        measured is not None and (low is None or measured[name] >= low) and (high is None or measured[name] <= high)
        for name, (low, high) in limits.items()
    )


def on_log_scale(acquisition: Acquisition) -> Acquisition:
    """The logarithm of an acquisition, so that log probabilities can be added; ParameterError where there is none."""
    if isinstance(acquisition, (LogExpectedImprovement, LogProbabilityOfImprovement, ExpectedImprovementPerSecond)):
        return acquisition
    if isinstance(acquisition, ExpectedImprovement):
        return LogExpectedImprovement(acquisition.xi, acquisition.noise)
    if isinstance(acquisition, ProbabilityOfImprovement):
        return LogProbabilityOfImprovement(acquisition.xi)
    raise ParameterError(
        f"constraints weigh an acquisition by a probability, which {type(acquisition).__name__} does not allow; "
        "use LogExpectedImprovement(), ExpectedImprovementPerSecond() or LogProbabilityOfImprovement()"
    )


@dataclass(frozen=True)
class ConstraintModel:
    """What a step believed of one constraint: its limits in the user's units, the learned kernel, and the scaling."""

    name: str
    low: float | None
    high: float | None
    kernel: Kernel
    noise: float
    shift: float
    scale: float

    def posterior(self, U: Array, measured: Array) -> GaussianPosterior:
        """The posterior of the standardised quantity, as it was, nothing refitted."""
        z = _standardised(measured, self.low)[0]
        return GaussianProcess(self.kernel, noise=self.noise).condition(U, z)

    def constraint(self, posterior: GaussianPosterior) -> Constraint:
        """The limits in the units of the posterior, for the acquisition."""
        limits = (-math.inf if self.low is None else self.low, math.inf if self.high is None else self.high)
        low, high = sorted(float(Scaling(self.shift, self.scale).to_model(limit)) for limit in limits)
        return Constraint(posterior, low, high)


def learn_constraint(
    name: str,
    limits: tuple[float | None, float | None],
    processes: tuple[GaussianProcess, ...],
    U: Array,
    measured: Array,
    last: tuple[Kernel, float] | None,
    again: bool,
) -> tuple[ConstraintModel, GaussianPosterior]:
    """Fit the model of one constraint to what was measured (n,) at U (n, width)."""
    z, scaling = _standardised(measured, limits[0])
    posterior = learn(processes, U, z, last, again)
    prior = posterior.prior
    return ConstraintModel(name, *limits, prior.kernel, prior.noise, scaling.shift, scaling.scale), posterior


def _standardised(measured: Array, low: float | None) -> tuple[Array, Scaling]:
    """Turned so that the side which may be violated without end is the bad one, where absurd values are cut off."""
    return standardise(measured, "minimize" if low is None else "maximize")
