"""Unpacks an untrusted model.tar.gz within its folder, within limits of count and size."""

import gzip
import tarfile
import zlib
from pathlib import Path

MAX_MEMBERS = 10_000
MAX_BYTES = 5 * 1024**3
MAX_DEPTH = 32  # folders in one another; who walks through them calls itself for each
MAX_READ = 1024**2  # bytes; tarfile reads a record of names and attributes whole, whatever size it claims


class BadArtifact(Exception):
    """The archive or its address cannot be used; the message says why in plain words."""


def unpack(archive: Path, folder: Path, members: int = MAX_MEMBERS, size: int = MAX_BYTES) -> int:
    """Extract `archive` into the existing `folder`; the bytes extracted. Raises BadArtifact and may leave a part."""
    total = 0
    try:
        with gzip.open(archive) as stream, _open(stream, 2 * size) as tar:
            for count, member in enumerate(tar, start=1):
                total += max(member.size, 0)
                if count > members:
                    raise BadArtifact(f"The model archive has more than {members} members.")
                if total > size:
                    raise BadArtifact(f"The model archive unpacks to more than {size} bytes.")
                if member.name.startswith("/"):
                    raise BadArtifact(f"The model archive has a member with an absolute path: {member.name!r}.")
                if member.name.count("/") > MAX_DEPTH:
                    raise BadArtifact(
                        f"The model archive has folders more than {MAX_DEPTH} deep: {member.name[:200]!r}."
                    )
                tar.extract(member, folder, filter="data")
    except tarfile.FilterError as e:
        raise BadArtifact(f"The model archive has a member that is not allowed: {e}.") from e
    except (tarfile.TarError, gzip.BadGzipFile, zlib.error, EOFError) as e:
        raise BadArtifact(f"The model archive is not a complete tar.gz file: {e}.") from e
    except (OSError, ValueError, LookupError, ArithmeticError) as e:  # tarfile lets through what its parts raise
        raise BadArtifact(f"The model archive cannot be unpacked: {e}.") from e
    return total


def _open(stream: gzip.GzipFile, limit: int) -> tarfile.TarFile:
    return tarfile.open(fileobj=_Bounded(stream, limit), mode="r:")  # type: ignore[call-overload]  # all tarfile uses


class _Bounded:
    """A stream for tarfile that refuses to be read beyond a limit, in one go or in all."""

    def __init__(self, stream: gzip.GzipFile, limit: int):
        self._stream, self._limit = stream, limit
        self.seek, self.tell = self._seek, stream.tell

    def read(self, size: int = -1) -> bytes:
        if size < 0 or size > MAX_READ or self._stream.tell() + size > self._limit:
            raise BadArtifact("The model archive has a record larger than any model file needs.")
        return self._stream.read(size)

    def _seek(self, offset: int, whence: int = 0) -> int:
        if whence == 0 and offset > self._limit:
            raise BadArtifact(f"The model archive unpacks to more than {self._limit} bytes.")
        return self._stream.seek(offset, whence)
