"""A proven model in the memory of this process: predicts on the event loop or in a thread."""

import asyncio
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any

from algorithms.spec import InvocationError
from engine.serving.answering import INVOCATION_SECONDS, Answering, TimedOut
from engine.serving.batch import Batch
from engine.serving.model_schema import SchemaError, accepts_labels
from engine.serving.reasons import REASONS, answer_with_reasons
from engine.serving.schema_document import SchemaDocument
from engine.serving.served_model import ServedModel
from tables.unseen import UnseenCategories

MIN_CELL = 2  # bytes of a number and its delimiter in a body
PLAIN_LIMIT = 64 * 1024  # bytes of plain numbers that are read on the event loop: 0.1 ms
INLINE_SECONDS = 0.02  # on the event loop, where all other requests wait
_threads = ThreadPoolExecutor(32, "predict")  # a model takes one of them at a time


class InProcessModel(ServedModel):
    """A model that a validator has proven harmless."""

    def __init__(self, answering: Answering, size: int, document: SchemaDocument):
        self.size = size
        self.answering = answering
        self._document = document
        self._inline_rows = INLINE_SECONDS / answering.row_seconds if answering.row_seconds else float("inf")
        self.batch = Batch(answering.predictor)
        self._turn = asyncio.Lock()
        self.read_schema()

    def read_schema(self) -> None:
        """Read the model's schema. One that cannot be used leaves the model answering rows by position."""
        document = self._document.fetch()
        try:
            if document is not None:
                self.answering.use_schema(document)
        except SchemaError as e:
            self._document.reject(e)
        self.answering.schema_error = self._document.error

    def _follow_schema(self) -> None:
        """Use the schema that replaced the one in use; one that cannot be used changes nothing."""
        with suppress(SchemaError):
            if (document := self._document.changed()) is not None:
                self.answering.use_schema(document)

    @property
    def has_stale_schema(self) -> bool:
        """Whether an answer with labels has to look first whether the schema was replaced."""
        return self._document.is_stale

    def is_inline(self, rows: int, numbers: int) -> bool:
        """Whether `rows`, of so many numbers, may be predicted on the event loop at the end of this turn."""
        # A short body by name may become many numbers.
        return (
            numbers * MIN_CELL <= self.answering.predictor.inline_limit and rows + self.batch.rows <= self._inline_rows
        )

    async def start(self) -> None:
        """Nothing is left to do: the model is in memory."""

    def close(self) -> None:
        """Nothing is left to do: the memory is free when the last request ends."""

    async def answer(
        self, headers: Mapping[str, str], body: bytes, unseen: UnseenCategories | None = None
    ) -> tuple[bytes, str]:
        """The answer's body and content type. Raises InvocationError."""
        content_type, accept = headers.get("content-type"), headers.get("accept")
        if self.has_stale_schema and accepts_labels(accept):
            await asyncio.get_running_loop().run_in_executor(_threads, self._follow_schema)
        try:
            return await self._answer(body, content_type, accept, unseen)
        except InvocationError:
            if not self._document.is_due:
                raise
        await asyncio.get_running_loop().run_in_executor(_threads, self.read_schema)
        return await self._answer(body, content_type, accept, unseen)

    async def _answer(
        self, body: bytes, content_type: str | None, accept: str | None, unseen: UnseenCategories | None
    ) -> tuple[bytes, str]:
        answering, limit = self.answering, self.answering.predictor.inline_limit
        if accept is not None and REASONS in accept:
            return await self._in_thread(answer_with_reasons, answering, body, content_type, accept, unseen)
        if len(body) > limit:
            plain = answering.read_plain(body, content_type) if len(body) <= PLAIN_LIMIT else None
            if plain is None:
                return await self._in_thread(answering.answer, body, content_type, accept, unseen)
            rows, response_type = plain, answering.type_for(accept)
        else:
            rows, response_type = answering.read(body, content_type, accept, unseen)
        if self.is_inline(len(rows), rows.size):
            return answering.write(await self.batch.predict(rows), response_type, accept)
        return await self._in_thread(answering.answer_rows, rows, response_type, accept)

    async def _in_thread(self, function: Callable[..., Any], *arguments: Any) -> Any:
        try:
            await asyncio.wait_for(self._turn.acquire(), INVOCATION_SECONDS)
        except TimeoutError:
            raise TimedOut from None
        try:
            return await asyncio.get_running_loop().run_in_executor(_threads, function, *arguments)
        finally:
            self._turn.release()
