"""What the model has learned of each parameter: how much it matters, and what it does on average.

f     the surrogate, on the unit cube with all points equally likely
V     its variance over the cube; V_j = Var(E[f | x_j]) is what x_j explains alone
S_j = V_j / V, the first Sobol index (Sobol 1993); what no parameter explains alone are interactions
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from acquisition.search import sobol
from gp import GaussianPosterior, GaussianProcess, ParameterError

from .additive import learn_thoroughly, one_by_one
from .arguments import checked_count
from .bend import Values
from .dimensions import Dimension
from .errors import NotFittedError
from .history import History
from .scaling import Array, Scaling, standardise
from .space import Categorical, Integer, Space
from .step import Step
from .surrogate import default_processes, learn_values

POINTS, DRAWN = 1024, 512  # points of the cube for the shares; the first so many for functions drawn from the posterior
DRAWS = 200
DEGREE = 12  # of the polynomials that stand for any function of one parameter
LINE, FIELD = 25, 21  # values of one parameter, of each of two
BACKGROUND = 64  # places of all other parameters to average over
REST = "interactions"


class Importance(dict[str, float]):
    """Each parameter's share of the variation of the surrogate, and "interactions": the rest, up to 1.

    `intervals` {name: (5 %, 95 %)} are over functions drawn from the posterior, widened where need be to hold
    the share itself: a drawn function has variation that the surrogate's mean has not. So many of the functions as
    `additive` says, the probability that each parameter acts for itself, are sums without any interaction.
    """

    def __init__(
        self, shares: Mapping[str, float], intervals: Mapping[str, tuple[float, float]], additive: float = 0.0
    ) -> None:
        super().__init__(shares)
        self.intervals = dict(intervals)
        self.additive = additive


def importance(history: History, step: int | None = -1, *, draws: int = DRAWS, seed: int = 0) -> Importance:
    """Return the Sobol indices of the surrogate: what share of its variation each parameter explains alone.

    `step` counts the steps of the history, None takes all trials told so far. So does a history without steps; where
    a sum over the parameters is the more probable model of its values, the shares are those of the sum.
    All shares are 0 where the model sees no variation at all. Raises NotFittedError before the first value.

    They are about the model, which a search fits to points around the best: elsewhere it knows little, and with few
    points it takes for interactions what it does not know. The intervals say how far the shares of the objective may
    be from that, as far as one of two models is right: the search's own, or a sum over the parameters. Points that
    fill the space (`random_search`) tell more.

    >>> from bayestuner import minimize
    >>> run = minimize(lambda x, y: x**2 + y / 10, {"x": (0.0, 1.0), "y": (0.0, 1.0)}, 12, seed=0)
    >>> shares = importance(run)
    >>> shares["x"] > 0.95 > 0.05 > shares["y"]
    True
    """
    together, scaling = model_of(history, step)
    additive, probability = one_by_one(together, history.space.groups)
    posterior = additive if probability > 0.5 and not history.steps else together
    U = spread_points(history.space, POINTS, seed)
    shares = main_shares(scaling.unbent(posterior.predict(U)[0])[None], U, history.space)[0]
    rng = np.random.default_rng(seed)
    sums = int(rng.binomial(checked_count("draws", draws, low=1), probability))
    counts = ((together, draws - sums), (additive, sums))
    drawn = np.vstack([model.sample(U[:DRAWN], count, rng) for model, count in counts if count])
    of_draws = np.vstack([shares, main_shares(scaling.unbent(drawn), U[:DRAWN], history.space)])
    low = np.minimum(np.quantile(of_draws, 0.05, axis=0), shares)
    high = np.maximum(np.quantile(of_draws, 0.95, axis=0), shares)
    names = (*history.space.names, REST)
    return Importance(
        dict(zip(names, shares.tolist(), strict=True)),
        dict(zip(names, zip(low.tolist(), high.tolist(), strict=True), strict=True)),
        probability,
    )


def main_shares(values: Array, U: Array, space: Space) -> Array:
    """The shares (m, d + 1) of m functions with values (m, n) at U (n, width), the interactions last.

    S_j is the R² of the best function of x_j alone. At evenly spread points hardly anything fits by chance, so
    that R² needs no adjustment for the free coefficients.
    """
    centred = values - values.mean(axis=1, keepdims=True)
    total = np.einsum("ij,ij->i", centred, centred)
    flat = total <= 1e-20 * len(U) * (1 + np.square(values).max(axis=1, initial=0.0))
    columns = []
    for name in space.names:
        Q = _functions_of(U[:, space.columns(name)])
        columns.append(np.square(centred @ Q).sum(axis=1) / np.where(flat, 1.0, total))
    main = np.stack(columns, axis=1)
    main /= np.maximum(main.sum(axis=1, keepdims=True), 1.0)  # estimates may add up to a little more than all
    return np.where(flat[:, None], 0.0, np.column_stack([main, np.maximum(1 - main.sum(axis=1), 0.0)]))


def _functions_of(u: Array) -> Array:
    """Orthonormal functions (n, k) of one parameter's columns, a constant among them: categories, or polynomials."""
    if u.shape[1] > 1:
        return np.linalg.qr(u[:, u.any(axis=0)])[0]
    degree = min(DEGREE, len(np.unique(u)) - 1)
    return np.linalg.qr(np.polynomial.legendre.legvander(2 * u[:, 0] - 1, degree))[0]


