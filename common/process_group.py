"""Keeps a process and all it started together: ties their lives, signals them, ends what is left. No Django."""

import contextlib
import ctypes
import os
import signal
import sys
import time
from pathlib import Path

_PR_SET_PDEATHSIG, _PR_SET_CHILD_SUBREAPER = 1, 36  # prctl(2)
_libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


def die_with_parent(parent: int, by: int = signal.SIGKILL) -> None:
    """Have the kernel send this process the signal `by` when its parent ends; exit at once if `parent` is not it.

    The kernel does this on Linux only, and ties it to the parent's thread that forked, so fork from the main thread.
    Elsewhere only the check of the parent takes place.
    """
    if _libc:
        _libc.prctl(_PR_SET_PDEATHSIG, int(by), 0, 0, 0)
    if os.getppid() != parent:  # it ended before the call above
        os._exit(1)


def signal_group(leader: int, number: int) -> bool:
    """Send signal `number` to the process group of `leader`; False when there is no such group. Repeatable."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(leader, number)
        return True
    return False


def adopt_orphans() -> None:
    """Become the parent of every descendant whose own parent dies. Linux only."""
    if _libc:
        _libc.prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def children(pid: int) -> set[int]:
    """Pids of a process's children, dead but uncollected ones included; empty where there is no /proc."""
    children: set[int] = set()
    with contextlib.suppress(OSError):
        for task in Path(f"/proc/{pid}/task").iterdir():
            with contextlib.suppress(OSError):
                children.update(map(int, (task / "children").read_text().split()))
    return children


def reap(mine: set[int]) -> None:
    """Kill and collect adopted orphans: children of ours that are not in `mine`. Safe to call at any time."""
    for pid in children(os.getpid()) - mine:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
        with contextlib.suppress(ChildProcessError):
            os.waitpid(pid, os.WNOHANG)


def reap_all(mine: set[int], seconds: float) -> bool:
    """`reap` until no orphan is left, for each that dies leaves us its own children; False after `seconds`."""
    give_up = time.monotonic() + seconds
    while children(os.getpid()) - mine:
        if time.monotonic() > give_up:
            return False
        reap(mine)
        time.sleep(0.01)
    return True
