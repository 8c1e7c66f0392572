"""Whether anything has changed since somebody found nothing to do: what lets a clock leave out a look.

Every nudge counts as a change. A look that found nothing to do notes the count that it began with; until that changes,
or SECONDS have passed, the next looks would find nothing either.
"""

from typing import Any

from redis import Redis
from redis.exceptions import RedisError

from common.db.redis_client import redis

CHANGES, QUIET = "sagewright:changes", "sagewright:quiet"
SECONDS = 10  # after which a look is due all the same: a nudge may be lost


def changes() -> bytes | None:
    """How many changes there have been; None where Redis does not say."""
    try:
        count: Any = redis().get(CHANGES)
    except RedisError:
        return None
    return count or b"0"


def note(count: bytes | None) -> None:
    """Note that after `count` changes there was nothing to do."""
    if count is not None:
        try:
            redis().set(QUIET, count, ex=SECONDS)
        except RedisError:  # the next look is made, that is all
            return


def is_quiet(client: Redis) -> bool:
    """True while nothing has changed since a look that found nothing to do. Raises RedisError."""
    marks: Any = client.mget([QUIET, CHANGES])
    quiet, count = marks
    return quiet is not None and quiet == (count or b"0")
