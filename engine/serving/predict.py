"""Predicts one request with a loaded model: on the event loop or in a thread, by position or by column name."""

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np

import algorithms
from algorithms.spec import InvocationError, Predictor
from engine.serving.model_cache import SCHEMA_RETRY_SECONDS, LoadedModel
from engine.serving.model_schema import VARIABLE, accepts_labels
from engine.serving.routes import Variant

MIN_CELL = 2  # bytes of a number and its delimiter in a body
ReadRows = Callable[[bytes, str | None], np.ndarray]  # (body, content type) -> rows, as Predictor.read
_threads = ThreadPoolExecutor(2, "predict")


async def answer(loaded: LoadedModel, variant: Variant, headers: dict[str, str], body: bytes) -> tuple[bytes, str]:
    """The answer's body and content type. Raises InvocationError."""
    content_type, accept = headers.get("content-type"), headers.get("accept")
    if loaded.schema is None and not accepts_labels(accept):
        if not loaded.schema_error:
            return await _predict(loaded, loaded.predictor.read, body, content_type, accept)
        try:
            return await _predict(loaded, loaded.predictor.read, body, content_type, accept)
        except InvocationError as e:
            if not await _retry_schema(loaded, variant):
                raise InvocationError(
                    e.status, f"{e.message} Rows are taken by position only. {loaded.schema_error}"
                ) from e
    if loaded.schema is None and not await _retry_schema(loaded, variant):
        why = loaded.schema_error or "It was created without a schema, in its Environment as SAGEWRIGHT_SCHEMA."
        raise InvocationError(406, f"This model cannot answer with labels. {why}")
    return await _by_name(loaded, body, content_type, accept)


async def _retry_schema(loaded: LoadedModel, variant: Variant) -> bool:
    """Try once more to read a schema that could not be read, but not at every request."""
    if loaded.schema_error and time.monotonic() - loaded.schema_read_at > SCHEMA_RETRY_SECONDS:
        algorithm = algorithms.for_image(variant.image)
        uri, response_type = dict(variant.environment)[VARIABLE], algorithm.accept_header if algorithm else ""
        await asyncio.get_running_loop().run_in_executor(_threads, loaded.read_schema, uri, response_type)
    return loaded.schema is not None


async def _by_name(loaded: LoadedModel, body: bytes, content_type: str | None, accept: str | None) -> tuple[bytes, str]:
    schema = loaded.schema
    assert schema
    if not accepts_labels(accept):
        return await _predict(loaded, schema.read, body, content_type, accept)
    plain = await _predict(loaded, schema.read, body, content_type, schema.accept(accept or ""))
    return schema.label_response(*plain)


async def _predict(
    loaded: LoadedModel, read: ReadRows, body: bytes, content_type: str | None, accept: str | None
) -> tuple[bytes, str]:
    predictor = loaded.predictor
    if len(body) > predictor.inline_limit:
        return await asyncio.get_running_loop().run_in_executor(
            _threads, _predict_whole, predictor, read, body, content_type, accept
        )
    rows = read(body, content_type)
    chosen = predictor.response_type(accept)
    if rows.size * MIN_CELL > predictor.inline_limit:  # a short body by name may become many numbers
        predictions = await asyncio.get_running_loop().run_in_executor(_threads, predictor.predict, rows)
    else:
        predictions = await loaded.batch.predict(rows)
    return predictor.write(predictions, chosen), chosen


def _predict_whole(
    predictor: Predictor, read: ReadRows, body: bytes, content_type: str | None, accept: str | None
) -> tuple[bytes, str]:
    rows = read(body, content_type)
    chosen = predictor.response_type(accept)
    return predictor.write(predictor.predict(rows), chosen), chosen
