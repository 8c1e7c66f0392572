"""Predictions as JumpStart's inference scripts send them: `{"probabilities": [...]}` or `{"prediction": [...]}`."""

from __future__ import annotations

import numpy as np
import orjson

from algorithms.contract import InvocationError

JSON, VERBOSE, JSONLINES, CSV = "application/json", "application/json;verbose", "application/jsonlines", "text/csv"
ACCEPTS = (JSON, VERBOSE, JSONLINES, CSV)


def agreed(accept: str | None) -> str:
    """The content type to answer with: the first in `accept` that we can make. Raises InvocationError 406."""
    for part in (accept or JSON).lower().split(","):
        wanted, *options = (piece.strip() for piece in part.split(";"))
        if wanted in ("", "*/*", "application/*", JSON):
            return VERBOSE if "verbose" in options else JSON
        if wanted in ("text/*", CSV):
            return CSV
        if wanted == JSONLINES:
            return JSONLINES
    raise InvocationError(406, f"Accept type {accept} is not supported. Supported accept types: {', '.join(ACCEPTS)}.")


def body(predictions: np.ndarray, classes: tuple[float, ...], accept: str) -> bytes:
    """The answer: probabilities (rows, classes), or numbers (rows,) of a regression.

    CSV and JSON Lines, which AWS's scripts do not offer, have one line a row.
    """
    key = "probabilities" if classes else "prediction"
    values = predictions.tolist()
    if accept == CSV:
        rows = values if classes else [[value] for value in values]
        return "".join(",".join(map(repr, row)) + "\n" for row in rows).encode()
    if accept == JSONLINES:
        return b"".join(orjson.dumps({key: value}) + b"\n" for value in values)
    answer = {key: values}
    if accept == VERBOSE and classes:
        named = [int(c) if c == int(c) else c for c in classes]
        answer |= {"predicted_label": [named[i] for i in predictions.argmax(axis=1)], "labels": named}
    return orjson.dumps(answer)
