"""Starts functions of ours in sandboxes that a warm process forks (sandbox.zygote)."""

from __future__ import annotations

import json
import logging
import os
import select
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress

from sandbox import identity, keeper
from sandbox.launch import KILL_SECONDS, PROJECT, START_SECONDS, Sandboxed
from sandbox.spec import Level, SandboxError, Spec

PROGRAM = "sandbox.zygote"
LOST = -9  # the code of one whose zygote has ended, and with it all that it forked
PAUSES = (0.0, 1.0, 10.0, 60.0)  # seconds until a warm process that ended is started again: the first time, and so on
SETTLED = 300.0  # seconds after whose start its end is a first one again
LOOK = 0.5  # seconds between two looks at whether it is still wanted
WARM_SECONDS = 10.0  # in which a warm process starts a sandbox; one that does not is taken for gone


log = logging.getLogger(__name__)


class ZygoteEnded(SandboxError):
    """The warm process is gone, or does not answer."""


class Forked(Sandboxed):
    """A sandbox that is another process's child: its end comes over the control socket."""

    def __init__(self, control: socket.socket, level: Level):
        self.level, self.end_reason, self.used = level, "", 0
        self._control, self._received = control, b""
        self._code: int | None = None

    def poll(self) -> int | None:
        """As Sandboxed.poll."""
        self._follow(0)
        return self._code

    def wait(self, timeout: float | None = None) -> int:
        """As Sandboxed.wait."""
        until = time.monotonic() + (float("inf") if timeout is None else timeout)
        while self._code is None:
            left = until - time.monotonic()
            if left < 0:
                raise subprocess.TimeoutExpired(PROGRAM, timeout or 0)
            self._follow(min(left, 3600.0))
        return self._code

    def kill(self) -> None:
        """As Sandboxed.kill."""
        self._send(keeper.KILL)
        with suppress(subprocess.TimeoutExpired):
            self.wait(KILL_SECONDS)

    def close(self) -> None:
        """As Sandboxed.close."""
        if self._control.fileno() >= 0 and self.poll() is None:
            self.kill()
        self._control.close()

    def _follow(self, seconds: float) -> None:
        """Take the messages that have come, waiting up to `seconds` for the first."""
        while self._code is None:
            if (message := self._receive(seconds)) is None:
                if self.has_ended():
                    self._code = LOST
                return
            if "reason" in message:
                self.end_reason, self.used = message["reason"], message["used"]
            self._code = message.get("exit")
            seconds = 0

    def has_ended(self) -> bool:
        """Return whether nobody is at the other end any more."""
        try:
            return not self._control.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT)
        except BlockingIOError:
            return False
        except OSError:
            return True


class Zygote:
    """A warm process with `modules` imported that forks sandboxes. For any threads, and for forks of this process.

    `environment` is the whole of its own; what is in it is no secret to what it forks. A thread starts it again when it
    ends, on the same socket, which forks of this process have too: they need not hear of it.
    """

    def __init__(self, environment: Mapping[str, str], *modules: str):
        self._requests, self._taken = socket.socketpair(type=socket.SOCK_SEQPACKET)
        self._requests.setblocking(False)  # one that hangs holds up nobody
        self._environment, self._modules = dict(environment), modules
        self._closed = threading.Event()
        self._process = self._run()
        threading.Thread(target=self._run_again, name=PROGRAM, daemon=True).start()

    def _run(self) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [sys.executable, "-m", PROGRAM, str(os.getpid()), str(self._taken.fileno()), *self._modules],
            cwd=PROJECT,
            env=self._environment,
            stdin=subprocess.DEVNULL,
            pass_fds=[self._taken.fileno()],
            start_new_session=True,
        )

    def _run_again(self) -> None:
        """Start the process again whenever it ends; the more often it does, the later."""
        ends = 0
        with self._taken:
            while True:
                began = time.monotonic()
                code = self._process.wait()
                if time.monotonic() - began > SETTLED:
                    ends = 0
                pause, ends = PAUSES[min(ends, len(PAUSES) - 1)], ends + 1
                if self._is_closed(0):
                    return
                log.warning("The process that starts sandboxes ended with %s. It starts again in %g s.", code, pause)
                if self._is_closed(pause):
                    return
                try:
                    self._process = self._run()
                except OSError as e:
                    log.warning("The process that starts sandboxes does not start: %s", e)

    def _is_closed(self, seconds: float) -> bool:
        """Refuse what is asked for within `seconds`, to be started cold at once; True if nobody will ask any more."""
        until = time.monotonic() + seconds
        while not self._closed.is_set() and (left := until - time.monotonic()) > 0:
            if select.select([self._taken], [], [], min(left, LOOK))[0]:
                for descriptor in socket.recv_fds(self._taken, 1, 2)[1]:
                    os.close(descriptor)
        return self._closed.is_set()

    def start(self, spec: Spec, level: Level, function: str, descriptor: int, modules: Sequence[str] = ()) -> Forked:
        """Run `function`, a "module:name", in a sandbox; it gets the number of `descriptor`.

        The warm process imports `modules` first, and keeps them: libraries that start no thread, and trusted ones.
        Raises SandboxError: ZygoteEnded where a start without the warm process may do better, with another descriptor,
        for a warm process that hangs has this one.
        """
        ours, theirs = socket.socketpair()
        request = {"spec": identity.decide(spec).to_json(), "level": level, "function": function, "modules": modules}
        sandboxed = Forked(ours, level)
        with theirs:
            try:
                own = [theirs.fileno(), descriptor]
                socket.send_fds(self._requests, [json.dumps(request).encode()], own)
            except OSError as e:  # BlockingIOError too: it has not taken those of others
                ours.close()
                raise ZygoteEnded(f"The process that starts sandboxes has ended: {e}") from e
        if not select.select([ours], [], [], WARM_SECONDS)[0] or sandboxed.has_ended():
            ours.close()  # which ends it, should it start yet
            raise ZygoteEnded("The process that starts sandboxes does not answer.")
        sandboxed.await_start(START_SECONDS)
        return sandboxed

    def close(self) -> None:
        """End it, and all that it forked. Repeatable; for the process that made it."""
        self._closed.set()
        self._requests.close()
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(KILL_SECONDS)
