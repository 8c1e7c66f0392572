"""The roles of the account, and who STS says a key is: a session of the first role, for SDKs ask for the role."""

import hashlib
import re

from django.conf import settings

from engine.models import AccessKey

ANY = "*"  # in SAGEWRIGHT_ROLES: a role of any name exists
NOT_IN_NAMES = re.compile(r"[^\w+=,.@-]", re.ASCII)


def identity_arn(key: AccessKey) -> str:
    """Return the ARN that STS's GetCallerIdentity answers for `key`: the console's role and the owner's session."""
    return f"arn:aws:sts::{settings.ENGINE_ACCOUNT}:assumed-role/{role_name()}/{session_name(key)}"


def session_name(key: AccessKey) -> str:
    """The name of the key's owner, spelled as AWS allows sessions to be named."""
    name = key.owner.get_username() if key.owner else "local"
    return NOT_IN_NAMES.sub("-", name)[:64].ljust(2, "-")


def role_arns() -> list[str]:
    """Return the ARNs of the account's roles: SAGEWRIGHT_ROLE_ARN, then those named in SAGEWRIGHT_ROLES."""
    further = (_arn(name) for name in settings.ENGINE_ROLES if name != ANY)
    return list(dict.fromkeys([settings.ROLE_ARN, *further]))


def find_role(name: str) -> str | None:
    """Return the ARN of the role called `name`, None if there is none."""
    arn = next((arn for arn in role_arns() if role_name(arn) == name), None)
    return arn or (_arn(name) if ANY in settings.ENGINE_ROLES else None)


def role_exists(arn: str) -> bool:
    """Return whether `arn` is a role of the account. With `*` in SAGEWRIGHT_ROLES every role of it is."""
    if ANY in settings.ENGINE_ROLES:
        return arn.split(":")[4:5] == [settings.ENGINE_ACCOUNT]
    return arn in role_arns()


def _arn(name: str) -> str:
    return f"arn:aws:iam::{settings.ENGINE_ACCOUNT}:role/{name}"


def role_name(arn: str = "") -> str:
    """Return the name of the role `arn`, without its path; by default of SAGEWRIGHT_ROLE_ARN."""
    return (arn or settings.ROLE_ARN).rpartition("/")[2]


def role_id(arn: str = "") -> str:
    """Return an id of the role `arn`, by default SAGEWRIGHT_ROLE_ARN, that is the same at every start."""
    text = settings.ENGINE_ACCOUNT if arn in ("", settings.ROLE_ARN) else arn
    return "AROA" + hashlib.sha256(text.encode()).hexdigest()[:17].upper()
