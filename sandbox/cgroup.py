"""Limits of memory and processes that the kernel keeps: a cgroup of version 2 for each sandbox, where one may be made.

It counts what no look at processes sees: what the kernel holds in sockets, pipes and page tables for them.
"""

from __future__ import annotations

import functools
import os
import subprocess
import time
from contextlib import suppress
from pathlib import Path

from sandbox.spec import Limits

CONTROLLERS = ("memory", "pids")
PREFIX = "sagewright-sandbox-"
_HOW = "In a unit of systemd (254 or later), Delegate=yes with DelegateSubgroup=main gives it one."
_REMOVE_SECONDS = 1.0  # in which the kernel lets go of what has just ended


class Cgroup:
    """The cgroup of one sandbox."""

    def __init__(self, folder: Path):
        self._folder = folder

    @classmethod
    def create(cls, parent: Path, limits: Limits) -> Cgroup:
        """Make one below `parent`, after those that killed keepers left. Raises OSError."""
        for old in parent.glob(f"{PREFIX}*"):
            with suppress(OSError):  # somebody is in it
                old.rmdir()
        group = cls(parent / f"{PREFIX}{os.getpid()}")
        group._folder.mkdir()
        try:
            if limits.memory:
                group._set("memory.max", limits.memory)
                group._set("memory.oom.group", 1)  # all of it ends, not its largest process alone
                with suppress(OSError):  # a kernel that does not swap has no such limit
                    group._set("memory.swap.max", 0)
            if limits.processes:
                group._set("pids.max", limits.processes)
        except OSError:
            group.remove()
            raise
        return group

    @property
    def members(self) -> Path:
        """The file that says which processes are in it; what is written there comes in."""
        return self._folder / "cgroup.procs"

    def join(self) -> None:
        """Move this process there, and all that it will start. Raises OSError."""
        self._set("cgroup.procs", 0)

    def ran_out_of_memory(self) -> bool:
        """Return whether the kernel has ended processes of it for their memory."""
        with suppress(OSError, ValueError):
            events = dict(line.split() for line in (self._folder / "memory.events").read_text().splitlines())
            return int(events.get("oom_kill", 0)) > 0
        return False

    def remove(self) -> None:
        """Remove it once everything in it has ended. Repeatable; what cannot be removed is left to the next."""
        until = time.monotonic() + _REMOVE_SECONDS
        while self._folder.exists():
            with suppress(OSError):
                self._folder.rmdir()
                return
            if time.monotonic() > until:
                return
            time.sleep(0.005)

    def _set(self, name: str, value: int) -> None:
        # Never made: in a folder that is no cgroup these would be files.
        descriptor = os.open(self._folder / name, os.O_WRONLY)
        try:
            os.write(descriptor, str(value).encode())
        finally:
            os.close(descriptor)


@functools.cache
def home() -> Path | None:
    """Return the cgroup below which sandboxes may have theirs, found out by doing it once; None where there is none."""
    for folder in _candidates():
        if _why_not(folder) == "":
            return folder
    return None


def sentence() -> str:
    """Return in plain words who keeps the limits of memory and processes."""
    if folder := home():
        return f"The kernel keeps the limits of memory and processes, in a cgroup for each sandbox below {folder}."
    return (
        "Memory and processes are counted several times a second, and what the kernel holds in sockets and pipes is "
        f"left out: {_why_no_home()}"
    )


def _candidates() -> list[Path]:
    """Return the cgroups that were given to this process, of its own and of the one that it is in.

    The kernel lets a cgroup with processes have no others with limits: a service manager puts the service one below.
    """
    own = next((line[3:] for line in _lines("/proc/self/cgroup") if line.startswith("0::/")), None)
    mounted = next((line.split()[4] for line in _lines("/proc/self/mountinfo") if " - cgroup2 " in line), None)
    if own is None or mounted is None:
        return []
    folder = Path(mounted, own.lstrip("/"))
    return [one for one in (folder, folder.parent) if is_delegated(one)]


def is_delegated(folder: Path) -> bool:
    """Return whether systemd, or who does as it does, has left a cgroup to whom it runs there."""
    for name in ("user.delegate", "trusted.delegate"):
        with suppress(OSError):
            if os.getxattr(folder, name) == b"1":
                return True
    return False


def _why_not(folder: Path) -> str:
    """Return why sandboxes cannot have cgroups in `folder`, "" if they can. Tries the whole of it."""
    enabled = " ".join(_lines(str(folder / "cgroup.subtree_control"))).split()
    if missing := [name for name in CONTROLLERS if name not in enabled]:
        return f"{folder} does not pass on {' and '.join(missing)}."
    try:
        group = Cgroup.create(folder, Limits(memory=2**30, processes=64))
    except OSError as e:
        return f"{folder}: {e.strerror}."
    enters = subprocess.run(["/bin/sh", "-c", 'echo 0 > "$1"', "sh", group.members], stderr=subprocess.DEVNULL)
    group.remove()
    return f"{folder} takes no process of this one." if enters.returncode else ""


def _why_no_home() -> str:
    reasons = [_why_not(folder) for folder in _candidates()]
    return " ".join(reasons) if reasons else f"no cgroup of version 2 was given to this process. {_HOW}"


def _lines(path: str) -> list[str]:
    try:
        return Path(path).read_text().splitlines()
    except OSError:
        return []
