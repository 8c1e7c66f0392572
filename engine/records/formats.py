"""Reads and writes single records of the formats that a batch transform takes apart: CSV, JSON and JSON Lines."""

import csv
import io
from typing import Any

import orjson

CSV, JSON, JSON_LINES = "text/csv", "application/json", "application/jsonlines"
_KINDS = {CSV: "csv", JSON: "json", JSON_LINES: "json", "application/x-jsonlines": "json", "application/jsonl": "json"}


class UnreadableRecord(ValueError):
    """A record is not of the format that it should have; the message says why."""


def kind_of(content_type: str) -> str:
    """ "csv" or "json" for a content type whose records can be taken apart, else ""."""
    return _KINDS.get(content_type.split(";")[0].strip().lower(), "")


def parse(record: bytes, kind: str) -> Any:
    """The value of a record: the list of a CSV row's cells as text, or the value of JSON. Raises UnreadableRecord."""
    try:
        if kind == "json":
            return orjson.loads(record)
        return next(csv.reader([record.decode().rstrip("\r\n")], strict=True), [])
    except (ValueError, csv.Error) as e:
        raise UnreadableRecord(f"a record cannot be read as {'JSON' if kind == 'json' else 'CSV'}: {e}") from None


def dump(value: Any, kind: str) -> bytes:
    """A record with this value, without a line's end. CSV's is a list of cells, or the one cell."""
    if kind == "json":
        return orjson.dumps(value)
    out = io.StringIO()
    csv.writer(out, lineterminator="").writerow(value if isinstance(value, list) else [value])
    return out.getvalue().encode()


def joined(record: Any, answer: Any, kind: str) -> Any:
    """A record with its answer, as JoinSource has it: more cells, or the attribute SageMakerOutput."""
    if kind == "csv":
        return [*record, *answer]
    if isinstance(record, dict):
        return {**record, "SageMakerOutput": answer}
    return {"SageMakerInput": record, "SageMakerOutput": answer}
