"""Temporary folders that do not outlive a killed process: each is locked by the process that made it, or else swept."""

import fcntl
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from common.remove_folder import remove_folder

PREFIX = "sagewright-work-"


@contextmanager
def temporary_folder() -> Iterator[Path]:
    """An empty folder that is removed at the end. What processes that were killed left of theirs is removed first."""
    root = Path(tempfile.gettempdir())
    sweep(root, f"{PREFIX}*")
    folder, lock = make(root, PREFIX)
    try:
        yield folder
    finally:
        remove_folder(folder)
        os.close(lock)


def make(root: Path, prefix: str = "") -> tuple[Path, int]:
    """A new folder in `root`, and the descriptor that holds its lock. Raises OSError."""
    while True:
        folder = Path(tempfile.mkdtemp(dir=root, prefix=prefix))
        with suppress(FileNotFoundError):  # swept before it was locked
            lock = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
            fcntl.flock(lock, fcntl.LOCK_EX)
            if folder.is_dir():
                return folder, lock
            os.close(lock)


def sweep(root: Path, pattern: str = "*") -> None:
    """Remove the folders in `root` that no process holds: those of processes that were killed."""
    for folder in root.glob(pattern):
        with suppress(OSError):  # it has just been removed, or is held, or another user's
            lock = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                remove_folder(folder)
            finally:
                os.close(lock)
