"""Where the object store behind the gateway is, and the one key that it knows."""

from typing import NamedTuple
from urllib.parse import unquote, urlsplit

import aiohttp
from django.conf import settings


class StoreAddress(NamedTuple):
    """The store's address and the gateway's key for it. `socket` is the path of a unix socket, "" for TCP."""

    endpoint: str
    access_key: str
    secret_key: str
    socket: str = ""


def store() -> StoreAddress:
    """Return the store of settings.STORE_URL. Raises RuntimeError without one.

    It is http(s)://ACCESS:SECRET@host:port, or http+unix://ACCESS:SECRET@/path for a unix socket.
    """
    parts = urlsplit(settings.STORE_URL)
    access_key, secret_key = unquote(parts.username or ""), unquote(parts.password or "")
    if parts.scheme == "http+unix":
        return StoreAddress("http://store", access_key, secret_key, unquote(parts.path))
    if not parts.hostname:
        raise RuntimeError(
            f"There is no object store. Set SAGEWRIGHT_STORE_URL, or start with `{settings.START_COMMAND}`."
        )
    host = f"{parts.hostname}:{parts.port}" if parts.port else parts.hostname
    return StoreAddress(f"{parts.scheme}://{host}", access_key, secret_key)


def connector() -> aiohttp.BaseConnector:
    """Return a pool of connections to the store, as many as are asked for."""
    if settings.STORE_URL and (socket := store().socket):
        return aiohttp.UnixConnector(socket, limit=0, keepalive_timeout=30)
    return aiohttp.TCPConnector(limit=0, keepalive_timeout=30)
