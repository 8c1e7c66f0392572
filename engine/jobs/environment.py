"""A job's share of this machine: its processors, and the part of the worker's environment that it inherits."""

import os

_INHERITED = (
    "PATH",
    "LANG",
    "LC_ALL",
    "LC_CTYPE",
    "TZ",
    "LD_LIBRARY_PATH",
    "DYLD_LIBRARY_PATH",
    "VIRTUAL_ENV",
    "PYTHONPATH",
)


def cpus() -> int:
    """Return how many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def threads_for(running: int) -> int:
    """Return a fair share of the processors when `running` processes of jobs share this machine; at least 1."""
    return max(1, cpus() // max(1, running))


def inherited_environment() -> dict[str, str]:
    """Return what a job needs of the worker's environment: an allow-list, so that no secret slips through."""
    inherited = {name: os.environ[name] for name in _INHERITED if name in os.environ}
    # One BLAS thread keeps the zygote single-threaded; waiting OpenMP threads sleep, for the sake of live endpoints.
    return inherited | {
        "PYTHONUNBUFFERED": "1",
        "PYTHONUTF8": "1",
        "OMP_WAIT_POLICY": "PASSIVE",
        "OPENBLAS_NUM_THREADS": "1",
    }
