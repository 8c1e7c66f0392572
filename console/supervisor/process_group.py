"""Starts a process so that it does not outlive us: in full on Linux, in part elsewhere."""

import os
import subprocess
from collections.abc import Sequence
from pathlib import Path

from common.process_group import die_with_parent


class Adopted:
    """A child of ours that another process started, with what a supervisor needs of subprocess.Popen."""

    def __init__(self, pid: int):
        self.pid = pid
        self.returncode: int | None = None

    def poll(self) -> int | None:
        """Its exit code, None while it runs."""
        if self.returncode is None:
            try:
                pid, status = os.waitpid(self.pid, os.WNOHANG)
            except ChildProcessError:
                pid, status = self.pid, 0
            if pid:
                self.returncode = os.waitstatus_to_exitcode(status)
        return self.returncode

    def send_signal(self, number: int) -> None:
        """Send it the signal `number` while it runs."""
        if self.poll() is None:
            os.kill(self.pid, number)


def command_of(pid: int) -> list[str]:
    """The command line of a process; [] when it has ended, and where there is no /proc."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().rstrip(b"\0").decode(errors="replace").split("\0")
    except OSError:
        return []


def start(
    command: list[str],
    environment: dict[str, str],
    folder: Path,
    keep: Sequence[int] = (),
    out: int = subprocess.PIPE,
    nice: int = 0,
) -> subprocess.Popen:
    """Start `command` as the leader of its own group, printing to `out` alone, killed by the kernel if we die first.

    `nice` is added to its niceness. Call it from the main thread: the kernel's promise is tied to the thread that
    started the child. On macOS a child outlives a supervisor that was killed with -9.
    """
    supervisor = os.getpid()

    def before() -> None:
        die_with_parent(supervisor)
        os.nice(nice)

    return subprocess.Popen(
        command,
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=out,
        stderr=subprocess.STDOUT,
        start_new_session=True,
        pass_fds=keep,
        preexec_fn=before,
    )
