"""What a job's processes leave in their folder: made safe to read, and removed. None of them runs any more."""

import os
import shutil
import stat
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path


def replace_links(root: Path, names: Iterable[str]) -> None:
    """Have each of these folders below `root` be a folder: what a job put in its place could name any of this machine.

    `names` are relative, a folder before what is in it.
    """
    for name in names:
        path = root / name
        status = path.lstat() if os.path.lexists(path) else None
        if status is None or not stat.S_ISDIR(status.st_mode):
            path.unlink(missing_ok=True)
            path.mkdir()


def read_file(path: Path, size: int) -> str:
    """Return the beginning of a plain file, "" if it is none: neither a link nor a pipe, which nobody may write."""
    try:
        opened = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return ""
    with os.fdopen(opened, errors="replace") as file:
        return file.read(size) if stat.S_ISREG(os.fstat(opened).st_mode) else ""


def remove(root: Path) -> None:
    """Remove a folder, whatever permissions a job has taken from its own folders. Repeatable."""
    shutil.rmtree(root, ignore_errors=True)
    if not root.exists():
        return
    waiting = [root]
    while waiting:
        folder = waiting.pop()
        with suppress(OSError):
            folder.chmod(0o700)
            waiting += [Path(entry.path) for entry in os.scandir(folder) if entry.is_dir(follow_symlinks=False)]
    shutil.rmtree(root, ignore_errors=True)
