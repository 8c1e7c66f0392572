"""Keeps calls apart that, at the same time, stop all writes to a SeaweedFS store until it is started again.

SeaweedFS keeps the data of each bucket in a collection of volumes. Its master lists the collections when a bucket is
created, and takes the read lock of their map twice for that (`Topology.ListCollections`, SeaweedFS 4.48). A writer that
waits between the two blocks both, and then every call that needs a volume. The writers are the first data of a bucket,
which adds its collection, and the deletion of a bucket, which removes it. So this process sends readers and writers in
turns. The first data of a bucket is a byte of the gateway's own: data of a client may take as long as it likes.
"""

import asyncio
import base64
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from hashlib import md5

import aiohttp

from engine.s3 import upstream
from engine.s3.answering import TIMEOUT, no_answer
from engine.s3.call import Call
from engine.s3.room import STORING
from engine.s3.turns import Turns

_KEY = "collection"  # no name of an encoded key, for it lacks the "!" at its end
_BYTE = b"\0"
# The store writes the byte, finds that it has another checksum, and keeps no object.
_WRONG = {"content-md5": base64.b64encode(md5(b"", usedforsecurity=False).digest()).decode()}
_LISTS, _CHANGES = "lists", "changes"
_SIDES = {"CreateBucket": _LISTS, "DeleteBucket": _CHANGES}

_turns = Turns()
_with_collection: set[str] = set()  # buckets


@asynccontextmanager
async def turn_of(call: Call) -> AsyncIterator[None]:
    """Hold what `call` needs while the store works on it."""
    if call.operation.name not in _SIDES:
        yield
        return
    async with _turns.of(_SIDES[call.operation.name]):
        _with_collection.discard(call.bucket)
        yield


async def add(call: Call, session: aiohttp.ClientSession) -> None:
    """Give the bucket a collection if `call` brings data and may be the first. Raises RequestError (503)."""
    if call.operation.name not in STORING or call.bucket in _with_collection:
        return
    try:
        async with asyncio.timeout(TIMEOUT.total), _turns.of(_CHANGES):
            await _add(call.bucket, session)
    except (aiohttp.ClientError, TimeoutError):
        raise no_answer() from None


async def _add(bucket: str, session: aiohttp.ClientSession) -> None:
    url, headers = upstream.signed("PUT", f"/{bucket}/{_KEY}", "", _WRONG)
    async with session.put(url, headers=headers, data=_BYTE) as response:
        if b"<Code>BadDigest</Code>" in await response.read():  # else the answer to the call says what is wrong
            _with_collection.add(bucket)
