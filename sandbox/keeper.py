"""The keeper of a sandbox: the process outside that passes signals in and the end out, and watches memory and disk."""

import json
import os
import resource
import selectors
import signal
import socket
import stat
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import NoReturn

from common.disk import space
from common.process_group import signal_group
from sandbox import linux, usage
from sandbox.cgroup import Cgroup
from sandbox.door import Doorkeeper
from sandbox.spec import Level, Spec
from sandbox.walls import silence

MEMORY_TURN, LONG_TURN = 0.1, 0.5  # seconds between two looks at the memory: near the limit, far from it
IDLE_TURN = 2.0  # seconds, far from the limit, after a turn in which nothing inside has used a processor
GROWTH = 2 * 2**30  # bytes a second, faster than memory is taken
GROWS = 1 << 20  # bytes between two looks at the folder: who grows by less does not fill the machine's disk
DISK_TURN = 1.0  # seconds between two looks at the folder, more for one of very many files
DISK_SHARE = 0.05  # of the time, that looking at the folder may take
SHARED_MEMORY = Path("/dev/shm")  # noqa: S108 (where POSIX has it)
SETUP_FAILED = 125  # exit code
TERMINATE, KILL = b"T", b"K"  # what the control socket may say; its end says KILL


class Keeper:
    """Keeps one sandbox, whose first process `main` is a child of this process. `run` does not return.

    `report` gets lines of JSON: {"started": true} or {"error": text}, and {"reason": name, "used": number} before the
    keeper kills the sandbox for using too much: "memory" and "disk" in bytes, "processes" in how many. The keeper then
    ends as the command did: same exit code, same signal; {"ended": true} before that tells that it was not killed
    itself. `line` leads to the first process of a walled sandbox, `started` says that the command runs by its end.
    `shared_memory_of` is the sandbox's own user where /dev/shm is the machine's: what that has there is counted, and
    removed at the end.
    """

    def __init__(
        self, spec: Spec, level: Level, main: int, started: int, line: socket.socket | None, report: int,
        control: socket.socket | None, group: Cgroup | None = None, shared_memory_of: int | None = None,
    ):  # fmt: skip
        self._spec, self._level, self._main = spec, level, main
        self._started, self._line, self._report, self._control = started, line, report, control
        self._group, self._shared_memory_of = group, shared_memory_of
        self._selector = selectors.DefaultSelector()
        self._doors = Doorkeeper(self._selector)
        self._memory_files: list[int] = []
        self._error = b""
        self._status: int | None = None  # of the command, from the first process of a walled sandbox
        self._runs = self._must_terminate = self._has_reason = False
        self._look_at_memory = time.monotonic() + MEMORY_TURN
        self._look_at_disk = time.monotonic() + DISK_TURN
        self._disk: int | None = None  # bytes, when last looked at
        self._processor: dict[int, int] = {}  # what the processes inside had used at the last whole look
        self._pause = 0.0  # seconds that the memory, as last seen, allows until the next look

    def run(self) -> NoReturn:
        """Keep until the sandbox ends. A fault of the keeper ends it too: nothing may run that nobody keeps."""
        try:
            self._run()
        except BaseException as e:
            self._kill()
            self._say(error=f"The keeper failed: {type(e).__name__}: {e}")
        finally:
            os._exit(SETUP_FAILED)

    def _run(self) -> NoReturn:
        signals = self._receive_signals()
        silence()
        watched: list[tuple[int | socket.socket, Callable[[int], None]]] = [
            (signals, lambda _: self._handle_signals(signals)),
            (self._started, lambda _: self._read_start()),
        ]
        if self._line:
            watched.append((self._line, lambda _: self._read_line()))
        if self._control:
            watched.append((self._control, lambda _: self._read_control()))
        for one, handle in watched:
            self._selector.register(one, selectors.EVENT_READ, handle)
        os.chdir("/")
        while True:
            for key, events in self._selector.select(max(0.0, self._look_at_memory - time.monotonic())):
                key.data(events)
            self._collect()
            self._watch()

    def _receive_signals(self) -> int:
        reading, writing = os.pipe()
        os.set_blocking(writing, False)
        os.set_blocking(reading, False)
        signal.set_wakeup_fd(writing, warn_on_full_buffer=False)
        for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGCHLD):
            signal.signal(number, lambda *_: None)
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for whoever started this
        signal.pthread_sigmask(signal.SIG_SETMASK, ())
        return reading

    def _handle_signals(self, pipe: int) -> None:
        numbers = os.read(pipe, 4096)
        if signal.SIGHUP in numbers:  # the parent has ended
            self._kill()
        elif signal.SIGTERM in numbers:
            self._terminate()

    def _read_control(self) -> None:
        assert self._control
        message = self._control.recv(64)
        if not message:
            self._selector.unregister(self._control)
        if not message or KILL in message:
            self._kill()
        elif TERMINATE in message:
            self._terminate()

    def _read_start(self) -> None:
        if data := os.read(self._started, 65536):
            self._error += data
            return
        self._selector.unregister(self._started)
        if self._error:
            self._say(error=self._error.decode(errors="replace"))
            return
        self._runs = True
        self._say(started=True)
        if self._must_terminate:
            self._terminate()

    def _read_line(self) -> None:
        """Receive the doors and the file systems of the sandbox, or the status that its command ended with."""
        assert self._line
        data, descriptors, _, _ = socket.recv_fds(self._line, 1024, 64)
        if data == b"ready":
            doors = self._spec.doors
            for one, descriptor in zip(doors, descriptors, strict=False):
                self._doors.open(one, descriptor)
            self._memory_files = descriptors[len(doors) :]
            return
        if data:
            self._status = int(data)
        if self._line in self._selector.get_map():
            self._selector.unregister(self._line)

    def _terminate(self) -> None:
        """Ask everything inside to end."""
        self._must_terminate = True
        if not self._runs:
            return
        if not linux.IS_LINUX:  # where nobody knows what descends from it
            signal_group(self._main, signal.SIGTERM)
            return
        for pid in (self._main,) if self._level is Level.WALLED else usage.descendants(os.getpid()):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGTERM)

    def _kill(self) -> None:
        """End everything inside. In a walled sandbox the kernel does it when the first process ends."""
        with suppress(ProcessLookupError):
            os.kill(self._main, signal.SIGKILL)

    def _collect(self) -> None:
        """Reap what has ended. When the sandbox's first process is among it, end as it did."""
        with suppress(ChildProcessError):
            while (ended := os.waitpid(-1, os.WNOHANG))[0]:
                if ended[0] == self._main:
                    self._end(ended[1])

    def _end(self, status: int) -> NoReturn:
        if self._level is not Level.WALLED:
            self._kill_all()
            self._remove_shared_memory()
        elif self._line:
            while self._line in self._selector.get_map():  # everybody at its other end has ended
                self._read_line()
            status = status if self._status is None else self._status
        if self._group:
            if self._group.ran_out_of_memory() and not self._has_reason:
                self._say(reason="memory", used=self._spec.limits.memory)
            self._group.remove()
        if not self._runs:
            while data := os.read(self._started, 65536):
                self._error += data
            if self._error:
                self._say(error=self._error.decode(errors="replace"))
                os._exit(SETUP_FAILED)
            self._say(started=True)
        self._say(ended=True)
        code = os.waitstatus_to_exitcode(status)
        if code < 0:  # so that whoever waits sees the true signal
            with suppress(OSError, ValueError):  # who has a hard limit of 0 may not raise it
                resource.setrlimit(resource.RLIMIT_CORE, (linux.NO_CORE, linux.NO_CORE))
            with suppress(OSError, ValueError):  # of SIGKILL, and of the two that libc keeps to itself
                signal.signal(-code, signal.SIG_DFL)
            os.kill(os.getpid(), -code)
            code = 128 - code
        os._exit(code)

    def _kill_all(self) -> None:
        """Kill what the command has left, daemons too: they have become children of this process."""
        with suppress(ChildProcessError):
            while True:
                for pid in usage.descendants(os.getpid()):
                    with suppress(ProcessLookupError):
                        os.kill(pid, signal.SIGKILL)
                while os.waitpid(-1, os.WNOHANG)[0]:
                    pass
                time.sleep(0.002)
        if not linux.IS_LINUX:
            signal_group(self._main, signal.SIGKILL)

    def _shared_memory(self) -> dict[str, int]:
        user = self._shared_memory_of
        return {} if user is None else usage.files_of(SHARED_MEMORY, user)

    def _remove_shared_memory(self) -> None:
        for path in map(Path, reversed(self._shared_memory())):  # a folder comes before what is in it
            with suppress(OSError):
                if stat.S_ISDIR(path.lstat().st_mode):
                    path.rmdir()
                else:
                    path.unlink()

    def _watch(self) -> None:
        """Kill the sandbox if it uses more than it may."""
        limits = self._spec.limits
        if time.monotonic() < self._look_at_memory:
            return
        # Without a PID namespace of its own the kernel may not count its processes: root's, for one.
        turn = LONG_TURN if self._level is Level.WALLED else MEMORY_TURN
        self._look_at_memory = time.monotonic() + turn
        if not self._runs or self._has_reason:
            return
        processor = usage.processor(self._inside())
        if processor and processor == self._processor and self._pause >= IDLE_TURN:  # what does not run does not grow
            self._look_at_memory = time.monotonic() + IDLE_TURN
            return
        self._processor = processor
        if limits.disk and time.monotonic() > self._look_at_disk:
            begun = time.monotonic()
            used = usage.disk(self._spec.folder) + usage.removed_files(self._inside(), self._spec.folder)
            now = time.monotonic()
            self._look_at_disk = now + max(DISK_TURN, (now - begun) / DISK_SHARE)
            grows, self._disk = self._disk is not None and used > self._disk + GROWS, used
            may_fill = grows or usage.descriptors_in_flight(self._inside()) > 0
            if used > limits.disk or (may_fill and self._is_disk_full()):
                self._kill_for("disk", used)
                return
        elif limits.disk:
            self._processor = {}  # the folder is still to be looked at
        self._pause = IDLE_TURN
        if not limits.memory and not limits.processes:
            return
        inside = self._inside()
        if limits.processes and len(inside) > limits.processes:  # the kernel counts none of root's
            self._kill_for("processes", len(inside))
        elif limits.memory:
            files = usage.files(self._memory_files) + sum(self._shared_memory().values())
            used = usage.memory(inside, limits.memory) + files
            if used > limits.memory:
                self._kill_for("memory", used)
            self._pause = max(MEMORY_TURN, (limits.memory - used) / GROWTH)
            self._look_at_memory = time.monotonic() + min(turn, self._pause)

    def _is_disk_full(self) -> bool:
        return space(self._spec.folder).is_full or usage.has_few_inodes(self._spec.folder)

    def _inside(self) -> set[int]:
        return usage.descendants(self._main if self._level is Level.WALLED else os.getpid())

    def _kill_for(self, reason: str, used: int) -> None:
        self._has_reason = True
        self._say(reason=reason, used=used)
        self._kill()

    def _say(self, **message: object) -> None:
        with suppress(OSError):
            os.write(self._report, json.dumps(message).encode() + b"\n")
