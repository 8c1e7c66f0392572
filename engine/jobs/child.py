"""The worker's side of the zygote: starts the members' processes and follows them to their ends."""

import array
import itertools
import json
import os
import select
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

from django.conf import settings

from common.process_group import signal_group
from engine.jobs.environment import inherited_environment

PROGRAM = "engine.jobs.zygote"
TWIN = b"twin\n"  # as it has it
# Arrow's allocator starts a thread otherwise, and a zygote must have none when it forks.
ONE_THREAD = {"JE_ARROW_MALLOC_CONF": "background_thread:false"}
ONE_DESCRIPTOR = socket.CMSG_LEN(array.array("i").itemsize)  # socket.recv_fds of 3.11 passes no flags on
PROJECT = Path(__file__).resolve().parents[2]


class ZygoteLost(Exception):
    """The zygote has ended, and its members' processes with it."""


class Child:
    """A member's process. `fileno()` becomes readable when there is something to `poll()`."""

    def __init__(self, zygote: "Zygote", pid: int, packets: int = -1):
        self.pid = pid
        self.packets = packets  # the descriptor of those for members on other machines, whose closing is the caller's
        self.exit_code: int | None = None
        self.end_number = 0  # among the ends that the zygote has reported
        self.memory = self.disk = self.processes = 0  # bytes or how many, once it was killed for using so many
        self.is_lost = False  # somebody else has killed the keeper of its sandbox
        self._was_killed = False
        self._zygote = zygote

    def fileno(self) -> int:
        """The descriptor of the zygote's socket, which all its children share."""
        return self._zygote.control.fileno()

    def poll(self) -> int | None:
        """Return the exit code, -N after signal N, or None while the process runs. Raises ZygoteLost."""
        if self.exit_code is None and (end := self._zygote.end_of(self.pid)):
            self.exit_code, self.end_number = end["exit"], end["number"]
            self.memory, self.disk, self.processes = (end.get(name, 0) for name in ("memory", "disk", "processes"))
            self.is_lost = "lost" in end and not self._was_killed
        return self.exit_code

    def send(self, number: int) -> None:
        """Send a signal to the process's whole group, if the process still runs."""
        self._was_killed |= number == signal.SIGKILL
        if self.exit_code is None and not signal_group(self.pid, number):
            with suppress(ProcessLookupError, PermissionError):
                os.kill(self.pid, number)  # it was forked a moment ago and leads no group yet


class Twin:
    """The process of a zygote that another zygote has forked, as far as `subprocess.Popen` is needed for it."""

    def __init__(self, pid: int):
        self.pid, self._descriptor = pid, os.pidfd_open(pid)

    def __del__(self) -> None:
        os.close(self._descriptor)

    def send_signal(self, number: int) -> None:
        """Send it a signal, if it still runs."""
        with suppress(ProcessLookupError):
            signal.pidfd_send_signal(self._descriptor, number)

    def kill(self) -> None:
        """Kill it, if it still runs."""
        self.send_signal(signal.SIGKILL)

    def wait(self, timeout: float | None = None) -> None:
        """Wait for its end. Raises subprocess.TimeoutExpired."""
        if not select.select([self._descriptor], [], [], timeout)[0]:
            raise subprocess.TimeoutExpired(PROGRAM, timeout or 0)


