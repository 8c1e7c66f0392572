"""Verifies callers on the event loop; only the lookup of a key runs in a thread, once in five seconds a key."""

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from django.db import close_old_connections
from django.utils.timezone import now

from engine.auth import Caller, keys, signed_request, sigv4
from engine.http.request import Request
from engine.models import AccessKey

log = logging.getLogger(__name__)
T = TypeVar("T")
_database = ThreadPoolExecutor(4, "database")
_writing: set[asyncio.Future] = set()


async def in_database(work: Callable[..., T], *arguments) -> T:
    """Run `work`, which may use the database, in one of four threads with connections of their own."""
    return await asyncio.get_running_loop().run_in_executor(_database, _fresh, work, arguments)


async def caller_of(request: Request, body_hash: str | None = None) -> Caller:
    """Return the verified caller. Raises AwsError. `body_hash` as in engine.auth.authenticate."""
    signed = signed_request.parse(request.method, request.path, request.query, request.headers)
    caller = sigv4.verify(signed, await find_key(signed.access_key_id, signed.service), body_hash)
    record_use(caller.key)
    return caller


async def find_key(access_key_id: str, service: str) -> keys.CachedKey | None:
    """Return the active key with this id for requests to `service`, None if there is none."""
    return keys.find_cached(access_key_id, service) or await in_database(keys.find, access_key_id, service)


def record_use(key: AccessKey) -> None:
    """Have it saved that `key` is in use, when that is due."""
    if keys.is_use_due(key):
        key.last_used = now()
        writing = asyncio.ensure_future(in_database(keys.save_last_used, key))
        _writing.add(writing)
        writing.add_done_callback(_written)


def _written(writing: asyncio.Future) -> None:
    _writing.discard(writing)
    if not writing.cancelled() and (error := writing.exception()):
        log.warning("the last use of a key is not saved: %s", error)


def _fresh(work: Callable[..., T], arguments: tuple) -> T:
    close_old_connections()
    return work(*arguments)
