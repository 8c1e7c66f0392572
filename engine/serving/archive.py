"""Unpacks an untrusted model.tar.gz, in a process of its own unless it is small and plain, within limits.

`python -m engine.serving.archive PARENT ARCHIVE FOLDER` is the process in which that is done: attributes of the whole
archive are copied for each member, so a megabyte could take any memory, and hold the interpreter for minutes. It prints
one line of JSON: {"error": text}, or {} when the archive is unpacked.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

from common.model_archive import MAX_BYTES, BadArtifact, unpack
from common.plain_archive import is_plain
from engine.serving.process_limits import apply_limits, clean_environment, ending

ROOT = Path(__file__).resolve().parents[2]
MEMORY = 512 * 1024**2  # bytes of address space of the process
CPU_SECONDS = 120
SECONDS = 600.0
TOO_MUCH = (
    f"The model archive takes more than {MEMORY // 1024**2} MiB of memory or {CPU_SECONDS} s to unpack. Pack the "
    "model's files anew, with plain names and no extended attributes."
)


def unpack_apart(archive: Path, folder: Path) -> None:
    """`unpack` in a process of its own, which a small and plain archive does not need: it costs 55 ms of a processor.

    Raises BadArtifact and may leave a part.
    """
    if is_plain(archive):
        unpack(archive, folder)
        return
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


def main() -> int:
    """Unpack an archive into a folder, in this process alone; what came of it is printed as JSON."""
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
