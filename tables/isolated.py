"""Calls functions that read tables in processes of their own, so that no table can harm the process that asks.

A file of a few bytes can make Arrow or Polars take gigabytes, crash or never end, and no thread can be stopped. Each
process has a limit of memory and of time and holds no credentials: what it reads of the store, its caller fetches.
"""

from __future__ import annotations

import io
import logging
import os
import pickle
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from multiprocessing.connection import Connection
from pathlib import Path
from threading import BoundedSemaphore
from typing import Any

from common.memory import GIB, memory_of
from common.messages import _
from common.problems import Missing, Problem, Unavailable
from tables.failures import unforeseen
from tables.objects import LOCATION
from tables.store import Store

PROGRAM = "tables.isolated_process"
ROOT = Path(__file__).resolve().parents[1]
PROCESSES = 4  # at most
SECONDS = 60.0  # for one call, after which its process is killed
WAIT = 10.0  # seconds for one of the processes to be free
LOOK = 0.1  # seconds between two looks at the memory
PIECE = 8 * 1024 * 1024  # bytes that the caller's process reads of the store at once
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
            self._idle.append(_Reader())

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
            return reader.call(store, name, (name, function, args, more), self._memory, self._seconds)

    @contextmanager
    def _reader(self) -> Iterator[_Reader]:
        if not self._free.acquire(timeout=WAIT):
            raise Unavailable(_("Other tables are being read just now. Try again in a moment."), LOCATION)
        try:
            reader = self._idle.pop() if self._idle else _Reader()
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

    def __init__(self) -> None:
        ours, theirs = socket.socketpair()
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-m", PROGRAM, str(theirs.fileno())],
                cwd=ROOT, env=_clean_environment(), pass_fds=[theirs.fileno()], stdin=subprocess.DEVNULL,
                start_new_session=True,
            )  # fmt: skip
        self._connection = Connection(ours.detach())
        self.is_usable = True

    def end(self) -> None:
        """End the process at once."""
        self.is_usable = False
        self._connection.close()
        self._process.kill()
        self._process.wait()

    def call(self, store: Store, name: str, request: tuple, memory: int, seconds: float) -> Any:
        """As IsolatedReaders.call."""
        self.is_usable = False
        calls = _StoreCalls(store)
        try:
            self._connection.send_bytes(_dumps(request, store))
            kind, value = self._answer(calls, name, memory, time.monotonic() + seconds, seconds)
        except (EOFError, OSError):
            self._process.kill()
            raise _ended(name, self._process.wait()) from None
        finally:
            calls.close()
        self.is_usable = True
        if kind == "problem":
            raise value
        return value

    def _answer(self, calls: _StoreCalls, name: str, memory: int, until: float, seconds: float) -> tuple[str, Any]:
        """Answer what the process asks of the store until it has a result."""
        look_at = time.monotonic() + LOOK
        while True:
            ready = self._connection.poll(LOOK)
            if (at := time.monotonic()) >= look_at:
                look_at = at + LOOK
                if (used := memory_of(self._process.pid)) > memory:
                    log.error("reading %s took %d MiB: its process is killed", name, used >> 20)
                    raise _too_large(name, memory)
                if at > until:
                    log.error("reading %s took %d s: its process is killed", name, seconds)
                    raise _too_slow(name, seconds)
            if ready:
                kind, value = pickle.loads(self._connection.recv_bytes())  # noqa: S301 (of our own process)
                if kind != "store":
                    return kind, value
                self._connection.send_bytes(pickle.dumps(calls.answer(*value)))


class _StoreCalls:
    """What one call's process asks of the caller's store: lists and streams are numbered and read in pieces."""

    def __init__(self, store: Store):
        self._store = store
        self._opened: list[Any] = []

    def answer(self, method: str, *args: Any) -> tuple[str, Any]:
        """("value", result), or ("problem", Problem) that the store raised, without what only the console knows."""
        try:
            return "value", getattr(self, method)(*args)
        except Problem as e:
            kind = next((kind for kind in (Missing, Unavailable) if isinstance(e, kind)), Problem)
            return "problem", kind(e.message, e.field)

    def fetch(self, bucket: str, key: str, start: int, end: int, etag: str) -> bytes:
        return self._store.fetch(bucket, key, start, min(end, start + PIECE), etag)

    def list_objects(self, bucket: str, prefix: str) -> int:
        return self._number(iter(self._store.list_objects(bucket, prefix)))

    def next(self, number: int) -> list:
        return list(islice(self._opened[number], 1000))

    def open(self, bucket: str, key: str, etag: str) -> int:
        return self._number(self._store.open(bucket, key, etag))

    def read(self, number: int, count: int) -> bytes:
        return self._opened[number].read(min(count, PIECE))

    def close(self) -> None:
        """Close every stream."""
        for opened in self._opened:
            getattr(opened, "close", lambda: None)()

    def _number(self, opened: Any) -> int:
        self._opened.append(opened)
        return len(self._opened) - 1


def _dumps(request: tuple, store: Store) -> bytes:
    out = io.BytesIO()
    pickler = pickle.Pickler(out)
    pickler.persistent_id = lambda value: STORE if value is store else None  # type: ignore[method-assign]
    pickler.dump(request)
    return out.getvalue()


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


def _ended(name: str, code: int) -> Problem:
    try:
        why = f"signal {signal.Signals(-code).name}"
    except ValueError:
        why = f"exit code {code}"
    log.error("reading %s ended its process with %s", name, why)
    return unforeseen(name, why)
