"""Notebook instances of the account: SageMaker's calls that list, describe, create, change and delete them."""

import base64
import time
from collections.abc import Iterable
from contextlib import suppress
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model

from common.notebook_tags import IDLE_TAG, KEEP_TAG
from common.permissions import CREATED_BY_TAG, OWNER_TAG
from models_app import aws
from models_app.notebooks.notebook import DEFAULT_GB, Notebook

PAGES = 3  # of a hundred instances


def all_notebooks() -> list[Notebook]:
    """Every instance, the newest first, up to PAGES hundred. Raises what `aws` raises."""
    sagemaker = aws.client("sagemaker")
    summaries: list[dict] = []
    with aws.plain_errors():
        pages = sagemaker.get_paginator("list_notebook_instances").paginate(
            SortBy="CreationTime", SortOrder="Descending", PaginationConfig={"PageSize": 100, "MaxItems": 100 * PAGES}
        )
        for page in pages:
            summaries += page["NotebookInstances"]
    tags = [_tags(summary["NotebookInstanceArn"]) for summary in summaries]
    owners = _people(tags)
    return [_notebook(summary, tag, owner) for summary, tag, owner in zip(summaries, tags, owners, strict=True)]


def find(name: str) -> Notebook:
    """The instance called `name`. Raises what `aws` raises, NotFound among it."""
    with aws.plain_errors():
        described = aws.client("sagemaker").describe_notebook_instance(NotebookInstanceName=name)
    tags = _tags(described["NotebookInstanceArn"])
    return _notebook(described, tags, _people([tags])[0])


def create(name: str, instance_type: str, volume_gb: int, idle_minutes: int, script: str, person) -> None:
    """Create an instance for `person`; `script`, if any, runs at each start. Raises what `aws` raises."""
    request = create_request(name, instance_type, volume_gb, idle_minutes, script, person.get_username())
    sagemaker = aws.client("sagemaker")
    with aws.plain_errors():
        if script:
            _save_script(name, script, person.get_username())
        sagemaker.create_notebook_instance(**request)


def create_request(name: str, instance_type: str, volume_gb: int, idle_minutes: int, script: str, person: str) -> dict:
    """CreateNotebookInstance."""
    tags = {OWNER_TAG: person} | ({IDLE_TAG: str(idle_minutes)} if idle_minutes else {})
    request: dict[str, Any] = {
        "NotebookInstanceName": name,
        "InstanceType": instance_type,
        "RoleArn": settings.ROLE_ARN,
        "VolumeSizeInGB": volume_gb,
        "Tags": [{"Key": key, "Value": value} for key, value in tags.items()],
    }
    return request | ({"LifecycleConfigName": lifecycle_name(name)} if script else {})


def lifecycle_name(name: str) -> str:
    """The lifecycle configuration with the script of the instance `name`."""
    return f"{name[:56].rstrip('-')}-start"


def start(name: str) -> None:
    """Start the instance. Raises Problem."""
    with aws.plain_errors():
        aws.client("sagemaker").start_notebook_instance(NotebookInstanceName=name)


def stop(name: str) -> None:
    """Stop it. A second call while it stops kills what runs on the engine; AWS refuses it."""
    with aws.plain_errors():
        aws.client("sagemaker").stop_notebook_instance(NotebookInstanceName=name)


def keep(notebook: Notebook, minutes: int = 60) -> None:
    """Let it run for `minutes` more, however idle it is."""
    with aws.plain_errors():
        tag = {"Key": KEEP_TAG, "Value": str(int(time.time()) + 60 * minutes)}
        aws.client("sagemaker").add_tags(ResourceArn=notebook.arn, Tags=[tag])


