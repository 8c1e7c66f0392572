"""Where the object store behind the gateway is, and the one key that it knows."""

from typing import NamedTuple
from urllib.parse import unquote, urlsplit

from django.conf import settings


class StoreAddress(NamedTuple):
    """The store's address and the gateway's key for it."""

    endpoint: str
    access_key: str
    secret_key: str


def store() -> StoreAddress:
    """Return the store of settings.STORE_URL, http(s)://ACCESS:SECRET@host:port. Raises RuntimeError without one."""
    parts = urlsplit(settings.STORE_URL)
    if not parts.hostname:
        raise RuntimeError(
            f"There is no object store. Set SAGEWRIGHT_STORE_URL, or start with `{settings.START_COMMAND}`."
        )
    host = f"{parts.hostname}:{parts.port}" if parts.port else parts.hostname
    return StoreAddress(f"{parts.scheme}://{host}", unquote(parts.username or ""), unquote(parts.password or ""))
