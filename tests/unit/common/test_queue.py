"""Rows whose message was lost are sent again; a busy queue is left alone."""

from datetime import timedelta

import pytest
from celery import current_app
from django.core.cache import cache
from django.utils.timezone import now

from common.db import queue
from engine.models import TrainingJob
from engine.training.work import TRAINING


@pytest.fixture(autouse=True)
def messages(monkeypatch):
    """How many messages the queue is said to hold."""
    held = {"count": 0}
    monkeypatch.setattr(queue, "message_count", lambda name: held["count"])
    cache.clear()
    yield held
    cache.clear()


def age(seconds: float) -> None:
    TrainingJob.objects.update(status_since=now() - timedelta(seconds=seconds))


def test_a_waiting_row_whose_message_is_lost_is_sent_once_in_a_while(row, work):
    queue.resend(work)
    assert work.sent == []  # just made: its own message is under way
    age(5)
    queue.resend(work)
    queue.resend(work)
    assert work.sent == [(row.pk, 0.0)]
    cache.clear()
    assert queue.resend(work) == 1


def test_a_claimed_row_is_not_sent(row, work):
    age(60)
    work.take(row.pk)
    assert queue.resend(work) == 0


def test_rows_that_wait_their_turn_in_a_busy_queue_are_not_sent_again(row, work, messages):
    for name in "bcd":
        TrainingJob.objects.create(region="us-east-1", name=name, request={})
    age(60)
    messages["count"] = 4
    queue.resend(work)
    assert work.sent == []
    messages["count"] = 3  # one is missing; whichever row is sent, as many messages as rows wait again
    queue.resend(work)
    assert work.sent == [(row.pk, 0.0)]


def test_the_real_queue_is_counted(db, monkeypatch):
    monkeypatch.undo()
    assert queue.queue_of(TRAINING.task) == "training"
    with current_app.connection_for_write() as connection:
        connection.default_channel.queue_purge("training")
    assert queue.message_count("training") == 0
    assert TRAINING.send(999_999) and queue.message_count("training") == 1


def test_a_broker_that_is_away_is_no_error(row, work, monkeypatch):
    def away(*_, **__):
        raise ConnectionError("no broker")

    monkeypatch.setattr(current_app._get_current_object(), "send_task", away)
    assert TRAINING.send(row.pk) is False
    age(5)
    monkeypatch.setattr(queue, "message_count", away)
    assert queue.resend(work) == 0
