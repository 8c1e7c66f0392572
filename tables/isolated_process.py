"""The process in which tables are read: `python -m tables.isolated_process DESCRIPTOR`, in a sandbox of its own.

It takes calls from the socket DESCRIPTOR and answers each (tables.isolated); it ends when the other side closes.
"""

from __future__ import annotations

import io
import pickle
import signal
import sys
from collections.abc import Iterator
from contextlib import suppress
from importlib import import_module
from multiprocessing.connection import Connection
from typing import Any, BinaryIO, cast

import tables.inspector  # noqa: F401 (loads the libraries before the first call)
from common.problems import Problem
from tables.failures import Reading
from tables.store import Object

ALARM = 120  # seconds after which a call that nobody waits for ends this process


class RemoteStore:
    """The caller's store (tables.store.Store), which this process reads piece by piece."""

    def __init__(self, connection: Connection):
        self._connection = connection

    def ask(self, *question: Any) -> Any:
        """What the caller's side answers. Raises Problem."""
        _send(self._connection, "store", question)
        kind, value = pickle.loads(self._connection.recv_bytes())  # noqa: S301 (of the process that started this one)
        if kind == "problem":
            raise value
        return value

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
        """Refuse: what is read here may be harmful, so the caller's side has no way to write for this process."""
        raise io.UnsupportedOperation("A table is read here, and nothing is written.")


class _RemoteStream(io.RawIOBase):
    """An opened object of a RemoteStore."""

    def __init__(self, store: RemoteStore, number: int):
        self._store, self._number = store, number

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        data = self._store.ask("read", self._number, len(buffer))
        buffer[: len(data)] = data
        return len(data)


def main() -> None:
    """Answer calls until the other side closes."""
    connection = Connection(int(sys.argv[1]))
    store = RemoteStore(connection)
    with suppress(EOFError, OSError):
        while True:
            _send(connection, *_result(connection.recv_bytes(), store))


def _result(request: bytes, store: RemoteStore) -> tuple[str, Any]:
    """("value", result) of a call, ("problem", Problem) that it raised, or ("memory", None)."""
    signal.alarm(ALARM)
    unpickler = pickle.Unpickler(io.BytesIO(request))  # noqa: S301 (of the process that started this one)
    unpickler.persistent_load = lambda _: store  # type: ignore[method-assign]
    try:
        name, function, args, more = unpickler.load()
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
    main()
