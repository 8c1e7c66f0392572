"""Reads lines of JSON as text cells, those too that only some writers of JSON take for JSON."""

from __future__ import annotations

import io
import json
import math
from collections.abc import Sequence

import polars as pl


def read_objects(text: bytes, columns: Sequence[str]) -> tuple[pl.DataFrame, list[tuple[int, str]]]:
    """(the objects as text cells, the other lines by their position among the lines that are not blank).

    NaN and the infinities, which Python's json writes, are read; numbers that float64 cannot hold stay text.
    """
    shape = dict.fromkeys(columns, pl.String)
    rows = [row for row in text.split(b"\n") if row.strip()]
    if not rows:
        return pl.DataFrame(schema=shape), []
    try:
        frame = pl.read_ndjson(io.BytesIO(text), schema=shape)
        if len(frame) == len(rows):
            return frame, []
    except pl.exceptions.PolarsError:
        pass
    objects, others = [], []
    for position, row in enumerate(rows):
        standard = standard_object(row)
        if standard is None:
            others.append((position, row[:200].decode("utf-8", "replace")))
        else:
            objects.append(standard)
    body = io.BytesIO(b"\n".join(objects))
    return pl.read_ndjson(body, schema=shape) if objects else pl.DataFrame(schema=shape), others


def standard_object(row: bytes) -> bytes | None:
    """The object in `row` as standard JSON, NaN and the infinities as texts; None if there is no object."""
    try:
        value = json.loads(row, parse_constant=str, parse_float=_finite_or_text)
        return json.dumps(value).encode() if isinstance(value, dict) else None
    except (ValueError, RecursionError):
        return None


def _finite_or_text(text: str) -> float | str:
    number = float(text)
    return number if math.isfinite(number) else text
