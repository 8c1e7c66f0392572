"""Limits of a process that holds a model which may be harmful: what it may use, and that it ends first."""

import os
import resource
import signal
import sys
from contextlib import suppress
from pathlib import Path

from common.process_group import die_with_parent

MEMORY = 8 * 1024**3  # bytes of address space, unless a process needs less
FILES = 256
PROCESSES = 64  # and threads, of a model's library in its sandbox


def apply_limits(
    parent: int = 0,
    file_bytes: int = 0,
    cpu_seconds: int = resource.RLIM_INFINITY,
    memory: int = MEMORY,
) -> None:
    """Limit this process, which may write files of `file_bytes`, and end it with the process `parent`.

    In a sandbox `parent` is left out: its keeper ends it.
    """
    for limit, value in (
        (resource.RLIMIT_AS, memory),
        (resource.RLIMIT_CPU, cpu_seconds),
        (resource.RLIMIT_NOFILE, FILES),
        (resource.RLIMIT_FSIZE, file_bytes),
        (resource.RLIMIT_CORE, 0),
    ):
        with suppress(ValueError, OSError):  # the limit that was inherited is lower, or macOS knows none
            resource.setrlimit(limit, (value, value))
    if sys.platform == "linux":
        with suppress(OSError):  # when the machine's memory ends, this process ends, and not the gateway
            Path("/proc/self/oom_score_adj").write_text("1000")
    if parent:
        die_with_parent(parent)


def clean_environment() -> dict[str, str]:
    """The environment of such a process: no credentials, one thread."""
    environment = {"PATH": os.defpath, "LANG": "C.UTF-8", "OMP_NUM_THREADS": "1"}
    if "PYTHONPATH" in os.environ:  # where an installed algorithm may be
        environment["PYTHONPATH"] = os.environ["PYTHONPATH"]
    return environment


def ending(return_code: int) -> str:
    """How a process ended, in words."""
    if return_code >= 0:
        return f"exit code {return_code}"
    with suppress(ValueError):
        return f"signal {-return_code} ({signal.Signals(-return_code).name})"
    return f"signal {-return_code}"
