"""Ends from outside: a time limit for one evaluation, Ctrl-C, SIGTERM."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any


class TrialTimeoutError(BaseException):
    """The evaluation took longer than `trial_timeout`. No Exception, lest the objective catch it and go on."""


class Terminated(BaseException):
    """The process was asked to end by SIGTERM."""


def call_within(seconds: float | None, function: Callable[[], Any]) -> Any:
    """Return function(), or raise TrialTimeoutError after so many seconds.

    In a main thread the function is interrupted, as by Ctrl-C; code that does not come back to Python can only be
    stopped from outside (`Workers`). In any other thread, and on Windows, it is left behind and runs on unheard.
    """
    if seconds is None:
        return function()
    if hasattr(signal, "setitimer") and threading.current_thread() is threading.main_thread():
        return _interrupted_after(seconds, function)
    return _left_after(seconds, function)


def _interrupted_after(seconds: float, function: Callable[[], Any]) -> Any:
    done = False

    def ring(number: int, frame: FrameType | None) -> None:
        if not done:
            raise TrialTimeoutError(f"no value after {seconds:g} s")

    before = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        value = function()
        done = True
        return value
    finally:
        done = True
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def _left_after(seconds: float, function: Callable[[], Any]) -> Any:
    outcome: list[Any] = []

    def work() -> None:
        try:
            outcome.extend((function(), None))
        except BaseException as error:
            outcome.extend((None, error))

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    thread.join(seconds)
    if len(outcome) < 2:
        raise TrialTimeoutError(f"no value after {seconds:g} s; the evaluation is left behind and may still run")
    value, error = outcome
    if error is not None:
        raise error
    return value


@contextmanager
def held() -> Iterator[None]:
    """Let Ctrl-C and SIGTERM wait until the block is done, so that nothing is half written."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    waiting: list[tuple[int, FrameType | None]] = []
    numbers = (signal.SIGINT, signal.SIGTERM)
    before = {number: signal.signal(number, lambda n, frame: waiting.append((n, frame))) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler or signal.SIG_DFL)
        for came, frame in waiting:
            _deliver(before[signal.Signals(came)], came, frame)


def _deliver(handler: Any, number: int, frame: FrameType | None) -> None:
    if callable(handler):
        handler(number, frame)
    elif handler == signal.SIG_DFL:
        signal.raise_signal(number)


@contextmanager
def ended_by_sigterm() -> Iterator[None]:
    """Make SIGTERM raise Terminated here, unless the program has a handler of its own."""
    main = threading.current_thread() is threading.main_thread()
    if not main or signal.getsignal(signal.SIGTERM) != signal.SIG_DFL:
        yield
        return

    def end(number: int, frame: FrameType | None) -> None:
        raise Terminated

    signal.signal(signal.SIGTERM, end)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
