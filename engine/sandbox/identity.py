"""Who a sandbox runs as: a user of its own if this process is root, else the same user."""

import os
import stat
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from engine.sandbox import linux
from engine.sandbox.spec import Level, Spec
from engine.sandbox.walk import walk

# (first, how many): the best ranges first. A keeper's pid is unique while it lives, and so is the user that it chooses.
_RANGES = ((0x70000000, 1 << 22), (40_000, 20_000))


@dataclass(frozen=True)
class Identity:
    """The user and group inside; `own` is the same number if they are the sandbox's alone, else None."""

    uid: int
    gid: int
    own: int | None = None


def choose(spec: Spec, level: Level) -> Identity:
    """Return who the sandbox of this process, its keeper, runs as."""
    same = Identity(os.geteuid(), os.getegid())
    if same.uid or not linux.IS_LINUX:
        return same
    for first, count in _RANGES:
        if _is_mapped(first, count):
            own = _owner_within(spec, first, count) or first + os.getpid() % count
            break
    else:
        return same
    # A new root has no parents of the old one. Elsewhere the new user must be able to walk to what it needs.
    if level is not Level.WALLED and not _all_reachable(spec):
        return same
    return Identity(own, own, own)


def writable(spec: Spec) -> list[Path]:
    """Return what a sandbox may write: its folder, and the sources of its writable binds."""
    return [spec.folder, *(bind.source for bind in spec.binds if bind.writable)]


def give(folders: Iterable[Path], uid: int) -> None:
    """Make `uid` the owner of these folders and all in them. What has a second name elsewhere is left out."""
    for folder in folders:
        os.chown(folder, uid, uid)
        for entry in walk(folder):
            status = entry.stat(follow_symlinks=False)
            if stat.S_ISDIR(status.st_mode) or status.st_nlink == 1:
                os.chown(entry.path, uid, uid, follow_symlinks=False)


def _owner_within(spec: Spec, first: int, count: int) -> int:
    """Return the user that an earlier sandbox has left on what this one writes, 0 if there is none.

    A folder keeps its user, such as the volume of a notebook: `give` leaves files with two names to whom they belong.
    """
    owners = (path.stat().st_uid for path in writable(spec))
    return next((owner for owner in owners if first <= owner < first + count), 0)


def _is_mapped(first: int, count: int) -> bool:
    """Return whether this user namespace has these users."""
    for line in Path("/proc/self/uid_map").read_text().splitlines():
        start, _, size = map(int, line.split())
        if start <= first and first + count <= start + size:
            return True
    return False


def _all_reachable(spec: Spec) -> bool:
    """Return whether everybody may walk to what the sandbox shows, and into what is not given to its user."""
    needed = {
        parent for path in (spec.folder, *(bind.source for bind in spec.binds)) for parent in path.resolve().parents
    }
    needed |= {bind.source for bind in spec.binds if bind.source.is_dir() and not bind.writable}
    return all(folder.stat().st_mode & stat.S_IXOTH for folder in needed)
