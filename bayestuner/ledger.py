"""The book of a run: what was asked and told, in memory, and in a storage before anybody acts on it."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from gp import ParameterError

from .errors import SpaceMismatchError, StateError
from .history import History, Record, Trial
from .limits import held
from .space import Params, Space
from .step import Step

if TYPE_CHECKING:
    from .runfile import RunFile


class Suggestion(dict[str, Any]):
    """A point to try: a dict of parameters that knows the number of its trial."""

    def __init__(self, params: Params, number: int) -> None:
        super().__init__(params)
        self.number = number

    def __reduce__(self) -> tuple[Any, ...]:
        return (Suggestion, (dict(self), self.number))


class Ledger:
    """Trials and steps, written in turns: nobody else asks or tells meanwhile, no thread and no process."""

    def __init__(self, space: Space, direction: str, settings: dict[str, Any], file: RunFile | None) -> None:
        self.space, self.direction, self.settings = space, direction, settings
        self.record, self.steps = (Record(space, direction), list[Step]()) if file is None else file.take_over()
        self.file = file
        self.queue: list[Params] = []
        self._again: list[int] = []
        self.lock = threading.RLock()

    def __getstate__(self) -> dict[str, Any]:
        if self.file is not None:
            raise TypeError(f"an optimizer with a storage cannot be pickled; open {self.file.path} with storage=")
        return {name: value for name, value in self.__dict__.items() if name != "lock"}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state, lock=threading.RLock())

    # ---- writing

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Nobody else asks or tells meanwhile; what others did before is known."""
        with self.lock:
            if self.file is None:
                yield
                return
            with self.file.turn():
                self.file.catch_up(self.record, self.steps)
                self.queue = self.file.queue()
                yield

    def enqueue(self, point: Params) -> None:
        """Let a point wait to be asked for."""
        if self.file is not None:
            self.file.enqueue(point)
        self.queue.append(point)

    def write(self, trial: Trial, step: Step | None = None, *, queued: bool = False) -> None:
        """Write a trial, and the step that led to it: to the storage first, for what is there is true.

        A queued one was the first in the queue, and leaves it.
        """
        trial = self.record.placed(trial)
        with held():
            if self.file is not None:
                self.file.write(trial, step, queued=queued)
            self.record.add(trial)
            if step is not None:
                self.steps.append(step)
            if queued:
                self.queue.pop(0)
        self._again = [n for n in self._again if n != trial.number]

    @property
    def unfinished(self) -> list[int]:
        """Trials that nobody evaluates any more, as after a kill or Ctrl-C: they are asked for again first."""
        abandoned = [] if self.file is None else self.file.abandoned(self.record)
        return [*self._again, *(n for n in abandoned if n not in self._again)]

    def interrupt(self, numbers: list[int], stopped: str) -> None:
        """Note that nobody evaluates these trials any more, and why the run ended."""
        with self.turn():
            self._again.extend(n for n in numbers if self.record.trials[n].status == "running")
            if self.file is not None:
                self.file.finish(stopped)

    def restore(self, history: History) -> None:
        """Take over an earlier run of the same space: its trials count as told, its unfinished ones are asked again."""
        with self.lock:
            if self.record.trials:
                raise StateError(f"this optimizer has {len(self.record.trials)} trials; restore into a new one")
            if self.file is not None:
                raise StateError("this optimizer has a storage: it continues what is there; `tell` it what is not")
            if history.space != self.space or history.direction != self.direction:
                raise SpaceMismatchError(
                    f"the earlier run searched {history.space!r} to {history.direction}, this one {self.space!r} "
                    f"to {self.direction}"
                )
            self.record.trials.update((trial.number, trial) for trial in history.trials)
            told = [trial for trial in history.trials if trial.told is not None]
            self.record.told.extend(t.number for t in sorted(told, key=lambda t: t.told or 0))
            self.steps.extend(replace(step, record=self.record) for step in history.steps)
            self._again.extend(trial.number for trial in history.trials if trial.status == "running")

    def close(self) -> None:
        """Let the storage go; done at the end of the program, too, however it ends."""
        if self.file is not None:
            self.file.close()

    # ---- reading

    def trial(self, number: int) -> Trial:
        """The trial of that number, as it stands."""
        if number not in self.record.trials:
            raise ParameterError(f"there is no trial {number}; {len(self.record.trials)} have been made")
        return self.record.trials[number]

    def trial_of(self, params: Mapping[str, Any]) -> Trial:
        """The trial that these parameters complete: their own, a pending one like them, or a new one."""
        point = self.space.check(params)
        if isinstance(params, Suggestion):
            trial = self.record.trials.get(params.number)
            if trial is not None and self.space.same(trial.params, point):
                if trial.status != "running":
                    raise StateError(
                        f"trial {params.number} was told already; "
                        "to add another value of the same point, tell a plain dict"
                    )
                return trial
        for trial in self.record.pending():
            if self.space.same(trial.params, point):
                return trial
        return Trial(len(self.record.trials), point, source="user")

    def history(self, stopped: str = "") -> History:
        """All that happened so far, with the reason why the run ended."""
        with self.lock:
            if self.file is not None:
                self.file.catch_up(self.record, self.steps)
            # Copies of the params, so that whoever changes them does not change what the steps remember.
            numbers = sorted(self.record.trials)
            trials = tuple(replace(self.record.trials[n], params=dict(self.record.trials[n].params)) for n in numbers)
            notes = None if self.file is None else self.file.notes
            return History(self.space, self.direction, trials, tuple(self.steps), stopped, dict(self.settings), notes)
