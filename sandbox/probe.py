"""Tests whether a sandbox holds, by trying to get out: `python -m sandbox.probe FILE PORT FOLDER`.

It runs inside, where FILE and PORT must be out of reach and FOLDER, the sandbox's own, must not. The exit code is 0, or
one of those below. That it runs at all shows that the code of this installation can be imported there.
"""

import socket
import subprocess
import sys
from pathlib import Path

NO_IMPORT = 1  # Python's own exit code
NO_WRITE, READS_OUTSIDE, HAS_NETWORK, NO_EXECUTION = 11, 12, 13, 14  # exit codes
REASONS = {
    NO_IMPORT: "the code of this installation cannot be imported in it",
    NO_WRITE: "the sandbox's own folder cannot be written",
    READS_OUTSIDE: "a file outside can be read",
    HAS_NETWORK: "a port of this machine can be reached",
    NO_EXECUTION: "no program can be executed",
}


def check(file: Path, port: int, folder: Path) -> int:
    """Return 0 if the file and the port are out of reach and the sandbox can work, else why not."""
    try:
        written = folder / "written"
        written.write_text("by the probe")
        written.unlink()
    except OSError:
        return NO_WRITE
    try:
        file.read_bytes()
        return READS_OUTSIDE
    except OSError:
        pass
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1):
            return HAS_NETWORK
    except OSError:
        pass
    try:
        subprocess.run(["/bin/sh", "-c", "exit 0"], check=True)
    except (OSError, subprocess.SubprocessError):
        return NO_EXECUTION
    return 0


if __name__ == "__main__":
    sys.exit(check(Path(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3])))
