"""What a key's role allows: a viewer reads and predicts, editors and administrators do everything.

Predicting is open to every key, so the data plane does not ask here. `engine.wire.permission` asks for the operations.
"""

from engine.auth.refusals import Refusal
from engine.auth.sigv4 import Caller
from engine.models import AccessKey

READS = ("Describe", "List", "Get", "Filter", "Search", "Simulate")


def is_viewer(caller: Caller) -> bool:
    return caller.key.role == AccessKey.Role.VIEWER


def check_s3(caller: Caller, method: str) -> None:
    """AccessDenied, in S3's words, unless `caller` may send `method`."""
    if is_viewer(caller) and method not in ("GET", "HEAD"):
        raise Refusal(
            f"The access key {caller.key} has the role Viewer and may only read objects. "
            "An administrator can issue a key with the role Editor."
        )
