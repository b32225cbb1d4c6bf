"""Results on disk: JSON that is there whole or not at all."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any


def write_text(path: Path, text: str) -> None:
    """Write a text beside its place, then give it its name."""
    draft = path.with_name(f".{path.name}.{os.getpid()}.draft")
    draft.write_text(text, encoding="utf-8")
    os.replace(draft, path)


def write(path: Path, content: dict[str, Any]) -> None:
    """Write plain data as JSON."""
    write_text(path, json.dumps(content, indent=1, allow_nan=False) + "\n")


def read(path: Path) -> dict[str, Any] | None:
    """Return what `write` wrote, or None where there is no such file or something else is in it."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return None
    return content if isinstance(content, dict) else None
