"""Walks through a folder of a sandbox, however deep a program has made it."""

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

_LONG_PATH = 2048  # characters; beyond the kernel's 4096 a path names nothing


def walk(folder: Path) -> Iterator[os.DirEntry[str]]:
    """Yield every entry below `folder`, a folder before what is in it. Links are not followed.

    What vanishes or cannot be listed meanwhile is left out. The paths of entries hold until the next one is asked for.
    """
    waiting: list[str | int] = [str(folder)]
    try:
        while waiting:
            path = waiting.pop()
            if isinstance(path, int):
                os.close(path)  # all below it is done
                continue
            with suppress(OSError):
                if len(path) > _LONG_PATH:
                    opened = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
                    waiting.append(opened)
                    path = f"/proc/self/fd/{opened}"
                with os.scandir(path) as entries:
                    for entry in entries:
                        yield entry
                        with suppress(OSError):
                            if entry.is_dir(follow_symlinks=False):
                                waiting.append(entry.path)
    finally:
        for left in waiting:
            if isinstance(left, int):
                os.close(left)
