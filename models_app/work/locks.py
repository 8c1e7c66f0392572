"""Keeps two workers from doing the same thing at once. A convenience: every verb stays right without it."""

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from redis.exceptions import LockError, RedisError
from redis.lock import Lock

from common.db.redis_client import redis

LEASE = 5.0  # seconds that a lock outlives a process that was killed
CALLS_SECONDS = 60  # for which calls are counted: longer than one of them takes
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


def call_alone(name: str, action: Callable[[], None]) -> None:
    """Call `action`, or leave it to a worker that is calling it under this name: that one then calls it once more.

    Whoever asks gets a call that begins after that. Without Redis everybody calls it.
    """
    calls = f"calls:{name}"
    try:
        with redis().pipeline() as pipeline:
            pipeline.incr(calls)
            pipeline.expire(calls, CALLS_SECONDS)
            pipeline.execute()
    except RedisError as e:
        log.warning("calls of %s are not counted: %s", name, e)
    begun: bytes | None = b""
    while begun != _count(calls):  # also after the lock is given back: others may have left a call to us until then
        with held(name) as acquired:
            if not acquired:
                return
            while begun != (now := _count(calls)):
                begun = now
                action()


def _count(calls: str) -> bytes | None:
    try:
        count: bytes | None = redis().get(calls)  # type: ignore[assignment]  # the client is no asynchronous one
    except RedisError:
        return None
    return count


def _renew(lock: Lock, over: threading.Event) -> None:
    """Prolong `lock` until it is `over` or lost."""
    while not over.wait(LEASE / 3):
        try:
            lock.reacquire()
        except LockError:
            return
        except RedisError as e:
            log.warning("%s was not prolonged: %s", lock.name, e)
