"""What the families of named resources have in common: making one once, finding one, its tags."""

from typing import TypeVar

from django.contrib.auth import get_user_model
from django.db import IntegrityError, transaction

from common.permissions import CREATED_BY_TAG, OWNER_TAG, Action, may
from engine.models import Tag
from engine.models.resource import Resource
from engine.wire.call import Call
from engine.wire.errors import AwsError, ValidationException

R = TypeVar("R", bound=Resource)
MAX_TAGS = 50


def find(kind: type[R], call: Call, name: str, missing: str = "", for_update: bool = False) -> R:
    """The resource called `name` in the caller's Region, or ValidationException in its family's words.

    `for_update` holds the row until the current transaction ends.
    """
    rows = kind._default_manager.select_for_update() if for_update else kind._default_manager
    row = rows.filter(region=call.region, name=name).first()
    if row is None:
        raise ValidationException(missing or not_found(kind, call.region, name))
    return row


def not_found(kind: type[Resource], region: str, name: str) -> str:
    """AWS's text for a resource that is not there."""
    return f'Could not find {display_name(kind)} "{kind.arn_of(region, name)}".'


def display_name(kind: type[Resource]) -> str:
    """What AWS's errors call a family: "model", "endpoint configuration", ..."""
    return str(kind._meta.verbose_name)


def check_name_free(kind: type[Resource], call: Call, name: str, conflict: AwsError) -> None:
    """Raise `taken` when there is such a resource, in whatever case the name is spelled."""
    if kind._default_manager.filter(region=call.region, name__lower=name.lower()).exists():
        raise conflict


def create(kind: type[R], call: Call, name: str, request: dict, conflict: AwsError, **fields) -> R:
    """A new row with its owner, and the tags of its request.

    When another call takes the name first, `conflict` is raised.
    """
    tags = checked_tags(request.get("Tags", []))
    stored = {member: value for member, value in request.items() if member != "Tags"}
    try:
        with transaction.atomic():
            row = kind._default_manager.create(
                region=call.region, name=name, owner=_owner(call, tags), request=stored, **fields
            )
            Tag.objects.filter(arn=row.arn).delete()
            Tag.objects.bulk_create(Tag(arn=row.arn, key=key, value=value) for key, value in tags.items())
    except IntegrityError:
        check_name_free(kind, call, name, conflict)
        raise
    return row


def _owner(call: Call, tags: dict[str, str]):
    """The owner of the caller's key.

    The key of an administrator, and the console's own, may create for another person, named by the tag OWNER_TAG.
    """
    name = tags.get(OWNER_TAG)
    if name and may(call.key.effective_role, Action.CHANGE_OTHERS):
        return get_user_model().objects.filter(username=name).first() or call.key.owner
    return call.key.owner


def checked_tags(tags: list[dict]) -> dict[str, str]:
    """Tags as a dictionary; ValidationException for too many, the same key twice or a reserved one.

    The tag by which ListTags names the creator is left out: clients copy the tags of a job to its model.
    """
    tags = [tag for tag in tags if tag["Key"] != CREATED_BY_TAG]
    keys = [tag["Key"] for tag in tags]
    if len({key.lower() for key in keys}) < len(keys):
        raise ValidationException("Duplicate tag keys found. Please note that Tag keys are case insensitive.")
    if reserved := next((key for key in keys if key.lower().startswith("aws:")), None):
        raise ValidationException(f"Tag key {reserved!r} begins with aws:, which is reserved. Choose another key.")
    if len(keys) > MAX_TAGS:
        raise ValidationException(f"A resource can have {MAX_TAGS} tags at most; {len(keys)} were given.")
    return {tag["Key"]: tag["Value"] for tag in tags}
