"""The Redis that all processes share: what they agree on without a row. Nothing waits for it."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.core.cache.backends.redis import RedisCache
from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as NoConnection
from redis.exceptions import RedisError, TimeoutError
from redis.retry import Retry

TIMEOUT = (
    1.0  # seconds; a server that works answers in under a millisecond, and a page must not wait for one that hangs
)
PAUSE = 3.0  # seconds after a timeout in which nobody asks, so that one page does not wait several times
OPTIONS = {"socket_timeout": TIMEOUT, "socket_connect_timeout": TIMEOUT}
_silent_until = 0.0  # on the monotonic clock


def redis() -> Redis:
    """A client on this process's one connection pool. Safe in threads, and after a fork.

    Its calls raise RedisError within TIMEOUT seconds when the server does not answer, and at once for PAUSE seconds
    after that.
    """
    return _client(settings.REDIS_URL)


@lru_cache(maxsize=1)
def _client(url: str) -> Redis:
    return _PausingRedis.from_url(url, retry=Retry(NoBackoff(), 0), **OPTIONS)


class _PausingRedis(Redis):
    def execute_command(self, *args: Any, **options: Any) -> Any:
        with pausing():
            return super().execute_command(*args, **options)


@contextmanager
def pausing() -> Iterator[None]:
    """A context in which Redis is asked. Raises TimeoutError at once when it did not answer a moment ago."""
    global _silent_until
    if time.monotonic() < _silent_until:
        raise TimeoutError(f"Redis did not answer in the last {PAUSE:.0f} s.")
    try:
        yield
    except (TimeoutError, NoConnection):
        _silent_until = time.monotonic() + PAUSE
        raise


class Cache(RedisCache):
    """Django's cache in Redis. It is empty, and forgets what it is given, while Redis does not answer."""

    def get(self, key: Any, default: Any = None, version: int | None = None) -> Any:
        """Return the value of `key`, or `default` when there is none or Redis does not answer."""
        try:
            with pausing():
                return super().get(key, default, version)
        except RedisError:
            return default

    def set(self, key: Any, value: Any, *args: Any, **options: Any) -> None:
        """Store the value of `key`; do nothing when Redis does not answer."""
        try:
            with pausing():
                super().set(key, value, *args, **options)
        except RedisError:
            return

    def add(self, key: Any, value: Any, *args: Any, **options: Any) -> bool:
        """Store the value of `key` if it has none. Return True if this did; False also when Redis does not answer."""
        try:
            with pausing():
                return super().add(key, value, *args, **options)
        except RedisError:
            return False

    def delete(self, key: Any, version: int | None = None) -> bool:
        """Delete `key`. Return True if it was there; False also when Redis does not answer."""
        try:
            with pausing():
                return super().delete(key, version)
        except RedisError:
            return False
