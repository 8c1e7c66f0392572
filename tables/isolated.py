"""Calls functions that read tables in sandboxes, so that no table can harm the process that asks.

A file of a few bytes can make Arrow or Polars take gigabytes, crash, never end, or run code of its author's. Each
process has a limit of memory and of time, sees none of this machine's files, has no network and no credentials: what it
reads of the store, its caller fetches, from the buckets that the call names. What it answers is taken as values.
"""

from __future__ import annotations

import io
import logging
import os
import pickle
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from itertools import islice
from multiprocessing.connection import Connection
from threading import BoundedSemaphore
from typing import Any

from common.locked_folders import temporary_folder
from common.memory import GIB
from common.messages import _
from common.problems import Missing, Problem, Unavailable
from common.s3_uri import is_s3_uri, split_s3_uri
from sandbox.interpreter import own_program
from sandbox.level import available
from sandbox.process import start
from sandbox.spec import MIB, Limits, Spec
from tables.failures import unforeseen
from tables.objects import LOCATION
from tables.received import received
from tables.store import Store

PROGRAM = "tables.isolated_process"
PROCESSES = 4  # at most
SECONDS = 60.0  # for one call, after which its process is killed
WAIT = 10.0  # seconds for one of the processes to be free
OWN_END = 2.0  # seconds in which a process that closed its socket ends by itself, with a code that tells more
PIECE = 8 * MIB  # bytes that the caller's process reads of the store at once
MAX_ANSWER = 512 * MIB  # bytes
WRITABLE = 16 * MIB  # bytes: what a process has of a folder; it needs none
STORE = "store"  # stands for the caller's store in what is sent
log = logging.getLogger(__name__)


class IsolatedReaders:
    """A few processes that read tables, each for one caller at a time. For any threads of one process.

    `memory` is what each may use, in bytes. Processes are started when they are needed, and stay.
    """

    def __init__(self, memory: int, seconds: float = SECONDS, processes: int = PROCESSES):
        self._memory, self._seconds = memory, seconds
        self._free = BoundedSemaphore(processes)
        self._idle: list[_Reader] = []

    def warm_up(self) -> None:
        """Start a process, unless one is there, so that the first caller need not wait for it to load its libraries."""
        if not self._idle:
            self._idle.append(_Reader(self._memory))

    def close(self) -> None:
        """End the processes that nobody uses. Repeatable."""
        while self._idle:
            self._idle.pop().end()

    def call(self, function: str, store: Store, name: str, *args: Any, **more: Any) -> Any:
        """What `function`, a "module:name", returns for these arguments.

        The table is called `name` in errors. `store`, wherever it is among the arguments, is the caller's own. Raises
        Problem: what the function raises, and when the table takes too much memory or time or ends the process.
        """
        with self._reader() as reader:
            return reader.call(store, name, (name, function, args, more), self._seconds)

    @contextmanager
    def _reader(self) -> Iterator[_Reader]:
        if not self._free.acquire(timeout=WAIT):
            raise Unavailable(_("Other tables are being read just now. Try again in a moment."), LOCATION)
        try:
            reader = self._idle.pop() if self._idle else _Reader(self._memory)
            try:
                yield reader
            finally:
                if reader.is_usable:
                    self._idle.append(reader)
                else:
                    reader.end()
        finally:
            self._free.release()


class _Reader:
    """One process and the connection to it. `is_usable` is False while it is busy, and once it failed."""

    def __init__(self, memory: int) -> None:
        self._memory = memory
        self._owned = ExitStack()
        ours, theirs = socket.socketpair()
        with ExitStack() as owned, theirs:
            owned.callback(ours.close)
            limits = Limits(memory=memory, file_size=WRITABLE, disk=WRITABLE, tmp=WRITABLE)
            spec = Spec(owned.enter_context(temporary_folder()), environment=_clean_environment(), limits=limits)
            spec = own_program(spec, available(), PROGRAM, str(theirs.fileno()))
            self._process = owned.enter_context(start(spec, stderr=2, pass_fds=[theirs.fileno()]))
            self._connection = Connection(ours.detach())
            owned.callback(self._connection.close)
            self._owned = owned.pop_all()
        self.is_usable = True

    def end(self) -> None:
        """End the process at once. Repeatable."""
        self.is_usable = False
        self._owned.close()

    def call(self, store: Store, name: str, request: tuple, seconds: float) -> Any:
        """As IsolatedReaders.call."""
        self.is_usable = False
        body, buckets = _dumps(request, store)
        calls = _StoreCalls(store, buckets)
        try:
            self._connection.send_bytes(body)
            kind, value = self._answer(calls, name, time.monotonic() + seconds, seconds)
        except (EOFError, OSError):
            raise self._ended(name) from None
        finally:
            calls.close()
        if kind == "memory":
            raise _too_large(name, self._memory)
        self.is_usable = True
        if kind == "problem" and isinstance(value, Problem):
            raise value
        return value

    def _answer(self, calls: _StoreCalls, name: str, until: float, seconds: float) -> tuple[str, Any]:
        """Answer what the process asks of the store until it has a result."""
        while self._connection.poll(max(0.0, until - time.monotonic())):
            try:
                kind, value = received(self._connection.recv_bytes(MAX_ANSWER))
                if kind != "store":
                    return kind, value
                method, *args = value
                answer = calls.answer(method, args)
            except (EOFError, OSError):
                raise
            except Exception as e:  # nothing that a process of ours sends
                log.error("reading %s ended with an answer that is none: %s", name, e)
                raise EOFError from e
            self._connection.send_bytes(pickle.dumps(answer))
        log.error("reading %s took %d s: its process is killed", name, seconds)
        raise _too_slow(name, seconds)

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
        why = _ending(code)
        log.error("reading %s ended its process with %s", name, why)
        return unforeseen(name, why)


