"""Permissions of access keys, by the table of `common.permissions`."""

import re

from botocore.model import OperationModel
from django.conf import settings

from common.db.person import role_of
from common.permissions import Action, lower, lowest_role, may
from engine.auth.errors import RequestError
from engine.auth.identity import identity_arn
from engine.auth.sigv4 import Caller
from engine.models import (
    AccessKey,
    Endpoint,
    EndpointConfig,
    HyperParameterTuningJob,
    Model,
    NotebookInstance,
    NotebookInstanceLifecycleConfig,
    TrainingJob,
    TransformJob,
)
from engine.models.resource import Resource
from engine.wire.errors import AccessDeniedException

QUERY = ("iam", "sts")  # services whose code for this is AccessDenied
S3_ACTIONS = {"read": Action.READ, "write": Action.WRITE_DATA, "admin": Action.OVERRIDE_PROTECTION}
READS = ("Describe", "List", "Get", "Filter", "Search", "Simulate")
ACCOUNT = re.compile("AccessKey|User")  # in the names of IAM's operations on one person's account
KINDS: tuple[type[Resource], ...] = (  # the longer of two prefixes first
    EndpointConfig,
    Endpoint,
    Model,
    NotebookInstanceLifecycleConfig,
    NotebookInstance,
    TrainingJob,
    TransformJob,
    HyperParameterTuningJob,
)


def check_s3(caller: Caller, operation: str, kind: str) -> None:
    """Raise RequestError (AccessDenied, in S3's words) unless `caller` may perform S3's `operation`.

    It is of `kind` "read", "write" or "admin" (engine.s3.operations).
    """
    action = S3_ACTIONS[kind]
    if not may(caller.role, action):
        raise RequestError(f"{operation} is not allowed. {_rule(caller, action)}")


def check_invoke(caller: Caller, endpoint: str) -> None:
    """Raise AccessDeniedException, in IAM's words, unless `caller` may send requests to `endpoint`."""
    if not may(caller.role, Action.INVOKE):
        arn = Endpoint.arn_of(caller.region, endpoint)
        raise _denied(caller, "InvokeEndpoint", arn, _rule(caller, Action.INVOKE))


def check_open(key: AccessKey, instance: NotebookInstance) -> None:
    """Raise AccessDeniedException unless `key` may open the notebook instance, which acts with its owner's rights.

    Only a key of the owner may, not even an administrator's; and the console's own, which is nobody's: it asks for the
    person who is signed in.
    """
    is_console = key.owner is None and may(key.effective_role, Action.ADMINISTER)
    check_role_of(key, instance)
    if is_console or (key.owner_id == instance.owner_id and may(key.effective_role, Action.CREATE)):
        return
    raise AccessDeniedException(
        f"User: {identity_arn(key)} is not authorized to perform: sagemaker:CreatePresignedNotebookInstanceUrl on "
        f"resource: {instance.arn}. A notebook instance acts as its owner, {instance.owner or 'nobody'}, who alone can "
        "open it."
    )


def check_role_of(key: AccessKey, instance: NotebookInstance) -> None:
    """Raise AccessDeniedException if the instance acts with a higher role than `key` has.

    A key of fewer rights than its owner has would get all of them by what it runs there.
    """
    acts = lower(instance.role, role_of(instance.owner)) if instance.owner else instance.role
    if lower(acts, key.effective_role) != acts:
        raise AccessDeniedException(
            f"User: {identity_arn(key)} is not authorized to start, change or open {instance.arn}: it acts with the "
            f"role {acts.capitalize()}, and the access key {key} has the role {key.effective_role.capitalize()}."
        )


