"""Refuses to store objects while the embedded store's disk is nearly full.

A store on a full disk answers 500, which clients repeat, and may not come back when there is room again. Reads and
deletions always pass.
"""

import os
import time

from django.conf import settings

from engine.auth.errors import RequestError
from engine.http.request import Request

STORING = {"PutObject", "UploadPart", "CopyObject", "UploadPartCopy"}
LEAST, SHARE, MOST = 64 * 1024**2, 0.05, 1024**3  # bytes and a share of the disk; the store needs some room itself
CACHE_SECONDS = 1.0  # seconds
_cached = (float("-inf"), 0, 0)


def check(operation: str, request: Request) -> None:
    """Raise RequestError (507) when what `request` stores would leave too little room on the disk of the store."""
    if operation not in STORING or not settings.STORE_FOLDER:
        return
    free, spare = _room()
    if free - (request.length or 0) < spare:
        raise RequestError(
            f"The disk of the object store is nearly full: {free // 1024**2} MB are free, and {spare // 1024**2} MB "
            f"have to stay free. Delete objects, or make room on the disk that has the data folder.",
            "InsufficientStorage",
            507,
        )


def spare_of(total: int) -> int:
    """Return how many bytes of a disk of `total` bytes have to stay free."""
    return int(min(MOST, max(LEAST, total * SHARE)))


def _room() -> tuple[int, int]:
    """Free bytes of the disk, and those that have to stay free."""
    global _cached
    read, free, spare = _cached
    if time.monotonic() - read > CACHE_SECONDS:
        disk = os.statvfs(settings.STORE_FOLDER)
        free, spare = disk.f_bavail * disk.f_frsize, spare_of(disk.f_blocks * disk.f_frsize)
        _cached = time.monotonic(), free, spare
    return free, spare
