"""Signs what opens a notebook instance: a link that works once and soon, and the cookie that it is exchanged for."""

import secrets
import time
from dataclasses import dataclass
from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.core import signing

from engine.models import NotebookInstance

PLACEHOLDER = "{instance}"  # in NOTEBOOKS_URL
DEFAULT_PORTS = {"http": ":80", "https": ":443"}
SESSION = 12 * 3600  # seconds, AWS's default
LINK_SECONDS = 300  # in which a link must be used
LINK_SALT, COOKIE_SALT, PERSON_SALT = "engine.notebooks.link", "engine.notebooks.cookie", "engine.notebooks.person"


@dataclass(frozen=True)
class Pass:
    """The right of the person `user` to reach the instance `instance` until `until`, in epoch seconds."""

    instance: int
    user: int
    until: int
    nonce: str


def base_path(region: str, name: str) -> str:
    """The path below which the instance answers."""
    return f"/notebook/{region}/{name}/"


def address() -> str:
    """NOTEBOOKS_URL as browsers name origins: small letters, no slash at its end, no port that its scheme means."""
    url = urlsplit(settings.NOTEBOOKS_URL.lower())
    return f"{url.scheme}://{url.netloc.removesuffix(DEFAULT_PORTS.get(url.scheme, ''))}"


def origin_of(instance: int, name: str) -> str:
    """The origin of an instance: NOTEBOOKS_URL with a label of the instance's own for {instance}.

    Its number is part of it: one that is made anew under a name, by another person perhaps, meets no cookie, storage or
    service worker of the one before. They are two labels: no page of `a.nb1.localhost` can set a cookie for all others.
    """
    return address().replace(PLACEHOLDER, f"{name.lower()}.nb{instance}")


def host_and_path(instance: NotebookInstance) -> str:
    """The address of the instance as DescribeNotebookInstance gives it: without a scheme."""
    return urlsplit(origin_of(instance.pk, instance.name)).netloc + base_path(instance.region, instance.name)


def one_time_url(instance: NotebookInstance, seconds: int) -> str:
    """A link that lets the owner of `instance` in for `seconds`, once."""
    token = signing.dumps([instance.pk, instance.owner_id, seconds, secrets.token_urlsafe(12)], salt=LINK_SALT)
    origin, path = origin_of(instance.pk, instance.name), base_path(instance.region, instance.name)
    return f"{origin}{path}?{urlencode({'authToken': token})}"


def read_link(token: str) -> Pass | None:
    """What a link allows, None when it is not ours or too old. The caller sees to it that its nonce is used once."""
    try:
        instance, user, seconds, nonce = signing.loads(token, salt=LINK_SALT, max_age=LINK_SECONDS)
    except (signing.BadSignature, ValueError, TypeError):
        return None
    return Pass(instance, user, int(time.time()) + seconds, nonce)


def cookie_of(allowed: Pass) -> str:
    """The value of the cookie that shows `allowed`."""
    return signing.dumps([allowed.instance, allowed.user, allowed.until, allowed.nonce], salt=COOKIE_SALT)


def person_cookie_of(user: int) -> str:
    """The value of the cookie that says whose notebooks a browser has open."""
    return signing.dumps(user, salt=PERSON_SALT)


def read_person_cookie(value: str) -> int | None:
    """Whose notebooks a browser has open, None for nobody's."""
    try:
        return int(signing.loads(value, salt=PERSON_SALT))
    except (signing.BadSignature, ValueError, TypeError):
        return None


def read_cookie(value: str) -> Pass | None:
    """What a cookie shows, None when it is not ours or its time has passed."""
    try:
        instance, user, until, nonce = signing.loads(value, salt=COOKIE_SALT)
    except (signing.BadSignature, ValueError, TypeError):
        return None
    return Pass(instance, user, until, nonce) if until > time.time() else None
