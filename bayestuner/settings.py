"""The settings of a search: what may be given, what is taken where nothing is, and what a storage remembers."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from acquisition import Acquisition, LogExpectedImprovement
from gp import Kernel, ParameterError

from .arguments import checked_count, checked_flag, checked_seed
from .constraints import checked_limits
from .space import Space
from .stopping import checked_rule

if TYPE_CHECKING:
    from .runfile import RunFile

DIRECTIONS = ("minimize", "maximize")
DEFAULT_INITIAL = 5


def checked_settings(
    space: Space,
    *,
    search: str,
    kernel: Any,
    acquisition: Any,
    n_initial: Any,
    seed: Any,
    constraints: Any,
    trust_region: Any,
    stop: Any,
) -> dict[str, Any]:
    """Return the settings as they are to be used, None where none was given; ParameterError or TypeError."""
    if kernel is not None and not isinstance(kernel, Kernel):
        raise TypeError(f"kernel must be a gp.Kernel such as Matern52(), got {_given(kernel)}")
    if acquisition is not None and not isinstance(acquisition, Acquisition):
        raise TypeError(f"acquisition must be an Acquisition such as ExpectedImprovement(), got {_given(acquisition)}")
    return {
        "search": search,
        "kernel": kernel,
        "acquisition": acquisition,
        "n_initial": None if n_initial is None else checked_count("n_initial", n_initial, low=1),
        "seed": None if seed is None else checked_seed(seed),
        "constraints": checked_limits(constraints, space.names) or None,
        "trust_region": checked_flag("trust_region", trust_region) or None,
        "stop": checked_rule(stop),
    }


def _given(setting: Any) -> str:
    return f"the class {setting.__name__}; write {setting.__name__}()" if isinstance(setting, type) else repr(setting)


def default_settings() -> dict[str, Any]:
    """What is taken where nothing was given; the seed is drawn."""
    return {
        "kernel": None,
        "acquisition": LogExpectedImprovement(noise="learned"),
        "n_initial": DEFAULT_INITIAL,
        "seed": checked_seed(None),
        "constraints": {},
        "trust_region": False,
        "stop": False,
    }


def checked_direction(direction: Any) -> str:
    """Return "minimize" or "maximize"."""
    if direction not in DIRECTIONS:
        raise ParameterError(f"direction must be 'minimize' or 'maximize', got {direction!r}")
    return str(direction)


def settle(
    space: Space, direction: str, given: dict[str, Any], storage: str | os.PathLike[str] | RunFile | None
) -> tuple[Space, dict[str, Any], RunFile | None]:
    """Return space, settings and file of a new run, or of the one that the storage holds."""
    defaults = default_settings()
    if storage is None:
        return space, {name: defaults.get(name) if value is None else value for name, value in given.items()}, None
    from .runfile import RunFile  # sqlite3 is loaded by those who store their runs

    file = storage if isinstance(storage, RunFile) else RunFile(storage)
    space, settings = file.agree(space, direction, given, defaults)
    return space, settings, file
