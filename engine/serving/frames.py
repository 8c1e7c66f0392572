"""The gateway's reader of the messages that the process of a model sends, which may be anything."""

import asyncio
from typing import Any

import orjson

from engine.container.script_toolkit.frames import LENGTHS

MAX_HEAD, MAX_BODY = 16 * 1024**2, 512 * 1024**2  # bytes


async def receive(
    reader: asyncio.StreamReader, max_head: int = MAX_HEAD, max_body: int = MAX_BODY
) -> tuple[dict[str, Any], bytes]:
    """Wait for the next message. Raises EOFError when the other side has closed or sends what nobody of ours sends."""
    head, body = LENGTHS.unpack(await reader.readexactly(LENGTHS.size))
    if head > max_head or body > max_body:
        raise EOFError(f"a message of {head} and {body} bytes")
    content = await reader.readexactly(head)
    try:
        return orjson.loads(content), await reader.readexactly(body)
    except orjson.JSONDecodeError as e:
        raise EOFError(str(e)) from e
