"""Is it the same run? What a file says of space and settings, against what is given now."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .codec import from_plain
from .dimensions import Dimension
from .errors import SpaceMismatchError, StateError, StateVersionError
from .space import Categorical, Space

CHANGEABLE = ("stop",)


def settled(stored: dict[str, Any], given: Mapping[str, Any], plain: Mapping[str, Any]) -> dict[str, Any]:
    """The settings that go on: those of the file, from which none that is given may differ (None: not given).

    Only when to stop may change: it decides how long a run is, not where it looks.
    """
    if unknown := set(stored) - set(given):
        raise StateVersionError(f"it has the settings {', '.join(sorted(unknown))}, unknown to this BayesTuner")
    for name, value in given.items():
        if value is not None and name not in CHANGEABLE and plain[name] != stored.get(name):
            raise StateError(
                f"the run was begun with {name}={from_plain(stored.get(name))!r}, now {value!r} is given; "
                f"leave {name} out to continue the run, or choose another file"
            )
    changed = {name: value for name, value in given.items() if value is not None and name in CHANGEABLE}
    return {name: from_plain(stored.get(name, plain[name])) for name in given} | changed


def compare_spaces(stored: Space, given: Space) -> None:
    """Parameters belong together by name, so their order may differ; nothing else may."""
    problems = [f"{name} is missing now" for name in stored.names if name not in given.dimensions]
    problems += [f"{name} is new" for name in given.names if name not in stored.dimensions]
    for name, dimension in stored.dimensions.items():
        now = given.dimensions.get(name, dimension)
        if not _alike(dimension, now):
            problems.append(f"{name} was {dimension!r} and is now {now!r}")
    if problems:
        raise SpaceMismatchError(
            f"the run searched another space: {'; '.join(problems)}. Give the old space, or begin a new file "
            "and `tell` it the trials of History.load(...)"
        )


def _alike(a: Dimension, b: Dimension) -> bool:
    if isinstance(a, Categorical) and isinstance(b, Categorical):
        first, second = (Categorical(sorted(d.choices, key=_text)) for d in (a, b))
        return first == second and a.conditions == b.conditions
    return a == b


def _text(choice: Any) -> str:
    return f"{type(choice).__name__} {choice!r}"


def changed_notes(before: Any, now: Any) -> str:
    """The names of the notes that differ."""
    if not isinstance(before, dict) or not isinstance(now, dict):
        return f"{before!r}, now {now!r}"
    return ", ".join(sorted(k for k in before.keys() | now.keys() if before.get(k) != now.get(k)))
