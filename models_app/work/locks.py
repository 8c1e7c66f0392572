"""Keeps two workers from doing the same thing at once. A convenience: every verb stays right without it."""

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from redis.exceptions import LockError, RedisError
from redis.lock import Lock

from common.db.redis_client import redis

LEASE = 5.0  # seconds that a lock outlives a process that was killed
log = logging.getLogger(__name__)


@contextmanager
def held(name: str) -> Iterator[bool]:
    """Whether we hold `name`, as long as the block runs. Without Redis everybody holds it."""
    lock = redis().lock(f"lock:{name}", timeout=LEASE, thread_local=False)
    try:
        acquired = lock.acquire(blocking=False)
    except RedisError as e:
        log.warning("no lock for %s: %s", name, e)
        yield True
        return
    if not acquired:
        yield False
        return
    over = threading.Event()
    threading.Thread(target=_renew, args=(lock, over), name=f"lock of {name}", daemon=True).start()
    try:
        yield True
    finally:
        over.set()
        try:
            lock.release()
        except (LockError, RedisError) as e:
            log.warning("the lock for %s was not given back: %s", name, e)


def is_held(name: str) -> bool:
    """Whether anybody holds `name`. True without Redis, where nobody can tell."""
    try:
        return bool(redis().exists(f"lock:{name}"))
    except RedisError:
        return True


def _renew(lock: Lock, over: threading.Event) -> None:
    """Prolong `lock` until it is `over` or lost."""
    while not over.wait(LEASE / 3):
        try:
            lock.reacquire()
        except LockError:
            return
        except RedisError as e:
            log.warning("%s was not prolonged: %s", lock.name, e)
