"""Unpacks an untrusted model.tar.gz, in the sandbox unless it is small and plain, within limits of memory and time.

`python -m engine.serving.archive FOLDER` is the process in which that is done: attributes of the whole archive are
copied for each member, so a megabyte could take any memory, and hold the interpreter for minutes. It reads the archive
from standard input and prints one line of JSON: {"error": text}, or {} when the archive is unpacked. What it leaves is
checked once more outside.
"""

import json
import os
import stat
import subprocess
import sys
import tempfile
from pathlib import Path

from common.model_archive import MAX_BYTES, MAX_DEPTH, BadArtifact, leads_out, unpack
from common.plain_archive import is_plain
from common.remove_folder import remove_folder
from engine.serving.process_limits import PROCESSES, apply_limits, clean_environment, ending
from sandbox.interpreter import own_program
from sandbox.level import available
from sandbox.process import start
from sandbox.spec import Limits, SandboxError, Spec

PROGRAM = "engine.serving.archive"
MAX_REPORT = 64 * 1024  # bytes
MEMORY = 512 * 1024**2  # bytes of address space of the process
CPU_SECONDS = 120
SECONDS = 600.0
TOO_MUCH = (
    f"The model archive takes more than {MEMORY // 1024**2} MiB of memory or {CPU_SECONDS} s to unpack. Pack the "
    "model's files anew, with plain names and no extended attributes."
)


def unpack_apart(archive: Path, folder: Path) -> None:
    """`unpack` into the empty `folder`, in a sandbox, which a small and plain archive does not need: it costs 0.2 s.

    Raises BadArtifact, and then may leave a part.
    """
    if is_plain(archive):
        unpack(archive, folder)
        return
    scratch = Path(tempfile.mkdtemp(prefix="unpack-", dir=folder.parent))
    try:
        unpacked = scratch / "unpacked"  # beside what the sandbox puts into its folder, whatever names the archive has
        unpacked.mkdir()
        _unpack_in_sandbox(archive, scratch, unpacked)
        take_over(unpacked)
        unpacked.rename(folder)
    finally:
        remove_folder(scratch)


def _unpack_in_sandbox(archive: Path, scratch: Path, unpacked: Path) -> None:
    level = available()
    limits = Limits(processes=PROCESSES, disk=2 * MAX_BYTES)
    spec = Spec(scratch, environment=clean_environment(), limits=limits)
    spec = own_program(spec, level, PROGRAM, spec.inside(unpacked, level))
    code = 0
    try:
        with archive.open("rb") as packed, tempfile.TemporaryFile() as report:
            with start(spec, stdin=packed, stdout=report) as process:
                code = process.wait(SECONDS)
            report.seek(0)
            result = json.loads(report.read(MAX_REPORT))
    except subprocess.TimeoutExpired:
        raise BadArtifact(TOO_MUCH) from None
    except SandboxError as e:
        raise BadArtifact(f"The process that unpacks the model archive cannot be started: {e}") from e
    except ValueError:
        raise BadArtifact(f"{TOO_MUCH} The process ended with {ending(code)}.") from None
    if not isinstance(result, dict) or "error" in result:
        raise BadArtifact(str(result["error"] if isinstance(result, dict) else TOO_MUCH))


def take_over(folder: Path) -> None:
    """Make this process's user the owner of what a sandbox has left. Raises BadArtifact unless all of it is harmless.

    That is files and folders, and links that end within `folder`. Nothing may write there any more.
    """
    waiting: list[tuple[Path, int]] = [(folder, 0)]
    while waiting:
        path, depth = waiting.pop()
        status = path.lstat()
        kind = stat.S_IFMT(status.st_mode)
        is_link = kind == stat.S_IFLNK
        if kind not in (stat.S_IFREG, stat.S_IFDIR, stat.S_IFLNK) or depth > MAX_DEPTH + 1:
            raise BadArtifact(f"Unpacking the model archive left something else than files: {path.name[:200]!r}.")
        if is_link and leads_out(str(path.readlink()), depth):
            raise BadArtifact(f"Unpacking the model archive left a link that leads out of it: {path.name[:200]!r}.")
        if status.st_uid != os.geteuid():
            os.chown(path, os.geteuid(), os.getegid(), follow_symlinks=False)
        if not is_link:
            path.chmod(status.st_mode & 0o755 | (0o700 if kind == stat.S_IFDIR else 0o600))
        if kind == stat.S_IFDIR:
            waiting += [(entry, depth + 1) for entry in path.iterdir()]


def main() -> int:
    """Unpack the archive of standard input, in this process alone; what came of it is printed as JSON."""
    apply_limits(file_bytes=MAX_BYTES, cpu_seconds=CPU_SECONDS, memory=MEMORY)
    result = {}
    try:
        unpack(sys.stdin.buffer, Path(sys.argv[1]))
    except BadArtifact as e:
        result = {"error": str(e)}
    except MemoryError:
        result = {"error": TOO_MUCH}
    print(json.dumps(result))
    return 0


if __name__ == "__main__":
    sys.exit(main())
