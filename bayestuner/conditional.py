"""Parameters that are there only sometimes: the width of a third layer, when there are three.

    {"layers": Integer(1, 3), "width1": Integer(16, 256), "width2": Integer(16, 256).when(layers=[2, 3])}

A point has no entry for a parameter that is not there, and the objective is called without it. In the unit cube
such a parameter rests at one fixed place, so that it never tells two points apart.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, replace
from typing import Any, Self

import numpy as np

from .errors import SpaceError

Conditions = tuple[tuple[str, tuple[Any, ...]], ...]  # (the other parameter, its values), all of which must hold


class Switchable:
    """What Real, Integer and Categorical have in common: each may be there only when others have certain values."""

    conditions: Conditions

    def when(self, others: Mapping[str, Any] | None = None, /, **more: Any) -> Self:
        """Return the same parameter, there only when each named one has the value given, or one of a list.

        >>> from bayestuner import Integer
        >>> Integer(16, 256).when(layers=[2, 3])
        Integer(low=16, high=256, log=False, step=1).when(layers=[2, 3])
        """
        given = {**(others or {}), **more}
        if not given:
            raise SpaceError("when() needs a parameter and its values, as in when(layers=[2, 3])")
        new = tuple((name, _values(name, values)) for name, values in given.items())
        return replace(self, conditions=self.conditions + new)  # type: ignore[type-var]

    def __repr__(self) -> str:
        shown = (f for f in fields(self) if f.repr and f.name != "conditions")  # type: ignore[arg-type]
        inside = ", ".join(f"{f.name}={getattr(self, f.name)!r}" for f in shown)
        return f"{type(self).__name__}({inside}){when_repr(self.conditions)}"


def _values(name: Any, values: Any) -> tuple[Any, ...]:
    if not isinstance(name, str):
        raise TypeError(f"when: the name of a parameter must be a string, got {name!r}")
    several = values if isinstance(values, (list, tuple, range, np.ndarray)) else [values]
    result = tuple(v.item() if isinstance(v, np.generic) else v for v in several)
    if not result:
        raise SpaceError(f"when: {name} needs at least one value, got none")
    return result


def when_repr(conditions: Conditions) -> str:
    """The conditions as they were written."""
    if all(name.isidentifier() for name, _ in conditions):
        return "".join(f".when({name}={list(values)!r})" for name, values in conditions)
    return "".join(f".when({ {name: list(values)}!r})" for name, values in conditions)


def in_words(conditions: Conditions) -> str:
    """The conditions for a message: "layers is 2 or 3".

    >>> in_words((("layers", (2, 3)), ("kind", ("net",))))
    "layers is 2 or 3 and kind is 'net'"
    """
    return " and ".join(f"{name} is {' or '.join(map(repr, values))}" for name, values in conditions)
