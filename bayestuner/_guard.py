"""Our folders have short names; a script called gp.py beside a learner's notebook would hide ours."""

from __future__ import annotations

import importlib.util
from pathlib import Path

NEIGHBOURS = ("gp", "acquisition", "viz")


def check_neighbours() -> None:
    """Raise ImportError that names the file where another module hides one of BayesTuner's packages."""
    home = Path(__file__).resolve().parent.parent
    for name in NEIGHBOURS:
        found = importlib.util.find_spec(name)
        origin = None if found is None or found.origin is None else Path(found.origin).resolve()
        if origin is not None and origin != home / name / "__init__.py":
            raise ImportError(f"{origin} hides BayesTuner's own {name}/ folder; please rename yours.")
