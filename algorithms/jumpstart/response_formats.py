"""Formats predictions as JumpStart's inference scripts do: `{"probabilities": [...]}` or `{"prediction": [...]}`."""

from __future__ import annotations

import numpy as np
import orjson

from algorithms.contract import InvocationError
from algorithms.formats import number_text

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
    if accept == CSV:
        return number_text.csv_lines(predictions)
    before = b'{"%b":' % key.encode()
    if accept == JSONLINES:
        return number_text.json_list(predictions, before, b"}\n" + before, b"}\n")
    values = number_text.json_list(predictions, before + b"[", after=b"]")
    if accept == VERBOSE and classes:
        labels = [int(c) if c == int(c) else c for c in classes]
        predicted = {"predicted_label": [labels[i] for i in predictions.argmax(axis=1)], "labels": labels}
        return values + b"," + orjson.dumps(predicted)[1:]
    return values + b"}"
