"""A job's share of this machine: the processors, and the part of our environment that it inherits."""

import os

_KEPT = ("PATH", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "VIRTUAL_ENV")


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
