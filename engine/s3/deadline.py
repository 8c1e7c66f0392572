"""How long the store may take for the head of its response, so that a store that hangs holds nobody up."""

import asyncio
import contextlib
from collections.abc import AsyncIterator

SECONDS = 30.0  # from the end of the request
LONG_SECONDS = 600.0  # where the store moves bytes before it answers
LONG = {"CompleteMultipartUpload", "CopyObject", "UploadPartCopy"}


class Deadline:
    """The time limit of one request: use `limit` around it, and send what `watch` yields."""

    def __init__(self, operation: str):
        self.seconds = LONG_SECONDS if operation in LONG else SECONDS
        self.limit = asyncio.timeout(self.seconds)

    async def watch(self, blocks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
        """`blocks`; while the client's next one is awaited, which has a limit of its own, the store's time stands."""
        self._set(None)
        async for block in blocks:
            self._set(self.seconds)
            yield block
            self._set(None)
        self._set(self.seconds)

    def _set(self, seconds: float | None) -> None:
        with contextlib.suppress(RuntimeError):  # it is over: the store has answered before the end
            self.limit.reschedule(None if seconds is None else asyncio.get_running_loop().time() + seconds)
