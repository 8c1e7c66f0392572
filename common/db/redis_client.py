"""The Redis that all processes share: what they agree on without a row."""

from functools import lru_cache

from django.conf import settings
from redis import Redis


def redis() -> Redis:
    """A client on this process's one connection pool. Safe in threads, and after a fork."""
    return _client(settings.REDIS_URL)


@lru_cache(maxsize=1)
def _client(url: str) -> Redis:
    return Redis.from_url(url)
