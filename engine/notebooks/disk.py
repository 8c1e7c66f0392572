"""How much a folder holds, whose files a person's code may change at the same time."""

import stat
from pathlib import Path

from sandbox.walk import walk


def usage(folder: Path) -> int:
    """Bytes that the files of `folder` take on disk, links not followed; a file with two names counts once."""
    total, counted = 0, set[tuple[int, int]]()
    for entry in walk(folder):
        status = entry.status
        if status.st_nlink > 1 and not stat.S_ISDIR(status.st_mode):
            if (status.st_dev, status.st_ino) in counted:
                continue
            counted.add((status.st_dev, status.st_ino))
        total += status.st_blocks * 512
    return total
