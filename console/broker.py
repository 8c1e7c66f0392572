"""Kombu's transport for Redis, whose closed channels fail as those of a lost connection do. Imported for its effect.

A worker still holds the channels of the connection before, when Redis has been killed: it closes them and acknowledges
the messages of tasks that end. Kombu 5.7 asks them for the address of a connection that is no more, and nothing catches
that AttributeError: the worker ended, and its jobs began again.

A server that answers and does nothing for now, because its disk is full or it has lost its replicas, is one that is
away, too: the worker tries again.
"""

from typing import Any

from kombu.transport import TRANSPORT_ALIASES, redis
from redis.exceptions import ConnectionError as NoConnection
from redis.exceptions import ResponseError


class Channel(redis.Channel):
    """A channel that may outlive its connection."""

    def _connparams(self, asynchronous: bool = False) -> dict[str, Any]:
        if self.connection is None or self.connection.client is None:
            raise NoConnection("The connection of this channel is closed.")
        return super()._connparams(asynchronous)


class Transport(redis.Transport):
    """Connections with such channels."""

    Channel = Channel
    connection_errors = (*redis.Transport.connection_errors, ResponseError)


TRANSPORT_ALIASES |= dict.fromkeys(("redis", "rediss"), f"{__name__}:{Transport.__name__}")
