"""Kombu's transport for Redis, whose closed channels fail as those of a lost connection do. Imported for its effect.

A worker still holds the channels of the connection before, when Redis has been killed: it closes them and acknowledges
the messages of tasks that end. Kombu 5.7 asks them for the address of a connection that is no more, and nothing catches
that AttributeError: the worker ended, and its jobs began again.

A server that answers and does nothing for now, because its disk is full or it has lost its replicas, is one that is
away, too: the worker tries again.

A worker that has nothing to do sleeps: it waits for a message for seconds, which ends as soon as one comes, or when the
worker is told to end. Kombu wakes it every second, twice, and a message that it waits for at its end delays that.
"""

import threading
from contextlib import suppress
from typing import Any

from celery.signals import worker_shutting_down
from kombu.asynchronous import get_event_loop
from kombu.transport import TRANSPORT_ALIASES, redis
from redis.exceptions import ConnectionError as NoConnection
from redis.exceptions import RedisError, ResponseError


class Channel(redis.Channel):
    """A channel that may outlive its connection, and ends without delay."""

    _socket: Any = None  # of the connection that waits for messages
    _number = 0  # of that connection at the server; 0 where the server does not say

    def _brpop_start(self, timeout: float | None = None) -> None:
        connection = self.client.connection
        if connection._sock is None or connection._sock is not self._socket:
            self._number = 0
            with suppress(ResponseError):
                self._number = self.client.client_id()
            self._socket = connection._sock
        super()._brpop_start(timeout)

    def close(self) -> None:
        """Close it, after the answer to what it has asked for: the server is told to give it now."""
        if self._in_poll and self._number:
            with suppress(RedisError, OSError), self.conn_or_acquire() as client:
                client.client_unblock(self._number)
        super().close()

    def _connparams(self, asynchronous: bool = False) -> dict[str, Any]:
        if self.connection is None or self.connection.client is None:
            raise NoConnection("The connection of this channel is closed.")
        return super()._connparams(asynchronous)


class Transport(redis.Transport):
    """Connections with such channels."""

    Channel = Channel
    brpop_timeout = 5  # seconds after which a worker to which no message came asks again
    connection_errors = (*redis.Transport.connection_errors, ResponseError)

    def register_with_event_loop(self, connection: Any, loop: Any) -> None:
        """Have the worker's loop follow `connection`, without the look every second at queues that expire."""
        super().register_with_event_loop(connection, loop)
        cycle: Any = self.cycle
        cycle._binding_expiry_tref.cancel()


@worker_shutting_down.connect(weak=False)
def _wake_loop(**_: Any) -> None:
    """Have the loop of the worker see that it is to end: Python goes on with a wait that a signal has interrupted."""
    if loop := get_event_loop():
        threading.Thread(target=loop.call_soon, args=(_nothing,)).start()


def _nothing() -> None:
    """What wakes a loop that is called from another thread."""


TRANSPORT_ALIASES |= dict.fromkeys(("redis", "rediss"), f"{__name__}:{Transport.__name__}")