def change(notebook: Notebook, instance_type: str, volume_gb: int, idle_minutes: int, script: str | None) -> None:
    """Change a stopped instance. `script` None leaves its lifecycle configuration as it is, "" takes it away."""
    sagemaker = aws.client("sagemaker")
    script_change: dict[str, Any] = {}
    with aws.plain_errors():
        if script:
            _save_script(notebook.name, script, notebook.owner.get_username() if notebook.owner else "")
            script_change = {"LifecycleConfigName": lifecycle_name(notebook.name)}
        elif script == "" and notebook.lifecycle:
            script_change = {"DisassociateLifecycleConfig": True}
        sagemaker.update_notebook_instance(
            NotebookInstanceName=notebook.name,
            InstanceType=instance_type,
            VolumeSizeInGB=volume_gb,
            **script_change,
        )
        tag = {"Key": IDLE_TAG, "Value": str(idle_minutes)}
        sagemaker.add_tags(ResourceArn=notebook.arn, Tags=[tag])


def delete(notebook: Notebook) -> None:
    """Delete it with its volume, and the script that was made for it."""
    sagemaker = aws.client("sagemaker")
    with aws.plain_errors():
        sagemaker.delete_notebook_instance(NotebookInstanceName=notebook.name)
    if notebook.lifecycle == lifecycle_name(notebook.name):
        with suppress(aws.Refused), aws.plain_errors():
            sagemaker.delete_notebook_instance_lifecycle_config(NotebookInstanceLifecycleConfigName=notebook.lifecycle)


def script_of(notebook: Notebook) -> str:
    """The script that runs at each start, "" if there is none."""
    if not notebook.lifecycle:
        return ""
    with aws.plain_errors():
        config = aws.client("sagemaker").describe_notebook_instance_lifecycle_config(
            NotebookInstanceLifecycleConfigName=notebook.lifecycle
        )
    content = "".join(hook.get("Content", "") for hook in config.get("OnStart", ()))
    return base64.b64decode(content).decode(errors="replace")


def link(name: str) -> str:
    """A link that opens JupyterLab once, within five minutes."""
    with aws.plain_errors():
        answer = aws.client("sagemaker").create_presigned_notebook_instance_url(NotebookInstanceName=name)
    return answer["AuthorizedUrl"]


def _save_script(name: str, script: str, person: str) -> None:
    sagemaker, config = aws.client("sagemaker"), lifecycle_name(name)
    text = script.replace("\r\n", "\n")
    hooks = [{"Content": base64.b64encode((text if text.endswith("\n") else f"{text}\n").encode()).decode()}]
    request = {"NotebookInstanceLifecycleConfigName": config, "OnStart": hooks}
    try:
        with aws.plain_errors():
            tags = [{"Key": OWNER_TAG, "Value": person}] if person else []
            sagemaker.create_notebook_instance_lifecycle_config(**request, Tags=tags)
    except aws.AlreadyExists:
        sagemaker.update_notebook_instance_lifecycle_config(**request)


def _notebook(described: dict, tags: dict[str, str], owner) -> Notebook:
    return Notebook(
        name=described["NotebookInstanceName"],
        arn=described["NotebookInstanceArn"],
        status=described["NotebookInstanceStatus"],
        instance_type=described.get("InstanceType", ""),
        created=described["CreationTime"],
        modified=described["LastModifiedTime"],
        owner=owner,
        tags=tags,
        failure_reason=described.get("FailureReason", ""),
        volume_gb=described.get("VolumeSizeInGB", DEFAULT_GB),
        lifecycle=described.get("NotebookInstanceLifecycleConfigName", ""),
    )


def _tags(arn: str) -> dict[str, str]:
    """The tags of an instance; none of one that has gone since it was listed."""
    with suppress(aws.Refused), aws.plain_errors():
        pages = aws.client("sagemaker").get_paginator("list_tags").paginate(ResourceArn=arn)
        return {tag["Key"]: tag["Value"] for page in pages for tag in page["Tags"]}
    return {}


def _people(all_tags: Iterable[dict[str, str]]) -> list:
    """Whose each instance is: by the tag that nobody can set, else by the one that the console sets on AWS."""
    names = [
        tags.get(CREATED_BY_TAG, "").partition(":")[2].partition(":")[2] or tags.get(OWNER_TAG, "") for tags in all_tags
    ]
    people = {person.get_username(): person for person in get_user_model().objects.filter(username__in=set(names))}
    return [people.get(name) for name in names]
