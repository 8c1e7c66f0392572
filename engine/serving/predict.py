"""How a loaded model answers one request: on the event loop or in a thread, by position or by column name."""

import asyncio
import time
from concurrent.futures import ThreadPoolExecutor

import algorithms
from algorithms.spec import InvocationError
from engine.serving.loaded import AGAIN, Loaded
from engine.serving.named import VARIABLE, wants_labels
from engine.serving.routes import Variant

# bytes; a larger body is predicted in a thread, so that it does not keep the others waiting. A slow model says less.
ON_LOOP = 16 * 1024
_threads = ThreadPoolExecutor(2, "predict")


async def answer(loaded: Loaded, variant: Variant, headers: dict[str, str], body: bytes) -> tuple[bytes, str]:
    """The answer's body and content type. Raises InvocationError."""
    content_type, accept = headers.get("content-type"), headers.get("accept")
    if loaded.named is None and not wants_labels(accept):
        if not loaded.no_schema:
            return await _predict(loaded, body, content_type, accept)
        try:
            return await _predict(loaded, body, content_type, accept)
        except InvocationError as e:
            if not await _has_schema_now(loaded, variant):
                raise InvocationError(
                    e.status, f"{e.message} Rows are taken by position only. {loaded.no_schema}"
                ) from e
    if loaded.named is None and not await _has_schema_now(loaded, variant):
        why = loaded.no_schema or "It was created without a schema, in its Environment as SAGEWRIGHT_SCHEMA."
        raise InvocationError(406, f"This model cannot answer with labels. {why}")
    return await _by_name(loaded, body, content_type, accept)


async def _has_schema_now(loaded: Loaded, variant: Variant) -> bool:
    """Try once more to read a schema that could not be read, but not at every request."""
    if loaded.no_schema and time.monotonic() - loaded.tried > AGAIN:
        algorithm = algorithms.for_image(variant.image)
        uri, asks = dict(variant.environment)[VARIABLE], algorithm.asks if algorithm else ""
        await asyncio.get_running_loop().run_in_executor(_threads, loaded.read_schema, uri, asks)
    return loaded.named is not None


async def _by_name(loaded: Loaded, body: bytes, content_type: str | None, accept: str | None) -> tuple[bytes, str]:
    named = loaded.named
    assert named
    if len(body) > ON_LOOP:
        body, content_type = await asyncio.get_running_loop().run_in_executor(
            _threads, named.encoded, body, content_type
        )
    else:
        body, content_type = named.encoded(body, content_type)
    if not wants_labels(accept):
        return await _predict(loaded, body, content_type, accept)
    return named.labelled(*await _predict(loaded, body, content_type, named.accept(accept or "")))


async def _predict(loaded: Loaded, body: bytes, content_type: str | None, accept: str | None) -> tuple[bytes, str]:
    if len(body) > getattr(loaded.predictor, "on_loop", ON_LOOP):
        invoke_now = loaded.predictor.invoke
        return await asyncio.get_running_loop().run_in_executor(_threads, invoke_now, body, content_type, accept)
    if loaded.batch:
        return await loaded.batch.invoke(body, content_type, accept)
    return loaded.predictor.invoke(body, content_type, accept)
