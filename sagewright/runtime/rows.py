"""Rows and predictions as bodies of requests and answers, for both sides of an endpoint."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from sagewright.runtime.table import Table, table_of

JSON, CSV, NPY = "application/json", "text/csv", "application/x-npy"


def write_rows(rows: Any) -> tuple:
    """(body, content type) for rows of any kind that `table_of` takes; columns keep their names."""
    if isinstance(rows, np.ndarray) and rows.dtype.kind in "biuf":
        return _npy(rows), NPY
    if isinstance(rows, (list, tuple)) and rows and not isinstance(rows[0], Mapping):
        matrix = table_of(rows).to_numpy().tolist()
        return json.dumps({"instances": matrix}).encode(), JSON
    table = table_of(rows)
    return json.dumps({"columns": table.columns, "data": table.to_numpy().tolist()}, default=str).encode(), JSON


def read_rows(body: bytes | str, content_type: str, features: Sequence[str]) -> Table:
    """The rows of a request as the columns `features`, in their order.

    JSON is {"columns": [...], "data": [row, ...]}, {"instances": [row or {column: value}, ...]}, or such a list. CSV
    may begin with the names of the columns. Raises ValueError for another type, and for rows that do not fit.
    """
    kind = content_type.partition(";")[0].strip().lower()
    if kind == NPY:
        raw = body if isinstance(body, bytes) else body.encode("latin-1")
        return _fit(table_of(np.load(io.BytesIO(raw), allow_pickle=False), features), features)
    text = body if isinstance(body, str) else body.decode("utf-8-sig")
    if kind == CSV:
        return _fit(_csv(text, features), features)
    if kind == JSON:
        document = json.loads(text)
        if isinstance(document, Mapping) and "columns" in document and "data" in document:
            return _fit(table_of(_matrix(document["data"]), document["columns"]), features)
        if isinstance(document, Mapping) and "instances" in document:
            document = document["instances"]
        return _fit(table_of(document, () if _has_names(document) else features), features)
    raise ValueError(f"The content type {content_type} is not understood. Send {JSON}, {CSV} or {NPY}.")


def write_answer(answer: Any, accept: str = JSON) -> tuple:
    """(body, content type) of predictions: JSON {"predictions": [...]}, a line each in CSV, or npy of numbers."""
    wanted = {part.partition(";")[0].strip().lower() for part in accept.split(",")}
    if hasattr(answer, "columns") or isinstance(answer, Mapping):
        table = table_of(answer)
        if CSV in wanted and JSON not in wanted:
            return _lines([table.columns, *table.to_numpy().tolist()]), CSV
        return json.dumps({"columns": table.columns, "data": table.to_numpy().tolist()}, default=str).encode(), JSON
    values = answer.to_numpy() if hasattr(answer, "to_numpy") else answer
    if NPY in wanted:
        return _npy(np.asarray(values)), NPY
    listed = values.tolist() if isinstance(values, np.ndarray) else values
    if CSV in wanted and JSON not in wanted:
        return _lines([row if isinstance(row, (list, tuple)) else [row] for row in listed]), CSV
    kind = "array" if isinstance(values, np.ndarray) else "list"
    return json.dumps({"predictions": listed, "kind": kind}, default=_plain).encode(), JSON


def read_answer(body: bytes, content_type: str, like: str = "table") -> Any:
    """What `write_answer` wrote: an array, a list, or a table as `like`; other JSON as it is, other bodies as bytes."""
    kind = content_type.partition(";")[0].strip().lower()
    if kind == NPY:
        return np.load(io.BytesIO(body), allow_pickle=False)
    if kind == CSV:
        return [[_number(cell) for cell in row] for row in csv.reader(io.StringIO(body.decode())) if row]
    if kind != JSON:
        return body
    document = json.loads(body)
    if isinstance(document, Mapping) and document.keys() == {"columns", "data"}:
        return table_of(_matrix(document["data"]), document["columns"]).to(like)
    if isinstance(document, Mapping) and document.keys() == {"predictions", "kind"}:
        predictions = document["predictions"]
        return np.asarray(predictions) if document["kind"] == "array" else predictions
    return document


def _fit(table: Table, features: Sequence[str]) -> Table:
    return table.select(features) if features else table


def _has_names(document: Any) -> bool:
    return isinstance(document, Mapping) or (bool(document) and isinstance(document[0], Mapping))


def _matrix(rows: Sequence[Sequence[Any]]) -> np.ndarray:
    matrix = np.empty((len(rows), len(rows[0]) if rows else 0), dtype=object)
    for number, row in enumerate(rows):
        matrix[number, :] = row
    return matrix


def _csv(text: str, features: Sequence[str]) -> Table:
    rows = [row for row in csv.reader(io.StringIO(text)) if row]
    if not rows:
        raise ValueError("There are no rows.")
    head = [cell.strip() for cell in rows[0]]
    named = bool(features) and set(features) <= set(head)
    cells = [[_number(cell) for cell in row] for row in (rows[1:] if named else rows)]
    if not cells:
        raise ValueError("There are column names and no row below them.")
    return table_of(_matrix(cells), head if named else features)


def _number(text: str) -> Any:
    try:
        return float(text) if text.strip() else None
    except ValueError:
        return text


def _lines(rows: Sequence[Sequence[Any]]) -> bytes:
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(rows)
    return out.getvalue().encode()


def _npy(array: np.ndarray) -> bytes:
    out = io.BytesIO()
    np.save(out, array, allow_pickle=False)
    return out.getvalue()


def _plain(value: Any) -> Any:
    if hasattr(value, "tolist"):
        return value.tolist()
    raise TypeError(f"predict returned a {type(value).__name__}. Return an array, a list or a table.")
