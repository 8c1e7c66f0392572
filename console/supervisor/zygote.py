"""The supervisor's side of the zygote: starts Python processes as its forks, and others as programs."""

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

from common.process_group import signal_group
from common.process_title import ROOM
from console.supervisor import process_group
from console.supervisor.process_group import Adopted
from console.supervisor.stack import Stack
from sagewright.application import ROOT

PROGRAM = "console.zygote"
SERVER = (
    *("common.http.server", "common.http.wsgi", "redis.asyncio", "httptools", "uvloop"),
    *("uvicorn.lifespan.on", "uvicorn.loops.uvloop", "encodings.idna"),
)
WORKER = (
    *("celery.bin.celery", "celery.bin.worker", "celery.bin.beat", "celery.apps.worker", "celery.concurrency.prefork"),
    *(f"celery.worker.{name}" for name in ("autoscale", "components", "consumer", "control", "loops", "strategy")),
    *("celery.app.events", "celery.app.log", "celery.beat", "celery.contrib.django.task", "celery.events"),
)
ENGINE = ("engine.services:load_contracts", "engine.services.dispatch", "engine.gateway.app", "engine.tasks")
CONSOLE = (
    *("models_app.tasks", "console.urls", "console.middleware", "models_app.account.middleware"),
    *("django.core.handlers.wsgi", "django.middleware.locale", "whitenoise.middleware"),
)
STDERR = 2  # our own: a zygote prints when it fails
FEWEST = 3  # processes that share enough to be worth a zygote
LOADING, ANSWERING = 240.0, 5.0  # seconds that its imports, and one fork, may take
LAST_GRACE = 1.0  # seconds that a killed zygote may take to be gone
LARGEST = 128 * 1024  # bytes of a request; what is larger starts as a program


class Launcher:
    """Starts processes. Those that run Python are forked from a zygote where there is one, which is never needed.

    There is one on Linux, for a stack with several processes of ours. A zygote that ends or hangs is replaced. Until
    its successor is ready, each process starts as a program and loads its own code; for good, if one is never ready.
    """

    def __init__(self, stack: Stack, say: Callable[[str], object]):
        self.stack, self.say = stack, say
        self.settled = asyncio.Event()  # the first zygote is ready, or there is none
        self.popen: subprocess.Popen | None = None
        self.control: socket.socket | None = None
        self.is_ready = False
        self._timer: asyncio.TimerHandle | None = None
        ours = [name for name in stack.processes if name not in ("valkey", "store")]
        self._has_zygote = sys.platform == "linux" and len(ours) >= FEWEST

    @property
    def pids(self) -> set[int]:
        """The processes of this object itself."""
        return {self.popen.pid} if self.popen and self.popen.returncode is None else set()

    def begin(self) -> None:
        """Start the zygote, which is ready after a second or two. Call it from the main thread."""
        if not self._has_zygote:
            self.settled.set()
            return
        try:
            self.popen, self.control = _start_zygote(self.stack)
        except OSError as e:
            self._end(e.strerror or str(e))
            return
        loop = asyncio.get_running_loop()
        loop.add_reader(self.control.fileno(), self._hear)
        self._timer = loop.call_later(LOADING, self._end, f"it is not ready after {LOADING:.0f} s")

    def start(
        self,
        command: list[str],
        environment: dict[str, str],
        folder: Path = ROOT,
        keep: Sequence[int] = (),
        out: int = subprocess.PIPE,
        nice: int = 0,
    ) -> subprocess.Popen | Adopted:
        """Start `command` in `folder` with the descriptors `keep`, printing to `out` alone. See `process_group.start`.

        It waits for the zygote's fork, which takes a few milliseconds. Raises OSError.
        """
        is_python = command[0] == sys.executable and (command[1] == "-m" or not command[1].startswith("-"))
        if self.is_ready and is_python:
            request = {"command": command, "environment": environment, "folder": str(folder), "nice": nice}
            if pid := self._ask(request | {"descriptors": [1, *keep]}, [out, *keep]):
                return Adopted(pid)
        return process_group.start(command, environment, folder, keep, out, nice)

    def poll(self) -> None:
        """Called when some child of ours has died: replace a zygote that was ready."""
        if self.popen and self.popen.poll() is not None:
            if self.is_ready:
                self._end("")
                self.begin()
            else:
                self._end(f"it ended with code {self.popen.returncode}")

    def close(self) -> None:
        """End the zygote, not what it has started. Repeatable."""
        self._has_zygote = False
        self._end("")

    def _hear(self) -> None:
        """The zygote says that it is ready, or has ended, which `poll` finds too."""
        assert self.control
        asyncio.get_running_loop().remove_reader(self.control.fileno())
        with suppress(OSError):
            if self.control.recv(4096):
                self.control.settimeout(ANSWERING)
                self.is_ready = True
                self._stop_timer()
                self.settled.set()

    def _ask(self, request: dict, descriptors: list[int]) -> int:
        """The pid of the process that the zygote forked, 0 if it did not. A zygote that does not answer is replaced."""
        assert self.control
        message = json.dumps(request).encode()
        if len(message) > LARGEST:
            return 0
        try:
            socket.send_fds(self.control, [message], descriptors)
            if answer := self.control.recv(4096):
                return json.loads(answer)["pid"]
        except OSError:  # it has ended, or takes too long
            pass
        self._end("")
        self.begin()
        return 0

    def _end(self, why: str) -> None:
        """Go on without a zygote."""
        self.is_ready = False
        self._stop_timer()
        if self.control:
            asyncio.get_running_loop().remove_reader(self.control.fileno())
            self.control.close()
            self.control = None
        if self.popen and self.popen.poll() is None:
            signal_group(self.popen.pid, signal.SIGKILL)
            try:
                self.popen.wait(LAST_GRACE)
            except subprocess.TimeoutExpired:
                self.popen.returncode = -signal.SIGKILL  # it is killed: the supervisor collects it with the orphans
        self.popen = None
        if why:
            self.say(f"processes load their code one by one: there is no zygote to fork them, for {why}")
        self.settled.set()

    def _stop_timer(self) -> None:
        if self._timer:
            self._timer.cancel()
            self._timer = None


def _start_zygote(stack: Stack) -> tuple[subprocess.Popen, socket.socket]:
    control, remote = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    command = [sys.executable, "-m", PROGRAM, str(os.getpid()), str(remote.fileno()), *preload(stack), ROOM]
    with remote:
        try:
            return process_group.start(command, environment(stack), ROOT, [remote.fileno()], STDERR), control
        except OSError:
            control.close()
            raise


def preload(stack: Stack) -> list[str]:
    """What processes of `stack` have in common, as console.zygote takes it."""
    names = [*SERVER, *WORKER, "common.aws_models:load"]
    if {"engine", "gateway", "trainer"} & {*stack.processes}:
        names += ENGINE
    if {"web", "worker", "reader", "sender"} & {*stack.processes}:
        names += CONSOLE
    return names


def environment(stack: Stack) -> dict[str, str]:
    """What the zygote finds in its environment: what all processes do, and one thread for linear algebra.

    The threads of linear algebra start when it is loaded and would not outlive a fork.
    """
    return stack.common | {"OMP_NUM_THREADS": "1"}
