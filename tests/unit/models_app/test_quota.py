import signal
import subprocess
import sys
import textwrap
import time
import uuid
from contextlib import nullcontext
from threading import Event, Lock, Thread

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


def test_a_call_while_another_runs_is_left_to_it():
    name, calls, started, go_on = uuid.uuid4().hex, [], Event(), Event()

    def first():
        calls.append("first")
        started.set()
        assert go_on.wait(30)

    thread = Thread(target=locks.call_alone, args=(name, first))
    thread.start()
    assert started.wait(30)
    for _ in range(3):
        locks.call_alone(name, lambda: calls.append("left to the first"))
    assert calls == ["first"]
    go_on.set()
    thread.join()
    assert calls == ["first", "first"]


def test_after_the_last_call_everything_has_been_looked_at():
    name, lock, state = uuid.uuid4().hex, Lock(), {"changes": 0, "looks": 0, "looked at": 0}

    def look():
        state["looks"] += 1
        observed = state["changes"]
        time.sleep(0.001)
        state["looked at"] = observed

    def change_often():
        for _ in range(40):
            with lock:
                state["changes"] += 1
            locks.call_alone(name, look)

    threads = [Thread(target=change_often) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert state["looked at"] == state["changes"] == 160 > state["looks"]


def test_without_redis_every_call_is_made(monkeypatch):
    def broken():
        raise NoRedis

    monkeypatch.setattr(locks, "redis", lambda: broken())
    monkeypatch.setattr(locks, "held", lambda name: nullcontext(True))
    calls = []
    for number in range(2):
        locks.call_alone("anything", lambda number=number: calls.append(number))
    assert calls == [0, 1]


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
