"""Ties a process's life to its parent's, so that nothing of a job outlives the worker that runs it."""

import ctypes
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1
_KEPT = ("PATH", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "VIRTUAL_ENV")


def die_with_parent(parent: int, by: int = signal.SIGKILL) -> None:
    """Be sent `by` when the parent process ends; end at once if `parent`, the process meant, is gone already.

    The kernel does this on Linux only. Elsewhere the zygote notices by its closed socket.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, int(by), 0, 0, 0)
    if os.getppid() != parent:  # it died before we asked to be told
        os._exit(1)


def signal_group(leader: int, number: int) -> None:
    """Send a signal to the whole process group of `leader`, or to `leader` alone while it has no group yet."""
    for send in (os.killpg, os.kill):
        try:
            return send(leader, number)
        except (ProcessLookupError, PermissionError):
            continue
    return None


def cpus() -> int:
    """The processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def kept_environment() -> dict[str, str]:
    """What a job needs of our own environment, and nothing else: an allow-list, so that no secret slips through."""
    kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
    # One BLAS thread keeps the zygote single-threaded; waiting OpenMP threads sleep, for the sake of live endpoints.
    return kept | {
        "PYTHONUNBUFFERED": "1",
        "PYTHONUTF8": "1",
        "OMP_WAIT_POLICY": "PASSIVE",
        "OPENBLAS_NUM_THREADS": "1",
    }
