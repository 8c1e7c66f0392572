"""A sandboxed process that reads tables, and the connection to it.

It has a limit of memory, sees none of this machine's files, has no network and no credentials: what it reads of the
store, its caller fetches, and what it writes, its caller puts there (tables.store_calls). What it answers is taken as
values.
"""

from __future__ import annotations

import logging
import os
import pickle
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Collection
from contextlib import ExitStack
from dataclasses import replace
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from common.locked_folders import temporary_folder
from common.memory import GIB
from common.messages import _
from common.problems import Problem
from sandbox.forked import Zygote, ZygoteEnded
from sandbox.interpreter import own_program
from sandbox.launch import Sandboxed
from sandbox.level import available
from sandbox.process import start
from sandbox.spec import MIB, Limits, Spec
from tables.failures import unforeseen
from tables.objects import LOCATION, Source
from tables.received import received
from tables.store import Store
from tables.store_calls import Progress, StoreCalls, dumps

PROGRAM = "tables.isolated_process"
OWN_END = 2.0  # seconds in which a process that closed its socket ends by itself, with a code that tells more
LOOK = 0.2  # seconds between two questions whether the answer is still wanted
MAX_ANSWER = 512 * MIB  # bytes
BUFFER = MIB  # bytes that wait in the connection, each way
TMP = 16 * MIB  # bytes of its /tmp, which is memory; it needs none
log = logging.getLogger(__name__)


class TooLarge(Problem):
    """The table takes more memory than one may."""


class TooLong(Problem):
    """The table takes more time than one may."""


class _Ended(Exception):
    """The process has ended, or must: it says what no process of ours would."""


