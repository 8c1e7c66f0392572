"""Answers requests that ask for reasons: `Accept: application/json; reasons=5`.

The answer is {"predictions": [{...the prediction..., "base", "start", "end", "scale", "class", "reasons",
"rest"}]}, or a line for each row; `tables.reasons` describes the fields.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import orjson

from algorithms.spec import InvocationError
from engine.serving.answering import INVOCATION_SECONDS, Answering, TimedOut
from tables.reasons import ReasonColumns, RecordingEncoder
from tables.unseen import UnseenCategories

REASONS = "reasons="  # in an Accept header, in small letters: it is looked for in every request
MAX_REASONS = 100  # of one row
MAX_ROWS = 100  # of one request
JSON, LINES = "application/json", "application/jsonlines"
_PARAMETER = re.compile(r";\s*reasons=\s*([^;,]*)")
_MAX_NUMBERS = 2_000_000  # that are computed at a time
_BLOCK_SECONDS = 0.5


def answer_with_reasons(
    answering: Answering, body: bytes, content_type: str | None, accept: str, unseen: UnseenCategories | None = None
) -> tuple[bytes, str]:
    """The answer's body and content type for a whole request. Raises InvocationError, TimedOut.

    406 where the model has no contributions or the content type no place for reasons; 400 for a number of reasons, or
    of rows, that is none.
    """
    count, kind, own = _read_accept(accept)
    schema = answering.schema
    recorder = None
    if schema is not None:
        recorder = RecordingEncoder.of(schema.encoder)
        answering = replace(answering, schema=schema.with_encoder(recorder))
    rows, response_type = answering.read(body, content_type, own, unseen)
    if len(rows) > MAX_ROWS:
        text = f"Reasons are given for at most {MAX_ROWS} rows in one request, and this one has {len(rows)}."
        raise InvocationError(400, f"{text} Send fewer rows at once, or ask without reasons.")
    predictions = answering.predict(rows)
    content, _ = answering.write(predictions, response_type, own)
    columns = ReasonColumns(
        recorder.schema if recorder else None, answering.predictor.n_features, answering.predictor.feature_names
    )
    cells = recorder.cells if recorder else None
    values = columns.values(rows) if cells is None else columns.recorded(cells, len(rows))
    explained: list[dict[str, Any]] = []
    for start, block in _blocks(answering, rows, predictions):
        contributions = answering.predictor.contributions(block)
        explained += columns.documents(contributions, values[start : start + len(block)], count)
    return _write(_records(content, len(rows)), explained, kind)


def _read_accept(accept: str) -> tuple[int, str, str]:
    """(number of reasons, content type of the answer, Accept header of the prediction in it)."""
    text = accept.lower()
    parameter = _PARAMETER.search(text)
    number = parameter[1].strip().strip('"') if parameter else ""
    if not (number.isascii() and number.isdigit() and len(number) <= 3 and 1 <= int(number) <= MAX_REASONS):
        text = f"reasons={number[:40]} in the Accept header is no whole number from 1 to {MAX_REASONS}"
        raise InvocationError(400, f"{text}, such as {JSON}; reasons=5.")
    kind = text.partition(",")[0].partition(";")[0].strip()
    if kind in ("*/*", "application/*", ""):
        kind = JSON
    if kind not in (JSON, LINES):
        raise InvocationError(406, f"{kind} has no place for reasons. Ask for {JSON}; reasons=5 or {LINES}; reasons=5.")
    options = _PARAMETER.sub("", text.partition(",")[0]).partition(";")[2]
    return int(number), kind, f"{JSON};{options}" if options else JSON


def _blocks(answering: Answering, rows: np.ndarray, predictions: np.ndarray) -> Iterator[tuple[int, np.ndarray]]:
    """(position of the first row, rows) of each block; raises TimedOut before one that is too late.

    What contributions cost depends on leaves and depths, so a row alone comes first and says how many the next may be.
    """
    outputs = predictions.shape[1] if predictions.ndim > 1 else 1
    max_rows = max(1, _MAX_NUMBERS // (answering.predictor.n_features * outputs))
    until = time.monotonic() + INVOCATION_SECONDS
    start, size = 0, 1
    while start < len(rows):
        began = time.monotonic()
        if began > until:
            raise TimedOut
        yield start, rows[start : start + size]
        row_seconds = (time.monotonic() - began) / size
        start += size
        size = max(1, min(max_rows, int(_BLOCK_SECONDS / max(row_seconds, 1e-9))))


def _records(content: bytes, rows: int) -> list[dict[str, Any]]:
    """The predictions in a response of any algorithm, one object for each row."""
    try:
        document = orjson.loads(content)
        if "predictions" in document:
            records = list(document["predictions"])
        else:  # JumpStart's lists, of one entry for each row
            lists = {key: value for key, value in document.items() if key != "labels"}
            records = [dict(zip(lists, entries, strict=True)) for entries in zip(*lists.values(), strict=True)]
        if len(records) == rows and all(isinstance(record, dict) for record in records):
            return records
    except (orjson.JSONDecodeError, TypeError, AttributeError, ValueError):
        pass
    raise InvocationError(406, "The answer of this model has another form than reasons can be added to.")


def _write(records: list[dict[str, Any]], explained: list[dict[str, Any]], kind: str) -> tuple[bytes, str]:
    answers = [record | reasons for record, reasons in zip(records, explained, strict=True)]
    if kind == LINES:
        return b"".join(orjson.dumps(answer) + b"\n" for answer in answers), LINES
    return orjson.dumps({"predictions": answers}), JSON
