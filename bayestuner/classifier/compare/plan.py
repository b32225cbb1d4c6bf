"""What is compared, and where each part of it lives.

Seed s draws the split into training and test rows, the folds, the first weights and the search. Every method works on
the very same objective, so that differences between methods can be taken seed by seed. In the folder:

    METHOD/seed-S.db      one search: a run like any other (`bayestuner show`, `bayestuner animate`)
    METHOD/seed-S.json    the network it chose, trained anew, on the test rows
    baselines/seed-S.json the default network, logistic regression, class shares
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from ...baselines import grid_points
from ...errors import StateError
from ...space import Params
from ...storage import load, remove
from ..job import Job
from ..objective import Objective
from . import files
from .curves import first_trials
from .methods import checked_methods

BASELINES = "baselines"


@dataclass(frozen=True)
class Plan:
    """One table, several methods, several seeds, equal budgets: `trials` for each method, but `grid` for the grid."""

    job: Job
    folder: Path
    methods: tuple[str, ...] = ("grid", "random", "bayes")
    seeds: tuple[int, ...] = (0, 1, 2, 3, 4)
    trials: int = 30
    grid: int = 81
    epochs: int = 100

    def __post_init__(self) -> None:
        object.__setattr__(self, "methods", checked_methods(self.methods))

    def objective(self, seed: int) -> Objective:
        """The function that every method minimises with this seed."""
        return replace(self.job.objective, split_seed=seed, weight_seed=seed, epochs=self.epochs)

    def settings(self, method: str, seed: int) -> dict[str, Any]:
        """What must be equal for a search to be continued."""
        own = {"method": method, "seed": seed, "weight_seed": seed, "epochs": self.epochs}
        return {**self._common, **own, **({"points": self.budget(method)} if method == "grid" else {})}

    @cached_property
    def _common(self) -> dict[str, Any]:
        return self.job.settings  # with a digest of the table, which takes a moment

    def budget(self, method: str) -> int:
        """How many trials a method has."""
        return len(grid_points(self.job.space, self.grid)) if method == "grid" else self.trials

    @property
    def parts(self) -> list[tuple[str, int]]:
        """The pieces of work that need nothing of each other, the longest first: (method or "baselines", seed)."""
        methods = sorted(self.methods, key=lambda method: -self.budget(method))
        return [(method, seed) for method in (*methods, BASELINES) for seed in self.seeds]

    def storage(self, method: str, seed: int) -> Path:
        """The file of a search."""
        return self.folder / method / f"seed-{seed}.db"

    def final(self, method: str, seed: int) -> Path:
        """The file of what was chosen, and of how it does on the test rows."""
        return self.folder / method / f"seed-{seed}.json"

    def is_done(self, method: str, seed: int) -> bool:
        """Whether a piece of work is finished: a search has all its trials, and what was chosen is its best."""
        final = files.read(self.final(method, seed)) or {}
        if final.get("settings") != self.settings(method, seed):
            return False
        return method == BASELINES or (
            self.told(method, seed) >= self.budget(method) and final["params"] == self._best(method, seed)
        )

    def _best(self, method: str, seed: int) -> Params:
        history = load(self.storage(method, seed), trials_only=True)
        return first_trials(history, self.budget(method)).best_params

    def told(self, method: str, seed: int) -> int:
        """How many trials of a search are there."""
        storage = self.storage(method, seed)
        if method == BASELINES or not storage.exists():
            return 0
        return sum(trial.status != "running" for trial in load(storage, trials_only=True).trials)

    def check(self, *, force: bool = False) -> None:
        """Raise StateError where the folder holds a search of something else; with force, remove that search."""
        for method, seed in self.parts:
            storage = self.storage(method, seed)
            if method == BASELINES or not storage.exists():
                continue
            notes = load(storage, trials_only=True).notes or {}
            settings = self.settings(method, seed)
            differences = sorted(key for key in settings.keys() | notes.keys() if settings.get(key) != notes.get(key))
            if differences and not force:
                raise StateError(
                    f"{storage} was begun with other settings ({', '.join(differences)}); "
                    "choose another --out, or --force to replace it"
                )
            if differences:
                remove(storage)
