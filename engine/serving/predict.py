"""Predicts one request with a loaded model: on the event loop or in a thread, by position or by column name."""

import asyncio
import time
from concurrent.futures import ThreadPoolExecutor

import algorithms
from algorithms.spec import InvocationError
from engine.serving.model_cache import SCHEMA_RETRY_SECONDS, LoadedModel
from engine.serving.model_schema import VARIABLE, accepts_labels
from engine.serving.routes import Variant

# bytes; a larger body is predicted in a thread, so that it does not keep the others waiting. A slow model says less.
ON_LOOP = 16 * 1024
_threads = ThreadPoolExecutor(2, "predict")


async def answer(loaded: LoadedModel, variant: Variant, headers: dict[str, str], body: bytes) -> tuple[bytes, str]:
    """The answer's body and content type. Raises InvocationError."""
    content_type, accept = headers.get("content-type"), headers.get("accept")
    if loaded.schema is None and not accepts_labels(accept):
        if not loaded.schema_error:
            return await _predict(loaded, body, content_type, accept)
        try:
            return await _predict(loaded, body, content_type, accept)
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
        uri, response_type = dict(variant.environment)[VARIABLE], algorithm.asks if algorithm else ""
        await asyncio.get_running_loop().run_in_executor(_threads, loaded.read_schema, uri, response_type)
    return loaded.schema is not None


async def _by_name(loaded: LoadedModel, body: bytes, content_type: str | None, accept: str | None) -> tuple[bytes, str]:
    schema = loaded.schema
    assert schema
    if len(body) > ON_LOOP:
        body, content_type = await asyncio.get_running_loop().run_in_executor(
            _threads, schema.encode_body, body, content_type
        )
    else:
        body, content_type = schema.encode_body(body, content_type)
    if not accepts_labels(accept):
        return await _predict(loaded, body, content_type, accept)
    return schema.label_response(*await _predict(loaded, body, content_type, schema.accept(accept or "")))


async def _predict(loaded: LoadedModel, body: bytes, content_type: str | None, accept: str | None) -> tuple[bytes, str]:
    if len(body) > getattr(loaded.predictor, "on_loop", ON_LOOP):
        invoke_now = loaded.predictor.invoke
        return await asyncio.get_running_loop().run_in_executor(_threads, invoke_now, body, content_type, accept)
    if loaded.batch:
        return await loaded.batch.invoke(body, content_type, accept)
    return loaded.predictor.invoke(body, content_type, accept)
