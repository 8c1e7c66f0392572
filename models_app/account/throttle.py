"""Counts wrong passwords per name and address in the cache, and pauses a name that is being guessed."""

import hashlib
import math
import time

from django.core.cache import cache

TRIES = 5
PAUSE_MINUTES = 15


def paused_minutes(name: str, address: str) -> int:
    """How many minutes are left of a pause; 0 when there is none."""
    until = cache.get(_key("pause", name, address))
    return math.ceil(max(0, until - time.time()) / 60) if until else 0


def failed(name: str, address: str) -> int:
    """Record a wrong password; how many tries are left before the pause."""
    key, seconds = _key("tries", name, address), PAUSE_MINUTES * 60
    cache.add(key, 0, seconds)
    tries = cache.incr(key)
    if tries >= TRIES:
        cache.set(_key("pause", name, address), time.time() + seconds, seconds)
        cache.delete(key)
    return max(0, TRIES - tries)


def forget(name: str, address: str) -> None:
    """The right password came: start counting anew."""
    cache.delete_many([_key("tries", name, address), _key("pause", name, address)])


def _key(what: str, name: str, address: str) -> str:
    digest = hashlib.sha256(f"{name.casefold()}|{address}".encode()).hexdigest()[:32]
    return f"sign-in:{what}:{digest}"
