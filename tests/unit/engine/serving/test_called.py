"""A gateway that starts has the models of the endpoints that are called."""

import asyncio

import pytest
from redis.exceptions import RedisError

from engine.serving import called

NOW = 1_800_000_000.0


class SortedSet:
    """As much of Redis as is asked."""

    def __init__(self):
        self.scores: dict[bytes, float] = {}

    def zadd(self, _, members):
        self.scores |= {member.encode(): score for member, score in members.items()}

    def zremrangebyscore(self, _, low, high):
        self.scores = {member: at for member, at in self.scores.items() if not low <= at <= high}

    def zrevrangebyscore(self, _, high, low, start, count):
        results = [member for member, at in self.scores.items() if at >= low]
        return sorted(results, key=self.scores.__getitem__, reverse=True)[start : start + count]


@pytest.fixture
def clock(monkeypatch):
    server, times = SortedSet(), [NOW]
    monkeypatch.setattr(called, "redis", lambda: server)
    monkeypatch.setattr(called.time, "time", lambda: times[-1])
    return times


def test_the_last_called_are_loaded_whatever_becomes_of_others(clock, monkeypatch):
    monkeypatch.setattr(called, "MOST", 2)
    loaded = []

    async def load(region, name):
        loaded.append((region, name))
        raise ValueError("its artifact is gone")

    called.note([("us-east-1", "forgotten")])
    clock.append(NOW + called.RECENT + 1)
    called.note([("us-east-1", "third")])
    clock.append(clock[-1] + 1)
    called.note([("us-east-1", "second"), ("eu-west-1", "second")])
    asyncio.run(called.warm_up(load))
    assert sorted(loaded) == [("eu-west-1", "second"), ("us-east-1", "second")]


def test_a_model_that_takes_long_is_not_waited_for_for_ever(clock, monkeypatch):
    monkeypatch.setattr(called, "PATIENCE", 0.01)

    async def load(*_):
        await asyncio.sleep(60)

    called.note([("us-east-1", "slow")])
    asyncio.run(called.warm_up(load))


def test_without_redis_nothing_is_known_and_nothing_fails(monkeypatch):
    def away():
        raise RedisError("away")

    monkeypatch.setattr(called, "redis", away)
    called.note([("us-east-1", "one")])
    assert called.recent() == []
