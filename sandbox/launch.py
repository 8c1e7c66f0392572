"""Launches a program in a sandbox of a given level, and follows it to its end."""

import json
import select
import socket
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

from sandbox import identity, keeper
from sandbox.spec import Level, SandboxError, Spec

PROGRAM = "sandbox.launcher"
PROJECT = Path(__file__).resolve().parents[1]
START_SECONDS = 30.0
KILL_SECONDS = 5.0


class Sandboxed:
    """A program in a sandbox. Everything in it ends with the process that started it, and on `close`."""

    def __init__(self, process: subprocess.Popen, control: socket.socket, level: Level):
        self.pid, self.level = process.pid, level
        self.end_reason = ""  # "memory", "disk" or "processes" once it was killed for using too much
        self.used = 0  # bytes, or how many, then
        self._process, self._control, self._received = process, control, b""

    def poll(self) -> int | None:
        """Return the exit code, -N after signal N, or None while the program runs."""
        code = self._process.poll()
        if code is not None:
            self._read_reports()
        return code

    def wait(self, timeout: float | None = None) -> int:
        """Wait for the end and return the exit code. Raises subprocess.TimeoutExpired."""
        self._process.wait(timeout)
        return self.poll() or 0

    def terminate(self) -> None:
        """Send SIGTERM to everything inside."""
        self._send(keeper.TERMINATE)

    def kill(self) -> None:
        """End everything inside; nothing of it is left when this returns."""
        self._send(keeper.KILL)
        try:
            self._process.wait(KILL_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def close(self) -> None:
        """End what still runs, and release all that belongs to it. Repeatable."""
        if self._process.poll() is None:
            self.kill()
        self._read_reports()
        self._control.close()

    def __enter__(self) -> "Sandboxed":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def await_start(self, seconds: float) -> None:
        """Wait until the command is being executed. Raises SandboxError."""
        while (message := self._receive(seconds)) is not None:
            if "error" in message:
                break
            if "started" in message:
                return
        self.close()
        raise SandboxError((message or {}).get("error") or f"The sandbox was not ready within {seconds:g} s.")

    def _send(self, message: bytes) -> None:
        with suppress(OSError):
            self._control.send(message, socket.MSG_NOSIGNAL if hasattr(socket, "MSG_NOSIGNAL") else 0)

    def _read_reports(self) -> None:
        while self._control.fileno() >= 0 and (message := self._receive(0)) is not None:
            if "reason" in message:
                self.end_reason, self.used = message["reason"], message["used"]

    def _receive(self, seconds: float) -> dict[str, Any] | None:
        """Return the keeper's next message, None if there is none within the time or any more."""
        while b"\n" not in self._received:
            try:
                data = self._control.recv(4096) if select.select([self._control], [], [], seconds)[0] else b""
            except OSError:
                return None
            if not data:
                return None
            self._received += data
        line, _, self._received = self._received.partition(b"\n")
        return json.loads(line)


def launch(
    spec: Spec,
    level: Level,
    *,
    stdin: int | IO | None = None,
    stdout: int | IO | None = None,
    stderr: int | IO | None = None,
    pass_fds: Sequence[int] = (),
) -> Sandboxed:
    """Start `spec.command` in a sandbox. Raises SandboxError.

    The streams are as subprocess.Popen has them, but nothing instead of this process's own where they are None.
    `pass_fds` stay open inside, with the same numbers.
    """
    ours, theirs = socket.socketpair()
    with theirs:
        process = subprocess.Popen(
            [sys.executable, "-S", "-m", PROGRAM, str(theirs.fileno())],
            cwd=PROJECT,
            env={},
            stdin=stdin if stdin is not None else subprocess.DEVNULL,
            stdout=stdout if stdout is not None else subprocess.DEVNULL,
            stderr=stderr if stderr is not None else subprocess.DEVNULL,
            pass_fds=[theirs.fileno(), *pass_fds],
            start_new_session=True,  # Ctrl-C is for the process that starts it
        )
    sandboxed = Sandboxed(process, ours, level)
    request = {"spec": identity.decide(spec).to_json(), "level": level, "keep": list(pass_fds)}
    try:
        ours.sendall(json.dumps(request).encode() + b"\n")
        sandboxed.await_start(START_SECONDS)
    except SandboxError:
        raise
    except OSError as e:
        sandboxed.close()
        raise SandboxError(f"The sandbox's process ended: {e}") from e
    except BaseException:
        sandboxed.close()
        raise
    return sandboxed
