"""Memory that is kept: freed arrays are used again instead of being given back to the system.

The C library of Linux gives the memory of a large array back as soon as it is freed; the next array gets new
pages, and the system fills each with zeros first. Matrices of 200 to 1000 points are made and freed by the
dozen in a fit, and half of its time would go there.
"""

from __future__ import annotations

from functools import cache

import numpy as np

KEPT = 31 * 2**20  # bytes; the C library accepts no more than 32 MiB


@cache
def keep_freed_memory() -> None:
    """Let this process keep what it frees, up to twice KEPT; at no cost, and once is enough.

    The C library raises its threshold to the size of the largest block of its own that was freed so far
    (mallopt(3), M_MMAP_THRESHOLD, "dynamic"). The block is never touched, so it takes no memory; where there
    is no such threshold, nothing happens.
    """
    np.empty(KEPT, dtype=np.uint8)
