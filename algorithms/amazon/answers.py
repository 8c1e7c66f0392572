"""Predictions in the content types of the first-party algorithms: JSON, JSON Lines, RecordIO-protobuf, CSV.

A prediction is {field: number or list of numbers}; what the fields are is the algorithm's business.
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


def agreed(accept: str | None, accepts: tuple[str, ...], verbose: bool = False) -> str:
    """The content type to answer with: the first in `accept` that is among `accepts`; JSON when anything will do.

    Other parameters are not ours and are left out, but `verbose=true` stays if the algorithm knows `verbose`.
    Raises InvocationError 406.
    """
    for part in (accept or "*/*").lower().split(","):
        wanted, _, options = part.partition(";")
        wanted = wanted.strip()
        more = VERBOSE if verbose and "verbose=true" in options.replace(" ", "").split(";") else ""
        if wanted in ("", "*/*", "application/*"):
            return accepts[0] + more
        if wanted in accepts:
            return wanted + more
        fitting = [a for a in accepts if wanted.endswith("/*") and a.startswith(wanted[:-1])]
        if fitting:
            return fitting[0] + more
    text = f"Accept type {accept} is not supported. Supported accept types are: {', '.join(accepts)}."
    raise InvocationError(406, text)


def write(predictions: Sequence[Mapping[str, Any]], accept: str, key: str = "predictions") -> bytes:
    """The body in the agreed content type; `key` is what holds the list in JSON (predictions, projections, scores)."""
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


def _flat(prediction: Mapping[str, Any]) -> list[float]:
    return [number for value in prediction.values() for number in (value if isinstance(value, list) else [value])]
