"""A model that is not proven harmless: it has a process of its own, and only its own requests suffer from it."""

import asyncio
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import orjson

from algorithms.spec import InvocationError
from engine.serving.answering import INVOCATION_SECONDS, TimedOut
from engine.serving.model_client import ModelClient, ProcessEnded
from engine.serving.model_schema import accepts_labels
from engine.serving.schema_document import SchemaDocument
from engine.serving.served_model import ModelLoadError, ServedModel
from tables.unseen import UnseenCategories

MAX_WAITING = 100  # requests
START_SECONDS = 60.0  # seconds to load the model
IDLE_SECONDS = 900.0  # seconds without a request until the process ends
GONE = "The endpoint of this model was deleted."
LONGEST_WAIT = 60.0  # seconds until a process that ends again and again is started anew


class IsolatedModel(ServedModel):
    """A model in a process of its own, which answers one request at a time.

    A process that ends or does not answer in time fails the request. The next request starts it anew: at once after the
    first failure, later after a wait that doubles.
    """

    start_seconds = START_SECONDS

    def __init__(
        self, folder: Path, algorithm: str, environment: Mapping[str, str], response_type: str, size: int,
        document: SchemaDocument,
    ):  # fmt: skip
        self.size, self._folder = size, folder
        self._load = {
            "folder": str(folder), "algorithm": algorithm, "environment": dict(environment),
            "response_type": response_type,
        }  # fmt: skip
        self._document = document
        self._schema = document.fetch()
        self._client: ModelClient | None = None
        self._turn = asyncio.Lock()
        self._waiting = 0
        self._failures = 0
        self._reason = ""
        self._retry_at = 0.0
        self._used_at = 0.0
        self._is_closed = self._is_gone = False
        self._timer: asyncio.TimerHandle | None = None

    @property
    def pid(self) -> int | None:
        """The process that holds the model, None while there is none."""
        return self._client.pid if self._client else None

    async def start(self) -> None:
        """Start the process. Raises ModelLoadError."""
        try:
            async with self._turn:
                await self._running()
        except InvocationError as e:
            raise ModelLoadError(e.message) from e

    async def answer(
        self, headers: Mapping[str, str], body: bytes, unseen: UnseenCategories | None = None
    ) -> tuple[bytes, str]:
        """The answer's body and content type. Raises InvocationError."""
        head = self._head(headers)
        if self._document.is_stale and accepts_labels(headers.get("accept")):
            changed = await asyncio.get_running_loop().run_in_executor(None, self._document.changed)
            if changed is not None:
                self._schema = changed
                await self._queue(None, b"")
        try:
            return await self._queue(head, body, unseen)
        except InvocationError:
            if not self._document.is_due:
                raise
        self._schema = await asyncio.get_running_loop().run_in_executor(None, self._document.fetch)
        await self._queue(None, b"")
        return await self._queue(head, body, unseen)

    def _head(self, headers: Mapping[str, str]) -> dict[str, Any]:
        """The message of a request with these headers."""
        return {"op": "invoke", "content_type": headers.get("content-type"), "accept": headers.get("accept")}

    def close(self) -> None:
        """End the process after the requests that wait for it."""
        self._is_closed = True
        self._end_if_unused()

    def abort(self) -> None:
        """End the process now: its endpoint is gone. Requests that wait for it fail."""
        self._is_closed = self._is_gone = True
        if self._client is not None:
            self._client.end()

    async def _queue(
        self, head: Mapping[str, Any] | None, body: bytes, unseen: UnseenCategories | None = None
    ) -> tuple[bytes, str]:
        """Wait for the model's answer to a message; without one, only for its schema to be sent."""
        if self._waiting >= MAX_WAITING:
            text = f"{MAX_WAITING} requests wait for this model already. Send fewer at once, or try again later."
            raise InvocationError(503, text)
        self._waiting += 1
        try:
            async with asyncio.timeout(INVOCATION_SECONDS) as limit, self._turn:
                limit.reschedule(None)
                client = await self._running()
                limit.reschedule(asyncio.get_running_loop().time() + INVOCATION_SECONDS)
                if head is None:
                    await self._send_schema(client)
                    return b"", ""
                return await self._ask(client, head, body, unseen)
        except TimeoutError:
            raise TimedOut from None
        finally:
            self._waiting -= 1
            self._used_at = time.monotonic()
            if self._is_closed or self._timer is None:
                self._end_if_unused()

    async def _running(self) -> ModelClient:
        """The process, started if need be. Raises InvocationError."""
        if self._is_gone:
            raise InvocationError(500, GONE)
        if self._client is None:
            wait = self._retry_at - time.monotonic()
            if wait > 0:
                raise InvocationError(500, f"{self._reason} It is started again in {wait:.0f} s.")
            try:
                self._reason = f"The process of this model did not start within {self.start_seconds:g} s."
                async with asyncio.timeout(self.start_seconds):
                    self._client = await self._launch()
                    await self._ask(self._client, self._load, b"")
                    await self._send_schema(self._client)
            except TimeoutError:
                raise InvocationError(500, self._reason) from None
            except OSError as e:
                raise InvocationError(500, f"The process of this model cannot be started: {e}") from e
        return self._client

    async def _launch(self) -> ModelClient:
        """A new process, which waits for its first message. Raises OSError."""
        return await ModelClient.start(self._folder)

    async def _send_schema(self, client: ModelClient) -> None:
        if not self._document.uri:
            return
        content = b"" if self._schema is None else orjson.dumps(self._schema)
        try:
            await self._ask(client, {"op": "schema", "error": self._document.error}, content)
        except InvocationError as e:
            if self._client is None:
                raise
            self._document.reject(e.message)
            await self._ask(client, {"op": "schema", "error": self._document.error}, b"")

    async def _ask(
        self, client: ModelClient, head: Mapping[str, Any], body: bytes, unseen: UnseenCategories | None = None
    ) -> tuple[bytes, str]:
        try:
            answer, content = await client.ask(head, body)
        except ProcessEnded as e:
            self._fail(client, f"The process of this model ended with {e}.")
            raise InvocationError(500, self._reason) from None
        except BaseException:  # cancelled: it did not answer in time, and its answer would be taken for the next one's
            is_load = "folder" in head
            what = f"load it within {self.start_seconds:g} s" if is_load else f"answer in {INVOCATION_SECONDS:g} s"
            self._fail(client, f"The process of this model did not {what}.")
            raise
        if answer["status"] != 200:
            if "folder" in head:
                self._fail(client, answer["message"])
            raise InvocationError(answer["status"], answer["message"])
        if unseen is not None:
            unseen.merge(answer.get("unseen", {}))
        return content, answer.get("content_type", "")

    def _fail(self, client: ModelClient, reason: str) -> None:
        client.end()
        lifetime = time.monotonic() - client.started
        self._failures = 1 if lifetime > INVOCATION_SECONDS * 2 else self._failures + 1
        wait = 0.0 if self._failures == 1 else min(LONGEST_WAIT, 2.0 ** (self._failures - 2))
        self._client, self._reason, self._retry_at = None, reason, time.monotonic() + wait

    def _end_if_unused(self) -> None:
        is_idle = self._is_closed or time.monotonic() - self._used_at > IDLE_SECONDS
        self._timer = None
        if self._client is None:
            return
        if self._waiting or not is_idle:
            self._timer = asyncio.get_running_loop().call_later(IDLE_SECONDS, self._end_if_unused)
            return
        self._client.end()
        self._client = None
