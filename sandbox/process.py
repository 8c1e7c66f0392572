"""Starts a program in the best sandbox of this machine, for any thread of any process."""

from collections.abc import Sequence
from typing import IO

from sandbox.launch import Sandboxed, launch
from sandbox.level import available
from sandbox.spec import Spec

__all__ = ["Sandboxed", "start"]


def start(
    spec: Spec,
    *,
    stdin: int | IO | None = None,
    stdout: int | IO | None = None,
    stderr: int | IO | None = None,
    pass_fds: Sequence[int] = (),
) -> Sandboxed:
    """Start `spec.command` in a sandbox. Raises SandboxError.

    The streams are as subprocess.Popen has them, but nothing instead of this process's own where they are None.
    `pass_fds` stay open inside, with the same numbers.
    """
    return launch(spec, available(), stdin=stdin, stdout=stdout, stderr=stderr, pass_fds=pass_fds)
