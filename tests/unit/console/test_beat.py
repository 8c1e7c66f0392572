"""One clock for all machines, and messages that come back after a worker was killed."""

import subprocess
import sys
import textwrap

import pytest
import redis
from django.conf import settings
from redis.backoff import NoBackoff
from redis.retry import Retry

from common.db import quiet
from common.db.nudge import _publish
from console import restore
from console.beat import LEASE, LeasedScheduler
from console.beat_schedule import POLL
from console.celery import app
from tests.stack import ROOT


@pytest.fixture
def valkey():
    client = redis.Redis.from_url(settings.REDIS_URL)
    yield client
    client.flushall()
    client.close()


@pytest.fixture
def beats(valkey):
    created = []

    def make() -> LeasedScheduler:
        created.append(LeasedScheduler(app=app, lazy=True))
        return created[-1]

    yield make
    for beat in created:
        beat.redis.close()


def test_only_one_of_two_beats_is_active(beats, valkey):
    first, second = beats(), beats()
    assert first._hold()
    assert not second._hold()
    assert first._hold(), "it renews its own lease"
    assert 0 < valkey.pttl(LEASE) <= 4000


def test_the_other_takes_over_when_the_first_gives_up_or_vanishes(beats, valkey):
    first, second = beats(), beats()
    assert first._hold()
    first.close()
    assert second._hold()
    valkey.delete(LEASE)  # what time does to the lease of a killed one
    assert first._hold()
    assert not second._hold()


def test_everything_is_due_when_a_beat_becomes_active(beats, valkey):
    """Else a clock that is restarted more often than an interval never sends what has that interval."""
    beat = beats()
    beat.update_from_dict({f"every-{s}": {"task": "some.task", "schedule": float(s)} for s in (5, 15, 3600)})
    try:
        for _ in range(10):
            beat.tick()
        assert valkey.llen("celery:console") == 3
    finally:
        beat.close()


def test_no_poll_is_sent_while_nothing_changes(beats, valkey):
    beat = beats()
    beat.update_from_dict({"poll": {"task": POLL, "schedule": 2.0}})

    def sent() -> int:
        beat._make_due()
        beat.tick()
        return valkey.llen("celery:console")

    try:
        assert beat._hold()
        assert sent() == 1
        before = quiet.changes()
        _publish(("models",))  # as of a click, after the poll has read the rows
        quiet.note(before)
        assert sent() == 2
        quiet.note(quiet.changes())
        assert sent() == 2
        _publish(("models",))
        assert sent() == 3
        quiet.note(quiet.changes())
        valkey.delete(quiet.QUIET)  # what time does
        assert sent() == 4
    finally:
        beat.close()


def test_without_redis_nobody_is_active(beats):
    beat = beats()
    beat.redis = redis.Redis(unix_socket_path="/nowhere.sock", retry=Retry(NoBackoff(), 0))
    assert not beat._hold()


def test_messages_of_a_killed_worker_go_back_to_its_queue_and_no_other(valkey):
    for queue in ("console", "training"):
        app.send_task("some.task", queue=queue)
    code = """
        import os, signal
        from console.celery import app
        channel = app.connection_for_read().channel()
        for queue in ("console", "training"):
            app.amqp.queues[queue](channel).get(no_ack=False)
        os.kill(os.getpid(), signal.SIGKILL)
    """
    subprocess.run([sys.executable, "-c", textwrap.dedent(code)], cwd=ROOT)  # took both, was killed before it was done
    assert valkey.hlen("celery:unacked") == 2

    assert restore.restore("console") == 1

    assert valkey.llen("celery:console") == 1
    assert valkey.llen("celery:training") == 0
    assert valkey.hlen("celery:unacked") == 1
    assert restore.restore("console") == 0
    assert restore.restore("console", "training") == 1
    assert valkey.llen("celery:training") == 1
