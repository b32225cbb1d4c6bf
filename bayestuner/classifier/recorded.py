"""What else each evaluation of a run saw, one line of JSON each, for the report: it decides nothing.

The optimizer is told the validation log loss alone. Losses on other rows and the epochs go to `evaluations.jsonl`
beside the run, each line written at once, so that worker processes can share the file and a killed run leaves it whole.
"""

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from ..pruning import RunningTrial
from .objective import Objective

NAME = "evaluations.jsonl"


@dataclass(frozen=True)
class Recorded:
    """An objective that also writes down what it saw."""

    objective: Objective
    path: Path

    def __call__(self, *, trial: RunningTrial | None = None, **params: Any) -> float:
        """Return the mean validation log loss of these parameters, and report the best so far after each epoch."""
        evaluation = self.objective.evaluate(params, trial)
        _append(self.path, json.dumps({"params": params, **asdict(evaluation)}))
        return evaluation.log_loss


def _append(path: Path, line: str) -> None:
    file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
    try:
        os.write(file, f"{line}\n".encode())
    finally:
        os.close(file)


def read_evaluations(path: Path, params: list[dict[str, Any]]) -> list[dict[str, Any] | None]:
    """Return what was recorded of each of some parameters, None where nothing was; damaged lines are passed over."""
    known: dict[str, dict[str, Any]] = {}
    lines = path.read_text(encoding="utf-8", errors="replace").splitlines() if path.exists() else []
    for line in lines:
        try:
            content = json.loads(line)
            known[_key(content["params"])] = content
        except (ValueError, KeyError, TypeError):
            continue
    return [known.get(_key(one)) for one in params]


def _key(params: dict[str, Any]) -> str:
    return json.dumps(params, sort_keys=True, default=str)
