"""What a key's role allows: a viewer reads and predicts, editors and administrators do everything."""

from engine.auth.refusals import Refusal
from engine.auth.sigv4 import Caller
from engine.models import AccessKey
from engine.wire.errors import AccessDeniedException

READS = ("Describe", "List", "Get", "Filter", "Search", "Simulate", "InvokeEndpoint")


def is_viewer(caller: Caller) -> bool:
    return caller.key.role == AccessKey.Role.VIEWER


def check_operation(caller: Caller, operation: str) -> None:
    """AccessDeniedException unless `caller` may call `operation`, such as "CreateTrainingJob"."""
    if is_viewer(caller) and not operation.startswith(READS):
        raise AccessDeniedException(
            f"The access key {caller.key} has the role Viewer and is not authorized to perform: "
            f"{caller.service}:{operation}. An administrator can issue a key with the role Editor."
        )


def check_s3(caller: Caller, method: str) -> None:
    """AccessDenied, in S3's words, unless `caller` may send `method`."""
    if is_viewer(caller) and method not in ("GET", "HEAD"):
        raise Refusal(
            f"The access key {caller.key} has the role Viewer and may only read objects. "
            "An administrator can issue a key with the role Editor."
        )
