"""The sandbox level of this machine for people's own code."""

from functools import cache

from django.conf import settings

from common.messages import _
from sandbox.level import available, own_code_allowed

WALLED, LOCKED, LIMITED = "walled", "locked", "limited"


@cache
def level() -> str:
    """walled, locked or limited; "" on AWS, where a container keeps the code in."""
    if settings.BACKEND == "aws":
        return ""
    try:
        return str(available())
    except OSError:  # a level that cannot be had keeps nobody in
        return LIMITED


@cache
def is_allowed() -> bool:
    """Whether people's own code may run here: an administrator may allow it where nothing keeps it in."""
    if settings.BACKEND == "aws":
        return True
    try:
        return own_code_allowed()
    except OSError:
        return False


def off_sentence() -> str:
    """Why people's own code is off, and who turns it on."""
    return _(
        "This machine cannot keep people's code in, or an administrator has turned it off. SAGEWRIGHT_OWN_CODE=on "
        "allows it."
    )
