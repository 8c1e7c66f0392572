"""The engine's events: what EventBridge sends when a resource's state changes, in a queue that SQS's operations read.

The queue is a stream of Redis with one group of consumers: what was received and not deleted within VISIBILITY seconds
is received again. It holds the newest LENGTH events, about, whether anybody receives them or not.
"""

import json
import logging
import time
import uuid
from datetime import datetime
from functools import lru_cache
from typing import Any

from django.conf import settings
from redis import Redis
from redis.exceptions import RedisError, ResponseError

from common.db.redis_client import redis
from common.http.wsgi import is_ending

NAME = "sagewright-events"  # of the queue; there is no other
LENGTH = 2000  # events
VISIBILITY = 30  # seconds, SQS's default
TURN = 3.0  # seconds that a wait for an event may outlive the server that is told to end
SOURCE = "aws.sagemaker"
_STREAM, _GROUP, _FIELD = "sagewright:events", "queue", b"event"
log = logging.getLogger(__name__)


def send(detail_type: str, region: str, arn: str, detail: dict[str, Any], at: datetime) -> None:
    """Put an event of the resource `arn` into the queue. An event may be lost: whoever receives them also looks."""
    event = {
        "version": "0",
        "id": str(uuid.uuid4()),
        "detail-type": detail_type,
        "source": SOURCE,
        "account": settings.ENGINE_ACCOUNT,
        "time": at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "region": region,
        "resources": [arn],
        "detail": detail,
    }
    try:
        redis().xadd(_STREAM, {_FIELD: json.dumps(event)}, maxlen=LENGTH, approximate=True)
    except RedisError as e:
        log.warning("the event of %s was not sent: %s", arn, e)


def receive(count: int, seconds: float) -> list[tuple[str, str]]:
    """Up to `count` events as (receipt, JSON), waiting at most `seconds` for the first. Raises RedisError."""
    client = _waiting_client(settings.REDIS_URL)
    try:
        return _receive(client, count, seconds)
    except ResponseError as e:
        if not str(e).startswith("NOGROUP"):
            raise
    try:
        client.xgroup_create(_STREAM, _GROUP, id="0", mkstream=True)
    except ResponseError as e:
        if not str(e).startswith("BUSYGROUP"):  # another receiver was first
            raise
    return _receive(client, count, seconds)


def delete(receipts: list[str]) -> None:
    """Delete received events; those that are gone already are no error. Raises RedisError."""
    with redis().pipeline(transaction=False) as pipeline:
        pipeline.xack(_STREAM, _GROUP, *receipts)
        pipeline.xdel(_STREAM, *receipts)
        pipeline.execute()


def waiting() -> int:
    """How many events are in the queue, about. Raises RedisError."""
    return redis().xlen(_STREAM)


def _receive(client: Redis, count: int, seconds: float) -> list[tuple[str, str]]:
    claimed: Any = client.xautoclaim(_STREAM, _GROUP, "sqs", VISIBILITY * 1000, count=count)
    entries, until = claimed[1], time.monotonic() + seconds
    while not entries:
        left = max(0.0, until - time.monotonic())
        block = int(min(left, TURN) * 1000) or None  # Redis takes 0 for ever
        streams: Any = client.xreadgroup(_GROUP, "sqs", {_STREAM: ">"}, count=count, block=block)
        entries = streams[0][1] if streams else []
        if block is None or is_ending.is_set():
            break
    return [(entry.decode(), fields[_FIELD].decode()) for entry, fields in entries]


@lru_cache(maxsize=1)
def _waiting_client(url: str) -> Redis:
    return Redis.from_url(url, socket_timeout=TURN + 5, socket_connect_timeout=1.0)
