"""Formats predictions as the container does: CSV, JSON, JSON Lines or RecordIO, as scores or selected content."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import orjson

from algorithms.contract import InvocationError
from algorithms.formats import number_text
from algorithms.formats.recordio import Tensor, write_record

CSV, JSON, JSONLINES = "text/csv", "application/json", "application/jsonlines"
RECORDIO = "application/x-recordio-protobuf"
# In the order the container lists them in its refusal.
ACCEPTS = (JSON, JSONLINES, RECORDIO, CSV)
_NAN = float("nan")
_MANY = 16  # numbers; fewer are written faster one by one
_BINARY = ("binary:logistic", "binary:logitraw", "binary:hinge")
_SELECTABLE = {
    **dict.fromkeys(("reg:squarederror", "reg:logistic", "reg:gamma", "reg:tweedie"), ("predicted_score",)),
    **dict.fromkeys(
        ("binary:logistic", "multi:softprob"),
        ("predicted_label", "labels", "probability", "probabilities", "raw_score", "raw_scores"),
    ),
    **dict.fromkeys(
        ("binary:logitraw", "binary:hinge", "multi:softmax"), ("predicted_label", "labels", "raw_score", "raw_scores")
    ),
}


def response_type(accept: str | None, default: str) -> str:
    """Return the first supported content type in `accept`. Raises InvocationError 406."""
    for part in (accept or "*/*").split(","):
        media_type = part.split(";", 1)[0].strip().lower()
        if media_type in ("", "*/*"):
            return default
        if media_type in ACCEPTS:
            return media_type
        if media_type.endswith("/*") and (matches := [a for a in (CSV, *ACCEPTS) if a.startswith(media_type[:-1])]):
            return matches[0]
    text = f"Accept type {accept} is not supported. Please use supported accept types: {list(ACCEPTS)}."
    raise InvocationError(406, text)


def format_scores(predictions: np.ndarray | list[Any], accept: str) -> bytes:
    """Format scores: one line per row for CSV, `predictions` in JSON. Numbers round-trip exactly (as doubles).

    `predictions` are an array (rows,) or (rows, classes), or the same as a list.
    """
    if accept == RECORDIO:
        rows = np.atleast_2d(np.asarray(predictions, np.float32).T).T
        return b"".join(write_record({}, {"score": Tensor(row)}) for row in rows)
    if not isinstance(predictions, list) and predictions.size >= _MANY and np.isfinite(predictions).all():
        return _format_many(predictions, accept)
    values = predictions if isinstance(predictions, list) else predictions.tolist()
    if accept == CSV:
        if not isinstance(values[0], list):
            return ("\n".join(map(repr, values)) + "\n").encode()
        return "".join([",".join(map(repr, row)) + "\n" for row in values]).encode()
    scores = [_json(value) for value in values]
    if accept == JSON:
        return b'{"predictions": [{"score": ' + b'}, {"score": '.join(scores) + b"}]}"
    return b'{"score": ' + b'}\n{"score": '.join(scores) + b"}\n"


def _format_many(predictions: np.ndarray, accept: str) -> bytes:
    """As format_scores, without an object for each number."""
    if accept == CSV:
        return number_text.csv_lines(predictions)
    before, between, after = (
        (b'{"predictions": [{"score": ', b'}, {"score": ', b"}]}") if accept == JSON else
        (b'{"score": ', b'}\n{"score": ', b"}\n")
    )  # fmt: skip
    return number_text.json_list(predictions, before, between, after)


def format_batch(predictions: np.ndarray) -> bytes:
    """Format for batch transform (SAGEMAKER_BATCH): `str()` of each prediction, a Python list for probabilities."""
    return ("\n".join(map(str, predictions.tolist())) + "\n").encode()


def format_selected(predictions: np.ndarray, keys: list[str], objective: str, num_class: int, accept: str) -> bytes:
    """Format the content that SAGEMAKER_INFERENCE_OUTPUT selects. Raises InvocationError 500 where AWS does."""
    if objective not in _SELECTABLE:
        raise InvocationError(500, f"Objective `{objective}` unsupported for selectable inference predictions.")
    available = _SELECTABLE[objective]
    makers = [(key, _MAKERS[key] if key in available else None) for key in keys]
    rows = [{key: f(p, objective, num_class) if f else _NAN for key, f in makers} for p in predictions]
    if accept == JSON:
        return json.dumps({"predictions": rows}).encode()
    if accept == JSONLINES:
        return "".join(json.dumps(row) + "\n" for row in rows).encode()
    if accept == CSV:
        return "\n".join(",".join(_cell(row[key]) for key in keys) for row in rows).encode()
    return b"".join(
        write_record({}, {key: Tensor(np.atleast_1d(np.array(value, np.float32))) for key, value in row.items()})
        for row in rows
    )


def _label(p: Any, objective: str, _: int) -> Any:
    if objective == "multi:softprob":
        return int(np.argmax(p))
    if objective in ("binary:logistic", "binary:logitraw"):
        return int(p > (0.5 if objective == "binary:logistic" else 0))
    return p.item()


def _labels(_: Any, objective: str, num_class: int) -> list[int]:
    return [0, 1] if objective in _BINARY else list(range(num_class))


def _top(p: Any, *_: Any) -> float:
    return p.max().item() if p.ndim else p.item()


def _both(p: Any, *_: Any) -> list[float]:
    # The container returns [1 - score, score] even for scores that are no probabilities.
    return p.tolist() if p.ndim else [1.0 - p.item(), p.item()]


def _cell(value: Any) -> str:
    return f'"{value}"' if isinstance(value, list) else str(value)


def _json(value: Any) -> bytes:
    text = orjson.dumps(value)
    return json.dumps(value).encode() if b"null" in text else text  # NaN and infinity, as Python writes them


_MAKERS: Mapping[str, Callable[[Any, str, int], Any]] = {
    "predicted_label": _label,
    "labels": _labels,
    "probability": _top,
    "probabilities": _both,
    "raw_score": _top,
    "raw_scores": _both,
    "predicted_score": _top,
}
