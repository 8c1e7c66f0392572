"""Hosting workers that die, and messages that are lost."""

from datetime import timedelta

import pytest
from celery import current_app
from django.core.cache import cache
from django.utils.timezone import now

from common.db import queue
from common.db.claim import ClaimLost
from common.db.nudge import CHANNEL
from common.db.redis_client import redis
from engine import store
from engine.hosting import trial
from engine.hosting.claims import DEPLOYMENT, fail
from engine.models import Endpoint
from engine.tasks import reconcile
from tests.wire import asks
from tests.wire.hosting.conftest import Status, deploy


def test_gateways_are_told_when_the_route_changes(hosting, trusting):
    hosting.create_endpoint(**asks.endpoint())
    listener = redis().pubsub(ignore_subscribe_messages=True)
    listener.subscribe(CHANNEL)
    listener.get_message(timeout=1)
    deploy()
    nudges = [m["data"].decode() for m in iter(lambda: listener.get_message(timeout=1), None)]
    assert "engine:endpoint:us-east-1:endpoint" in nudges
    listener.close()


def test_a_claimed_endpoint_is_left_to_its_worker_until_it_falls_silent(hosting, trusting, settings):
    hosting.create_endpoint(**asks.endpoint())
    claim = DEPLOYMENT.take(Endpoint.objects.get().pk)
    assert deploy().status == Status.CREATING
    Endpoint.objects.update(heartbeat=now() - timedelta(seconds=settings.CLAIM_LEASE + 1))
    assert deploy().status == Status.IN_SERVICE
    with pytest.raises(ClaimLost):
        fail(claim, "the first worker came back")
    assert Endpoint.objects.get().status == Status.IN_SERVICE


def test_a_roll_back_that_was_cut_short_is_finished(serving):
    Endpoint.objects.update(status=Status.ROLLING_BACK, worker="gone", heartbeat=now() - timedelta(minutes=1))
    assert deploy().status == Status.IN_SERVICE


def test_a_model_that_keeps_killing_its_worker_is_given_up(hosting):
    hosting.create_endpoint(**asks.endpoint())
    died = now() - timedelta(minutes=1)
    Endpoint.objects.update(attempt=DEPLOYMENT.max_attempts, worker="gone", heartbeat=died)
    endpoint = deploy()
    assert (endpoint.status, endpoint.worker) == (Status.FAILED, "")
    assert "in 5 attempts" in endpoint.failure_reason


def test_a_store_that_is_away_is_tried_again(hosting, monkeypatch):
    """In seconds, as long as it takes: an absence is no attempt."""
    hosting.create_endpoint(**asks.endpoint())
    sent = []
    monkeypatch.setattr(type(DEPLOYMENT), "send", lambda self, pk, delay=0.0: sent.append(delay))

    def away(url):
        raise store.StoreUnavailable(error="no store")

    with monkeypatch.context() as patch:
        patch.setattr(trial, "fetch", away)
        for _ in range(DEPLOYMENT.max_attempts + 1):
            endpoint = deploy()
            assert (endpoint.status, endpoint.worker, endpoint.attempt) == (Status.CREATING, "", 0)
    assert sent == [2.0] * (DEPLOYMENT.max_attempts + 1)
    assert deploy().status == Status.IN_SERVICE


def test_reconcile_finds_what_waits(hosting, monkeypatch):
    nudged = []
    cache.clear()
    monkeypatch.setattr(type(DEPLOYMENT), "send", lambda self, pk, delay=0.0: nudged.append(pk) or True)
    monkeypatch.setattr(queue, "message_count", lambda name: 0)
    hosting.create_endpoint(**asks.endpoint())
    pk = Endpoint.objects.get().pk
    nudged.clear()
    reconcile()
    assert nudged == [], "its own message is on the way"
    Endpoint.objects.update(status_since=now() - timedelta(seconds=5))
    reconcile()
    Endpoint.objects.update(worker="someone", heartbeat=now())
    reconcile()
    assert nudged == [pk]
    Endpoint.objects.update(heartbeat=now() - timedelta(seconds=20))
    reconcile()
    Endpoint.objects.update(status=Status.DELETING, worker="", heartbeat=None)
    reconcile()
    assert nudged == [pk] * 3


def test_a_broker_that_is_away_does_not_stop_a_create(hosting, monkeypatch):
    def away(*_, **__):
        raise ConnectionError("no broker")

    monkeypatch.setattr(current_app._get_current_object(), "send_task", away)
    hosting.create_endpoint(**asks.endpoint())
    assert Endpoint.objects.get().status == Status.CREATING
