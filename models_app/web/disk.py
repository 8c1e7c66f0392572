"""The notice on every page while the disk of the data folder is nearly full."""

from typing import NamedTuple

from django.conf import settings
from django.utils.translation import gettext as _

from common.disk import Space, space
from models_app.account.roles import Role, role_of
from models_app.text.formats import size


class Notice(NamedTuple):
    """`level` is the alert's: warn or err."""

    level: str
    title: str
    text: str


def notice(user) -> Notice | None:
    """Return what to say of the disk; None while there is room, and on AWS. Only administrators read the folder."""
    if settings.BACKEND != "engine":
        return None
    try:
        now = space(settings.DATA)
    except OSError:  # pages that need the folder say so themselves
        return None
    if now.is_full:
        return Notice("err", _("The disk is full"), f"{_room(now, user)} {_full(now)}")
    return Notice("warn", _("The disk is nearly full"), f"{_room(now, user)} {_low(now)}") if now.is_low else None


def _room(now: Space, user) -> str:
    if role_of(user) == Role.ADMINISTRATOR:
        return _("%(free)s of %(total)s are free on the disk of %(folder)s.") % {
            "free": size(now.free),
            "total": size(now.total),
            "folder": settings.DATA,
        }
    return _("%(free)s of %(total)s are free on the server's disk.") % {
        "free": size(now.free),
        "total": size(now.total),
    }


def _full(now: Space) -> str:
    return _(
        "Uploads, jobs and models are refused until %(spare)s are free. Delete objects or make room on the disk."
    ) % {"spare": size(now.spare)}


def _low(now: Space) -> str:
    return _("Below %(spare)s uploads, jobs and models are refused.") % {"spare": size(now.spare)}
