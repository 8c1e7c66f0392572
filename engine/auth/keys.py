"""Access keys as the verifier needs them: looked up in the database, remembered for five seconds."""

import time
from dataclasses import dataclass
from datetime import timedelta

from cryptography.fernet import InvalidToken
from django.db.models.signals import post_delete, post_save
from django.dispatch import receiver
from django.utils.timezone import now

from engine.models import AccessKey
from engine.wire.errors import AwsError

REMEMBERED = 5.0  # seconds; a revoked key still works for at most this long
A_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True)
class HeldKey:
    """An active key and its secret, as of `read` on the monotonic clock."""

    key: AccessKey
    secret: str
    read: float


_held: dict[str, HeldKey] = {}


def remembered(access_key_id: str) -> HeldKey | None:
    """The key if it was looked up within the last five seconds; never asks the database."""
    held = _held.get(access_key_id)
    return held if held and time.monotonic() - held.read < REMEMBERED else None


def find(access_key_id: str) -> HeldKey | None:
    """The active key with this id, or None if there is none or it was revoked. May ask the database."""
    if held := remembered(access_key_id):
        return held
    read = time.monotonic()
    key = AccessKey.objects.select_related("owner").filter(access_key_id=access_key_id).first()
    if key is None or not key.is_active:
        _held.pop(access_key_id, None)
        return None
    try:
        held = HeldKey(key, key.secret, read)
    except InvalidToken:
        text = f"The secret of {access_key_id} was sealed with another secret key of this deployment. Issue a new key."
        raise AwsError(text, "InternalFailure", 500) from None
    _held[access_key_id] = held
    return held


def use_is_due(key: AccessKey) -> bool:
    """Has the last use of `key` not been written down for a minute?"""
    return key.last_used is None or now() - key.last_used > A_MINUTE


def note_use(key: AccessKey) -> None:
    """Write down that `key` is in use, at most once a minute."""
    if use_is_due(key):
        key.last_used = now()
        write_use(key)


def write_use(key: AccessKey) -> None:
    """Save `key.last_used`."""
    AccessKey.objects.filter(pk=key.pk).update(last_used=key.last_used)


@receiver([post_save, post_delete], sender=AccessKey, dispatch_uid="engine.auth.keys")
def _forget(instance: AccessKey, **kwargs) -> None:
    _held.pop(instance.access_key_id, None)
