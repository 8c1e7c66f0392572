"""Keeps our calls below AWS's rates: one token bucket per account, Region and operation, shared through Redis."""

import logging
import time

from django.conf import settings
from redis.exceptions import RedisError

from common.db.redis_client import redis

# Calls a second and the burst above it. AWS publishes few of these rates; they are low enough for a young account.
RATES = {
    "CreateTrainingJob": (5, 20),
    "ListTrainingJobs": (5, 10),
    "DescribeTrainingJob": (10, 30),
    "CreateEndpoint": (5, 10),
    "ListEndpoints": (5, 10),
    "DescribeEndpoint": (10, 30),
    "GetLogEvents": (20, 40),
}
OTHERS = (10, 30)
TIMEOUT = 5.0  # seconds a call waits for its turn before it is put off
log = logging.getLogger(__name__)

# Returns 0 when a token was taken, else the milliseconds until there will be one. The clock is Redis's own.
_TAKE = """
local now = redis.call('TIME')
now = now[1] * 1000 + now[2] / 1000
local rate, burst = tonumber(ARGV[1]) / 1000, tonumber(ARGV[2])
local bucket = redis.call('HMGET', KEYS[1], 'tokens', 'at')
local tokens = math.min(burst, (tonumber(bucket[1]) or burst) + math.max(0, now - (tonumber(bucket[2]) or now)) * rate)
local wait = 0
if tokens >= 1 then tokens = tokens - 1 else wait = math.ceil((1 - tokens) / rate) end
redis.call('HSET', KEYS[1], 'tokens', tokens, 'at', now)
redis.call('PEXPIRE', KEYS[1], math.ceil(burst / rate) + 1000)
return wait
"""


class Busy(Exception):
    """No token became free in time."""


def take(operation: str, timeout: float = TIMEOUT) -> None:
    """Wait for the turn of one call of `operation`. Raises Busy after `timeout` seconds; without Redis all pass."""
    account = settings.ROLE_ARN.split(":")[4]
    key = f"quota:{account}:{settings.REGION}:{operation}"
    rate, burst = RATES.get(operation, OTHERS)
    deadline = time.monotonic() + timeout
    while wait := _ask(key, rate, burst):
        if time.monotonic() + wait > deadline:
            raise Busy(operation)
        time.sleep(wait)


def _ask(key: str, rate: float, burst: float) -> float:
    try:
        return redis().eval(_TAKE, 1, key, rate, burst) / 1000
    except RedisError as e:
        log.warning("no quota kept for %s: %s", key, e)
        return 0.0
