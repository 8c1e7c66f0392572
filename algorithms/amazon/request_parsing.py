"""Parses a prediction request into rows, for every content type of the first-party algorithms.

Source: AWS's "Common Data Formats for Inference". A sparse vector lists the columns that are not 0.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import orjson

from algorithms.contract import InvocationError
from algorithms.formats import number_rows, request_bodies

CSV, RECORDIO = "text/csv", "application/x-recordio-protobuf"
JSON, JSONLINES = "application/json", "application/jsonlines"
MAX_CELLS = 64_000_000  # a body of 6 MB can claim a width that exceeds the memory


def parse_rows(body: bytes, content_type: str | None, width: int, accepted: tuple[str, ...]) -> np.ndarray:
    """Parse a request into rows: float32 (rows, width). No content type means the first of `accepted`.

    Raises InvocationError: 415 for a type not among `accepted`, 400 for an unreadable body or another width.
    """
    text = (content_type or accepted[0]).lower()
    kind, _, options = text.partition(";")
    kind = kind.strip()
    if kind not in accepted:
        raise InvocationError(
            415, f"Content-type {content_type} not supported. Supported content-types are: {', '.join(accepted)}."
        )
    try:
        with np.errstate(over="ignore"):
            features = _parse(body, kind, options, width)
    except (ValueError, TypeError, OverflowError, UnicodeDecodeError) as e:
        raise _bad_request(e) from e
    return validate_rows(features, width)


def validate_rows(features: np.ndarray, width: int) -> np.ndarray:
    """Return the numbers as float32 (rows, width).

    Raises InvocationError 400 if the shape is wrong or a number is not finite.
    """
    if features.ndim != 2 or not len(features):
        raise _bad_request("there are no rows in it")
    if features.shape[1] != width:
        raise _bad_request(f"its rows have {features.shape[1]} features, and the model takes {width}")
    if features.dtype != np.float32:
        with np.errstate(over="ignore"):  # too large for float32: infinity
            features = features.astype(np.float32)
    if not np.isfinite(features).all():
        row, column = (int(n) + 1 for n in np.argwhere(~np.isfinite(features))[0])
        raise _bad_request(f"feature {column} of row {row} is missing or not a finite number")
    return features


def _bad_request(reason: object) -> InvocationError:
    return InvocationError(400, f"unable to evaluate payload provided: {reason}")


def _parse(body: bytes, kind: str, options: str, width: int) -> np.ndarray:
    if not body.strip():
        raise ValueError("it is empty")
    if kind == CSV:
        size = _label_size(options)
        cells = request_bodies.csv_rows(body, width + size)
        return cells[:, size:] if size else cells
    if kind == RECORDIO:
        return _recordio(body, width)
    read = number_rows.jsonlines_rows if kind == JSONLINES else number_rows.json_rows
    rows = read(body, width)
    if rows is not None and not np.isnan(rows).any():  # else there is a null, which is refused by name
        return rows
    if kind == JSONLINES:
        return _vectors([orjson.loads(line) for line in body.splitlines() if line.strip()], width)
    data = orjson.loads(body)
    if isinstance(data, dict):
        data = data.get("instances", [data])
    if not isinstance(data, list) or not data:
        raise ValueError('expected {"instances": [{"features": [...]}]}')
    return _vectors([data] if isinstance(data[0], (int, float)) else data, width)


def _vectors(items: list, width: int) -> np.ndarray:
    if len(items) * max(width, 1) > MAX_CELLS:
        raise ValueError(f"{len(items)} rows of {width} features are too many for one request")
    vectors = [_vector(item) for item in items]
    if all(keys is None for _, keys, _ in vectors):
        dense = [values for values, _, _ in vectors]
        for number, values in enumerate(dense, 1):
            if len(values) != width:
                raise ValueError(f"row {number} has {len(values)} features, and the model takes {width}")
        return np.array(dense, np.float32)
    out = np.zeros((len(items), width), np.float32)
    for number, (values, keys, shape) in enumerate(vectors):
        _fill_row(out[number], values, keys, shape, number + 1)
    return out


def _vector(item: Any) -> tuple[list, list | None, list]:
    """Return (values, keys or None, shape) of one instance."""
    keys: list | None = None
    shape: list = []
    if isinstance(item, dict):
        item = item.get("data", item)
        item = item.get("features", item) if isinstance(item, dict) else item
        if isinstance(item, dict):
            keys, shape, item = item.get("keys") or None, item.get("shape") or [], item.get("values")
    if not isinstance(item, list):
        raise ValueError('expected a list of numbers, or {"features": [...]}')
    for numbers in (item, keys or [], shape):
        if not isinstance(numbers, list) or not set(map(type, numbers)) <= {int, float}:
            raise ValueError("only plain numbers are read as features, keys and shape")
    return item, keys, shape


def _fill_row(out: np.ndarray, values: Any, keys: Any, shape: Any, number: int) -> None:
    """Write one vector, sparse if `keys` is not None, into the row `out`."""
    if keys is None:
        keys = range(len(values))
        shape = [len(values)]
    if len(keys) != len(values):
        raise ValueError(f"row {number} has {len(keys)} keys and {len(values)} values")
    if len(shape) and int(shape[-1]) != len(out):
        raise ValueError(f"row {number} has {int(shape[-1])} features, and the model takes {len(out)}")
    columns = np.asarray(keys, np.int64)
    if len(columns) and not 0 <= int(columns.min()) <= int(columns.max()) < len(out):
        raise ValueError(f"row {number} names feature {int(columns.max())}; the model has 0 to {len(out) - 1}")
    out[columns] = values


def _recordio(body: bytes, width: int) -> np.ndarray:
    from algorithms.formats.recordio import Sparse, read_table

    features, _ = read_table(body)
    if not isinstance(features, Sparse):
        return features
    height = len(features.starts) - 1
    if features.width > width:
        raise ValueError(f"its rows have {features.width} features, and the model takes {width}")
    if height * max(width, 1) > MAX_CELLS:
        raise ValueError(f"{height} rows of {width} features are too many for one request")
    out = np.zeros((height, width), np.float32)
    out[np.repeat(np.arange(height), np.diff(features.starts)), features.columns] = features.values
    return out


def _label_size(options: str) -> int:
    for option in options.split(";"):
        key, _, value = option.strip().partition("=")
        if key.strip() == "label_size":
            if value.strip() not in ("0", "1"):
                raise ValueError(f"label_size must be 0 or 1, not {value}")
            return int(value)
    return 0
