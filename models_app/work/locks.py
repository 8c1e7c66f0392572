"""Keeps two workers from doing the same thing at once. A convenience: every verb stays right without it."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from redis.exceptions import LockError, RedisError

from common.db.redis_client import redis

log = logging.getLogger(__name__)


@contextmanager
def held(name: str, seconds: float) -> Iterator[bool]:
    """Whether we hold `name`; at most `seconds`, should we die. Without Redis everybody holds it."""
    lock = redis().lock(f"lock:{name}", timeout=seconds)
    try:
        acquired = lock.acquire(blocking=False)
    except RedisError as e:
        log.warning("no lock for %s: %s", name, e)
        yield True
        return
    try:
        yield acquired
    finally:
        if acquired:
            try:
                lock.release()
            except (LockError, RedisError) as e:
                log.warning("the lock for %s was not given back: %s", name, e)
