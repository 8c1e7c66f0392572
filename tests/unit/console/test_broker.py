"""A worker whose broker is killed while it works connects again, and does not end."""

import logging
import os
import signal
import time
from pathlib import Path

import pytest
from celery import Celery
from celery.worker.consumer import Consumer
from kombu import Queue
from redis import Redis
from redis.exceptions import ResponseError

from bench.servers import valkey
from console import broker, settings
from tests.waiting import wait_for


@pytest.fixture
def lost(tmp_path, monkeypatch):
    """A connection with two channels that have messages which are not acknowledged, and these; its server is dead."""
    monkeypatch.delenv("SAGEWRIGHT_REDIS_URL", raising=False)
    socket = Path(tmp_path) / "valkey.sock"
    with valkey(str(tmp_path)) as server:
        wait_for(socket.exists, "Valkey to start")
        app = Celery(broker=f"redis+socket://{socket}?virtual_host=0", set_as_current=False)
        app.conf.broker_transport_options = settings.CELERY_BROKER_TRANSPORT_OPTIONS
        connection = app.connection_for_read()
        messages = []
        for channel in (connection.default_channel, connection.channel()):
            queue = Queue("some", channel=channel)
            queue.declare()
            with app.producer_pool.acquire() as producer:
                producer.publish({}, routing_key="some", serializer="json")
            messages.append(queue.get(no_ack=False))
        Queue("some", channel=connection.default_channel).consume(no_ack=False)
        connection.transport.cycle._register_BRPOP(connection.default_channel)
        os.kill(server.pid, signal.SIGKILL)
        server.wait()
        time.sleep(0.1)
        yield connection, messages
        app.pool.force_close_all()


@pytest.mark.filterwarnings("ignore::celery.exceptions.CPendingDeprecationWarning")
def test_a_broker_that_is_killed_ends_no_worker(lost, caplog):
    connection, messages = lost
    consumer = Consumer.__new__(Consumer)
    consumer.app, consumer.connection = Celery(set_as_current=False), connection
    consumer.app.conf.worker_enable_prefetch_count_reduction = False
    consumer.on_connection_error_after_connected(ConnectionRefusedError())
    for message in messages:  # their tasks end when there is another connection
        message.ack_log_error(logging.getLogger("test"), connection.connection_errors)
    assert "is closed" in caplog.text


def test_workers_have_this_transport():
    from console.celery import app

    for url in ("redis+socket:///socket?virtual_host=0", "redis://host", "rediss://host"):
        assert app.connection_for_read(url).get_transport_cls() is broker.Transport


def test_a_broker_that_refuses_commands_for_now_ends_no_worker(tmp_path, monkeypatch):
    """One whose disk is full answers MISCONF; here it misses a replica."""
    monkeypatch.delenv("SAGEWRIGHT_REDIS_URL", raising=False)
    socket = Path(tmp_path) / "valkey.sock"
    with valkey(str(tmp_path)):
        wait_for(socket.exists, "Valkey to start")
        app = Celery(broker=f"redis+socket://{socket}?virtual_host=0", set_as_current=False)
        with app.connection_for_read() as connection, Redis(unix_socket_path=str(socket)) as client:
            queue = Queue("some", channel=connection.default_channel)
            queue.declare()
            queue.consume(no_ack=False)
            client.config_set("min-replicas-to-write", 1)
            with pytest.raises(ResponseError, match="NOREPLICAS") as caught:
                connection.drain_events(timeout=10)
            assert isinstance(caught.value, connection.connection_errors)
            client.config_set("min-replicas-to-write", 0)
        app.pool.force_close_all()
