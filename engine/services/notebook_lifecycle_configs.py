"""SageMaker's operations on lifecycle configurations of notebook instances."""

import base64
import binascii

from django.utils.timezone import now

from engine.models import NotebookInstance, NotebookInstanceLifecycleConfig
from engine.models.notebook import HOOKS
from engine.services import resources
from engine.wire.call import Call
from engine.wire.errors import ValidationException
from engine.wire.paging import paginate

MISSING = (
    "Unable to describe Notebook Instance Lifecycle Config '{}'. (Details: Notebook Instance Lifecycle Config does not "
    "exist.)"
)


class NotebookInstanceLifecycleConfigs:
    """Create, describe, list, update and delete."""

    def create_notebook_instance_lifecycle_config(self, call: Call, request: dict) -> dict:
        name = request["NotebookInstanceLifecycleConfigName"]
        arn = NotebookInstanceLifecycleConfig.arn_of(call.region, name)
        conflict = ValidationException(
            f"Unable to create Notebook Instance Lifecycle Config {arn}. (Details: Notebook Instance Lifecycle Config "
            "already exists.)"
        )
        resources.check_name_free(NotebookInstanceLifecycleConfig, call, name, conflict)
        _check_scripts(request)
        config = resources.create(NotebookInstanceLifecycleConfig, call, name, request, conflict)
        return {"NotebookInstanceLifecycleConfigArn": config.arn}

    def describe_notebook_instance_lifecycle_config(self, call: Call, request: dict) -> dict:
        config = find_config(call, request["NotebookInstanceLifecycleConfigName"])
        return _summary(config) | {hook: config.request.get(hook, []) for hook in HOOKS}

    def list_notebook_instance_lifecycle_configs(self, call: Call, request: dict) -> dict:
        rows = NotebookInstanceLifecycleConfig.objects.filter(region=call.region)
        configs, next_token = paginate(rows, request)
        return {"NotebookInstanceLifecycleConfigs": [_summary(config) for config in configs], **next_token}

    def update_notebook_instance_lifecycle_config(self, call: Call, request: dict) -> dict:
        """A running instance has its scripts already; the next start takes the new ones."""
        config = find_config(call, request["NotebookInstanceLifecycleConfigName"])
        _check_scripts(request)
        config.request |= {hook: request[hook] for hook in HOOKS if hook in request}
        config.modified = now()
        config.save(update_fields=["request", "modified"])
        return {}

    def delete_notebook_instance_lifecycle_config(self, call: Call, request: dict) -> dict:
        config = find_config(call, request["NotebookInstanceLifecycleConfigName"])
        users = NotebookInstance.objects.filter(region=call.region, request__LifecycleConfigName=config.name)
        users = users.exclude(status=NotebookInstance.Status.DELETING)
        if names := sorted(users.values_list("name", flat=True)):
            raise ValidationException(
                f"Unable to delete Notebook Instance Lifecycle Config {config.arn}. (Details: Notebook Instance "
                f"Lifecycle Config is in use by: {', '.join(names)}. Update or delete these first.)"
            )
        config.delete()
        return {}


def find_config(call: Call, name: str) -> NotebookInstanceLifecycleConfig:
    """The configuration `name` of the caller's Region. Raises ValidationException, in AWS's words."""
    arn = NotebookInstanceLifecycleConfig.arn_of(call.region, name)
    return resources.find(NotebookInstanceLifecycleConfig, call, name, MISSING.format(arn))


def _check_scripts(request: dict) -> None:
    for hook in HOOKS:
        for entry in request.get(hook, ()):
            try:
                base64.b64decode(entry.get("Content", ""), validate=True)
            except (binascii.Error, ValueError):
                raise ValidationException(
                    f"{hook}: Content must be the script in Base64. Encode it, for example with `base64 -w0`."
                ) from None


def _summary(config: NotebookInstanceLifecycleConfig) -> dict:
    return {
        "NotebookInstanceLifecycleConfigName": config.name,
        "NotebookInstanceLifecycleConfigArn": config.arn,
        "CreationTime": config.created,
        "LastModifiedTime": config.modified,
    }
