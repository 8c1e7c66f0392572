"""Looks up access keys in the database and caches them for five seconds; knows the engine's own without it."""

import math
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property

from cryptography.fernet import InvalidToken
from django.db.models.signals import post_delete, post_save
from django.dispatch import receiver
from django.utils.timezone import now

from common.db import away
from engine import store
from engine.models import AccessKey
from engine.wire.errors import AwsError

CACHE_SECONDS = 5.0  # seconds; a revoked key, or a role taken away, still works for at most this long
USE_INTERVAL = timedelta(minutes=1)


@dataclass(frozen=True)
class CachedKey:
    """An active key and its secret, as of `read` on the monotonic clock."""

    key: AccessKey
    secret: str
    read: float

    @cached_property
    def role(self) -> str:
        """What the key may do, as of `read`."""
        return self.key.effective_role


_cache: dict[str, CachedKey] = {}


def find_cached(access_key_id: str, service: str = "") -> CachedKey | None:
    """Return the key if it was looked up within the last CACHE_SECONDS. Does not read the database.

    The engine's own key, store.ACCESS_KEY_ID, is there when `service`, which the caller signs for, is "s3".
    """
    if access_key_id == store.ACCESS_KEY_ID:
        own = AccessKey(access_key_id=access_key_id, role=AccessKey.Role.EDITOR)
        return CachedKey(own, store.secret_key(), math.inf) if service == "s3" else None
    cached = _cache.get(access_key_id)
    return cached if cached and time.monotonic() - cached.read < CACHE_SECONDS else None


def find(access_key_id: str, service: str = "") -> CachedKey | None:
    """Return the active key with this id; None if there is none or it is revoked. May read the database.

    `service` as in find_cached. While the database is away, what it said last counts.
    """
    if cached := find_cached(access_key_id, service):
        return cached
    known = _cache.get(access_key_id)
    return away.ask(lambda: _read(access_key_id), known, time.monotonic() - known.read if known else 0.0)


def _read(access_key_id: str) -> CachedKey | None:
    read = time.monotonic()
    key = AccessKey.objects.select_related("owner__person").filter(access_key_id=access_key_id).first()
    if key is None or not key.is_active:
        _cache.pop(access_key_id, None)
        return None
    try:
        cached = CachedKey(key, key.secret, read)
    except InvalidToken:
        text = f"The secret of {access_key_id} was sealed with another secret key of this deployment. Issue a new key."
        raise AwsError(text, "InternalFailure", 500) from None
    _cache[access_key_id] = cached
    return cached


def is_use_due(key: AccessKey) -> bool:
    """Return whether the last use of `key` was recorded more than a minute ago. The engine's own has no record."""
    if key.last_used is not None and datetime.now(UTC) - key.last_used <= USE_INTERVAL:
        return False
    return key.pk is not None


def record_use(key: AccessKey) -> None:
    """Record that `key` is in use, at most once a minute."""
    if is_use_due(key):
        key.last_used = now()
        save_last_used(key)


def save_last_used(key: AccessKey) -> None:
    """Save `key.last_used`."""
    AccessKey.objects.filter(pk=key.pk).update(last_used=key.last_used)


@receiver([post_save, post_delete], sender=AccessKey, dispatch_uid="engine.auth.keys")
def _evict(instance: AccessKey, **kwargs) -> None:
    _cache.pop(instance.access_key_id, None)
