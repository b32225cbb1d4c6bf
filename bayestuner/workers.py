"""Worker processes that can die: each evaluation in a process that is watched, ended when late, and replaced."""

from __future__ import annotations

import multiprocessing
import pickle
import queue
import signal
import threading
import traceback
from collections.abc import Callable
from concurrent.futures import Executor, Future
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, wait
from typing import Any

from .arguments import checked_count
from .limits import TrialTimeoutError

GRACE = 1.0  # seconds that an evaluation has to notice its time limit before its process is ended


class WorkerDiedError(RuntimeError):
    """A worker process ended in the middle of an evaluation: killed, out of memory, or crashed."""


@dataclass
class _Task:
    """A call and the future of its result; limit in seconds."""

    call: tuple[Callable[..., Any], tuple[Any, ...], dict[str, Any]]
    limit: float | None
    future: Future[Any] = field(default_factory=Future)


class Workers(Executor):
    """A pool of n processes like ProcessPoolExecutor, that outlives its members.

    When a process is killed, only the evaluation in it fails, and another takes its place. An evaluation that
    hangs can be ended for good, even in code that never comes back to Python.

    >>> with Workers(1) as workers:
    ...     workers.submit(pow, 2, 10).result()
    1024
    """

    def __init__(
        self, n: int, *, initializer: Callable[..., Any] | None = None, initargs: tuple[Any, ...] = ()
    ) -> None:
        self._initial = (initializer, initargs)
        self._tasks: queue.SimpleQueue[_Task | None] = queue.SimpleQueue()
        self._processes: dict[int, _Process] = {}
        self._closed = False
        self._threads = [
            threading.Thread(target=self._serve, args=(i,), daemon=True, name=f"bayestuner-worker-{i}")
            for i in range(checked_count("n", n, low=1))
        ]
        for thread in self._threads:
            thread.start()

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Call fn(*args, **kwargs) on a worker."""
        return self._put(_Task((fn, args, kwargs), None))

    def submit_within(self, limit: float | None, fn: Callable[..., Any], /, *args: Any) -> Future[Any]:
        """Call fn(*args) on a worker, whose process is ended when it takes more than `limit` seconds and a grace."""
        return self._put(_Task((fn, args, {}), limit))

    def _put(self, task: _Task) -> Future[Any]:
        if self._closed:
            raise RuntimeError("these workers were shut down")
        self._tasks.put(task)
        return task.future

    def interrupt(self) -> None:
        """End what is being evaluated; the workers can be used again."""
        for process in list(self._processes.values()):
            process.end()

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Take no more calls; wait for those that were made, unless told not to."""
        self._closed = True
        while cancel_futures and not self._tasks.empty():
            task = self._tasks.get()
            if task is not None:
                task.future.cancel()
        for _ in self._threads:
            self._tasks.put(None)
        if not wait:
            self.interrupt()
        for thread in self._threads:
            thread.join(None if wait else GRACE)

    def _serve(self, place: int) -> None:
        """Hand tasks to one process after the other, starting a new one where the last has ended."""
        while (task := self._tasks.get()) is not None:
            if not task.future.set_running_or_notify_cancel():
                continue
            try:
                process = self._processes.get(place)
                if process is None or not process.is_alive():
                    process = self._processes[place] = _Process(*self._initial)
                task.future.set_result(process.call(task))
            except BaseException as error:  # it belongs to whoever waits for the result
                task.future.set_exception(error)
        if (process := self._processes.pop(place, None)) is not None:
            process.end()


class _Process:
    """One process, and the pipe to it."""

    def __init__(self, initializer: Callable[..., Any] | None, initargs: tuple[Any, ...]) -> None:
        # spawn: a forked child would inherit threads' locks, open files and the state of CUDA.
        context = multiprocessing.get_context("spawn")
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(target=_work, args=(theirs, initializer, initargs), daemon=True)
        self._process.start()
        self._ended = False
        theirs.close()
        self._answer()  # it has started

    def is_alive(self) -> bool:
        """Whether it still runs, and was not told to end."""
        return not self._ended and self._process.is_alive()

    def end(self) -> None:
        """Kill it."""
        self._ended = True
        self._process.kill()

    def call(self, task: _Task) -> Any:
        """Return what the call returns on the worker, or raise what it raises there."""
        self._pipe.send_bytes(pickle.dumps(task.call))
        self._answer()  # it has imported what the call needs: from now on the time counts
        if not wait([self._pipe, self._process.sentinel], None if task.limit is None else task.limit + GRACE):
            self.end()
            raise TrialTimeoutError(f"no value after {task.limit:g} s; its process was ended")
        return self._answer()

    def _answer(self) -> Any:
        try:
            value, error = self._pipe.recv()
        except (EOFError, OSError):
            self._process.join()
            raise WorkerDiedError(_cause(self._process.exitcode)) from None
        if error is not None:
            raise error
        return value


def _cause(code: int | None) -> str:
    if code is None or code >= 0:
        return f"a worker process ended with exit status {code}"
    name = signal.Signals(-code).name
    memory = "; perhaps the system ran out of memory" if name == "SIGKILL" else ""
    return f"a worker process was killed by {name}{memory}"


def _work(pipe: Connection, initializer: Callable[..., Any] | None, initargs: tuple[Any, ...]) -> None:
    """What a worker process does: calls, until there are no more."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the process that runs the search
    if initializer is not None:
        initializer(*initargs)
    pipe.send((None, None))
    while True:
        try:
            function, args, kwargs = pickle.loads(pipe.recv_bytes())
        except EOFError:
            return
        except Exception as error:
            pipe.send((None, RuntimeError(f"the call cannot be read on a worker: {error!r}")))
            continue
        pipe.send((None, None))
        answer: tuple[Any, BaseException | None]
        try:
            answer = (function(*args, **kwargs), None)
        except BaseException as error:
            error.add_note("".join(traceback.format_exception(error)))
            answer = (None, error)
        _send(pipe, answer)


def _send(pipe: Connection, answer: tuple[Any, Any]) -> None:
    try:
        pipe.send_bytes(pickle.dumps(answer))
    except Exception as error:
        pipe.send((None, RuntimeError(f"the result {answer!r} cannot be sent back: {error!r}")))
