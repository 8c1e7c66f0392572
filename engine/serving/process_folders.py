"""The folders of processes that hold models. Each is locked by the process of ours that made it, or else swept."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings

from common import locked_folders
from common.remove_folder import remove_folder

_locks: dict[Path, int] = {}  # the descriptors that hold the locks of this process's folders


@contextmanager
def new() -> Iterator[Path]:
    """An empty folder, which is removed when the block raises; otherwise by `remove`. Raises OSError."""
    root = _root()
    root.mkdir(mode=0o711, parents=True, exist_ok=True)
    folder, _locks[folder] = locked_folders.make(root)
    try:
        yield folder
    except BaseException:
        remove(folder)
        raise


def remove(folder: Path) -> None:
    """Remove the folder of a process that has ended. Repeatable."""
    remove_folder(folder)
    if (lock := _locks.pop(folder, None)) is not None:
        os.close(lock)


def sweep() -> None:
    """Remove the folders that no process holds: those of processes that were killed."""
    locked_folders.sweep(_root())


def _root() -> Path:
    return settings.JOBS_FOLDER.parent / "endpoints"
