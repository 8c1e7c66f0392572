"""Where the members of a job meet before they train together: each says what it has, and hears what all have."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Sequence
from io import BufferedRWPair
from typing import Any

PORT = 9099  # of the first host, as AWS's XGBoost has it
LOOK = 0.05  # seconds until a host that does not listen yet is tried again


class Rendezvous:
    """The connections of all `hosts` with the first of them. A context manager; entering waits until all are there.

    A host that never comes is waited for until the job's end: whoever runs the job ends it when a member has failed.
    """

    def __init__(self, hosts: Sequence[str], current: str, port: int = PORT):
        self._hosts, self._current, self._port = tuple(hosts), current, port
        self._streams: dict[str, BufferedRWPair] = {}
        self._sockets: list[socket.socket] = []

    def __enter__(self) -> Rendezvous:
        first = self._hosts[0]
        if self._current != first:
            self._open(first, _connect(first, self._port))
            _send(self._streams[first], self._current)
            return self
        with socket.create_server((first, self._port), backlog=len(self._hosts)) as server:
            while len(self._streams) < len(self._hosts) - 1:
                self._open("", server.accept()[0])
                stream = self._streams.pop("")
                self._streams[_receive(stream)] = stream
        return self

    def __exit__(self, *_: object) -> None:
        for stream in self._streams.values():
            stream.close()
        for connection in self._sockets:
            connection.close()

    def exchange(self, message: Any) -> list[Any]:
        """Return the messages of all hosts, in their order. A message is anything that JSON has.

        Raises OSError when a member is lost.
        """
        first = self._streams.get(self._hosts[0])
        if first:
            _send(first, message)
            return _receive(first)
        messages = [message if host == self._current else _receive(self._streams[host]) for host in self._hosts]
        for stream in self._streams.values():
            _send(stream, messages)
        return messages

    def _open(self, host: str, connection: socket.socket) -> None:
        self._sockets.append(connection)
        self._streams[host] = connection.makefile("rwb")


def _connect(host: str, port: int) -> socket.socket:
    while True:
        try:
            return socket.create_connection((host, port))
        except ConnectionRefusedError:
            time.sleep(LOOK)


def _send(stream: BufferedRWPair, message: Any) -> None:
    stream.write(json.dumps(message).encode() + b"\n")
    stream.flush()


def _receive(stream: BufferedRWPair) -> Any:
    line = stream.readline()
    if not line.endswith(b"\n"):
        raise ConnectionResetError("another member of the job has ended")
    return json.loads(line)
