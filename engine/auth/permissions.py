"""Permissions by role: a viewer reads and predicts, editors and administrators do everything.

Predicting is open to every key, so the data plane checks nothing here.
"""

import re

from botocore.model import OperationModel
from django.conf import settings

from engine.auth.errors import RequestError
from engine.auth.identity import identity_arn
from engine.auth.sigv4 import Caller
from engine.models import AccessKey
from engine.wire.errors import AccessDeniedException

READS = ("Describe", "List", "Get", "Filter", "Search", "Simulate")


def is_viewer(caller: Caller) -> bool:
    """Return whether the caller's key has the role Viewer."""
    return caller.key.role == AccessKey.Role.VIEWER


def check_s3(caller: Caller, operation: str, kind: str) -> None:
    """Raise RequestError (AccessDenied, in S3's words) unless `caller` may perform S3's `operation`, which is of `kind`
    "read", "write" or "admin" (engine.s3.operations)."""
    if kind != "read" and is_viewer(caller):
        raise RequestError(
            f"The access key {caller.key} has the role Viewer and may only read objects. "
            "An administrator can issue a key with the role Editor."
        )
    if kind == "admin" and caller.key.role != AccessKey.Role.ADMINISTRATOR:
        raise RequestError(
            f"{operation} overrides a protection here, which only keys with the role Administrator may do. "
            f"The access key {caller.key} has the role {caller.key.get_role_display().partition(':')[0]}."
        )


def check_operation(caller: Caller, operation: OperationModel, params: object) -> None:
    """Raise AccessDeniedException, in IAM's words, unless `caller` may call `operation` with `params`."""
    if not is_viewer(caller) or operation.name.startswith(READS):
        return
    action = f"{caller.service}:{operation.name}"
    raise AccessDeniedException(
        f"User: {identity_arn(caller.key)} is not authorized to perform: {action} "
        f"on resource: {_resource(caller, operation, params)} because no identity-based policy allows the {action} "
        f"action. The access key {caller.key} has the role Viewer; an administrator can issue one with the role Editor."
    )


def _resource(caller: Caller, operation: OperationModel, params: object) -> str:
    """The ARN the operation is about: CreateTrainingJob is about training-job/{TrainingJobName}."""
    noun = re.sub(r"^[A-Z][a-z]+", "", operation.name)
    members = params if isinstance(params, dict) else {}
    if isinstance(members.get("ResourceArn"), str):
        return members["ResourceArn"]
    kind = re.sub(r"(?<!^)(?=[A-Z])", "-", noun).lower()
    name = str(members.get(f"{noun}Name", "*")).lower()
    return f"arn:aws:{caller.service}:{caller.region}:{settings.ENGINE_ACCOUNT}:{kind}/{name}"
