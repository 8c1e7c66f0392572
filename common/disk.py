"""How much room a disk has, and when that is little. No Django."""

import os
from pathlib import Path
from typing import NamedTuple

LOW_SHARE = 0.05  # of the disk
LEAST, MOST = 64 * 1024**2, 1024**3  # bytes that have to stay free: 5 % of the disk within these bounds
STORE_SHARE = 0.011  # of the disk, in any case: the embedded store takes nothing below 1 %, and gives no reason


class Space(NamedTuple):
    """Bytes of the disk that holds a folder; `free` are those that a process of the owner may use."""

    free: int
    total: int

    @property
    def spare(self) -> int:
        """How many bytes have to stay free for databases and the store: below it nothing large is written."""
        return int(max(min(MOST, max(LEAST, self.total * LOW_SHARE)), self.total * STORE_SHARE))

    @property
    def is_full(self) -> bool:
        """True if fewer than the spare bytes are free."""
        return self.free < self.spare

    @property
    def is_low(self) -> bool:
        """True before the disk is full: below 5 %, and in any case below twice the spare bytes."""
        return self.free < max(self.total * LOW_SHARE, 2 * self.spare)


def space(folder: Path | str) -> Space:
    """Return the space of the disk that holds `folder`. Raises OSError if there is no such folder."""
    disk = os.statvfs(folder)
    return Space(disk.f_bavail * disk.f_frsize, disk.f_blocks * disk.f_frsize)
