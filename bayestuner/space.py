"""The search space: named parameters, and the unit cube that the model lives in.

points   a list of dicts {name: value}, one a point, in the user's units
U        (n, width) the same points in the unit cube, categories one-hot

A parameter that is there only sometimes (`when`) has no entry in the points where it is not.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .categorical import Array, same
from .categorical import Categorical as Categorical
from .dimensions import Dimension, as_dimension
from .dimensions import Integer as Integer
from .dimensions import Real as Real
from .errors import SpaceError
from .presence import (
    check_names,
    check_presence,
    checked_conditions,
    count_points,
    is_present,
    presence,
    resting_place,
)

Params = dict[str, Any]


class Space:
    """Parameters by name; a pair of floats is Real, a pair of ints Integer, a list Categorical.

    >>> space = Space({"lr": Real(1e-4, 0.1, log=True), "layers": (1, 4), "act": ["relu", "tanh"]})
    >>> space.encode([{"lr": 0.1, "layers": 1, "act": "tanh"}])
    array([[1.   , 0.125, 0.   , 1.   ]])
    """

    def __init__(self, dimensions: Mapping[str, Any] | Space) -> None:
        if isinstance(dimensions, Space):
            dimensions = dimensions.dimensions
        if not isinstance(dimensions, Mapping):
            raise TypeError(f'a space is a dict of names and ranges such as {{"x": (0.0, 1.0)}}, got {dimensions!r}')
        if not dimensions:
            raise SpaceError("a space needs at least one parameter, got an empty dict")
        self.dimensions: dict[str, Dimension] = {_checked_name(n): _read(n, d) for n, d in dimensions.items()}
        ends = np.cumsum([dimension.width for dimension in self.dimensions.values()])
        starts = [0, *ends[:-1].tolist()]
        self._columns = {n: slice(a, int(b)) for n, a, b in zip(self.dimensions, starts, ends, strict=True)}
        self._conditions = checked_conditions(self.dimensions)
        self._resting = {name: resting_place(self.dimensions[name]) for name in self._conditions}

    @property
    def names(self) -> tuple[str, ...]:
        """The parameters, in the order given."""
        return tuple(self.dimensions)

    @property
    def width(self) -> int:
        """Number of columns of the unit cube."""
        return sum(d.width for d in self.dimensions.values())

    @property
    def discrete(self) -> bool:
        """Whether there is a whole number or a choice among the parameters: a gradient does not say all."""
        return not all(isinstance(d, Real) for d in self.dimensions.values())

    @property
    def conditional(self) -> tuple[str, ...]:
        """The parameters that are there only sometimes."""
        return tuple(self._conditions)

    @property
    def groups(self) -> tuple[int, ...]:
        """For each column the number of its parameter: the columns of a category belong together."""
        return tuple(i for i, d in enumerate(self.dimensions.values()) for _ in range(d.width))

    @cached_property
    def continuous(self) -> NDArray[np.bool_]:
        """Which columns can take any place in [0, 1]: those of a Real with more than one value, (width,)."""
        return np.array([isinstance(d, Real) and d.size > 1 for d in self.dimensions.values()])[list(self.groups)]

    def movable(self, U: Array) -> NDArray[np.bool_]:
        """For legal places U (n, width), which columns can be moved a little: continuous, and there."""
        result = np.tile(self.continuous, (len(U), 1))
        for name, present in self.presence(U).items():
            result[:, self._columns[name]] &= present[:, None]
        return result

    @cached_property
    def size(self) -> float:
        """How many different points there are; inf with a Real parameter."""
        return count_points(self.dimensions, self._conditions)

    @property
    def bounds(self) -> Array:
        """(width, 2): the unit cube, for the search of the acquisition."""
        return np.tile([0.0, 1.0], (self.width, 1))

    def columns(self, name: str) -> slice:
        """Which columns of the unit cube belong to a parameter."""
        if name not in self._columns:
            raise SpaceError(f"no parameter {name!r}; the space has {', '.join(self.names)}")
        return self._columns[name]

    def check(self, point: Any) -> Params:
        """Return a point as a plain dict in the space's order, or raise SpaceError that names the parameter."""
        if not isinstance(point, Mapping):
            raise TypeError(f"a point is a dict of parameters, got {point!r}")
        check_names(point, self.names, self._conditions)
        checked: Params = {}
        for name, dimension in self.dimensions.items():
            if needs := self._conditions.get(name):
                present = is_present(needs, checked)
                check_presence(name, point, needs, present)
                if not present:
                    continue
            try:
                checked[name] = dimension.check(point[name])
            except (SpaceError, TypeError) as error:
                raise type(error)(f"{name}: {error}") from None
        return checked

    def same(self, a: Params, b: Params) -> bool:
        """Whether two checked points are one: a category True is not 1, although they are equal in Python."""
        return a.keys() == b.keys() and all(same(a[name], b[name]) for name in a)

    def encode(self, points: Sequence[Mapping[str, Any]] | Mapping[str, Any]) -> Array:
        """Return the points in the unit cube, (n, width); a dict of arrays counts as its rows."""
        checked = [self.check(point) for point in _rows(points)]
        return self._encode(checked)

    def _encode(self, checked: Sequence[Params]) -> Array:
        return np.hstack([self._column(name, checked) for name in self.dimensions])

    def _column(self, name: str, checked: Sequence[Params]) -> Array:
        dimension = self.dimensions[name]
        if name not in self._conditions:
            return dimension.to_unit([point[name] for point in checked])
        places = np.tile(self._resting[name], (len(checked), 1))
        present = [name in point for point in checked]
        places[present] = dimension.to_unit([point[name] for point in checked if name in point])
        return places

    def decode(self, U: Any) -> list[Params]:
        """Return the legal points at the rows of U (n, width)."""
        U = self._checked(U)
        values = [d.from_unit(U[:, self._columns[name]]) for name, d in self.dimensions.items()]
        points = [dict(zip(self.dimensions, row, strict=True)) for row in zip(*values, strict=True)]
        return [self.without_absent(point) for point in points] if self._conditions else points

    def without_absent(self, point: Params) -> Params:
        """A point that has a value for every parameter, less those that are not there."""
        kept: Params = {}
        for name, value in point.items():
            if is_present(self._conditions.get(name, ()), kept):
                kept[name] = value
        return kept

    def project(self, U: Any) -> Array:
        """Return the place of the legal point at each row of U: encode(decode(U)), without the detour."""
        U = self._checked(U)
        places = np.hstack([d.project(U[:, self._columns[name]]) for name, d in self.dimensions.items()])
        for name, present in self.presence(places).items():
            places[~present, self._columns[name]] = self._resting[name]
        return places

    def presence(self, U: Array) -> dict[str, NDArray[np.bool_]]:
        """For legal places U (n, width), whether each parameter that is there only sometimes is there: (n,) each."""
        return presence(U, self.dimensions, self._columns, self._conditions)

    def _checked(self, U: Any) -> Array:
        U = np.asarray(U, dtype=float)
        if U.ndim != 2 or U.shape[1] != self.width:
            raise SpaceError(f"expected (n, {self.width}) places in the unit cube, got shape {U.shape}")
        if np.isnan(U).any():
            raise SpaceError(f"there is a NaN in row {int(np.argwhere(np.isnan(U))[0, 0])} of the places")
        return U

    def neighbours(self, u: Array, rng: np.random.Generator) -> Array:
        """The legal places that differ from u in one whole number or one choice, (k, width)."""
        from .neighbours import neighbours

        return neighbours(self, u, rng)

    def sample(self, n: int, seed: Any = None) -> list[Params]:
        """Draw n points, uniformly in the unit cube."""
        return self.decode(np.random.default_rng(seed).random((n, self.width)))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Space) and list(self.dimensions.items()) == list(other.dimensions.items())

    def __hash__(self) -> int:
        return hash(repr(self))

    def __repr__(self) -> str:
        return f"Space({self.dimensions!r})"

    def __iter__(self) -> Iterator[str]:
        return iter(self.dimensions)


