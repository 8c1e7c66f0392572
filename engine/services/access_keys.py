"""IAM's operations on access keys. A user of IAM is a person of the console; keys act with their owner's role.

IAM keeps the description of an access key as a tag of its user, whose key is the access key's id.
"""

from django.contrib.auth import get_user_model
from django.db import transaction
from django.utils.timezone import now

from engine.models import AccessKey, NotebookInstance
from engine.wire.call import Call
from engine.wire.errors import AwsError
from engine.wire.paging import read_token, sign_token

MAX_KEYS = 10  # of one person; AWS allows two
MAX_DESCRIPTION = 120  # characters
DEFAULT_PAGE = 100


class AccessKeys:
    """Create, list, update and delete; when a key was last used; what each is for."""

    def create_access_key(self, call: Call, request: dict) -> dict:
        """A key that may do what its owner may, and no more than the key that creates it for its own owner."""
        user = _user(call, request)
        _check_may_make(call)
        role = call.key.role if call.key.owner_id == user.pk else AccessKey.Role.ADMINISTRATOR
        with transaction.atomic():
            get_user_model().objects.select_for_update().get(pk=user.pk)  # one at a time, or the limit would not hold
            if user.access_keys.count() >= MAX_KEYS:
                raise AwsError(f"Cannot exceed quota for AccessKeysPerUser: {MAX_KEYS}", "LimitExceeded", 409)
            key, secret = AccessKey.issue(user, role)
        return {"AccessKey": _described(key) | {"SecretAccessKey": secret}}

    def list_access_keys(self, call: Call, request: dict) -> dict:
        user = _user(call, request)
        rows = user.access_keys.order_by("pk")
        if marker := request.get("Marker"):
            rows = rows.filter(pk__gt=read_token(marker, "keys")[0])
        size = request.get("MaxItems", DEFAULT_PAGE)
        keys = list(rows[: size + 1])
        page = {"AccessKeyMetadata": [_described(key) for key in keys[:size]], "IsTruncated": len(keys) > size}
        return page | ({"Marker": sign_token("keys", keys[size - 1].pk)} if len(keys) > size else {})

    def update_access_key(self, call: Call, request: dict) -> dict:
        key = _key(_user(call, request), request["AccessKeyId"])
        _check_may_make(call)
        if request["Status"] not in ("Active", "Inactive"):
            raise AwsError(f"Status {request['Status']}: this engine has Active and Inactive.", "ValidationError")
        key.revoked = None if request["Status"] == "Active" else key.revoked or now()
        key.save(update_fields=["revoked"])
        return {}

    def delete_access_key(self, call: Call, request: dict) -> dict:
        _key(_user(call, request), request["AccessKeyId"]).delete()
        return {}

    def get_access_key_last_used(self, call: Call, request: dict) -> dict:
        key = AccessKey.objects.select_related("owner").filter(access_key_id=request["AccessKeyId"]).first()
        if key is None or key.owner is None:
            raise _no_key(request["AccessKeyId"])
        used: dict[str, object] = {"ServiceName": "N/A", "Region": "N/A"}  # as IAM says of what it has no record of
        if key.last_used:
            used["LastUsedDate"] = key.last_used
        return {"UserName": key.owner.get_username(), "AccessKeyLastUsed": used}

    def tag_user(self, call: Call, request: dict) -> dict:
        user = _user(call, request)
        with transaction.atomic():
            for tag in request["Tags"]:
                key = user.access_keys.filter(access_key_id=tag["Key"]).first()
                if key is None or len(tag["Value"]) > MAX_DESCRIPTION:
                    text = "this engine tags a user with descriptions of the user's own access keys only"
                    raise AwsError(
                        f"Tag {tag['Key']}: {text}, of {MAX_DESCRIPTION} characters at most.", "InvalidInput"
                    )
                key.note = tag["Value"]
                key.save(update_fields=["note"])
        return {}

    def list_user_tags(self, call: Call, request: dict) -> dict:
        keys = _user(call, request).access_keys.exclude(note="").order_by("pk")
        return {"Tags": [{"Key": key.access_key_id, "Value": key.note} for key in keys], "IsTruncated": False}


def _check_may_make(call: Call) -> None:
    """Raise AccessDenied for the key of a notebook instance: what it made would outlive the instance's stop."""
    if call.key.pk and NotebookInstance.objects.filter(key=call.key.pk).exists():
        raise AwsError(
            "The access key of a notebook instance makes and activates no keys: it ends with the stop, and they would "
            "not. Make one on your account's page.",
            "AccessDenied",
            403,
        )


def _user(call: Call, request: dict):
    """The user that the request names, or the caller."""
    name = request.get("UserName")
    if name is None:
        if call.key.owner is None:
            raise AwsError("Must specify userName when calling with non-User credentials", "ValidationError")
        return call.key.owner
    user = get_user_model().objects.filter(username=name).first()
    if user is None:
        raise AwsError(f"The user with name {name} cannot be found.", "NoSuchEntity", 404)
    return user


def _key(user, access_key_id: str) -> AccessKey:
    key = user.access_keys.filter(access_key_id=access_key_id).first()
    if key is None:
        raise _no_key(access_key_id)
    return key


def _no_key(access_key_id: str) -> AwsError:
    return AwsError(f"The Access Key with id {access_key_id} cannot be found.", "NoSuchEntity", 404)


def _described(key: AccessKey) -> dict:
    return {
        "UserName": key.owner.get_username() if key.owner else "",
        "AccessKeyId": key.access_key_id,
        "Status": "Inactive" if key.revoked else "Active",
        "CreateDate": key.created,
    }
