"""Where a file of a run can be, and how it gets there."""

from __future__ import annotations

import os
from pathlib import Path

NETWORK = ("nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "ceph", "lustre", "glusterfs", "beegfs", "gpfs", "afs")


def check_place(path: Path) -> None:
    """Raise the OSError that says why no file can be there."""
    if path.is_dir():
        raise IsADirectoryError(f"{path} is a folder; give the name of a file in it")
    if not path.parent.is_dir():
        raise FileNotFoundError(f"the folder {path.parent} does not exist; create it first")
    if not path.exists() and not os.access(path.parent, os.W_OK):
        raise PermissionError(f"the folder {path.parent} cannot be written; choose another")


def put_new(draft: Path, path: Path) -> None:
    """Give a finished file its name, FileExistsError where that is taken."""
    try:
        os.link(draft, path)
    except FileExistsError:
        raise
    except OSError:  # a file system without links
        if path.exists():
            raise FileExistsError(path) from None
        os.rename(draft, path)
    if os.name == "posix":
        folder = os.open(path.parent, os.O_RDONLY)
        os.fsync(folder)
        os.close(folder)


def journal_mode(path: Path, mounts: Path = Path("/proc/mounts")) -> str:
    """Return "wal", or "delete" on a network file system: the shared memory that WAL needs ends at the machine."""
    if str(path).startswith("\\\\"):
        return "delete"
    if not mounts.exists():
        return "wal"
    fields = [line.split() for line in mounts.read_text(encoding="utf-8", errors="replace").splitlines()]
    places = [(Path(f[1].replace("\\040", " ")), f[2]) for f in fields if len(f) > 2]
    around = [(len(place.parts), kind) for place, kind in places if path.is_relative_to(place)]
    kind = max(around, default=(0, ""), key=lambda found: found[0])[1]
    return "delete" if kind in NETWORK or kind.startswith("fuse.") else "wal"