def partial_dependence(
    history: History,
    name: str | Sequence[str],
    step: int | None = -1,
    *,
    points: int | None = None,
    background: int = BACKGROUND,
    seed: int = 0,
) -> tuple[Any, Array, Array]:
    """Return the average effect of one parameter or of two: (grid, mean, std) in the user's units.

    f̄(g) = 1/N Σᵢ f(g, vᵢ) over N places vᵢ of the other parameters; std is that of this average,
    var f̄(g) = 1/N² Σᵢⱼ cov(f(g, vᵢ), f(g, vⱼ)), not the average of the variances. Where the model's values are
    bent, f is the median there, and its deviations are those of the model times the slope.

    For one name grid and results are (a,); for two, grid is ((a,), (b,)) and the results are (a, b).
    `points` values are taken of each parameter, fewer where it has fewer.

    >>> from bayestuner import minimize
    >>> run = minimize(lambda x, y: (x - 2) ** 2 + 2 * y, {"x": (0.0, 4.0), "y": (0.0, 1.0)}, 25, seed=0)
    >>> grid, mean, std = partial_dependence(run, "x", points=5)
    >>> print(grid, mean.round())
    [0. 1. 2. 3. 4.] [5. 2. 1. 2. 5.]
    """
    names = (name,) if isinstance(name, str) else tuple(name)
    if len(names) not in (1, 2) or len(set(names)) < len(names):
        raise ParameterError(f"partial_dependence: give one parameter's name, or two different ones, got {name!r}")
    posterior, scaling = model_of(history, step)
    space = history.space
    for one in names:
        space.columns(one)  # an unknown name is refused before any work
    default = LINE if len(names) == 1 else FIELD
    count = default if points is None else checked_count("points", points, low=2)
    grids = [grid_values(space.dimensions[n], count) for n in names]
    others = spread_points(space, checked_count("background", background, low=1), seed)
    blocks = grid_blocks(space, names, grids, others)
    shape = tuple(len(grid) for grid in grids)
    means = means_of(posterior, blocks)
    variance = np.array([variance_of_average(posterior, scaling, *pair) for pair in zip(blocks, means, strict=True)])
    arrays = tuple(as_array(grid) for grid in grids)
    mean = scaling.mean(means).mean(axis=1)
    return arrays[0] if len(names) == 1 else arrays, mean.reshape(shape), np.sqrt(variance).reshape(shape)


