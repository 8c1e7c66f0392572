"""Reads captured requests from S3, in SageMaker's own format."""

from __future__ import annotations

import base64
import csv
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from django.utils.dateparse import parse_datetime
from django.utils.timezone import now

from common.problems import Problem
from common.s3_uri import split_s3_uri
from models_app.aws import s3, s3_store
from models_app.endpoints.capture import Capture
from models_app.endpoints.metrics import variants_of
from models_app.models import Endpoint
from tables.column_encoders import cell_text
from tables.masking import MASK

MAX_OBJECTS = 200  # that one look reads
MAX_SIZE = 4 * 1024**2  # bytes of an object
DAYS = 7
Row = dict[str, str | float]


@dataclass(frozen=True)
class CapturedRequest:
    """One captured request; `sent` and `answer` are text, "" for the side that is not captured."""

    at: datetime | None
    sent: str
    sent_type: str
    answer: str


def captured_requests(endpoint: Endpoint, capture: Capture, days: int = DAYS) -> Iterator[CapturedRequest]:
    """The captured requests of `days`, the newest object first. Raises aws.Refused, aws.Unavailable, Missing."""
    bucket = split_s3_uri(capture.destination).bucket
    for key, size in islice(_newest(endpoint, capture, days), MAX_OBJECTS):
        if size <= MAX_SIZE:
            text = b"".join(s3.open_object(bucket, key).body_iter).decode(errors="replace")
            for line in reversed(text.split("\n")):  # and not at the other line ends that a request may hold
                if request := _request(line):
                    yield request


def _newest(endpoint: Endpoint, capture: Capture, days: int) -> Iterator[tuple[str, int]]:
    """(key, size) of the objects of all variants, the newest first; a day is listed when the later ones are read."""
    for day in range(days):
        at = now() - timedelta(days=day)
        keys = []
        for variant in variants_of(endpoint):
            bucket, prefix = split_s3_uri(f"{capture.destination}/{endpoint.name}/{variant}/{at:%Y/%m/%d}/")
            keys += [
                (one.key.removeprefix(prefix), one.key, one.size) for one in s3_store.STORE.list_objects(bucket, prefix)
            ]
        yield from ((key, size) for _time, key, size in sorted(keys, reverse=True))


def _request(line: str) -> CapturedRequest | None:
    """The request of a line of a captured file; None for any other line."""
    try:
        record = json.loads(line)
        data, at = record["captureData"], record["eventMetadata"]["inferenceTime"]
        sides = [_text(data.get(side) or {}) for side in ("endpointInput", "endpointOutput")]
        sent_type = (data.get("endpointInput") or {}).get("observedContentType", "")
        return CapturedRequest(parse_datetime(at), sides[0], sent_type, sides[1])
    except (ValueError, KeyError, TypeError, AttributeError):
        return None


def _text(side: Mapping[str, Any]) -> str:
    if side.get("encoding") == "BASE64":
        return base64.b64decode(side["data"]).decode(errors="replace")
    return str(side.get("data", ""))


def rows_of(request: CapturedRequest, schema: Mapping[str, Any]) -> list[Row]:
    """The rows of a request as {column: text or number} for the columns of the table; [] for what cannot be read.

    Cells that were masked are left out.

    Rows by position are those of `tables.encode_row`: the features of the table, or their encoded numbers, of which
    those that are the column's own value are used.
    """
    kind = request.sent_type.partition(";")[0].strip().lower()
    try:
        if kind == "application/json":
            document = json.loads(request.sent)
            items = document.get("instances", [document]) if isinstance(document, dict) else document
        elif kind in ("application/jsonlines", "application/x-ndjson"):
            items = [json.loads(line) for line in request.sent.split("\n") if line.strip()]
        elif kind == "text/csv":
            return [unmasked for row in _of_csv(request.sent, schema) if (unmasked := _unmasked(row))]
        else:
            return []
    except (ValueError, RecursionError, csv.Error):
        return []
    if not isinstance(items, list):
        return []
    rows = [item["features"] if isinstance(item, dict) and "features" in item else item for item in items]
    return [row for item in rows if (row := _unmasked(_row(item, schema)))]


def _unmasked(row: Row) -> Row:
    return {name: cell for name, cell in row.items() if cell != MASK}


def _of_csv(text: str, schema: Mapping[str, Any]) -> list[Row]:
    rows = [row for row in csv.reader(io.StringIO(text, newline="")) if row]
    names = {column["name"] for column in schema["columns"]}
    if rows and len(names.intersection(rows[0])) >= max(1, len(rows[0]) // 2):
        return [dict(zip(rows[0], row, strict=False)) for row in rows[1:]]
    return [named for row in rows if (named := _row(row, schema))]


def _row(item: Any, schema: Mapping[str, Any]) -> Row:
    try:
        if isinstance(item, dict):
            return {str(name): _cell(value) for name, value in item.items()}
        if isinstance(item, list) and (names := _names(len(item), schema)):
            return dict(zip(names, map(_cell, item), strict=True))
    except Problem:  # a list or an object instead of a cell
        pass
    return {}


def _names(width: int, schema: Mapping[str, Any]) -> Sequence[str]:
    """The column of each cell of a row of `width` cells; "" for a cell that is no column's own value."""
    columns = [column for column in schema["columns"] if column["role"] == "feature"]
    own = {
        column["features"][0]: column["name"]
        for column in columns
        if len(column.get("features", ())) == 1 and column.get("encoding", column["kind"]) == "number"
    }
    if width == len(schema.get("features", ())) and not schema.get("scale"):
        return [own.get(name, "") for name in schema["features"]]
    return [column["name"] for column in columns] if width == len(columns) else []


def _cell(value: Any) -> str | float:
    return value if isinstance(value, float) and value == value else cell_text(value)
