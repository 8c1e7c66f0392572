"""The key to the live stream: signed with the console's secret, so the stream needs no database and no session."""

import time
from datetime import timedelta
from typing import NamedTuple

from django.conf import settings
from django.core import signing

LONGEST = timedelta(hours=12)
_signer = signing.Signer(salt="sagewright.live")


class Ticket(NamedTuple):
    """Whose stream it is, and the second of the Unix clock at which it ends: never later than the session."""

    user_id: int
    until: float


def issue(user_id: int, lasts: timedelta = LONGEST) -> str:
    """A token for the stream of `user_id` that ends after `lasts`, after 12 hours at the latest."""
    until = time.time() + min(lasts, LONGEST).total_seconds()
    return _signer.sign(f"{user_id}-{until:.0f}")


def verify(token: str) -> Ticket | None:
    """What `issue` wrote down; None when the token is forged or has ended."""
    try:
        user_id, until = _signer.unsign(token).split("-")
        ticket = Ticket(int(user_id), float(until))
    except (signing.BadSignature, ValueError):
        return None
    return ticket if ticket.until > time.time() else None


def stream_url(request) -> str:
    """Where the page listens for nudges; '' where the stream would refuse the page's origin, which then polls."""
    if f"{request.scheme}://{request.get_host()}" != settings.WEB_URL:
        return ""
    token = issue(request.user.pk, timedelta(seconds=request.session.get_expiry_age()))
    return f"{settings.LIVE_URL}/live/?token={token}"