def means_of(posterior: GaussianPosterior, blocks: Array) -> Array:
    """The posterior mean at all points of blocks (a, b, width), in the model's units, (a, b)."""
    a, b, width = blocks.shape
    k = posterior.prior.kernel(blocks.reshape(-1, width), posterior.X)
    return posterior.prior.mean + (k @ posterior.alpha).reshape(a, b)


def variance_of_average(posterior: GaussianPosterior, scaling: Scaling, block: Array, means: Array) -> float:
    """The variance of the average of f over a block (b, width) where its means are known, in the user's units."""
    slopes = scaling.slope(means) / len(block)
    return max(float(slopes @ posterior.covariance(block) @ slopes), 0.0)


def grid_blocks(space: Space, names: Sequence[str], grids: Sequence[Sequence[Any]], others: Array) -> Array:
    """The points `others` (b, width) once for each combination of grid values, which they take: (a, b, width)."""
    blocks = np.tile(others, (int(np.prod([len(grid) for grid in grids])), 1, 1))
    places = [space.dimensions[n].to_unit(grid) for n, grid in zip(names, grids, strict=True)]
    index = np.indices([len(grid) for grid in grids]).reshape(len(grids), -1)
    for name, place, i in zip(names, places, index, strict=True):
        blocks[:, :, space.columns(name)] = place[i][:, None, :]
    return blocks


def grid_values(dimension: Dimension, count: int) -> list[Any]:
    """At most count different values spread evenly over a dimension, its ends among them; every category."""
    if isinstance(dimension, Categorical):
        return list(dimension.choices)
    if isinstance(dimension, Integer) and dimension.size <= count:
        return list(range(dimension.low, dimension.high + 1, dimension.step))
    values = dimension.from_unit(np.linspace(0.0, 1.0, count)[:, None])
    return list(dict.fromkeys(values))


def as_array(values: Sequence[Any]) -> Any:
    """Values as an array: of numbers where they are numbers, else of the objects themselves."""
    if all(isinstance(v, (int, float)) and not isinstance(v, bool) for v in values):
        return np.array(values)
    array = np.empty(len(values), dtype=object)
    array[:] = values
    return array


def spread_points(space: Space, count: int, seed: int = 0) -> Array:
    """Legal points that fill the unit cube evenly, (count, width)."""
    return space.project(sobol(count, space.bounds, np.random.default_rng(seed)))


def model_of(history: History, step: int | None = -1) -> tuple[GaussianPosterior, Scaling]:
    """The model of a step, and the scaling of its values.

    None takes the last step's kernel and all trials told so far; without steps a model is fitted to them.
    """
    if not isinstance(history, History):
        raise TypeError(f"expected a History such as minimize(...) returns, got {type(history).__name__}")
    if step is not None and history.steps:
        chosen = step_of(history, step)
        return chosen.posterior, chosen.scaling
    trials = [t for t in history.trials if t.status == "complete"]
    if not trials:
        raise NotFittedError("there is no model before a trial has a value: run the objective, or tell one")
    y = np.array([t.value for t in trials], dtype=float)
    U = history.space.encode([t.params for t in trials])
    if history.steps:
        last = history.steps[-1]
        z, scaling = standardise(y, history.direction, last.bend, last.center)
        return GaussianProcess(last.kernel, noise=last.noise).condition(U, z), scaling
    processes = default_processes(history.space.groups)
    values = Values(y, history.direction)
    z, scaling = values.standardised(learn_values(processes, U, values)[1].bend)
    return learn_thoroughly(processes, U, z), scaling


def step_of(history: History, step: int) -> Step:
    """The step of that place, from the end where negative; ParameterError says how many there are."""
    if isinstance(step, bool) or not isinstance(step, (int, np.integer)):
        raise TypeError(f"step must be a whole number, got {step!r}")
    if not -len(history.steps) <= step < len(history.steps):
        raise ParameterError(
            f"step {step} is out of range: the history has {len(history.steps)} steps, "
            f"{-len(history.steps)} to {len(history.steps) - 1}"
            if history.steps
            else "the history has no steps: it was made without a model, or ended within the start design"
        )
    return history.steps[step]
