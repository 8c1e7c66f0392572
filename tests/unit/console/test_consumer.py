"""A worker whose broker is killed while it works connects again, and does not end."""

import os
import signal
import time
from pathlib import Path

import pytest
from celery import Celery
from celery.worker.consumer import Consumer as CeleryConsumer
from kombu import Queue

from bench.servers import valkey
from console import settings
from console.consumer import Consumer
from tests.waiting import wait_for


@pytest.fixture
def broken(tmp_path, monkeypatch):
    """A connection with two channels that have messages which are not acknowledged; its server was killed."""
    monkeypatch.delenv("SAGEWRIGHT_REDIS_URL", raising=False)
    socket = Path(tmp_path) / "valkey.sock"
    with valkey(str(tmp_path)) as server:
        wait_for(socket.exists, "Valkey to start")
        app = Celery(broker=f"redis+socket://{socket}?virtual_host=0", set_as_current=False)
        app.conf.broker_transport_options = settings.CELERY_BROKER_TRANSPORT_OPTIONS
        app.conf.broker_connection_retry = False
        connection = app.connection_for_read()
        channel = connection.default_channel
        for each in (channel, connection.channel()):
            queue = Queue("some", channel=each)
            queue.declare()
            with app.producer_pool.acquire() as producer:
                producer.publish({}, routing_key="some", serializer="json")
            assert queue.get(no_ack=False)
        Queue("some", channel=channel).consume(no_ack=False)
        connection.transport.cycle._register_BRPOP(channel)
        os.kill(server.pid, signal.SIGKILL)
        server.wait()
        time.sleep(0.1)
        yield connection
        app.pool.force_close_all()


def consumer(of: type[CeleryConsumer], connection) -> CeleryConsumer:
    """A consumer that has lost `connection`."""
    lost = of.__new__(of)
    lost.app, lost.connection = Celery(set_as_current=False), connection
    lost.app.conf.worker_enable_prefetch_count_reduction = False
    return lost


@pytest.mark.filterwarnings("ignore::celery.exceptions.CPendingDeprecationWarning")
def test_a_broker_that_is_killed_ends_no_worker(broken):
    lost = consumer(Consumer, broken)
    lost.on_connection_error_after_connected(ConnectionRefusedError())
    assert lost.connection is None


def test_workers_have_this_consumer():
    assert f"{Consumer.__module__}:{Consumer.__name__}" == settings.CELERY_WORKER_CONSUMER
