"""Where a request comes from: a browser that a person has signed in from before, or an address."""

import ipaddress
import secrets

from django.conf import settings
from django.core import signing

from common.http.proxies import client_of

COOKIE = "browser"
SIX_MONTHS = 180 * 86400
_signer = signing.TimestampSigner(salt="sagewright.browser")


def source_of(request, account: str) -> str:
    """The browser, if `account` has signed in from it before, else the client's address."""
    known = _known_browser(request, account)
    return f"browser {known}" if known else f"address {client_address(request.META)}"


def remember_browser(request, response, account: str) -> None:
    """Let the browser show later on that `account` has signed in from it."""
    if _known_browser(request, account):
        return
    value = _signer.sign(f"{secrets.token_urlsafe(12)} {account.casefold()}")
    response.set_cookie(
        COOKIE, value, max_age=SIX_MONTHS, httponly=True, samesite="Lax", secure=settings.SESSION_COOKIE_SECURE
    )


def client_address(meta: dict) -> str:
    """The client's address: the last one that did not come from a proxy of settings.TRUSTED_PROXIES.

    For IPv6 it is a network, since a client has a whole /64.
    """
    address = client_of(meta.get("REMOTE_ADDR", ""), meta.get("HTTP_X_FORWARDED_FOR", ""), settings.TRUSTED_PROXIES)
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    return str(ipaddress.ip_network((parsed, 64), strict=False)) if parsed.version == 6 else str(parsed)


def _known_browser(request, account: str) -> str:
    try:
        browser, _, name = _signer.unsign(request.COOKIES.get(COOKIE, ""), max_age=SIX_MONTHS).partition(" ")
    except signing.BadSignature:
        return ""
    return browser if name == account.casefold() else ""
