"""Who a sandbox runs as: a user of its own if this process is root and others can read what it shows, else the same."""

import functools
import os
import stat
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from sandbox import cgroup, linux
from sandbox.spec import Bind, Level, Spec
from sandbox.walk import walk

# (first, how many): the best ranges first. A keeper's pid is unique while it lives, and so is the user that it chooses.
_RANGES = ((0x70000000, 1 << 22), (40_000, 20_000))
_LISTED = stat.S_IROTH | stat.S_IXOTH
_DEPTH = 4  # folders: the packages of an environment are in lib/python3.N/site-packages


@dataclass(frozen=True)
class Identity:
    """The user and group inside; `own` is the same number if they are the sandbox's alone, else None."""

    uid: int
    gid: int
    own: int | None = None


def decide(spec: Spec) -> Spec:
    """Return `spec` without a user of its own if that could not read the code that it shows, and where its cgroup is.

    The sandbox is then root without capabilities. This is for the process that starts many: it looks once at a folder.
    """
    own_user = spec.own_user and not private_sources(spec.binds)
    return replace(spec, own_user=own_user, cgroup=str(cgroup.home() or ""))


def private_sources(binds: Iterable[Bind]) -> list[Path]:
    """Return the sources with code that only root can read, as a umask of 077 leaves it; none if this is not root."""
    if os.geteuid() or not linux.IS_LINUX:
        return []
    return [bind.source for bind in binds if not bind.writable and not _is_code_public(bind.source)]


def choose(spec: Spec, level: Level) -> Identity:
    """Return who the sandbox of this process, its keeper, runs as."""
    same = Identity(os.geteuid(), os.getegid())
    if same.uid or not linux.IS_LINUX or not spec.own_user:
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


def give_writable(spec: Spec, me: Identity) -> None:
    """Make the sandbox's user the owner of what it may write, if this is root and that may be another's."""
    folders = _writable(spec)
    if me.own is not None or (me.uid == 0 and any(folder.stat().st_uid for folder in folders)):
        for folder in folders:
            _give(folder, me.uid)


def _writable(spec: Spec) -> list[Path]:
    """Return what a sandbox may write: its folder, and the sources of its writable binds."""
    return [spec.folder, *(bind.source for bind in spec.binds if bind.writable)]


def _give(folder: Path, uid: int) -> None:
    """Make `uid` the owner of a folder and all in it. What has a second name elsewhere is left out."""
    os.chown(folder, uid, uid)
    for entry in walk(folder):
        status = entry.status
        if status.st_uid == status.st_gid == uid:  # from an earlier sandbox: a volume may have very many files
            continue
        if stat.S_ISDIR(status.st_mode) or status.st_nlink == 1:
            os.chown(entry.name, uid, uid, dir_fd=entry.folder, follow_symlinks=False)


def _owner_within(spec: Spec, first: int, count: int) -> int:
    """Return the user that an earlier sandbox has left on what this one writes, 0 if there is none.

    A folder keeps its user, such as the volume of a notebook: `_give` leaves files with two names to whom they belong.
    """
    owners = (path.stat().st_uid for path in _writable(spec))
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


@functools.lru_cache(maxsize=256)
def _is_code_public(source: Path) -> bool:
    """Return whether everybody may read the folders and the code near the top of a source, itself left out.

    What no import finds is left out: folders with a dot, bytecode, other files. Deeper down nothing is looked at.
    """
    waiting = [(source, _DEPTH)] if source.is_dir() else []
    while waiting:
        folder, depth = waiting.pop()
        with os.scandir(folder) as entries:
            for entry in entries:
                mode = entry.stat(follow_symlinks=False).st_mode
                if stat.S_ISDIR(mode) and not entry.name.startswith((".", "__pycache__")):
                    if mode & _LISTED != _LISTED:
                        return False
                    if depth > 1:
                        waiting.append((Path(entry), depth - 1))
                elif stat.S_ISREG(mode) and entry.name.endswith((".py", ".so")) and not mode & stat.S_IROTH:
                    return False
    return True
