"""The messages between the gateway and the process of a model: a JSON object and bytes, each with its length before."""

import asyncio
import socket
import struct
from collections.abc import Mapping
from typing import Any

import orjson

MAX_HEAD, MAX_BODY = 16 * 1024**2, 512 * 1024**2  # bytes
_LENGTHS = struct.Struct(">IQ")


def encode(head: Mapping[str, Any], body: bytes = b"") -> bytes:
    """One message."""
    content = orjson.dumps(head)
    return _LENGTHS.pack(len(content), len(body)) + content + body


def receive(connection: socket.socket) -> tuple[dict[str, Any], bytes]:
    """Wait for the next message. Raises EOFError when the other side has closed."""
    head, body = _lengths(_exactly(connection, _LENGTHS.size))
    return orjson.loads(_exactly(connection, head)), _exactly(connection, body)


async def receive_async(
    reader: asyncio.StreamReader, max_head: int = MAX_HEAD, max_body: int = MAX_BODY
) -> tuple[dict[str, Any], bytes]:
    """As `receive`. Raises EOFError too for a message that nobody of ours sends."""
    head, body = _lengths(await reader.readexactly(_LENGTHS.size), max_head, max_body)
    content = await reader.readexactly(head)
    try:
        return orjson.loads(content), await reader.readexactly(body)
    except orjson.JSONDecodeError as e:
        raise EOFError(str(e)) from e


def _lengths(data: bytes, max_head: int = MAX_HEAD, max_body: int = MAX_BODY) -> tuple[int, int]:
    head, body = _LENGTHS.unpack(data)
    if head > max_head or body > max_body:
        raise EOFError(f"a message of {head} and {body} bytes")
    return head, body


def _exactly(connection: socket.socket, size: int) -> bytes:
    data = bytearray(size)
    view, at = memoryview(data), 0
    while at < size:
        count = connection.recv_into(view[at:])
        if not count:
            raise EOFError("the other side has closed")
        at += count
    return bytes(data)