def _checked_name(name: Any) -> str:
    if not isinstance(name, str):
        raise TypeError(f"a parameter's name must be a string, got {name!r}")
    if not name.strip():
        raise SpaceError("a parameter's name must not be empty")
    return name


def _read(name: Any, given: Any) -> Dimension:
    if isinstance(given, list) and len(given) == 2 and all(isinstance(value, float) for value in given):
        warnings.warn(
            f"parameter {name!r}: the list {given!r} is a choice between two values; if you mean all between them, "
            f"write ({given[0]!r}, {given[1]!r}), if not, Categorical({given!r})",
            stacklevel=4,
        )
    try:
        return as_dimension(given)
    except (SpaceError, TypeError) as error:
        raise type(error)(f"parameter {name!r}: {error}") from None


def _rows(points: Any) -> list[Mapping[str, Any]]:
    """A dict of arrays as a list of dicts; a list of dicts as it is."""
    if not isinstance(points, Mapping):
        if isinstance(points, str) or not hasattr(points, "__iter__"):
            raise TypeError(f"points are a list of dicts or a dict of arrays, got {points!r}")
        return list(points)
    columns = {name: list(values) if _is_column(values) else [values] for name, values in points.items()}
    lengths = {name: len(column) for name, column in columns.items()}
    if len(set(lengths.values())) > 1:
        raise SpaceError(f"the columns of points differ in length: {lengths}")
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def _is_column(values: Any) -> bool:
    return isinstance(values, (list, tuple)) or (
        hasattr(values, "__len__") and np.ndim(values) == 1 and not isinstance(values, str)
    )
