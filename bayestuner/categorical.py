"""A parameter that is one of several choices: no order, one column of the unit cube for each choice."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from reprlib import repr as shortened
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .conditional import Conditions, Switchable, when_repr
from .errors import SpaceError

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False, repr=False)
class Categorical(Switchable):
    """One of several choices without an order; choices may be anything, and True, 1 and "1" are three of them.

    >>> Categorical(["relu", "tanh"]).to_unit(["tanh"])
    array([[0., 1.]])
    """

    choices: tuple[Any, ...]
    conditions: Conditions = ()
    _places: dict[Any, int] = field(init=False)

    def __init__(self, choices: Sequence[Any], *, conditions: Conditions = ()) -> None:
        if isinstance(choices, str) or not isinstance(choices, (list, tuple, np.ndarray, range, set, frozenset)):
            raise TypeError(f"Categorical: choices must be a list, got {choices!r}")
        if isinstance(choices, (set, frozenset)):
            raise TypeError("Categorical: a set has no order that could be repeated; give a list of choices")
        values = tuple(c.item() if isinstance(c, np.generic) else c for c in choices)
        if not values:
            raise SpaceError("Categorical: needs at least one choice, got none")
        places: dict[Any, int] = {}  # a dict finds one of 10,000 choices at once
        for i, choice in enumerate(values):
            if _find(choice, values[:i], places) is not None:
                raise SpaceError(f"Categorical: choice {shortened(choice)} is there twice")
            if _hashable(choice):
                places[_key(choice)] = i
        object.__setattr__(self, "choices", values)
        object.__setattr__(self, "conditions", conditions)
        object.__setattr__(self, "_places", places)

    def __repr__(self) -> str:
        return f"Categorical({list(self.choices)!r}){when_repr(self.conditions)}"

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Categorical) or len(other.choices) != len(self.choices):
            return False
        if self.conditions != other.conditions:
            return False
        return all(same(a, b) for a, b in zip(self.choices, other.choices, strict=True))

    def __hash__(self) -> int:
        return hash(repr(self))

    @property
    def width(self) -> int:
        """Columns in the unit cube."""
        return len(self.choices)

    @property
    def size(self) -> float:
        """How many different values there are."""
        return len(self.choices)

    def index(self, value: Any) -> int:
        """Number of the choice that value is, or SpaceError with the choices."""
        value = value.item() if isinstance(value, np.generic) else value
        place = _find(value, self.choices, self._places)
        if place is not None:
            return place
        shown = ", ".join(map(repr, self.choices[:10])) + (", ..." if len(self.choices) > 10 else "")
        raise SpaceError(f"must be one of {shown}, got {shortened(value)}")

    def check(self, value: Any) -> Any:
        """Return the choice that value is, or raise SpaceError."""
        return self.choices[self.index(value)]

    def to_unit(self, values: Sequence[Any]) -> Array:
        """One-hot rows, (n, number of choices)."""
        return self._one_hot([self.index(v) for v in values])

    def _one_hot(self, places: Any) -> Array:
        rows = np.zeros((len(places), self.width))
        rows[np.arange(len(places)), places] = 1.0
        return rows

    def from_unit(self, u: Array) -> list[Any]:
        """The choice with the largest entry in each row of u (n, number of choices)."""
        return [self.choices[i] for i in np.argmax(u, axis=1)]

    def project(self, u: Array) -> Array:
        """One-hot rows of the largest entries."""
        return self._one_hot(np.argmax(u, axis=1))


def same(a: Any, b: Any) -> bool:
    """Equal and of one kind: True, 1 and "1" differ, NaN is itself."""
    if isinstance(a, float) and isinstance(b, float) and math.isnan(a) and math.isnan(b):
        return True
    if type(a) is not type(b):
        return False
    try:
        return bool(a == b)
    except ValueError:  # arrays, tables
        raise SpaceError(f"{shortened(a)} cannot be a choice: use a tuple, or a name") from None


def _key(choice: Any) -> Any:
    """Two hashable choices are the same where their keys are equal."""
    return (float, None) if isinstance(choice, float) and math.isnan(choice) else (type(choice), choice)


def _hashable(choice: Any) -> bool:
    try:
        hash(choice)
    except TypeError:
        return False
    return True


def _find(value: Any, choices: Sequence[Any], places: Mapping[Any, int]) -> int | None:
    """Number of the choice that is the same as value, None where there is none; places: the hashable ones by key."""
    if _hashable(value):
        return places.get(_key(value))
    return next((i for i, choice in enumerate(choices) if same(choice, value)), None)
