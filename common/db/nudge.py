"""Tells live pages that something changed. A nudge carries no data: the page asks again and reads the rows."""

import logging
import secrets
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress

from django.db import transaction
from redis.exceptions import RedisError

from common.db import quiet
from common.db.redis_client import pausing, redis

CHANNEL = "sagewright:nudges"
VERSION = "sagewright:version:"  # and a topic: the mark of its last nudge
VERSION_SECONDS = 10  # for which a mark is kept; without one the topic has been silent for so long
log = logging.getLogger(__name__)


def nudge(*topics: str) -> None:
    """Publish `topics` (such as "job-12", "models") once the current transaction is committed."""
    transaction.on_commit(lambda: _publish(topics))


@contextmanager
def waiting_for(topic: str, step: float) -> Iterator[Callable[[], None]]:
    """A function that returns at the next nudge of `topic`, or after `step` seconds.

    What is read in the block before the first wait may be changed without being missed. Without Redis every wait takes
    `step` seconds.
    """
    wanted = topic.encode()
    with redis().pubsub() as channel:

        def wait() -> None:
            until = time.monotonic() + step
            try:
                while (left := until - time.monotonic()) > 0:
                    message = channel.get_message(timeout=left)
                    if message and message["type"] == "message" and message["data"] == wanted:
                        return
            except RedisError:
                time.sleep(max(until - time.monotonic(), 0))

        with suppress(RedisError):
            channel.subscribe(CHANNEL)
            channel.get_message(timeout=step)  # that it is subscribed
        yield wait


def version(topics: Sequence[str]) -> tuple[bytes | str | None, ...]:
    """What changes with each nudge of one of `topics`, before any page hears of it. Raises RedisError."""
    return tuple(redis().mget([VERSION + topic for topic in topics]))


def _publish(topics: tuple[str, ...]) -> None:
    try:
        with pausing(), redis().pipeline(transaction=False) as pipeline:
            for topic in topics:
                pipeline.set(VERSION + topic, secrets.token_bytes(8), ex=VERSION_SECONDS)
                pipeline.publish(CHANNEL, topic)
            pipeline.incr(quiet.CHANGES)
            pipeline.execute()
    except Exception as e:  # a page that polls a little later is no reason to fail a job
        log.warning("could not publish %s: %s", topics, e)
