"""A small process that becomes a sandbox: `python -S -m sandbox.launcher DESCRIPTOR`.

The socket DESCRIPTOR brings one line of JSON: the sandbox, its level and the descriptors to keep. The line has the
environment, which must not be in the command line.
"""

import json
import os
import socket
import sys

from sandbox.enter import enter
from sandbox.keeper import SETUP_FAILED
from sandbox.spec import Level, Spec


def main() -> int:
    """Read the request, enter, and execute the command."""
    os.umask(0o022)  # of the folders of a new root, which another user reads
    control = socket.socket(fileno=int(sys.argv[1]))
    with control.makefile("rb") as lines:
        request = json.loads(lines.readline())
    spec, level = Spec.from_json(request["spec"]), Level(request["level"])
    try:
        enter(spec, level, control.fileno(), request["keep"], control)
    except OSError as e:
        control.send(json.dumps({"error": f"{type(e).__name__}: {e}"}).encode() + b"\n")
    return SETUP_FAILED  # nothing was executed


if __name__ == "__main__":
    sys.exit(main())
