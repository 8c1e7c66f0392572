"""Walks through a folder that a program changes at the same time, however deep it has made it."""

import os
import stat
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

_LONG_PATH = 2048  # characters; beyond the kernel's 4096 a path names nothing
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
_NO_LINK = _FOLDER | os.O_NOFOLLOW


class Entry(NamedTuple):
    """What has a name in a folder. `folder` is a descriptor of that, open until the next entry is asked for.

    `path` is relative to where the walk began, and None where it is too long to be used. `status` is that of a link
    itself.
    """

    name: str
    folder: int
    path: str | None
    status: os.stat_result


def walk(folder: Path | int) -> Iterator[Entry]:
    """Yield every entry below `folder`, a path or the descriptor of an open one, a folder before what is in it.

    No link is followed at any step, whatever takes the place of a folder meanwhile. What vanishes or cannot be listed
    is left out, `folder` itself too.
    """
    try:
        top = os.open(".", _FOLDER, dir_fd=folder) if isinstance(folder, int) else os.open(folder, _FOLDER)
    except OSError:
        return
    # Folders to be listed, each with an open folder, its steps from there, and its path from the top; and open folders,
    # each to be closed when all that was put above it is done.
    waiting: list[int | tuple[int, str, str | None]] = [top, (top, "", "")]
    try:
        while waiting:
            current = waiting.pop()
            if isinstance(current, int):
                os.close(current)
                continue
            base, steps, path = current
            with suppress(OSError):
                opened = _open_below(base, steps)
                if is_far := len(steps) > _LONG_PATH:
                    base, steps = opened, ""
                    waiting.append(opened)
                try:
                    for entry in _entries(opened, path):
                        yield entry
                        if stat.S_ISDIR(entry.status.st_mode):
                            waiting.append((base, f"{steps}/{entry.name}", entry.path))
                finally:
                    if not is_far:
                        os.close(opened)
    finally:
        for left in waiting:
            if isinstance(left, int):
                os.close(left)


def _entries(folder: int, path: str | None) -> Iterator[Entry]:
    """Yield what is in the open folder whose path from the top is `path`."""
    before = None if path is None or len(path) > _LONG_PATH else path and f"{path}/"
    with os.scandir(folder) as entries:
        for entry in entries:
            with suppress(OSError):
                status = entry.stat(follow_symlinks=False)
                yield Entry(entry.name, folder, None if before is None else before + entry.name, status)


def _open_below(base: int, steps: str) -> int:
    """Open a folder by its steps below the open folder `base`, each of which must be a folder. Raises OSError."""
    opened = os.open(".", _NO_LINK, dir_fd=base)
    for step in filter(None, steps.split("/")):
        try:
            inner = os.open(step, _NO_LINK, dir_fd=opened)
        finally:
            os.close(opened)
        opened = inner
    return opened
