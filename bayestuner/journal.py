"""Whether SQLite's write-ahead log is as it was written.

What is told is first in the journal `run.db-wal`: a header of 32 bytes, then frames, a header of 24 bytes and a page
each (sqlite.org/fileformat2.html, section 4). After a kill SQLite takes the frames up to the first that does not fit,
silently: all after it is gone, whether it was never written whole or was damaged later. So before a journal that
nobody is writing to is opened, it is looked at here:

- the header, or nothing would be read;
- each frame: its salts are the header's, and its checksum goes on from that of the frame before, as stored;
- a frame that does not fit, behind which a later change is whole, was damaged: changes are written one after another;
- the index `run.db-shm`, which a kill leaves behind and a power cut may not, says how many frames were committed.

What cannot be known: whether a journal without an index was cut off after a whole change, or the last change of it
was damaged rather than never completely written. SQLite does not know it either; what is read is a run as it was.
"""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from .errors import CorruptStateError
from .owners import anybody
from .schema import PAGE

HEADER, FRAME = 32, 24
MAGIC = {0x377F0682: "<u4", 0x377F0683: ">u4"}  # the order of the bytes in a word of which sums are made
INDEX = 48  # bytes of the index's header, which is there twice

Words = NDArray[np.uint32]


def check_journal(path: Path) -> None:
    """Raise CorruptStateError where a change that was committed to the journal of a run cannot be read any more."""
    journal = path.with_name(path.name + "-wal")
    if not journal.exists() or anybody(path):
        return
    content = journal.read_bytes()
    if len(content) < HEADER + FRAME:  # nothing was written yet
        return
    problem = _problem(content, _committed(path, content))
    if problem and not anybody(path):  # it was not written to meanwhile
        raise CorruptStateError(f"its journal {journal.name} is damaged: {problem}")


def _problem(content: bytes, committed: int) -> str:
    """What is wrong with a journal in whose index so many frames are committed; nothing if it can be read."""
    header = np.frombuffer(content[:HEADER], ">u4")
    words = MAGIC.get(int(header[0]))
    if words is None or _sums(np.zeros((1, 2), np.uint32), np.frombuffer(content[:24], words)[None])[0].tolist() != [
        *header[6:]
    ]:
        return "its header was changed"
    whole, ends = _frames(content, header, words)
    broken = int(np.argmin(whole)) if not whole.all() else len(whole)
    if broken < committed:
        return f"frame {broken + 1} of {committed} was changed or is missing"
    after = np.flatnonzero(ends[broken:]) + broken  # the first of these ends the change that is broken
    if len(after) and whole[after[0] + 1 :].any():
        return f"frame {broken + 1} was changed, and later ones are there"
    return ""


def _frames(content: bytes, header: NDArray[np.uint32], words: str) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Of each frame whether it goes on from the one before it, and whether it ends a change.

    All at once: the checksum of a frame begins with the one that is stored in the frame before.
    """
    size = FRAME + PAGE
    count = (len(content) - HEADER) // size
    frames = np.frombuffer(content[HEADER : HEADER + count * size], np.uint8).reshape(count, size)
    heads = np.ascontiguousarray(frames[:, :FRAME]).view(">u4")
    ours = (heads[:, 2:4] == header[4:6]).all(axis=1)
    before = np.vstack([header[6:], heads[:-1, 4:]]).astype(np.uint32)
    summed = np.ascontiguousarray(np.hstack([frames[:, :8], frames[:, FRAME:]])).view(words)
    return ours & (_sums(before, summed) == heads[:, 4:]).all(axis=1), ours & (heads[:, 1] > 0)


def _sums(start: Words, words: NDArray[np.uint32]) -> Words:
    """SQLite's checksum of each row of words, (n, 2): s0 += x0 + s1, s1 += x1 + s0, modulo 2^32."""
    s0, s1 = start[:, 0].astype(np.uint32), start[:, 1].astype(np.uint32)
    for x0, x1 in zip(words.T[::2], words.T[1::2], strict=True):
        s0 = s0 + x0.astype(np.uint32) + s1
        s1 = s1 + x1.astype(np.uint32) + s0
    return np.stack([s0, s1], axis=1)


def _committed(path: Path, journal: bytes) -> int:
    """How many frames the index says are committed; 0 where there is none, or it is of another journal."""
    index = path.with_name(path.name + "-shm")
    content = index.read_bytes()[: 2 * INDEX] if index.exists() else b""
    if len(content) < 2 * INDEX or content[:INDEX] != content[INDEX:] or content[32:40] != journal[16:24]:
        return 0
    sums = _sums(np.zeros((1, 2), np.uint32), np.frombuffer(content[:40], "=u4")[None])
    if sums.tobytes() != content[40:48]:
        return 0
    return int(struct.unpack_from("=I", content, 16)[0])
