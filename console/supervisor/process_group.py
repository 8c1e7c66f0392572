"""Keeps a process and all it starts together, so that none outlives us: in full on Linux, in part elsewhere."""

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
from pathlib import Path

from common.process_group import die_with_parent

PR_SET_CHILD_SUBREAPER = 36
_libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


def adopt_orphans() -> None:
    """Become the parent of every descendant whose own parent dies. Linux only."""
    if _libc:
        _libc.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def start(
    command: list[str],
    environment: dict[str, str],
    folder: Path,
    keep: tuple[int, ...] = (),
    out: int = subprocess.PIPE,
) -> subprocess.Popen:
    """Start `command` as the leader of its own group, printing to `out` alone, killed by the kernel if we die first.

    Call it from the main thread: the kernel's promise is tied to the thread that started the child. On macOS a child
    outlives a supervisor that was killed with -9.
    """
    supervisor = os.getpid()

    return subprocess.Popen(
        command,
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=out,
        stderr=subprocess.STDOUT,
        start_new_session=True,
        pass_fds=keep,
        preexec_fn=lambda: die_with_parent(supervisor),
    )


def reap(mine: set[int]) -> None:
    """Kill and collect adopted orphans: children of ours that are not in `mine`. Safe to call at any time."""
    for pid in _children() - mine:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
        with contextlib.suppress(ChildProcessError):
            os.waitpid(pid, os.WNOHANG)


def has_children() -> bool:
    return bool(_children())


def _children() -> set[int]:
    """Pids whose parent we are, dead but uncollected ones included; empty where there is no /proc."""
    try:
        return {int(pid) for pid in Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()}
    except FileNotFoundError:
        return set()
