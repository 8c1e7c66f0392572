"""SageMaker's notebook-instance operations. Here they are only accepted; `engine.notebooks` carries them out."""

from django.db import transaction
from django.utils.timezone import now

from engine.auth import permissions
from engine.models import NotebookInstance
from engine.models.notebook import DEFAULT_VOLUME_GB
from engine.notebooks import links
from engine.notebooks.topics import notify
from engine.services import resources, validation
from engine.services.notebook_lifecycle_configs import find_config
from engine.wire.call import Call
from engine.wire.errors import ValidationException
from engine.wire.paging import paginate

Status = NotebookInstance.Status
AT_REST = (Status.STOPPED, Status.FAILED)
MISSING = "RecordNotFound"  # all that AWS says
DEFAULTS = {"DirectInternetAccess": "Enabled", "RootAccess": "Enabled", "PlatformIdentifier": "notebook-al2-v3"}
UNSUPPORTED = {
    "KmsKeyId": "KMS keys",
    "AcceleratorTypes": "Elastic Inference",
    "DefaultCodeRepository": "code repositories; clone it in a terminal or a lifecycle configuration",
    "AdditionalCodeRepositories": "code repositories; clone them in a terminal or a lifecycle configuration",
}
UPDATED = ("InstanceType", "RoleArn", "VolumeSizeInGB", "LifecycleConfigName", "RootAccess", "PlatformIdentifier")
ECHOED = ("InstanceType", "SubnetId", "RoleArn", "IpAddressType", "InstanceMetadataServiceConfiguration")


class NotebookInstances:
    """Create, describe, list, start, stop, update, delete and open."""

    def create_notebook_instance(self, call: Call, request: dict) -> dict:
        name = request["NotebookInstanceName"]
        arn = NotebookInstance.arn_of(call.region, name)
        conflict = ValidationException(f"Cannot create a duplicate Notebook Instance ({arn})")
        resources.check_name_free(NotebookInstance, call, name, conflict)
        _check_offered(request)
        _check_settings(call, request)
        with transaction.atomic():
            fields = {"role": call.key.effective_role}
            instance = resources.create(NotebookInstance, call, name, request, conflict, **fields)
            if instance.owner is None:
                raise ValidationException(
                    f"A notebook instance acts as the person who creates it, and the access key {call.key} is "
                    "nobody's. Use a key of your own."
                )
            notify()
        return {"NotebookInstanceArn": instance.arn}

    def describe_notebook_instance(self, call: Call, request: dict) -> dict:
        instance = _find(call, request)
        settings = instance.request
        return _summary(instance) | {
            **DEFAULTS,
            **{name: settings[name] for name in (*ECHOED, *DEFAULTS) if name in settings},
            "SecurityGroups": settings.get("SecurityGroupIds"),
            "VolumeSizeInGB": settings.get("VolumeSizeInGB", DEFAULT_VOLUME_GB),
            "FailureReason": instance.failure_reason or None,
        }

    def list_notebook_instances(self, call: Call, request: dict) -> dict:
        rows = NotebookInstance.objects.filter(region=call.region)
        if part := request.get("NotebookInstanceLifecycleConfigNameContains"):
            rows = rows.filter(request__LifecycleConfigName__icontains=part)
        if "DefaultCodeRepositoryContains" in request or "AdditionalCodeRepositoryEquals" in request:
            rows = rows.none()  # no instance of ours has one
        instances, next_token = paginate(rows, request)
        return {"NotebookInstances": [_summary(instance) for instance in instances], **next_token}

    def start_notebook_instance(self, call: Call, request: dict) -> dict:
        permissions.check_role_of(call.key, _find(call, request))
        _move(call, request, Status.PENDING, AT_REST, failure_reason="", at_once=False)
        return {}

    def stop_notebook_instance(self, call: Call, request: dict) -> dict:
        """Stop it; a second call while it is stopping kills what runs. One that is starting can be stopped too."""
        with transaction.atomic():
            instance = _find(call, request, for_update=True)
            if instance.status == Status.STOPPING:
                NotebookInstance.objects.filter(pk=instance.pk).update(at_once=True)
                notify()
                return {}
        _move(call, request, Status.STOPPING, (Status.IN_SERVICE, Status.PENDING))
        return {}

    def update_notebook_instance(self, call: Call, request: dict) -> dict:
        _check_offered(request)
        with transaction.atomic():
            instance = _find(call, request, for_update=True)
            permissions.check_role_of(call.key, instance)
            changed = dict(instance.request) | {name: request[name] for name in UPDATED if name in request}
            if request.get("DisassociateLifecycleConfig"):
                changed.pop("LifecycleConfigName", None)
            _check_settings(call, changed)
            volume = instance.request.get("VolumeSizeInGB", DEFAULT_VOLUME_GB)
            if changed.get("VolumeSizeInGB", volume) < volume:
                raise ValidationException(
                    f"VolumeSizeInGB is {changed['VolumeSizeInGB']}; the volume has {volume} GB and can only grow."
                )
            _move(call, request, Status.UPDATING, AT_REST, request=changed, failure_reason="")
        return {}

    def delete_notebook_instance(self, call: Call, request: dict) -> dict:
        _move(call, request, Status.DELETING, AT_REST)
        return {}

    def create_presigned_notebook_instance_url(self, call: Call, request: dict) -> dict:
        """A link that opens JupyterLab once, within five minutes. Only for whom the instance acts: see check_open."""
        instance = _find(call, request)
        permissions.check_open(call.key, instance)
        if instance.status != Status.IN_SERVICE:
            raise ValidationException(
                f"Status ({instance.status}) not in ([InService]). Unable to create a presigned URL for Notebook "
                f"Instance ({instance.arn}). Start it first."
            )
        seconds = request.get("SessionExpirationDurationInSeconds", links.SESSION)
        return {"AuthorizedUrl": links.one_time_url(instance, seconds)}


def _find(call: Call, request: dict, for_update: bool = False) -> NotebookInstance:
    return resources.find(NotebookInstance, call, request["NotebookInstanceName"], MISSING, for_update)


def _move(call: Call, members: dict, status: str, allowed: tuple[str, ...], **fields) -> None:
    """Move the instance that `members` name to `status`, and nudge the keeper. Raises ValidationException."""
    with transaction.atomic():
        instance = _find(call, members, for_update=True)
        if instance.status not in allowed:
            raise ValidationException(
                f"Status ({instance.status}) not in ([{', '.join(allowed)}]). Unable to transition to ({status}) for "
                f"Notebook Instance ({instance.arn})"
            )
        instance.move_to(status, modified=now(), **fields)
        notify()


def _check_settings(call: Call, request: dict) -> None:
    validation.check_role(request["RoleArn"])
    if name := request.get("LifecycleConfigName"):
        find_config(call, name)


def _check_offered(request: dict) -> None:
    for member, feature in UNSUPPORTED.items():
        if request.get(member):
            raise ValidationException(f"{member}: this engine does not offer {feature}. Leave it out.")


def _summary(instance: NotebookInstance) -> dict:
    return {
        "NotebookInstanceName": instance.name,
        "NotebookInstanceArn": instance.arn,
        "NotebookInstanceStatus": instance.status,
        "Url": links.host_and_path(instance),
        "InstanceType": instance.request["InstanceType"],
        "CreationTime": instance.created,
        "LastModifiedTime": instance.modified,
        "NotebookInstanceLifecycleConfigName": instance.request.get("LifecycleConfigName"),
    }
