"""Ties a process's life to its parent's, and signals a process together with all it started. No Django."""

import contextlib
import ctypes
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1  # prctl(2)
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
