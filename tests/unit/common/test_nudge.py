"""Waiting for a nudge: it ends at once when the topic is nudged, and by the clock without one."""

import time
from threading import Timer

from redis.exceptions import ConnectionError as NoConnection

from common.db import nudge


def waited(topic: str, step: float) -> float:
    """Seconds that a wait for `topic` takes."""
    with nudge.waiting_for(topic, step) as wait:
        began = time.monotonic()
        wait()
        return time.monotonic() - began


def test_a_wait_ends_with_the_nudge_of_its_topic():
    timer = Timer(0.1, nudge._publish, [("others", "mine")])
    timer.start()
    assert waited("mine", 20) < 15
    timer.join()


def test_a_nudge_before_the_wait_is_not_missed():
    with nudge.waiting_for("mine", 20) as wait:
        nudge._publish(("mine",))
        began = time.monotonic()
        wait()
        assert time.monotonic() - began < 15


def test_without_its_nudge_or_without_redis_a_wait_takes_its_time(monkeypatch):
    timer = Timer(0.02, nudge._publish, [("others",)])
    timer.start()
    assert waited("mine", 0.2) >= 0.2
    timer.join()

    def away(*_: object, **__: object) -> None:
        raise NoConnection

    monkeypatch.setattr("redis.client.PubSub.execute_command", away)
    assert waited("mine", 0.05) >= 0.04
