"""Rows and predictions as bodies of requests and answers, for both sides of an endpoint."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from sagewright.runtime.table import Table, instants, matrix_of, table_of

JSON, CSV, NPY = "application/json", "text/csv", "application/x-npy"


def write_rows(rows: Any) -> tuple:
    """(body, content type) for rows of any kind that `table_of` takes; columns keep their names."""
    if isinstance(rows, np.ndarray) and rows.dtype.kind in "biuf" and rows.size:
        return _npy(rows), NPY
    table = table_of(rows)
    if not len(table):
        raise ValueError("There are no rows to predict. Give at least one.")
    data = table.to_numpy().tolist()
    nameless = isinstance(rows, np.ndarray) or (isinstance(rows, (list, tuple)) and not isinstance(rows[0], Mapping))
    document = {"instances": data} if nameless else {"columns": table.columns, "data": data}
    return json.dumps(document, default=_text).encode(), JSON


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
            return _fit(table_of(_matrix(document["data"], len(document["columns"])), document["columns"]), features)
        if isinstance(document, Mapping) and "instances" in document:
            document = document["instances"]
        return _fit(table_of(document, () if _has_names(document) else features), features)
    raise ValueError(f"The content type {content_type} is not understood. Send {JSON}, {CSV} or {NPY}.")


def answers_for(count: int, answer: Any, source: str) -> Any:
    """`answer` of `source` for `count` rows, checked to be one for each; a single value is that of a single row."""
    if answer is None:
        raise TypeError(f"{source} returned None. Return an answer for each row: an array, a list or a table.")
    if isinstance(answer, (str, bytes, int, float)) or (hasattr(answer, "ndim") and answer.ndim == 0):
        answer = (
            np.asarray([answer]) if isinstance(answer, np.generic) else [getattr(answer, "tolist", lambda: answer)()]
        )
    elif isinstance(answer, Mapping):
        answer = table_of(answer)
    elif not hasattr(answer, "__len__") and hasattr(answer, "__iter__"):
        answer = list(answer)  # a generator
    if hasattr(answer, "__len__") and len(answer) != count:
        raise ValueError(f"{source} returned {len(answer)} answers for {count} rows. Return one for each row.")
    return answer


def write_answer(answer: Any, accept: str = JSON) -> tuple:
    """(body, content type) of predictions: JSON {"predictions": [...]}, a line each in CSV, or npy of numbers."""
    wanted = {part.partition(";")[0].strip().lower() for part in accept.split(",")}
    if hasattr(answer, "columns") or isinstance(answer, Mapping):
        table = table_of(answer)
        if CSV in wanted and JSON not in wanted:
            return _lines([table.columns, *table.to_numpy().tolist()]), CSV
        return json.dumps({"columns": table.columns, "data": table.to_numpy().tolist()}, default=_text).encode(), JSON
    values = answer.to_numpy() if hasattr(answer, "to_numpy") else answer
    if NPY in wanted:
        return _npy(np.asarray(values)), NPY
    if isinstance(values, np.ndarray):
        values = instants(values)
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
        return table_of(_matrix(document["data"], len(document["columns"])), document["columns"]).to(like)
    if isinstance(document, Mapping) and document.keys() == {"predictions", "kind"}:
        predictions = document["predictions"]
        return np.asarray(predictions) if document["kind"] == "array" else predictions
    return document


def _fit(table: Table, features: Sequence[str]) -> Table:
    return table.select(features) if features else table


def _has_names(document: Any) -> bool:
    return isinstance(document, Mapping) or (bool(document) and isinstance(document[0], Mapping))


def _matrix(rows: Sequence[Sequence[Any]], width: int) -> np.ndarray:
    return matrix_of(rows) if rows else np.empty((0, width), dtype=object)


def _csv(text: str, features: Sequence[str]) -> Table:
    rows = [row for row in csv.reader(io.StringIO(text)) if row]
    if not rows:
        raise ValueError("There are no rows.")
    head = [cell.strip() for cell in rows[0]]
    named = bool(features) and set(features) <= set(head)
    cells = [[_number(cell) for cell in row] for row in (rows[1:] if named else rows)]
    if not cells:
        raise ValueError("There are column names and no row below them.")
    return table_of(_matrix(cells, len(head)), head if named else features)


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


def _text(value: Any) -> Any:
    return value.tolist() if hasattr(value, "tolist") else str(value)


def _plain(value: Any) -> Any:
    if hasattr(value, "tolist"):
        return value.tolist()
    if hasattr(value, "isoformat"):
        return str(value)
    raise TypeError(f"predict returned a {type(value).__name__}. Return an array, a list or a table.")
