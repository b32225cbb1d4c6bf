"""Kernels, acquisitions and dimensions as plain data and back: a dataclass is its import path and its fields.

Reading such data imports the modules that it names, as unpickling would: open only files you trust.
"""

from __future__ import annotations

import importlib
import math
import sys
from dataclasses import fields, is_dataclass
from typing import Any

from .errors import CorruptStateError, StateError


def to_plain(value: Any) -> Any:
    """Return value as lists, dicts, numbers and text that JSON can hold; StateError where it cannot be.

    >>> from gp import RBF
    >>> to_plain(RBF())
    {'class': 'gp.kernels:RBF', 'fields': {'lengthscale': 1.0}}
    """
    if value is None or isinstance(value, (bool, int, str)):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else {"float": repr(value)}
    if isinstance(value, tuple):
        return {"tuple": [to_plain(v) for v in value]}
    if isinstance(value, list):
        return [to_plain(v) for v in value]
    if isinstance(value, dict) and all(isinstance(key, str) for key in value):
        return {"dict": {key: to_plain(v) for key, v in value.items()}}
    if is_dataclass(value) and not isinstance(value, type):
        content = {f.name: to_plain(getattr(value, f.name)) for f in fields(value) if f.init}
        return {"class": _import_path(type(value)), "fields": content}
    raise StateError(
        f"{value!r} cannot be stored: only numbers, text, lists, dicts and dataclasses of an importable module"
    )


def from_plain(plain: Any) -> Any:
    """Return what `to_plain` was given."""
    if isinstance(plain, list):
        return [from_plain(v) for v in plain]
    if not isinstance(plain, dict):
        return plain
    if "float" in plain:
        return float(plain["float"])
    if "tuple" in plain:
        return tuple(from_plain(v) for v in plain["tuple"])
    if "dict" in plain:
        return {key: from_plain(v) for key, v in plain["dict"].items()}
    if "class" in plain:
        return _class_at(plain["class"])(**{name: from_plain(v) for name, v in plain["fields"].items()})
    raise CorruptStateError(f"no stored value looks like {plain!r}")


def _import_path(cls: type) -> str:
    path = f"{cls.__module__}:{cls.__qualname__}"
    if "<locals>" in cls.__qualname__:
        raise StateError(f"{path} is defined inside a function and could not be found again; move it to a module")
    if _class_at(path) is not cls:
        raise StateError(f"{path} is another class by now and could not be found again; give it a name of its own")
    return path


def _where(module: str) -> str:
    if module == "__main__":
        return "open it in the script that has the class, or move the class to a module of its own and import it there"
    return f"start where {module} can be imported: in its folder, with python -m bayestuner"


def _class_at(path: str) -> Any:
    module, _, name = path.partition(":")
    try:
        found: Any = sys.modules.get(module) or importlib.import_module(module)
        for part in name.split("."):
            found = getattr(found, part)
    except (ImportError, AttributeError) as error:
        raise StateError(f"{path}, which the file names, cannot be imported: {error}; {_where(module)}") from None
    if not is_dataclass(found):
        raise StateError(f"{path}, which the file names, is not a kernel, an acquisition or a dimension")
    return found
