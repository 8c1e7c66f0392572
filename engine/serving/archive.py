"""Unpacks an untrusted model.tar.gz within its folder, within limits of count, size, memory and time.

`python -m engine.serving.archive PARENT ARCHIVE FOLDER` is the process in which that is done: attributes of the whole
archive are copied for each member, so a megabyte could take any memory, and hold the interpreter for minutes. It prints
one line of JSON: {"error": text}, or {} when the archive is unpacked.
"""

import gzip
import json
import os
import subprocess
import sys
import tarfile
import zlib
from pathlib import Path

from engine.serving.process_limits import apply_limits, clean_environment, ending

ROOT = Path(__file__).resolve().parents[2]
MAX_MEMBERS = 10_000
MAX_BYTES = 5 * 1024**3
MAX_DEPTH = 32  # folders in one another; who walks through them calls itself for each
MAX_READ = 1024**2  # bytes; tarfile reads a record of names and attributes whole, whatever size it claims
MEMORY = 512 * 1024**2  # bytes of address space of the process
CPU_SECONDS = 120
SECONDS = 600.0
TOO_MUCH = (
    f"The model archive takes more than {MEMORY // 1024**2} MiB of memory or {CPU_SECONDS} s to unpack. Pack the "
    "model's files anew, with plain names and no extended attributes."
)


class BadArtifact(Exception):
    """The archive or its address cannot be used; the message says why in plain words."""


def unpack_apart(archive: Path, folder: Path) -> None:
    """`unpack` in a process of its own. Raises BadArtifact and may leave a part."""
    command = [sys.executable, "-m", "engine.serving.archive", str(os.getpid()), str(archive), str(folder)]
    try:
        process = subprocess.run(
            command, cwd=ROOT, env=clean_environment(), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL, timeout=SECONDS,
        )  # fmt: skip
        result = json.loads(process.stdout)
    except subprocess.TimeoutExpired:
        raise BadArtifact(TOO_MUCH) from None
    except ValueError:
        raise BadArtifact(f"{TOO_MUCH} The process ended with {ending(process.returncode)}.") from None
    if "error" in result:
        raise BadArtifact(result["error"])


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


def main() -> int:
    parent, archive, folder = sys.argv[1:]
    apply_limits(int(parent), file_bytes=MAX_BYTES, cpu_seconds=CPU_SECONDS, memory=MEMORY)
    result = {}
    try:
        unpack(Path(archive), Path(folder))
    except BadArtifact as e:
        result = {"error": str(e)}
    except MemoryError:
        result = {"error": TOO_MUCH}
    print(json.dumps(result))
    return 0


if __name__ == "__main__":
    sys.exit(main())
