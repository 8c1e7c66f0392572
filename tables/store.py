"""The object store that tables are read from and written to; a local folder can be one."""

import io
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO, Protocol

from common.problems import Missing, Problem


@dataclass(frozen=True)
class Object:
    """One object of a bucket; `etag` changes whenever its bytes do."""

    key: str
    size: int  # bytes
    modified: datetime
    etag: str

    @property
    def name(self) -> str:
        """The key's last part."""
        return self.key.rsplit("/", 1)[-1]


class Store(Protocol):
    """Buckets and objects. Every method raises Problem: Missing, Unavailable, or Problem itself."""

    def list_objects(self, bucket: str, prefix: str) -> Iterator[Object]:
        """Every object whose key starts with `prefix`, by key. Raises Missing when there is no such bucket."""
        ...

    def fetch(self, bucket: str, key: str, start: int, end: int, etag: str = "") -> bytes:
        """Bytes `start` up to `end`. Raises Problem if `etag` is given and no longer the object's."""
        ...

    def open(self, bucket: str, key: str, etag: str = "") -> BinaryIO:
        """The whole object as a stream. Raises Problem if `etag` is given and no longer the object's."""
        ...

    def put(self, bucket: str, key: str, body: BinaryIO, content_type: str) -> None:
        """Write `body`, replacing the object; the bucket is created if it does not exist."""
        ...


class TranslatedStream(io.RawIOBase):
    """A stream whose reads run inside `translate()`, a context manager that turns a client's errors into Problems.

    What goes wrong in the middle of an object is then told as what goes wrong at its beginning.
    """

    def __init__(self, stream: Any, translate: Callable[[], AbstractContextManager]):
        self._stream, self._translate = stream, translate

    def readable(self) -> bool:
        """True."""
        return True

    def read(self, count: int | None = -1) -> bytes:
        """Up to `count` bytes; all for -1 or None."""
        with self._translate():
            return self._stream.read(None if count is None or count < 0 else count)

    def readinto(self, buffer: Any) -> int:
        """Fill `buffer`; returns the number of bytes read."""
        data = self.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)

    def close(self) -> None:
        """Close the stream below."""
        self._stream.close()
        super().close()


class Folder:
    """A local folder as a store: subfolders are buckets, paths below them are keys."""

    def __init__(self, root: Path):
        self.root = root.resolve()

    def list_objects(self, bucket: str, prefix: str) -> Iterator[Object]:
        """Every file whose key starts with `prefix`; see `Store.list_objects`."""
        folder = self._inside(bucket)
        if not folder.is_dir():
            raise Missing(f"There is no folder called {bucket}.")
        for path in sorted(p for p in folder.rglob("*") if p.is_file()):
            key = path.relative_to(folder).as_posix()
            if key.startswith(prefix):
                yield _object(path, key)

    def fetch(self, bucket: str, key: str, start: int, end: int, etag: str = "") -> bytes:
        """Bytes `start` up to `end`; see `Store.fetch`."""
        with self.open(bucket, key, etag) as stream:
            stream.seek(start)
            return stream.read(end - start)

    def open(self, bucket: str, key: str, etag: str = "") -> BinaryIO:
        """The whole file; see `Store.open`."""
        path = self._inside(bucket, key)
        if not path.is_file():
            raise Missing(f"There is no file {key} in {bucket}.")
        if etag and _object(path, key).etag != etag:
            raise Problem(f"{key} has changed since it was looked at.")
        return path.open("rb")

    def put(self, bucket: str, key: str, body: BinaryIO, content_type: str) -> None:
        """Write `body`; see `Store.put`."""
        path = self._inside(bucket, key)
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("wb") as file:
            while piece := body.read(io.DEFAULT_BUFFER_SIZE * 32):
                file.write(piece)

    def _inside(self, *parts: str) -> Path:
        path = self.root.joinpath(*parts).resolve()
        if not path.is_relative_to(self.root):
            raise Problem(f"{'/'.join(parts)} leads out of {self.root}.")
        return path


def _object(path: Path, key: str) -> Object:
    stat = path.stat()
    return Object(
        key, stat.st_size, datetime.fromtimestamp(stat.st_mtime, UTC), f"{stat.st_size:x}-{stat.st_mtime_ns:x}"
    )
