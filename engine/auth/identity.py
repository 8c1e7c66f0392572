"""Who STS says a key is: a session of the account's one role, because SDKs ask for the role behind an identity."""

import hashlib
import re

from django.conf import settings

from engine.models import AccessKey

NOT_IN_NAMES = re.compile(r"[^\w+=,.@-]", re.ASCII)


def identity_arn(key: AccessKey) -> str:
    return f"arn:aws:sts::{settings.ENGINE_ACCOUNT}:assumed-role/{role_name()}/{session_name(key)}"


def session_name(key: AccessKey) -> str:
    """The name of the key's owner, spelled as AWS allows sessions to be named."""
    name = key.owner.get_username() if key.owner else "local"
    return NOT_IN_NAMES.sub("-", name)[:64].ljust(2, "-")


def role_name() -> str:
    return settings.ROLE_ARN.rpartition("/")[2]


def role_id() -> str:
    """Ids of roles begin with AROA; ours is the same for the same account."""
    return "AROA" + hashlib.sha256(settings.ENGINE_ACCOUNT.encode()).hexdigest()[:17].upper()
