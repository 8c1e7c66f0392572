import uuid

import pytest
from redis.exceptions import ConnectionError as NoRedis

from models_app.aws import quota
from models_app.work import locks


@pytest.fixture
def operation(monkeypatch) -> str:
    name = f"Op{uuid.uuid4().hex}"
    monkeypatch.setitem(quota.RATES, name, (1, 5))
    return name


def test_a_burst_passes_and_then_calls_wait(operation):
    for _ in range(5):
        quota.take(operation, timeout=0)
    with pytest.raises(quota.Busy):
        quota.take(operation, timeout=0)
    quota.take(operation, timeout=5)


def test_operations_do_not_share_a_bucket(operation):
    for _ in range(5):
        quota.take(operation, timeout=0)
    quota.take("SomethingElse", timeout=0)


def test_without_redis_nothing_is_held_up(operation, monkeypatch):
    def broken(*_, **__):
        raise NoRedis

    monkeypatch.setattr(quota, "redis", lambda: type("Client", (), {"eval": broken})())
    for _ in range(20):
        quota.take(operation, timeout=0)


def test_of_two_only_one_holds_a_lock():
    name = uuid.uuid4().hex
    with locks.held(name, 5) as first, locks.held(name, 5) as second:
        assert (first, second) == (True, False)
    with locks.held(name, 5) as again:
        assert again
