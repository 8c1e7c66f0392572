"""A worker whose broker is killed while it works connects again, and does not end."""

import logging
import os
import signal
import time
from pathlib import Path
from queue import Empty

import pytest
from celery import Celery
from celery.signals import worker_shutting_down
from celery.worker.consumer import Consumer
from kombu import Queue
from kombu.asynchronous import Hub
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


@pytest.mark.parametrize("may_unblock", [True, False])
def test_a_worker_that_waits_for_a_message_ends_at_once_and_loses_none(tmp_path, monkeypatch, may_unblock):
    monkeypatch.delenv("SAGEWRIGHT_REDIS_URL", raising=False)
    socket = Path(tmp_path) / "valkey.sock"
    with valkey(str(tmp_path)):
        wait_for(socket.exists, "Valkey to start")
        app = Celery(broker=f"redis+socket://{socket}?virtual_host=0", set_as_current=False)
        connection = app.connection_for_read()
        channel = connection.default_channel
        # Longer than the socket waits: without the server's help the wait would not end by an answer.
        channel.brpop_timeout, timeout = (3600, 0.5) if may_unblock else (1, 10)
        with Redis(unix_socket_path=str(socket)) as client:
            if not may_unblock:
                client.execute_command("ACL", "SETUSER", "default", "-client|id")
            channel.basic_consume("some", no_ack=False, callback=lambda message: None, consumer_tag="worker")
            connection.transport.cycle._register_BRPOP(channel)
            channel.client.connection._sock.settimeout(timeout)
            wait_for(lambda: client.info("clients")["blocked_clients"] == 1, "it to wait")
            read, ends = channel._brpop_read, []

            def reading() -> None:
                try:
                    read()
                except Exception as e:
                    ends.append(type(e))
                    raise

            monkeypatch.setattr(channel, "_brpop_read", reading)
            connection.close()
            assert ends == [Empty]
            assert client.info("clients")["blocked_clients"] == 0
            assert not client.exists("unacked")
        app.pool.force_close_all()


def test_the_end_of_a_worker_wakes_its_loop(monkeypatch):
    hub = Hub()
    monkeypatch.setattr("console.broker.get_event_loop", lambda: hub)
    hub.add_reader(os.pipe()[0], lambda: None)  # a loop without any does not wait
    poll, events = hub.poller.poll, []
    monkeypatch.setattr(hub.poller, "poll", lambda timeout: events.extend(poll(30)) or events)
    loop = hub.create_loop()
    signal.signal(signal.SIGALRM, lambda *_: worker_shutting_down.send(sender=None, sig="TERM", how="Warm", exitcode=0))
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.2)
        next(loop)
        assert events, "the signal alone does not end the wait"
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        hub.close()
