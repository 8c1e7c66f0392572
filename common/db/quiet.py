"""Whether anything has changed since somebody found nothing to do: what lets a clock leave out a look.

Every nudge counts as a change. A look that found nothing to do notes the count that it began with; until that changes,
or SECONDS have passed, the next looks would find nothing either.
"""

from redis import Redis
from redis.exceptions import RedisError

from common.db.redis_client import redis

CHANGES, QUIET = "sagewright:changes", "sagewright:quiet"
SECONDS = 10  # after which a look is due all the same: a nudge may be lost


def changes() -> bytes | None:
    """How many changes there have been; None where Redis does not say."""
    try:
        return redis().get(CHANGES) or b"0"
    except RedisError:
        return None


def note(count: bytes | None) -> None:
    """Note that after `count` changes there was nothing to do."""
    if count is not None:
        try:
            redis().set(QUIET, count, ex=SECONDS)
        except RedisError:  # the next look is made, that is all
            return


def is_quiet(client: Redis) -> bool:
    """True while nothing has changed since a look that found nothing to do. Raises RedisError."""
    quiet, count = client.mget([QUIET, CHANGES])
    return quiet is not None and quiet == (count or b"0")