class Zygote:
    """A zygote process and the socket to it: a twin of another one, or a program that loads `preload` first.

    Start a program from the main thread: the parent-death signal is a thread's. Raises OSError when `twin_of` is gone.
    """

    def __init__(self, preload: tuple[str, ...], twin_of: "Zygote | None" = None):
        self.owner = os.getpid()
        self.control, remote = socket.socketpair()
        self._received = b""
        self._descriptors: list[int] = []
        self._ends: dict[int, dict[str, int]] = {}
        self._end_numbers = itertools.count(1)
        self.process: subprocess.Popen | Twin | None = None  # None until a twin has said which it is
        with remote:
            if not twin_of:
                self.process = self._start(preload, remote)
                return
            try:
                socket.send_fds(twin_of.control, [TWIN], [remote.fileno()])
            except OSError:
                self.control.close()
                raise

    def _start(self, preload: tuple[str, ...], remote: socket.socket) -> subprocess.Popen:
        command = [sys.executable, "-m", PROGRAM, str(self.owner), str(remote.fileno()), *preload]
        return subprocess.Popen(
            command,
            cwd=PROJECT,
            env=inherited_environment() | ONE_THREAD,
            stdin=subprocess.DEVNULL,
            pass_fds=[remote.fileno()],
            start_new_session=True,  # a signal to the worker's group must not end the members
        )

    def spawn(self, folder: Path, output: int, memory: int, meanwhile: Callable[[], None]) -> Child:
        """Start the member prepared in `folder`, its output going to the descriptor `output`. Raises ZygoteLost.

        It is killed when it uses more than `memory` bytes, 0 for no limit. `meanwhile` is called every 0.2 s while the
        zygote is still loading its libraries.
        """
        try:
            socket.send_fds(self.control, [f"{memory} {folder}\n".encode()], [output])
        except OSError as e:
            raise ZygoteLost(str(e)) from e
        while True:
            message = self._receive()
            if message is None and not select.select([self.control], [], [], 0.2)[0]:
                meanwhile()
            elif message and "pid" in message and "exit" not in message:
                self._ends.pop(message["pid"], None)  # of an abandoned process that had the same pid
                return Child(self, message["pid"], self._descriptors.pop() if self._descriptors else -1)

    def end_of(self, pid: int) -> dict[str, int] | None:
        """Return the zygote's message of a child's end, once; None while it runs. Raises ZygoteLost."""
        while self._receive():
            pass
        return self._ends.pop(pid, None)

    def _receive(self) -> dict | None:
        """The next message, None when there is none yet; an exit code is stored. Raises ZygoteLost."""
        while b"\n" not in self._received:
            try:
                data, more, _, _ = self.control.recvmsg(4096, ONE_DESCRIPTOR, socket.MSG_DONTWAIT)
                self._descriptors += [n for *_, content in more for n in array.array("i", content)]
            except BlockingIOError:
                return None
            except OSError as e:
                raise ZygoteLost(str(e)) from e
            if not data:
                raise ZygoteLost(f"process {self.process.pid if self.process else 0} is gone")
            self._received += data
        line, _, self._received = self._received.partition(b"\n")
        message = json.loads(line)
        if "zygote" in message:
            with suppress(ProcessLookupError):
                self.process = Twin(message["zygote"])
        elif "exit" in message:
            self._ends[message["pid"]] = message | {"number": next(self._end_numbers)}
        return message

    def close(self) -> None:
        """End the zygote and all its children."""
        with suppress(OSError):
            self.control.close()
        if self.process is None:
            return
        try:
            self.process.wait(timeout=2)
        except subprocess.TimeoutExpired:
            self.process.send_signal(signal.SIGKILL)
            self.process.wait()


_zygote: Zygote | None = None
_first: Zygote | None = None  # of the process that has forked this one: its twins need not load the libraries again


def prepare_twins() -> None:
    """Start the zygote whose twins those of the processes are that this one will fork. Linux only."""
    global _first
    if sys.platform == "linux":
        _first = Zygote(settings.JOB_PRELOAD)


def warm_up() -> Zygote:
    """Return this process's zygote; start one, with settings.JOB_PRELOAD, if there is none."""
    global _zygote
    if _zygote is None or _zygote.owner != os.getpid():
        _zygote = None
        with suppress(OSError):
            _zygote = Zygote((), _first) if _first else None
        _zygote = _zygote or Zygote(settings.JOB_PRELOAD)
    return _zygote


def shut_down() -> None:
    """End this process's zygote, if it has one."""
    global _zygote
    if _zygote is not None and _zygote.owner == os.getpid():
        _zygote.close()
    _zygote = None


def spawn(members: Sequence[tuple[Path, int]], memory: int, meanwhile: Callable[[], None]) -> list[Child]:
    """Start all members, each a (folder, output descriptor), from one zygote: the warm one, a new one, or a bare one.

    Each may use `memory` bytes, 0 for no limit.

    A bare one has loaded nothing. It helps when loading a library ends the zygote: then the job's own log tells.
    Raises ZygoteLost when the bare one ends too, and what `meanwhile` raises; no member is left running then.
    """
    global _zygote
    for _ in range(2):
        with suppress(ZygoteLost):
            return _spawn(warm_up(), members, memory, meanwhile)
    _zygote = Zygote(preload=())
    return _spawn(_zygote, members, memory, meanwhile)


def _spawn(
    zygote: Zygote, members: Sequence[tuple[Path, int]], memory: int, meanwhile: Callable[[], None]
) -> list[Child]:
    try:
        return [zygote.spawn(folder, output, memory, meanwhile) for folder, output in members]
    except BaseException:
        shut_down()  # it may have started members, or be about to: nobody would follow them
        raise
