"""The search space: named parameters, and the unit cube that the model lives in.

points   a list of dicts {name: value}, one a point, in the user's units
U        (n, width) the same points in the unit cube, categories one-hot
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from .categorical import Array, same
from .categorical import Categorical as Categorical
from .dimensions import Dimension, as_dimension
from .dimensions import Integer as Integer
from .dimensions import Real as Real
from .errors import SpaceError

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
            raise TypeError(f"a space is a dict of names and ranges, got {dimensions!r}")
        if not dimensions:
            raise SpaceError("a space needs at least one parameter, got an empty dict")
        self.dimensions: dict[str, Dimension] = {_checked_name(n): _read(n, d) for n, d in dimensions.items()}
        ends = np.cumsum([dimension.width for dimension in self.dimensions.values()])
        starts = [0, *ends[:-1].tolist()]
        self._columns = {n: slice(a, int(b)) for n, a, b in zip(self.dimensions, starts, ends, strict=True)}

    @property
    def names(self) -> tuple[str, ...]:
        """The parameters, in the order given."""
        return tuple(self.dimensions)

    @property
    def width(self) -> int:
        """Number of columns of the unit cube."""
        return sum(d.width for d in self.dimensions.values())

    @property
    def size(self) -> float:
        """How many different points there are; inf with a Real parameter."""
        try:
            return float(math.prod(d.size for d in self.dimensions.values()))
        except OverflowError:  # more than a float can count
            return math.inf

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
        if set(point) != set(self.dimensions):
            given = ", ".join(map(str, point)) or "nothing"
            raise SpaceError(f"a point needs the parameters {', '.join(self.names)}; got {given}")
        checked = {}
        for name, dimension in self.dimensions.items():
            try:
                checked[name] = dimension.check(point[name])
            except (SpaceError, TypeError) as error:
                raise type(error)(f"{name}: {error}") from None
        return checked

    def same(self, a: Params, b: Params) -> bool:
        """Whether two checked points are one: a category True is not 1, although they are equal in Python."""
        return all(same(a[name], b[name]) for name in self.dimensions)

    def encode(self, points: Sequence[Mapping[str, Any]] | Mapping[str, Any]) -> Array:
        """Return the points in the unit cube, (n, width); a dict of arrays counts as its rows."""
        checked = [self.check(point) for point in _rows(points)]
        return self._encode(checked)

    def _encode(self, checked: Sequence[Params]) -> Array:
        return np.hstack([d.to_unit([point[name] for point in checked]) for name, d in self.dimensions.items()])

    def decode(self, U: Any) -> list[Params]:
        """Return the legal points at the rows of U (n, width)."""
        U = self._checked(U)
        values = [d.from_unit(U[:, self._columns[name]]) for name, d in self.dimensions.items()]
        return [dict(zip(self.dimensions, row, strict=True)) for row in zip(*values, strict=True)]

    def project(self, U: Any) -> Array:
        """Return the place of the legal point at each row of U: encode(decode(U)), without the detour."""
        U = self._checked(U)
        return np.hstack([d.project(U[:, self._columns[name]]) for name, d in self.dimensions.items()])

    def _checked(self, U: Any) -> Array:
        U = np.asarray(U, dtype=float)
        if U.ndim != 2 or U.shape[1] != self.width:
            raise SpaceError(f"expected (n, {self.width}) places in the unit cube, got shape {U.shape}")
        if np.isnan(U).any():
            raise SpaceError(f"there is a NaN in row {int(np.argwhere(np.isnan(U))[0, 0])} of the places")
        return U

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
