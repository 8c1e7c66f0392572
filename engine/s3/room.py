"""Refuses to store objects while the embedded store's disk is nearly full.

A store on a full disk answers 500, which clients repeat, and may not come back when there is room again. Reads and
deletions always pass.
"""

from django.conf import settings

from common.disk import space
from engine.auth.errors import RequestError
from engine.http.request import Request

STORING = {"PutObject", "UploadPart", "CopyObject", "UploadPartCopy"}


def check(operation: str, request: Request) -> None:
    """Raise RequestError (507) when what `request` stores would leave too little room on the disk of the store."""
    if operation not in STORING or not settings.STORE_FOLDER:
        return
    disk = space(settings.STORE_FOLDER)
    if disk.free - (request.length or 0) < disk.spare:
        raise RequestError(
            f"The disk of the object store is nearly full: {disk.free / 1e6:.1f} MB are free, and "
            f"{disk.spare / 1e6:.1f} MB have to stay free. Delete objects, or make room on the disk that has the data "
            "folder.",
            "InsufficientStorage",
            507,
        )
