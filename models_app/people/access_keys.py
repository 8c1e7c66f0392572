"""Access keys of people, as IAM keeps them: the descriptions are tags of the user, whose keys are the keys' ids."""

import re
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.contrib.auth.models import User

from common.messages import _
from models_app import aws
from models_app.problems import Problem

LABEL = re.compile(r"[\w .:/=+@-]{1,64}")  # within IAM's rule for the values of tags


@dataclass(frozen=True)
class Key:
    """One access key. It acts only while it is active and its owner is."""

    id: str
    label: str
    owner: str
    active: bool
    created: datetime
    last_used: datetime | None = None

    @property
    def tone(self) -> str:
        """The colour and icon of the status."""
        return "ok" if self.active else "stop"


@dataclass(frozen=True)
class NewKey:
    """A key with its secret, which nobody can read again."""

    id: str
    secret: str
    label: str


def are_ours() -> bool:
    """Whether access keys are managed here; on Amazon SageMaker they come from IAM."""
    return settings.BACKEND == "engine"


def keys_of(user: User, last_used: bool = True) -> list[Key]:
    """The access keys of `user`, oldest first; when each was last used costs a call for each. Raises Problem."""
    iam, name = aws.client("iam"), user.get_username()
    with aws.plain_errors():
        pages = iam.get_paginator("list_access_keys").paginate(UserName=name)
        rows = [row for page in pages for row in page["AccessKeyMetadata"]]
        tags = iam.list_user_tags(UserName=name)["Tags"] if rows else []
        labels = {tag["Key"]: tag["Value"] for tag in tags}
        return [
            Key(
                id=row["AccessKeyId"],
                label=labels.get(row["AccessKeyId"], ""),
                owner=name,
                active=row["Status"] == "Active",
                created=row["CreateDate"],
                last_used=_last_used(iam, row["AccessKeyId"]) if last_used else None,
            )
            for row in rows
        ]


def create(user: User, label: str) -> NewKey:
    """A new access key of `user`. Raises Problem(field="label") when another key of theirs has the label."""
    label = " ".join(label.split())
    if not LABEL.fullmatch(label):
        raise Problem(_("Say what the key is for, in up to 64 letters, digits, spaces and _ . : / = + @ -."), "label")
    if any(key.label.casefold() == label.casefold() for key in keys_of(user, last_used=False)):
        raise Problem(
            _("There is a key %(label)s already. Delete it first, or choose another name.", label=label),
            "label",
        )
    iam, name = aws.client("iam"), user.get_username()
    with aws.plain_errors():
        key = iam.create_access_key(UserName=name)["AccessKey"]
    try:
        with aws.plain_errors():
            iam.tag_user(UserName=name, Tags=[{"Key": key["AccessKeyId"], "Value": label}])
    except Problem:
        delete(user, key["AccessKeyId"])  # its secret will not be shown
        raise
    return NewKey(key["AccessKeyId"], key["SecretAccessKey"], label)


def find(user: User, key_id: str) -> Key | None:
    """The access key `key_id` of `user`. Raises Problem."""
    return next((key for key in keys_of(user, last_used=False) if key.id == key_id), None)


def set_active(user: User, key_id: str, active: bool) -> None:
    """Stop a key, which is then refused within five seconds, or start it again. Repeatable. Raises Problem."""
    status = "Active" if active else "Inactive"
    with aws.plain_errors():
        aws.client("iam").update_access_key(UserName=user.get_username(), AccessKeyId=key_id, Status=status)


def delete(user: User, key_id: str) -> None:
    """Delete a key. Raises Problem."""
    with aws.plain_errors():
        aws.client("iam").delete_access_key(UserName=user.get_username(), AccessKeyId=key_id)


def _last_used(iam, key_id: str) -> datetime | None:
    return iam.get_access_key_last_used(AccessKeyId=key_id)["AccessKeyLastUsed"].get("LastUsedDate")
