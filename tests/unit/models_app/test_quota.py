import signal
import subprocess
import sys
import textwrap
import time
import uuid

import pytest
from redis.exceptions import ConnectionError as NoRedis

from models_app.aws import quota
from models_app.work import locks
from tests.stack import ROOT
from tests.waiting import wait_for


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
    with locks.held(name) as first, locks.held(name) as second:
        assert (first, second) == (True, False)
    with locks.held(name) as again:
        assert again


def test_a_lock_lasts_as_long_as_its_block(monkeypatch):
    monkeypatch.setattr(locks, "LEASE", 0.3)
    name = uuid.uuid4().hex
    with locks.held(name):
        time.sleep(1)
        with locks.held(name) as second:
            assert not second


def test_the_lock_of_a_killed_process_is_free_in_seconds():
    name = uuid.uuid4().hex
    code = f"""
        import os, signal
        import django
        django.setup()
        from models_app.work import locks
        with locks.held({name!r}) as held:
            assert held
            os.kill(os.getpid(), signal.SIGKILL)
    """
    done = subprocess.run([sys.executable, "-c", textwrap.dedent(code)], cwd=ROOT)
    assert done.returncode == -signal.SIGKILL

    def is_free() -> bool:
        with locks.held(name) as held:
            return held

    wait_for(is_free, "the lock to be free", within=15)
