"""The messages between the gateway and a process that answers: a JSON object and bytes, each with its length before.

Both sides use it; the gateway reads by engine.serving.frames, which trusts no lengths.
"""

import json
import socket
import struct
from collections.abc import Mapping
from typing import Any

MAX_ANSWER = 25 * 1024**2  # bytes of the answer of a script
LENGTHS = struct.Struct(">IQ")  # of the object and of the bytes


def encode(head: Mapping[str, Any], body: bytes = b"") -> bytes:
    """One message. A character that UTF-8 lacks, as file names may have, becomes a question mark."""
    content = json.dumps(head, ensure_ascii=False).encode("utf-8", "replace")
    return LENGTHS.pack(len(content), len(body)) + content + body


def send(connection: socket.socket, head: Mapping[str, Any], body: bytes = b"") -> None:
    """Send one message."""
    connection.sendall(encode(head, body))


def receive(connection: socket.socket) -> tuple[dict[str, Any], bytes]:
    """Wait for the next message. Raises EOFError when the other side has closed."""
    head, body = LENGTHS.unpack(_exactly(connection, LENGTHS.size))
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
