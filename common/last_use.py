"""When a stored folder was used last: its modification time, by which the unused ones are removed. No Django."""

import os
from pathlib import Path


def mark_used(folder: Path) -> bool:
    """Return whether the folder is there; if so it counts as used now."""
    try:
        os.utime(folder)
    except FileNotFoundError:
        return False
    return True
