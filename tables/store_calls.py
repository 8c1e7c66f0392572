"""Answers what a sandboxed process asks of its caller's store: the objects that the call names, and no others."""

from __future__ import annotations

import io
import pickle
from collections.abc import Callable, Collection
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO, cast

from common.messages import _
from common.problems import Missing, Problem, Unavailable
from common.s3_uri import S3Uri, is_s3_uri, split_s3_uri
from sandbox.leftovers import open_plain_file
from sandbox.spec import MIB
from tables.store import Store

PIECE = 8 * MIB  # bytes that the caller's process reads of the store at once
MAX_WRITTEN = 20_000  # objects that one call may write
HANDED = "handed-over"  # in the process's folder: the file that it puts into the store
STORE, PROGRESS = "store", "progress"  # stand for what stays with the caller in what is sent
Progress = Callable[[int, int], None]


def dumps(request: tuple, store: Store, writable: str, progress: Progress | None) -> tuple[bytes, set[S3Uri]]:
    """The request, pickled, and the S3 addresses in it, but for `writable`."""
    out, addresses = io.BytesIO(), set()

    def persistent_id(value: Any) -> str | None:
        if isinstance(value, str) and is_s3_uri(value.strip()) and value != writable:
            addresses.add(split_s3_uri(value.strip()))
        return STORE if value is store else PROGRESS if progress is not None and value is progress else None

    pickler = pickle.Pickler(out)
    pickler.persistent_id = persistent_id  # type: ignore[method-assign]
    pickler.dump(request)
    return out.getvalue(), addresses


class StoreCalls:
    """What one call's process asks of the store: lists and streams are numbered and read in pieces.

    It may read what has one of `addresses` as a prefix. Below `writable`, an s3://bucket/prefix, it may put what it
    leaves as HANDED in its `folder`; "" for nowhere.
    """

    def __init__(self, store: Store, addresses: Collection[S3Uri], folder: Path, writable: str = ""):
        self._store, self._addresses, self._folder = store, addresses, folder
        self._writable = split_s3_uri(writable.rstrip("/") + "/") if writable else None
        self._opened: list[Any] = []
        self._written = 0
        self._methods: dict[str, Callable[..., Any]] = {
            "fetch": self._fetch, "list_objects": self._list_objects, "next": self._next, "open": self._open,
            "read": self._read, "put": self._put,
        }  # fmt: skip

    def answer(self, method: str, args: list[Any]) -> tuple[str, Any]:
        """("value", result), ("bytes", bytes), or ("problem", Problem) that the store raised.

        A problem goes without what only the console knows of it.
        """
        try:
            value = self._methods[method](*args)
        except Problem as e:
            kind = next((kind for kind in (Missing, Unavailable) if isinstance(e, kind)), Problem)
            return "problem", kind(e.message, e.field)
        return ("bytes" if isinstance(value, bytes) else "value"), value

    def close(self) -> None:
        """Close every stream."""
        for opened in self._opened:
            getattr(opened, "close", lambda: None)()

    def _fetch(self, bucket: str, key: str, start: int, end: int, etag: str) -> bytes:
        return self._store.fetch(*self._named(bucket, key), start, min(end, start + PIECE), etag)

    def _list_objects(self, bucket: str, prefix: str) -> int:
        return self._number(iter(self._store.list_objects(*self._named(bucket, prefix))))

    def _next(self, number: int) -> list:
        return list(islice(self._opened[number], 1000))

    def _open(self, bucket: str, key: str, etag: str) -> int:
        return self._number(self._store.open(*self._named(bucket, key), etag))

    def _read(self, number: int, count: int) -> bytes:
        return self._opened[number].read(min(count, PIECE))

    def _put(self, bucket: str, key: str, content_type: str) -> None:
        allowed = self._writable
        if allowed is None or bucket != allowed.bucket or not key.startswith(allowed.key):
            raise Problem(f"What reads this table writes nothing to {S3Uri(bucket, key)}.")
        self._written += 1
        if self._written > MAX_WRITTEN:
            raise Problem(f"A table becomes at most {MAX_WRITTEN:,} objects.")
        with open_plain_file(self._folder / HANDED) as body:
            self._store.put(bucket, key, cast(BinaryIO, body), content_type)

    def _named(self, bucket: str, key: str) -> tuple[str, str]:
        """`bucket` and `key`, if the call is about them: a process that a file has taken over reads nothing else."""
        if not any(bucket == address.bucket and key.startswith(address.key) for address in self._addresses):
            raise Missing(_("There is no bucket called %(bucket)s.", bucket=bucket))
        return bucket, key

    def _number(self, opened: Any) -> int:
        self._opened.append(opened)
        return len(self._opened) - 1
