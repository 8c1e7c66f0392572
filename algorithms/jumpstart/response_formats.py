"""Formats predictions as JumpStart's inference scripts do: `{"probabilities": [...]}` or `{"prediction": [...]}`."""

from __future__ import annotations

import numpy as np
import orjson

from algorithms.contract import InvocationError

JSON, VERBOSE, JSONLINES, CSV = "application/json", "application/json;verbose", "application/jsonlines", "text/csv"
ACCEPTS = (JSON, VERBOSE, JSONLINES, CSV)


def response_type(accept: str | None) -> str:
    """Return the first supported content type in `accept`. Raises InvocationError 406."""
    for part in (accept or JSON).lower().split(","):
        media_type, *options = (piece.strip() for piece in part.split(";"))
        if media_type in ("", "*/*", "application/*", JSON):
            return VERBOSE if "verbose" in options else JSON
        if media_type in ("text/*", CSV):
            return CSV
        if media_type == JSONLINES:
            return JSONLINES
    raise InvocationError(406, f"Accept type {accept} is not supported. Supported accept types: {', '.join(ACCEPTS)}.")


def format_response(predictions: np.ndarray, classes: tuple[float, ...], accept: str) -> bytes:
    """Format probabilities (rows, classes), or values (rows,) of a regression.

    CSV and JSON Lines, which AWS's scripts do not offer, have one line per row.
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
        labels = [int(c) if c == int(c) else c for c in classes]
        answer |= {"predicted_label": [labels[i] for i in predictions.argmax(axis=1)], "labels": labels}
    return orjson.dumps(answer)
