"""Unpacks an untrusted model.tar.gz within its folder, within limits of count and size."""

import copy
import gzip
import os
import tarfile
import zlib
from itertools import takewhile
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO

MAX_MEMBERS = 10_000
MAX_BYTES = 5 * 1024**3
MAX_DEPTH = 32  # folders in one another; who walks through them calls itself for each
_FilterError = getattr(tarfile, "FilterError", ())  # of Python 3.11.4 and newer
MAX_READ = 1024**2  # bytes; tarfile reads a record of names and attributes whole, whatever size it claims


class BadArtifact(Exception):
    """The archive or its address cannot be used; the message says why in plain words."""


def unpack(archive: Path | BinaryIO, folder: Path, members: int = MAX_MEMBERS, size: int = MAX_BYTES) -> int:
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
                _refuse_way_out(folder, member)
                tar.extract(_as_our_own(member), folder)
    except _FilterError as e:
        raise BadArtifact(f"The model archive has a member that is not allowed: {e}.") from e
    except (tarfile.TarError, gzip.BadGzipFile, zlib.error, EOFError) as e:
        raise BadArtifact(f"The model archive is not a complete tar.gz file: {e}.") from e
    except (OSError, ValueError, LookupError, ArithmeticError) as e:  # tarfile lets through what its parts raise
        raise BadArtifact(f"The model archive cannot be unpacked: {e}.") from e
    return total


def _refuse_way_out(folder: Path, member: tarfile.TarInfo) -> None:
    """Raise BadArtifact unless `member` lies in `folder`, and so does what a link leads to.

    The filter of tarfile resolves paths by `os.path.realpath`, which before Python 3.11.13 gives up on long ones and
    lets them pass (CVE-2025-4517). Here no path is resolved: none leads through a link, `..` is at the beginning of a
    link's target only, where the folders above it are real ones, and so every link ends within `folder`.
    """
    name = _plain_parts(member, member.name)
    here = folder.joinpath(*name)
    if any(part.is_symlink() for part in (here, *here.parents) if part.is_relative_to(folder) and part != folder):
        raise BadArtifact(f"The model archive has a member behind a link: {member.name[:200]!r}.")
    if member.islnk():
        target = folder.joinpath(*_plain_parts(member, member.linkname))
        linked = [part for part in (target, *target.parents) if part.is_relative_to(folder) and part != folder]
        if any(part.is_symlink() for part in linked):
            raise BadArtifact(f"The model archive has a hard link to a link: {member.name[:200]!r}.")
    elif member.issym() and leads_out(member.linkname, len(name)):
        raise BadArtifact(f"The model archive has a link that leads out of it: {member.name[:200]!r}.")


def _as_our_own(member: tarfile.TarInfo) -> tarfile.TarInfo:
    """Return `member` with us as its owner and no rights for others to write, as the filter of tarfile has it.

    Python before 3.11.4, as Debian 12 has it, has no such filter. Raises BadArtifact for devices, pipes and the like.
    """
    if not (member.isfile() or member.isdir() or member.islnk() or member.issym()):
        raise BadArtifact(f"The model archive has a member that is no file, folder or link: {member.name[:200]!r}.")
    ours = copy.copy(member)
    ours.mode = 0o755 if member.isdir() or member.mode & 0o100 else 0o644
    ours.uid, ours.gid, ours.uname, ours.gname = os.geteuid(), os.getegid(), "", ""
    return ours


def leads_out(target: str, depth: int) -> bool:
    """Whether a link that is `depth` names below a folder, with no link above it, may lead out of the folder."""
    parts = PurePosixPath(target).parts
    up = len(list(takewhile(lambda part: part == "..", parts)))
    return up >= depth or target.startswith("/") or ".." in parts[up:]


def _plain_parts(member: tarfile.TarInfo, name: str) -> tuple[str, ...]:
    """Return the parts of a name in an archive. Raises BadArtifact if it is absolute, or leads up."""
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts:
        raise BadArtifact(f"The model archive has a member outside of it: {member.name[:200]!r}.")
    return path.parts


def _open(stream: gzip.GzipFile, limit: int) -> tarfile.TarFile:
    bounded: Any = _Bounded(stream, limit)  # it has all that tarfile uses of a stream
    tar = tarfile.open(fileobj=bounded, mode="r:")  # noqa: SIM115 (its caller closes it)
    tar.extraction_filter = getattr(tarfile, "data_filter", None)
    return tar


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
