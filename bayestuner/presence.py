"""Which parameters of a space are there: the conditions of `when` checked, counted, and applied to points and places.

U (n, width)   places in the unit cube        present   {name: (n,) whether it is there}, conditional names only
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .categorical import Array, same
from .conditional import Conditions, in_words
from .dimensions import Dimension, Real
from .errors import SpaceError

SAME_PLACE = 1e-9
Dimensions = Mapping[str, Dimension]
Columns = Mapping[str, slice]


def resting_place(dimension: Dimension) -> Array:
    """Where a parameter that is not there rests: as far from one of its values as from another, (width,)."""
    return np.full(dimension.width, 1 / max(dimension.width, 2))


def checked_conditions(dimensions: Dimensions) -> dict[str, Conditions]:
    """The conditions of each conditional parameter, its parents' values as they are in points; SpaceError if wrong."""
    return {
        name: tuple((parent, _checked(name, parent, values, dimensions)) for parent, values in d.conditions)
        for name, d in dimensions.items()
        if d.conditions
    }


def _checked(name: str, parent: str, values: tuple[Any, ...], dimensions: Dimensions) -> tuple[Any, ...]:
    declared = list(dimensions)[: list(dimensions).index(name)]
    if parent not in declared:
        known = ", ".join(declared) or "none"
        raise SpaceError(
            f"{name} depends on {parent!r}, which must be a parameter declared before it; these are: {known}"
        )
    if isinstance(dimensions[parent], Real):
        raise SpaceError(f"{name} depends on {parent}, a Real; only whole numbers and choices can be a condition")
    try:
        return tuple(dimensions[parent].check(value) for value in values)
    except (SpaceError, TypeError) as error:
        raise SpaceError(f"{name} depends on values of {parent} that cannot be: {error}") from None


def is_present(conditions: Conditions, point: Mapping[str, Any]) -> bool:
    """Whether all conditions hold in a point whose earlier parameters are checked; an absent parent fulfils none."""
    return all(name in point and any(same(point[name], v) for v in values) for name, values in conditions)


def check_names(point: Mapping[str, Any], names: tuple[str, ...], conditions: Mapping[str, Conditions]) -> None:
    """Raise SpaceError where a point has a name too many, or lacks one that is always there."""
    if not set(names) - set(conditions) <= set(point) <= set(names):
        given = ", ".join(map(str, point)) or "nothing"
        raise SpaceError(f"a point needs the parameters {', '.join(names)}; got {given}")


def check_presence(name: str, point: Mapping[str, Any], conditions: Conditions, present: bool) -> None:
    """Raise SpaceError where a conditional parameter is missing, or has a value although it is not there."""
    if present and name not in point:
        raise SpaceError(f"{name}: needs a value, because {in_words(conditions)}")
    if not present and not _nothing(point.get(name)):
        raise SpaceError(f"{name}: is only there when {in_words(conditions)}; leave it out, got {point[name]!r}")


def _nothing(value: Any) -> bool:
    """None, or the NaN that a table has in its empty cells."""
    return value is None or (isinstance(value, float) and math.isnan(value))


def presence(
    U: Array, dimensions: Dimensions, columns: Columns, conditions: Mapping[str, Conditions]
) -> dict[str, Any]:
    """For legal places U, whether each conditional parameter is there: {name: (n,)}."""
    present: dict[str, NDArray[np.bool_]] = {}
    for name, needs in conditions.items():
        holds = np.ones(len(U), dtype=bool)
        for parent, values in needs:
            places = dimensions[parent].to_unit(values)
            apart = np.abs(U[:, None, columns[parent]] - places).max(axis=2)
            holds &= (apart < SAME_PLACE).any(axis=1) & present.get(parent, True)
        present[name] = holds
    return present


def count_points(dimensions: Dimensions, conditions: Mapping[str, Conditions]) -> float:
    """How many different points there are; inf with a Real parameter."""
    try:
        return float(
            math.prod(_count(tuple(group), {}, dimensions, conditions) for group in _groups(dimensions, conditions))
        )
    except OverflowError:  # more than a float can count
        return math.inf


def _groups(dimensions: Dimensions, conditions: Mapping[str, Conditions]) -> Iterator[list[str]]:
    """The parameters in groups that do not depend on each other, each in the order given."""
    group_of = {name: {name} for name in dimensions}
    for name, needs in conditions.items():
        joined = set().union(group_of[name], *(group_of[parent] for parent, _ in needs))
        group_of.update(dict.fromkeys(joined, joined))
    for name in dimensions:
        if name == next(n for n in dimensions if n in group_of[name]):
            yield [n for n in dimensions if n in group_of[name]]


def _count(
    names: tuple[str, ...], chosen: dict[str, Any], dimensions: Dimensions, conditions: Mapping[str, Conditions]
) -> float:
    """The points of a group: one by one for the values that somebody depends on, all other values at once."""
    if not names:
        return 1
    name, rest = names[0], names[1:]
    if not is_present(conditions.get(name, ()), chosen):
        return _count(rest, chosen, dimensions, conditions)
    named = {repr(v): v for n in rest for parent, values in conditions.get(n, ()) if parent == name for v in values}
    others = dimensions[name].size - len(named)
    total = sum(_count(rest, {**chosen, name: v}, dimensions, conditions) for v in named.values())
    return total + (others * _count(rest, chosen, dimensions, conditions) if others else 0)
