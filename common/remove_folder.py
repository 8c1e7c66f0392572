"""Removes a folder that a program has filled as it liked: without permissions, or deeper than any path. No Django."""

import os
import shutil
from contextlib import suppress
from pathlib import Path


def remove_folder(root: Path) -> None:
    """Remove `root` with all in it, as far as this process may. No other process may write there. Repeatable."""
    with suppress(OSError, RecursionError):
        shutil.rmtree(root)
    if root.is_dir() and not root.is_symlink():
        with suppress(OSError):
            _empty(root)
            root.rmdir()


def _empty(root: Path) -> None:
    """Remove what is in `root`. Folders are moved up to it before their own turn, so that no path gets long."""
    root.chmod(0o700)
    number = 0
    waiting = [*root.iterdir()]
    while waiting:
        path = waiting.pop()
        if path.is_symlink() or not path.is_dir():
            path.unlink()
            continue
        path.chmod(0o700)
        for child in [*path.iterdir()]:
            if child.is_symlink() or not child.is_dir():
                child.unlink()
                continue
            child.chmod(0o700)  # to be moved, it must be writable
            while os.path.lexists(moved := root / f"{number}"):
                number += 1
            child.rename(moved)
            waiting.append(moved)
        path.rmdir()
