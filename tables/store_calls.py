"""Answers what a sandboxed process asks of its caller's store: the objects that its caller names, and no others."""

from __future__ import annotations

import io
import pickle
from collections.abc import Callable, Iterable
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO, cast

from common.messages import _
from common.problems import Missing, Problem, Unavailable
from common.s3_uri import S3Uri, split_s3_uri
from sandbox.leftovers import open_plain_file
from sandbox.spec import MIB
from tables.objects import Source
from tables.store import Store

PIECE = 8 * MIB  # bytes that the caller's process reads of the store at once
MAX_WRITTEN = 20_000  # objects that one call may write
HANDED = "handed-over"  # in the process's folder: the file that it puts into the store
STORE, PROGRESS = "store", "progress"  # stand for what stays with the caller in what is sent
Progress = Callable[[int, int], None]


def dumps(request: tuple, store: Store, progress: Progress | None) -> bytes:
    """The request, pickled."""
    out = io.BytesIO()

    def persistent_id(value: Any) -> str | None:
        return STORE if value is store else PROGRESS if progress is not None and value is progress else None

    pickler = pickle.Pickler(out)
    pickler.persistent_id = persistent_id  # type: ignore[method-assign]
    pickler.dump(request)
    return out.getvalue()


class StoreCalls:
    """What one call's process asks of the store: lists and streams are numbered and read in pieces.

    Of a table in `reads` it may read the objects, and list what begins with its address; of an S3 address, read all
    that begins with it, as SageMaker reads a channel. Below `writable`, an s3://bucket/prefix, it may put what it
    leaves as HANDED in its `folder`; "" for nowhere.
    """

    def __init__(self, store: Store, reads: Iterable[Source | str], folder: Path, writable: str = ""):
        self._store, self._folder = store, folder
        self._objects: set[tuple[str, str]] = set()
        self._listed: set[S3Uri] = set()
        self._prefixes: set[S3Uri] = set()
        for one in reads:
            address = split_s3_uri((one.uri if isinstance(one, Source) else one).strip())
            if isinstance(one, Source):
                self._listed.add(address)
                self._objects |= {(one.bucket, o.key) for o in one.objects}
            else:
                self._prefixes.add(address)
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
        return self._store.fetch(*self._readable(bucket, key), start, min(end, start + PIECE), etag)

    def _list_objects(self, bucket: str, prefix: str) -> int:
        return self._number(iter(self._store.list_objects(*self._listable(bucket, prefix))))

    def _next(self, number: int) -> list:
        return list(islice(self._opened[number], 1000))

    def _open(self, bucket: str, key: str, etag: str) -> int:
        return self._number(self._store.open(*self._readable(bucket, key), etag))

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

    def _readable(self, bucket: str, key: str) -> tuple[str, str]:
        """`bucket` and `key`, if the call is about them: a process that a file has taken over reads nothing else."""
        if (bucket, key) in self._objects:
            return bucket, key
        return _within(self._prefixes, bucket, key)

    def _listable(self, bucket: str, prefix: str) -> tuple[str, str]:
        return _within(self._prefixes | self._listed, bucket, prefix)

    def _number(self, opened: Any) -> int:
        self._opened.append(opened)
        return len(self._opened) - 1


def _within(addresses: Iterable[S3Uri], bucket: str, key: str) -> tuple[str, str]:
    if not any(bucket == address.bucket and key.startswith(address.key) for address in addresses):
        raise Missing(_("There is no bucket called %(bucket)s.", bucket=bucket))
    return bucket, key
