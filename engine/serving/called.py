"""Which endpoints are called: a gateway that starts loads their models before requests are sent to it.

Kept in Redis, where all gateways write and none waits; what is lost is loaded by the first request, as ever.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Collection

from redis.exceptions import RedisError

from common.db.redis_client import redis

KEY = "sagewright:called-endpoints"  # a sorted set of "REGION NAME" by the time of the last call
RECENT = 600.0  # seconds
MOST = 50  # endpoints that are loaded beforehand
PATIENCE = 20.0  # seconds, after which the gateway is ready all the same
Endpoint = tuple[str, str]  # Region and name


def note(endpoints: Collection[Endpoint]) -> None:
    """Keep in mind that `endpoints` were called just now. Does nothing while Redis is away."""
    now = time.time()
    try:
        redis().zadd(KEY, {" ".join(endpoint): now for endpoint in endpoints})
        redis().zremrangebyscore(KEY, 0, now - RECENT)
    except RedisError:
        return


def recent() -> list[Endpoint]:
    """The endpoints that were called most recently; none while Redis is away."""
    try:
        members = redis().zrevrangebyscore(KEY, "+inf", time.time() - RECENT, 0, MOST)
    except RedisError:
        return []
    pairs = [bytes(member).decode().partition(" ") for member in members]  # type: ignore[arg-type]
    return [(region, name) for region, _, name in pairs]


async def warm_up(load: Callable[[str, str], Awaitable[object]]) -> None:
    """Have the models of the endpoints that are called loaded by `load`, whatever comes of it."""
    loads = [load(*endpoint) for endpoint in await asyncio.to_thread(recent)]
    done = asyncio.gather(*loads, return_exceptions=True)
    try:
        async with asyncio.timeout(PATIENCE):
            await done
    except TimeoutError:
        return
