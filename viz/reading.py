"""How long a picture is held so that its words can be read."""

from __future__ import annotations

from collections.abc import Sequence

LAST = 4000  # ms of the last frame
SLOW, QUICK = 260, 90  # ms a word, for who meets it first and for who has seen it
SHORT, LONG = 600, 6000


def reading_time(lines: Sequence[str], pace: str, *, slow: bool = True, last: bool = False, brief: int = 1000) -> int:
    """Milliseconds to hold a frame with these lines; `brief` in every pace but the lesson.

    >>> reading_time(["Before any data:", "any of these curves could be f."], "lesson")
    2600
    """
    if last:
        return LAST
    if pace != "lesson":
        return brief
    words = sum(len(line.split()) for line in lines)
    return min(max(words * (SLOW if slow else QUICK), SHORT), LONG)
