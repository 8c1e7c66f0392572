"""The Redis that all processes share: what they agree on without a row."""

from django.core.cache import cache
from redis import Redis


def redis() -> Redis:
    """A client on Django's own connection pool, which has no public name for it."""
    return cache._cache.get_client(write=True)  # type: ignore[attr-defined]