class ReaderProcess:
    """One process for one caller at a time. `is_usable` is False while it is busy, and once it failed.

    `disk` is what it may write into its folder, in bytes. A `zygote` starts it warm.
    """

    def __init__(self, memory: int, disk: int = TMP, zygote: Zygote | None = None):
        self._memory = memory
        self._owned = ExitStack()
        with ExitStack() as owned:
            self._folder = owned.enter_context(temporary_folder())
            self._process, self._connection = _start(self._folder, memory, disk, zygote)
            owned.callback(self._connection.close)
            owned.enter_context(self._process)
            self._owned = owned.pop_all()
        self.is_usable = True

    def __enter__(self) -> ReaderProcess:
        return self

    def __exit__(self, *_: object) -> None:
        self.end()

    def end(self) -> None:
        """End the process at once. Repeatable."""
        self.is_usable = False
        self._owned.close()

    def call(
        self, store: Store, name: str, function: str, args: tuple, more: dict[str, Any] | None = None, *,
        reads: Collection[Source | str] = (), seconds: float = float("inf"), writable: str = "",
        progress: Progress | None = None, check: Callable[[], None] = lambda: None,
    ) -> Any:  # fmt: skip
        """What `function`, a "module:name", returns for these arguments.

        The table is called `name` in errors. `store` and `progress`, wherever they are among the arguments, are the
        caller's own. It may read the tables among the arguments and those of `reads` (tables.store_calls.StoreCalls),
        never what is named deeper inside: column names and cells are of the table's author. It may write below
        `writable`. `check` is called often; what it or `progress` raises ends the process. Raises Problem: what
        the function raises, TooLarge, TooLong, and ReadFailure when the table ends the process.
        """
        self.is_usable = False
        body = dumps((name, function, args, more or {}, seconds), store, progress)
        named = (arg for arg in args if isinstance(arg, Source))
        calls = StoreCalls(store, (*named, *reads), self._folder, writable)
        until = time.monotonic() + seconds
        try:
            self._send(body)
            while True:
                kind, value = self._receive(name, until, seconds, check)
                if kind == "progress" and progress is not None:
                    progress(*map(int, value))
                elif kind == "store":
                    self._answer(calls, name, value)
                else:
                    break
        except _Ended:
            raise self._ended(name) from None
        finally:
            calls.close()
        if kind == "memory":
            raise _too_large(name, self._memory)
        self.is_usable = True
        if kind == "problem" and isinstance(value, Problem):
            raise value
        return value

    def _send(self, body: bytes) -> None:
        try:
            self._connection.send_bytes(body)
        except OSError as e:
            raise _Ended from e

    def _send_raw(self, data: bytes) -> None:
        left = memoryview(data)
        try:
            while left:
                left = left[os.write(self._connection.fileno(), left) :]
        except OSError as e:
            raise _Ended from e

    def _receive(self, name: str, until: float, seconds: float, check: Callable[[], None]) -> tuple[str, Any]:
        """The next message, while `check` lets it come."""
        while True:
            check()
            if (left := until - time.monotonic()) < 0:
                log.error("reading %s took %d s: its process is killed", name, seconds)
                raise _too_slow(name, seconds)
            try:
                if self._connection.poll(min(LOOK, left)):
                    kind, value = received(self._connection.recv_bytes(MAX_ANSWER))
                    return kind, value
            except (EOFError, OSError) as e:
                raise _Ended from e
            except Exception as e:  # nothing that a process of ours sends
                raise _not_ours(name, e) from e

    def _answer(self, calls: StoreCalls, name: str, question: Any) -> None:
        """Answer what the process asks of the store."""
        try:
            method, *args = question
            kind, value = calls.answer(method, args)
        except Exception as e:
            raise _not_ours(name, e) from e
        if kind == "bytes":  # as they are, for they are most of what is sent
            self._send(pickle.dumps((kind, len(value))))
            self._send_raw(value)
        else:
            self._send(pickle.dumps((kind, value)))

    def _ended(self, name: str) -> Problem:
        """Why the process, which closed its connection, has ended."""
        try:
            code = self._process.wait(OWN_END)
        except subprocess.TimeoutExpired:
            self._process.kill()
            code = self._process.wait()
        if self._process.end_reason == "memory":
            log.error("reading %s took %d MiB: its process was killed", name, self._process.used // MIB)
            return _too_large(name, self._memory)
        why = _("its folder takes too much of the disk") if self._process.end_reason == "disk" else _ending(code)
        log.error("reading %s ended its process with %s", name, why)
        return unforeseen(name, why)


def _start(folder: Path, memory: int, disk: int, zygote: Zygote | None) -> tuple[Sandboxed, Connection]:
    """The process, and the connection to it."""
    level = available()
    limits = Limits(memory=memory, file_size=disk, disk=disk, tmp=TMP)
    spec = own_program(Spec(folder, environment=clean_environment(), limits=limits), level, PROGRAM)
    spec.environment["TMPDIR"] = spec.inside(folder, level)  # on the disk: what it writes may be large

    def start_warm(descriptor: int) -> Sandboxed:
        assert zygote
        return zygote.start(replace(spec, command=()), level, f"{PROGRAM}:serve", descriptor)

    def start_cold(descriptor: int) -> Sandboxed:
        return start(replace(spec, command=(*spec.command, str(descriptor))), stderr=2, pass_fds=[descriptor])

    if zygote is not None:
        try:
            return _connected(start_warm)
        except ZygoteEnded as e:
            log.warning("a process that reads a table starts cold: %s", e)
    return _connected(start_cold)


def _connected(start_with: Callable[[int], Sandboxed]) -> tuple[Sandboxed, Connection]:
    """A process that got one end of a socket, and the other end."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        for end in (ours, theirs):
            end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, BUFFER)
        return start_with(theirs.fileno()), Connection(ours.detach())


def clean_environment() -> dict[str, str]:
    """No credentials."""
    names = ("PYTHONPATH", "POLARS_MAX_THREADS", "OMP_NUM_THREADS")
    return {"PATH": os.defpath, "LANG": "C.UTF-8"} | {n: os.environ[n] for n in names if n in os.environ}


def _not_ours(name: str, e: Exception) -> _Ended:
    log.error("reading %s ended with a message that is none: %s", name, e)
    return _Ended()


def _too_large(name: str, memory: int) -> TooLarge:
    text = _(
        "Looking at %(uri)s takes more than %(limit)s of memory, the most that one table may. Write the file again "
        "with smaller row groups, leave out columns with long texts, or raise SAGEWRIGHT_READER_MEMORY.",
        uri=name,
        limit=f"{memory / GIB:.3g} GiB",
    )
    return TooLarge(text, LOCATION)


def _too_slow(name: str, seconds: float) -> TooLong:
    text = _(
        "Looking at %(uri)s takes longer than %(limit)s seconds. Check that the file is a table, or write it again.",
        uri=name,
        limit=f"{seconds:g}",
    )
    return TooLong(text, LOCATION)


def _ending(code: int) -> str:
    try:
        return f"signal {signal.Signals(-code).name}"
    except ValueError:
        return f"exit code {code}"
