"""The worker's side of the zygote: starts a job's process and follows it to its end."""

import json
import os
import select
import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from algorithms import ALGORITHMS
from common.process_group import signal_group
from engine.training.processes import kept_environment

PROGRAM = "engine.training.zygote"
PROJECT = Path(__file__).resolve().parents[2]


class ZygoteLost(Exception):
    """The zygote has died, and the job's process with it."""


class Child:
    """A job's process. `fileno()` becomes readable when there is something to `poll()`."""

    def __init__(self, zygote: "Zygote", pid: int):
        self.pid = pid
        self.exit_code: int | None = None
        self._zygote = zygote

    def fileno(self) -> int:
        return self._zygote.control.fileno()

    def poll(self) -> int | None:
        """The exit code, -N after signal N, or None while it runs. Raises ZygoteLost."""
        while self.exit_code is None and (message := self._zygote.hear()):
            if message["pid"] == self.pid:
                self.exit_code = message.get("exit")
        return self.exit_code

    def send(self, number: int) -> None:
        """Send a signal to the job's whole process group, if it still runs."""
        if self.exit_code is None and not signal_group(self.pid, number):
            with suppress(ProcessLookupError, PermissionError):
                os.kill(self.pid, number)  # it was forked a moment ago and leads no group yet


class Zygote:
    """A zygote process and the line to it. Start it from the thread that will outlive it: the main one."""

    def __init__(self, preload: tuple[str, ...]):
        self.owner = os.getpid()
        self.control, theirs = socket.socketpair()
        self._heard = b""
        command = [sys.executable, "-m", PROGRAM, str(self.owner), str(theirs.fileno()), *preload]
        with theirs:
            self.process = subprocess.Popen(
                command,
                cwd=PROJECT,
                env=kept_environment(),
                stdin=subprocess.DEVNULL,
                pass_fds=[theirs.fileno()],
                start_new_session=True,  # a signal to the worker's group must not end jobs behind its back
            )

    def spawn(self, folder: Path, output: int, meanwhile: Callable[[], None]) -> Child:
        """Start the job laid out in `folder`, its output going to the descriptor `output`. Raises ZygoteLost.

        `meanwhile` is called while the zygote is still loading its libraries.
        """
        try:
            socket.send_fds(self.control, [f"{folder}\n".encode()], [output])
        except OSError as e:
            raise ZygoteLost(str(e)) from e
        while True:
            message = self.hear()
            if message is None and not select.select([self.control], [], [], 0.2)[0]:
                meanwhile()
            elif message and "exit" not in message:  # an end is that of an earlier job, which we had left to die
                return Child(self, message["pid"])

    def hear(self) -> dict | None:
        """The next message, None when there is none yet. Raises ZygoteLost."""
        while b"\n" not in self._heard:
            try:
                data = self.control.recv(4096, socket.MSG_DONTWAIT)
            except BlockingIOError:
                return None
            except OSError as e:
                raise ZygoteLost(str(e)) from e
            if not data:
                raise ZygoteLost(f"process {self.process.pid} is gone")
            self._heard += data
        line, _, self._heard = self._heard.partition(b"\n")
        return json.loads(line)

    def close(self) -> None:
        """End the zygote and whatever it runs."""
        with suppress(OSError):
            self.control.close()
        try:
            self.process.wait(timeout=2)
        except subprocess.TimeoutExpired:
            self.process.send_signal(signal.SIGKILL)
            self.process.wait()


_zygote: Zygote | None = None


def warm_up() -> Zygote:
    """This process's zygote, started with every algorithm loaded if there is none."""
    global _zygote
    if _zygote is None or _zygote.owner != os.getpid():
        _zygote = Zygote(tuple(ALGORITHMS))
    return _zygote


def put_out() -> None:
    """End this process's zygote, if it has one."""
    global _zygote
    if _zygote is not None and _zygote.owner == os.getpid():
        _zygote.close()
    _zygote = None


def spawn(folder: Path, output: int, meanwhile: Callable[[], None]) -> Child:
    """Start the job laid out in `folder`: from the warm zygote, from a new one if it has died, at last from a bare one.

    A bare one has loaded nothing; it helps when loading a library is what kills it, and then the job's own log tells.
    """
    global _zygote
    for _ in range(2):
        try:
            return warm_up().spawn(folder, output, meanwhile)
        except ZygoteLost:
            put_out()
    _zygote = Zygote(preload=())
    return _zygote.spawn(folder, output, meanwhile)
