"""What a key's role allows, refused in AWS's own words."""

import re

from botocore.model import OperationModel
from django.conf import settings

from engine.auth import Caller
from engine.auth.permissions import READS, is_viewer
from engine.wire.errors import AccessDeniedException
from engine.wire.identity import identity_arn


def allow(caller: Caller, operation: OperationModel, params: object) -> None:
    """AccessDeniedException unless `caller` may call `operation`."""
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
    given = params if isinstance(params, dict) else {}
    if isinstance(given.get("ResourceArn"), str):
        return given["ResourceArn"]
    kind = re.sub(r"(?<!^)(?=[A-Z])", "-", noun).lower()
    name = str(given.get(f"{noun}Name", "*")).lower()
    return f"arn:aws:{caller.service}:{caller.region}:{settings.ENGINE_ACCOUNT}:{kind}/{name}"
