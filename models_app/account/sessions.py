"""The sessions of a person: where they are signed in, and how that ends."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth import SESSION_KEY
from django.contrib.auth.models import User
from django.contrib.auth.signals import user_logged_in
from django.contrib.sessions.models import Session
from django.dispatch import receiver
from django.utils.dateparse import parse_datetime
from django.utils.timezone import now

from models_app.account.request_source import client_address

_SIGN_IN = "sign_in"  # in the session: when, from which address and with which browser it began
MAX_AGENT = 300  # characters
# What a User-Agent header holds -> a name. The first counts: most browsers name others too.
_BROWSERS = {"Edg": "Edge", "OPR/": "Opera", "Firefox/": "Firefox", "Chrome/": "Chrome", "Safari/": "Safari"}
_SYSTEMS = {
    "Windows": "Windows",
    "Android": "Android",
    "iPhone": "iPhone",
    "iPad": "iPad",
    "Mac OS": "macOS",
    "Linux": "Linux",
}


@dataclass(frozen=True)
class SignIn:
    """One session. `id` names it in forms and opens nothing."""

    id: str
    at: datetime | None
    ends: datetime
    address: str
    browser: str
    is_current: bool


@receiver(user_logged_in, dispatch_uid="models_app.account.sessions")
def _describe(request, **_) -> None:
    if request:
        request.session[_SIGN_IN] = {
            "at": now().isoformat(),
            "address": client_address(request.META),
            "agent": request.META.get("HTTP_USER_AGENT", "")[:MAX_AGENT],
        }


def sessions_of(user: User, current_key: str) -> list[SignIn]:
    """The sessions of `user`, the one with `current_key` first, then the newest."""
    rows = []
    for session, data in _open_sessions(user):
        about = data.get(_SIGN_IN, {})
        at = parse_datetime(about.get("at", ""))
        browser = browser_name(about.get("agent", ""))
        is_current = session.session_key == current_key
        rows.append(
            SignIn(_id(session.session_key), at, session.expire_date, about.get("address", ""), browser, is_current)
        )
    return sorted(rows, key=lambda row: (row.is_current, row.at.timestamp() if row.at else 0.0), reverse=True)


def end_sessions(user: User, besides: str = "") -> int:
    """Sign `user` out of every browser, but for the session with the key `besides`; how many that were."""
    keys = [session.session_key for session, _ in _open_sessions(user) if session.session_key != besides]
    return Session.objects.filter(session_key__in=keys).delete()[0]


def end_session(user: User, id: str) -> bool:
    """End the session of `user` with this id; False when there is none."""
    keys = [session.session_key for session, _ in _open_sessions(user) if _id(session.session_key) == id]
    return bool(Session.objects.filter(session_key__in=keys).delete()[0])


def browser_name(agent: str) -> str:
    """ "Firefox, Linux" of a User-Agent header; "" when it names nothing that is known."""
    names = (next((name for word, name in known.items() if word in agent), "") for known in (_BROWSERS, _SYSTEMS))
    return ", ".join(filter(None, names))


def _open_sessions(user: User) -> Iterator[tuple[Session, dict]]:
    for session in Session.objects.filter(expire_date__gt=now()).iterator():
        data = session.get_decoded()
        if data.get(SESSION_KEY) == str(user.pk):
            yield session, data


def _id(session_key: str) -> str:
    return hashlib.sha256(session_key.encode()).hexdigest()[:16]
