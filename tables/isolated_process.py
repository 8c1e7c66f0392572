"""The process in which tables are read: `python -m tables.isolated_process DESCRIPTOR`, in a sandbox of its own.

It takes calls from the socket DESCRIPTOR and answers each (tables.reader_process); it ends when the other side closes.
"""

from __future__ import annotations

import io
import math
import os
import pickle
import shutil
import signal
import sys
from collections.abc import Iterator
from contextlib import suppress
from importlib import import_module
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, BinaryIO, cast

import tables.inspector  # noqa: F401 (loads the libraries before the first call)
from common.problems import Problem
from tables.failures import Reading
from tables.parse_scalar import classify_fault
from tables.store import Object
from tables.store_calls import HANDED, PROGRESS, STORE

classify_fault("?")  # compiles the patterns before the first call: 25 ms in each process that is forked of a warm one
GRACE = 60  # seconds after its time, when a call that nobody waits for ends this process


class RemoteStore:
    """The caller's store (tables.store.Store), which this process reads piece by piece."""

    def __init__(self, connection: Connection):
        self._connection = connection

    def ask(self, *question: Any, into: memoryview | None = None) -> Any:
        """What the caller's side answers; of bytes that go `into` a buffer, how many. Raises Problem."""
        _send(self._connection, "store", question)
        kind, value = pickle.loads(self._connection.recv_bytes())  # noqa: S301 (of the process that started this one)
        if kind == "problem":
            raise value
        if kind != "bytes":
            return value
        if into is not None:  # straight there: tables are large
            self._receive_raw(into[:value])
            return value
        data = bytearray(value)
        self._receive_raw(memoryview(data))
        return data

    def _receive_raw(self, left: memoryview) -> None:
        while left:
            count = os.readv(self._connection.fileno(), [left])
            if not count:
                raise EOFError
            left = left[count:]

    def list_objects(self, bucket: str, prefix: str) -> Iterator[Object]:
        """As Store.list_objects."""
        number = self.ask("list_objects", bucket, prefix)
        while page := self.ask("next", number):
            yield from page

    def fetch(self, bucket: str, key: str, start: int, end: int, etag: str = "") -> bytes:
        """As Store.fetch."""
        pieces = bytearray()
        while len(pieces) < end - start and (piece := self.ask("fetch", bucket, key, start + len(pieces), end, etag)):
            pieces += piece
        return bytes(pieces)

    def open(self, bucket: str, key: str, etag: str = "") -> BinaryIO:
        """As Store.open."""
        return cast(BinaryIO, io.BufferedReader(_RemoteStream(self, self.ask("open", bucket, key, etag)), 2**20))

    def put(self, bucket: str, key: str, body: BinaryIO, content_type: str) -> None:
        """As Store.put: the caller puts the file, if the call may write there. Raises Problem."""
        handed = Path(HANDED)
        try:
            handed.hardlink_to(os.fspath(body.name))  # type: ignore[arg-type]
        except (AttributeError, TypeError, OSError):  # in memory, or elsewhere
            with handed.open("wb") as copy:
                shutil.copyfileobj(body, copy)
        try:
            self.ask("put", bucket, key, content_type)
        finally:
            handed.unlink()


class _RemoteStream(io.RawIOBase):
    """An opened object of a RemoteStore."""

    def __init__(self, store: RemoteStore, number: int):
        self._store, self._number = store, number

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        return self._store.ask("read", self._number, len(buffer), into=memoryview(buffer))


def serve(descriptor: int) -> None:
    """Answer the calls that come over the socket `descriptor` until the other side closes."""
    connection = Connection(descriptor)
    store = RemoteStore(connection)
    with suppress(EOFError, OSError):
        while True:
            _send(connection, *_result(connection.recv_bytes(), connection, store))


def _result(request: bytes, connection: Connection, store: RemoteStore) -> tuple[str, Any]:
    """("value", result) of a call, ("problem", Problem) that it raised, or ("memory", None)."""

    def progress(done: int, total: int) -> None:
        _send(connection, PROGRESS, (done, total))

    unpickler = pickle.Unpickler(io.BytesIO(request))  # noqa: S301 (of the process that started this one)
    unpickler.persistent_load = {STORE: store, PROGRESS: progress}.__getitem__  # type: ignore[method-assign]
    try:
        name, function, args, more, seconds = unpickler.load()
        signal.alarm(int(seconds) + GRACE if math.isfinite(seconds) else 0)
        module, _, attribute = function.partition(":")
        with Reading(name):
            return "value", getattr(import_module(module), attribute)(*args, **more)
    except Problem as e:
        return ("memory", None) if isinstance(e.__cause__, MemoryError) else ("problem", e)
    finally:
        signal.alarm(0)


def _send(connection: Connection, kind: str, value: Any) -> None:
    connection.send_bytes(pickle.dumps((kind, value)))


if __name__ == "__main__":
    serve(int(sys.argv[1]))
