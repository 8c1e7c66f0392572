"""Where tables are kept, as reading and preparing need it: any S3, or a folder of this machine."""

import io
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO, Protocol

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
    """What answers for buckets and objects. Every method raises Problem in words: Missing, Unavailable or plain."""

    def list_objects(self, bucket: str, prefix: str) -> Iterator[Object]:
        """Every object whose key starts with `prefix`, in the order of the keys. Raises Missing without the bucket."""
        ...

    def fetch(self, bucket: str, key: str, start: int, end: int, etag: str = "") -> bytes:
        """Bytes `start` up to `end`; a Problem when the object is no longer the one of `etag`."""
        ...

    def open(self, bucket: str, key: str, etag: str = "") -> BinaryIO:
        """The whole object as a stream; a Problem when it is no longer the one of `etag`."""
        ...

    def put(self, bucket: str, key: str, body: BinaryIO, content_type: str) -> None:
        """Write `body`, replacing what is there; the bucket is made if need be."""
        ...


class Folder:
    """A folder of this machine as a store: its subfolders are the buckets, the paths below them the keys."""

    def __init__(self, root: Path):
        self.root = root.resolve()

    def list_objects(self, bucket: str, prefix: str) -> Iterator[Object]:
        folder = self._inside(bucket)
        if not folder.is_dir():
            raise Missing(f"There is no folder called {bucket}.")
        for path in sorted(p for p in folder.rglob("*") if p.is_file()):
            key = path.relative_to(folder).as_posix()
            if key.startswith(prefix):
                yield _object(path, key)

    def fetch(self, bucket: str, key: str, start: int, end: int, etag: str = "") -> bytes:
        with self.open(bucket, key, etag) as stream:
            stream.seek(start)
            return stream.read(end - start)

    def open(self, bucket: str, key: str, etag: str = "") -> BinaryIO:
        path = self._inside(bucket, key)
        if not path.is_file():
            raise Missing(f"There is no file {key} in {bucket}.")
        if etag and _object(path, key).etag != etag:
            raise Problem(f"{key} has changed since it was looked at.")
        return path.open("rb")

    def put(self, bucket: str, key: str, body: BinaryIO, content_type: str) -> None:
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
