"""Files of an archive: JSON Lines in gzip, with the count and checksum by which a copy is known to be whole."""

import gzip
import hashlib
import json
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any, BinaryIO, cast

CONTENT_TYPE = "application/gzip"
CHUNK = 1 << 20
LONGEST_LINE = 1 << 24  # bytes of one row that a reader takes
DAMAGE = (OSError, EOFError, ValueError, RecursionError, zlib.error)  # what `read` raises for a damaged file


class DamagedArchive(Exception):
    """What was read back is not what was written."""


@dataclass(frozen=True)
class ArchiveFile:
    """What is known of a file after it was written: rows, its size in bytes and its SHA-256 in hexadecimal."""

    rows: int
    size: int
    sha256: str

    def as_json(self) -> dict[str, Any]:
        """The entry of a manifest, which `from_json` reads."""
        return asdict(self)

    @classmethod
    def from_json(cls, entry: Mapping[str, Any]) -> "ArchiveFile":
        """Raises DamagedArchive for anything but an entry of `as_json`."""
        try:
            return cls(int(entry["rows"]), int(entry["size"]), str(entry["sha256"]))
        except (KeyError, TypeError, ValueError) as error:
            raise DamagedArchive(f"The manifest has an entry that is none: {error!r}.") from None


def write(rows: Iterable[Mapping[str, Any]], file: BinaryIO) -> ArchiveFile:
    """Write `rows` to the start of `file`, which is left at its start. The same rows give the same bytes."""
    count = 0
    with gzip.GzipFile(filename="", mode="wb", fileobj=file, mtime=0, compresslevel=6) as packed:
        for row in rows:
            text = json.dumps(row, ensure_ascii=False, separators=(",", ":"))
            packed.write(text.encode(errors="backslashreplace") + b"\n")  # half of a character is \\udXXX, as in JSON
            count += 1
    size = file.tell()
    file.seek(0)
    written = ArchiveFile(count, size, hashlib.file_digest(file, "sha256").hexdigest())  # type: ignore[arg-type]
    file.seek(0)
    return written


def verify(file: ArchiveFile, copy: Any) -> None:
    """Raises DamagedArchive unless the stream `copy` is `file`: its bytes, and as many rows that can be read."""
    stream = _Digesting(copy)
    try:
        rows = sum(1 for _ in read(cast(BinaryIO, stream)))
    except DAMAGE as error:
        raise DamagedArchive(f"What was written cannot be read back: {error}") from None
    if (rows, stream.size, stream.digest.hexdigest()) != (file.rows, file.size, file.sha256):
        raise DamagedArchive(
            f"What was read back has {rows} rows and {stream.size} bytes, which is not what was written."
        )


def read(stream: BinaryIO, most: int | None = None) -> Iterator[dict[str, Any]]:
    """The rows of a file, one at a time. Raises one of DAMAGE, also for more than `most` unpacked bytes of rows."""
    unpacked = 0
    counted = _Digesting(stream)
    with gzip.GzipFile(fileobj=cast(BinaryIO, counted), mode="rb") as lines:
        while line := lines.readline(LONGEST_LINE):
            unpacked += len(line)
            if most is not None and unpacked > most:
                raise ValueError(f"it has more than {most >> 20} MB unpacked")
            yield json.loads(line)
    if not counted.size:
        raise EOFError("It is empty.")


class _Digesting:
    """A stream that passes on, counts and digests what is read of it."""

    def __init__(self, stream: Any):
        self._stream = stream
        self.digest = hashlib.sha256()
        self.size = 0

    def read(self, size: int = CHUNK) -> bytes:
        data = self._stream.read(size if size and size > 0 else CHUNK)
        self.digest.update(data)
        self.size += len(data)
        return data
