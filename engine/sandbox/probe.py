"""Asks a sandbox whether it holds, by trying to get out of it. Runs inside."""

import socket
import subprocess
from pathlib import Path
from typing import TypedDict

NO_WRITE, READS_OUTSIDE, HAS_NETWORK, NO_EXECUTION = 11, 12, 13, 14  # exit codes
REASONS = {
    NO_WRITE: "the sandbox's own folder cannot be written",
    READS_OUTSIDE: "a file outside can be read",
    HAS_NETWORK: "a port of this machine can be reached",
    NO_EXECUTION: "no program can be executed",
}


class Canary(TypedDict):
    """What a sandbox must not reach: a file and a port; and its own folder, which it must."""

    file: str
    port: int
    folder: str


def check(canary: Canary) -> int:
    """Return 0 if the canary is out of reach and the sandbox can work, else why not."""
    try:
        written = Path(canary["folder"], "written")
        written.write_text("by the probe")
        written.unlink()
    except OSError:
        return NO_WRITE
    try:
        Path(canary["file"]).read_bytes()
        return READS_OUTSIDE
    except OSError:
        pass
    try:
        with socket.create_connection(("127.0.0.1", canary["port"]), timeout=1):
            return HAS_NETWORK
    except OSError:
        pass
    try:
        subprocess.run(["/bin/sh", "-c", "exit 0"], check=True)
    except (OSError, subprocess.SubprocessError):
        return NO_EXECUTION
    return 0
