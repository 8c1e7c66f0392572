"""Formats predictions as JSON, JSON Lines, RecordIO-protobuf or CSV, as the first-party algorithms do.

A prediction is {field: number or list of numbers}. Each algorithm has its own fields.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import orjson

from algorithms.contract import InvocationError

CSV, RECORDIO = "text/csv", "application/x-recordio-protobuf"
JSON, JSONLINES = "application/json", "application/jsonlines"
VERBOSE = "; verbose=true"


def response_type(accept: str | None, accepts: tuple[str, ...], verbose: bool = False) -> str:
    """Return the first content type in `accept` that is among `accepts`, the first of `accepts` for a wildcard.

    Drops parameters, except `verbose=true` if `verbose` is set. Raises InvocationError 406.
    """
    for part in (accept or "*/*").lower().split(","):
        media_type, _, options = part.partition(";")
        media_type = media_type.strip()
        suffix = VERBOSE if verbose and "verbose=true" in options.replace(" ", "").split(";") else ""
        if media_type in ("", "*/*", "application/*"):
            return accepts[0] + suffix
        if media_type in accepts:
            return media_type + suffix
        matches = [a for a in accepts if media_type.endswith("/*") and a.startswith(media_type[:-1])]
        if matches:
            return matches[0] + suffix
    text = f"Accept type {accept} is not supported. Supported accept types are: {', '.join(accepts)}."
    raise InvocationError(406, text)


def format_response(predictions: Sequence[Mapping[str, Any]], accept: str, key: str = "predictions") -> bytes:
    """Format the body in the content type `accept`. `key` holds the list in JSON (predictions, projections, scores)."""
    kind = accept.partition(";")[0]
    if kind == JSON:
        return orjson.dumps({key: list(predictions)})
    if kind == JSONLINES:
        return b"".join(orjson.dumps(prediction) + b"\n" for prediction in predictions)
    if kind == CSV:
        return "".join(",".join(map(repr, _flat(prediction))) + "\n" for prediction in predictions).encode()
    from algorithms.formats.recordio import Tensor, write_record

    return b"".join(
        write_record({}, {name: Tensor(np.atleast_1d(np.array(v, np.float32))) for name, v in prediction.items()})
        for prediction in predictions
    )


def join_responses(responses: Sequence[bytes], accept: str, key: str = "predictions") -> bytes:
    """The response to several rows, one after another, from the responses to some of them each."""
    if len(responses) == 1 or accept.partition(";")[0] != JSON:
        return b"".join(responses)
    before, after = b'{"%b":[' % key.encode(), b"]}"
    return before + b",".join([response[len(before) : -len(after)] for response in responses]) + after


def _flat(prediction: Mapping[str, Any]) -> list[float]:
    return [number for value in prediction.values() for number in (value if isinstance(value, list) else [value])]
