"""How a loaded model answers one request: on the event loop or in a thread, by position or by column name."""

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np

import algorithms
from algorithms.spec import InvocationError, Predictor
from engine.serving.loaded import AGAIN, Loaded
from engine.serving.named import VARIABLE, wants_labels
from engine.serving.routes import Variant

SHORTEST_CELL = 2  # bytes of a number and its delimiter in a body
Read = Callable[[bytes, str | None], np.ndarray]  # (body, content type) -> rows, as Predictor.read
_threads = ThreadPoolExecutor(2, "predict")


async def answer(loaded: Loaded, variant: Variant, headers: dict[str, str], body: bytes) -> tuple[bytes, str]:
    """The answer's body and content type. Raises InvocationError."""
    content_type, accept = headers.get("content-type"), headers.get("accept")
    if loaded.named is None and not wants_labels(accept):
        if not loaded.no_schema:
            return await _predict(loaded, loaded.predictor.read, body, content_type, accept)
        try:
            return await _predict(loaded, loaded.predictor.read, body, content_type, accept)
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
    if not wants_labels(accept):
        return await _predict(loaded, named.read, body, content_type, accept)
    plain = await _predict(loaded, named.read, body, content_type, named.accept(accept or ""))
    return named.labelled(*plain)


async def _predict(
    loaded: Loaded, read: Read, body: bytes, content_type: str | None, accept: str | None
) -> tuple[bytes, str]:
    predictor = loaded.predictor
    if len(body) > predictor.on_loop:
        return await asyncio.get_running_loop().run_in_executor(
            _threads, _predict_whole, predictor, read, body, content_type, accept
        )
    rows = read(body, content_type)
    chosen = predictor.agree(accept)
    if rows.size * SHORTEST_CELL > predictor.on_loop:  # a short body by name may become many numbers
        predictions = await asyncio.get_running_loop().run_in_executor(_threads, predictor.predict, rows)
    else:
        predictions = await loaded.batch.predict(rows)
    return predictor.write(predictions, chosen), chosen


def _predict_whole(
    predictor: Predictor, read: Read, body: bytes, content_type: str | None, accept: str | None
) -> tuple[bytes, str]:
    rows = read(body, content_type)
    chosen = predictor.agree(accept)
    return predictor.write(predictor.predict(rows), chosen), chosen
