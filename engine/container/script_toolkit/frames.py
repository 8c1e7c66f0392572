"""The messages between the gateway and a serving process: a JSON object and bytes, each with its length before.

The gateway's side is engine.serving.frames.
"""

import json
import socket
import struct
from collections.abc import Mapping
from typing import Any

_LENGTHS = struct.Struct(">IQ")


def send(connection: socket.socket, head: Mapping[str, Any], body: bytes = b"") -> None:
    """Send one message."""
    content = json.dumps(head).encode()
    connection.sendall(_LENGTHS.pack(len(content), len(body)) + content + body)


def receive(connection: socket.socket) -> tuple[dict[str, Any], bytes]:
    """Wait for the next message. Raises EOFError when the other side has closed."""
    head, body = _LENGTHS.unpack(_exactly(connection, _LENGTHS.size))
    return json.loads(_exactly(connection, head)), _exactly(connection, body)


def _exactly(connection: socket.socket, size: int) -> bytes:
    data = bytearray(size)
    view, at = memoryview(data), 0
    while at < size:
        count = connection.recv_into(view[at:])
        if not count:
            raise EOFError("the other side has closed")
        at += count
    return bytes(data)