class _StoreCalls:
    """What one call's process asks of the caller's store: lists and streams are numbered and read in pieces."""

    def __init__(self, store: Store, buckets: set[str]):
        self._store, self._buckets = store, buckets
        self._opened: list[Any] = []
        self._methods: dict[str, Callable[..., Any]] = {
            "fetch": self._fetch, "list_objects": self._list_objects, "next": self._next, "open": self._open,
            "read": self._read,
        }  # fmt: skip

    def answer(self, method: str, args: list[Any]) -> tuple[str, Any]:
        """("value", result), or ("problem", Problem) that the store raised, without what only the console knows."""
        try:
            return "value", self._methods[method](*args)
        except Problem as e:
            kind = next((kind for kind in (Missing, Unavailable) if isinstance(e, kind)), Problem)
            return "problem", kind(e.message, e.field)

    def _fetch(self, bucket: str, key: str, start: int, end: int, etag: str) -> bytes:
        return self._store.fetch(self._named(bucket), key, start, min(end, start + PIECE), etag)

    def _list_objects(self, bucket: str, prefix: str) -> int:
        return self._number(iter(self._store.list_objects(self._named(bucket), prefix)))

    def _next(self, number: int) -> list:
        return list(islice(self._opened[number], 1000))

    def _open(self, bucket: str, key: str, etag: str) -> int:
        return self._number(self._store.open(self._named(bucket), key, etag))

    def _read(self, number: int, count: int) -> bytes:
        return self._opened[number].read(min(count, PIECE))

    def _named(self, bucket: str) -> str:
        """`bucket`, if the call is about it: a process that a file has taken over reads no other."""
        if bucket not in self._buckets:
            raise Missing(_("There is no bucket called %(bucket)s.", bucket=bucket))
        return bucket

    def close(self) -> None:
        """Close every stream."""
        for opened in self._opened:
            getattr(opened, "close", lambda: None)()

    def _number(self, opened: Any) -> int:
        self._opened.append(opened)
        return len(self._opened) - 1


def _dumps(request: tuple, store: Store) -> tuple[bytes, set[str]]:
    """The request, pickled, and the buckets whose S3 addresses are in it."""
    out, buckets = io.BytesIO(), set()

    def persistent_id(value: Any) -> str | None:
        if isinstance(value, str) and is_s3_uri(value):
            buckets.add(split_s3_uri(value).bucket)
        return STORE if value is store else None

    pickler = pickle.Pickler(out)
    pickler.persistent_id = persistent_id  # type: ignore[method-assign]
    pickler.dump(request)
    return out.getvalue(), buckets


def _clean_environment() -> dict[str, str]:
    """No credentials."""
    names = ("PYTHONPATH", "POLARS_MAX_THREADS", "OMP_NUM_THREADS")
    return {"PATH": os.defpath, "LANG": "C.UTF-8"} | {n: os.environ[n] for n in names if n in os.environ}


def _too_large(name: str, memory: int) -> Problem:
    text = _(
        "Looking at %(uri)s takes more than %(limit)s of memory, the most that one table may. Write the file again "
        "with smaller row groups, leave out columns with long texts, or raise SAGEWRIGHT_READER_MEMORY.",
        uri=name,
        limit=f"{memory / GIB:.3g} GiB",
    )
    return Problem(text, LOCATION)


def _too_slow(name: str, seconds: float) -> Problem:
    text = _(
        "Looking at %(uri)s takes longer than %(limit)s seconds. Check that the file is a table, or write it again.",
        uri=name,
        limit=f"{seconds:g}",
    )
    return Problem(text, LOCATION)


def _ending(code: int) -> str:
    try:
        return f"signal {signal.Signals(-code).name}"
    except ValueError:
        return f"exit code {code}"