def check_operation(caller: Caller, operation: OperationModel, params: object) -> None:
    """Raise AccessDeniedException, in IAM's words, unless `caller` may call `operation` with `params`.

    IAM's operations on one's own account are open to everybody. Any other operation that neither reads nor creates
    must name a resource, whose owner decides; else it is an administrator's. Reads the database for such an operation.
    """
    name, members = operation.name, params if isinstance(params, dict) else {}
    row = None
    if caller.service == "iam" and ACCOUNT.search(name):
        action = Action.OWN_ACCOUNT if _is_own_account(caller, members) else Action.ADMINISTER
    elif name.startswith(READS):
        action = Action.READ
    elif name.startswith("Create"):
        action = Action.CREATE
    else:
        action, row = _change(caller, operation, members)
    if not may(caller.role, action):
        whose = f" It belongs to {row.owner or 'nobody'}." if row and action == Action.CHANGE_OTHERS else ""
        raise _denied(caller, name, _arn(caller, name, members), f"{_rule(caller, action)}{whose}")


def _is_own_account(caller: Caller, members: dict) -> bool:
    """Whether an operation of IAM is about the caller: the user or, where none is named, the access key it names."""
    owner, name, key = caller.key.owner, members.get("UserName"), members.get("AccessKeyId")
    if owner is None:
        return False
    if name is None and isinstance(key, str) and "\0" not in key:
        return not AccessKey.objects.filter(access_key_id=key).exclude(owner=owner).exists()
    return name in (None, owner.get_username())


def _change(caller: Caller, operation: OperationModel, members: dict) -> tuple[Action, Resource | None]:
    """What an operation that changes something does, and the resource that it changes, if there is one.

    `members` are as the caller sent them: one that the operation does not have names no resource.
    """
    shape = operation.input_shape
    known = {name: value for name, value in members.items() if shape and name in shape.members}
    kind, name = _subject(operation.name, known)
    if kind is None:  # an ARN of something else is refused by the operation itself
        return Action.CHANGE if "ResourceArn" in known else Action.ADMINISTER, None
    rows = kind._default_manager.select_related("owner").filter(region=caller.region, name__lower=name.lower())
    row = rows.first() if "\0" not in name else None
    if row is None or row.owner_id == caller.key.owner_id:
        return Action.CHANGE, row  # the operation itself says that there is no such resource
    return Action.CHANGE_OTHERS, row


def _subject(operation: str, members: dict) -> tuple[type[Resource] | None, str]:
    """The kind and the name of the resource that an operation is about: UpdateEndpoint is about {EndpointName}."""
    if isinstance(arn := members.get("ResourceArn"), str):
        kind_name, _, name = arn.rpartition(":")[2].partition("/")
        return next((kind for kind in KINDS if kind_name == kind.ARN_TYPE), None), name
    noun = re.sub(r"^[A-Z][a-z]+", "", operation)
    kind = next((kind for kind in KINDS if noun.startswith(kind.__name__)), None)
    return kind, str(members.get(f"{kind.__name__}Name", "")) if kind else ""


def _arn(caller: Caller, operation: str, members: dict) -> str:
    """The ARN an operation is about: CreateTrainingJob is about training-job/{TrainingJobName}."""
    if isinstance(members.get("ResourceArn"), str):
        return members["ResourceArn"]
    noun = re.sub(r"^[A-Z][a-z]+", "", operation)
    kind = re.sub(r"(?<!^)(?=[A-Z])", "-", noun).lower()
    name = str(members.get(f"{noun}Name", "*")).lower()
    return f"arn:aws:{caller.service}:{caller.region}:{settings.ENGINE_ACCOUNT}:{kind}/{name}"


def _rule(caller: Caller, action: Action) -> str:
    has, needs = (role.capitalize() for role in (caller.role, lowest_role(action)))
    return f"The access key {caller.key} has the role {has}; this needs the role {needs}, which an administrator gives."


def _denied(caller: Caller, operation: str, arn: str, rule: str) -> AccessDeniedException:
    action = f"{caller.service}:{operation}"
    return AccessDeniedException(
        f"User: {identity_arn(caller.key)} is not authorized to perform: {action} on resource: {arn} because no "
        f"identity-based policy allows the {action} action. {rule}",
        "AccessDenied" if caller.service in QUERY else "",
    )
