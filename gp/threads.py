"""One thread for small matrices.

A linear algebra library with as many threads as cores makes them wait for each other after every small step;
where the cores have other work, as with several workers, one factorisation then takes a thousand times as long.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

MANY = 1000  # points from which on several threads are worth their waiting


@contextmanager
def one_thread(n: int) -> Iterator[None]:
    """Hold the BLAS to one thread while n points are worked on, if they are few; it is as it was afterwards.

    The setting belongs to the whole process, so only the main thread changes it: two that did could not put it back.
    """
    if n >= MANY or threading.current_thread() is not threading.main_thread():
        yield
        return
    with _controller().limit(limits=1, user_api="blas"):
        yield


@cache
def _controller() -> Any:
    from threadpoolctl import ThreadpoolController  # at first use: it looks for all loaded libraries

    return ThreadpoolController()
