"""Starts a process so that it does not outlive us: in full on Linux, in part elsewhere."""

import os
import subprocess
from collections.abc import Sequence
from pathlib import Path

from common.process_group import die_with_parent


def start(
    command: list[str],
    environment: dict[str, str],
    folder: Path,
    keep: Sequence[int] = (),
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
