"""Reads and writes single records of the formats that a batch transform takes apart: CSV, JSON and JSON Lines."""

import csv
import io
import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

CSV, JSON, JSON_LINES = "text/csv", "application/json", "application/jsonlines"
_LINES = (CSV, JSON_LINES, "application/x-jsonlines", "application/jsonl")
_KINDS = {JSON: "json"} | {name: "csv" if name == CSV else "json" for name in _LINES}
END = "\r\n"  # what ends a line of CSV, so that csv quotes a cell that has it


class UnreadableRecord(ValueError):
    """A record is not of the format that it should have, or cannot have it; the message says why."""


def kind_of(content_type: str) -> str:
    """ "csv" or "json" for a content type whose records can be taken apart, else ""."""
    return _KINDS.get(_name(content_type), "")


def has_lines(content_type: str) -> bool:
    """Whether each line of a body of this content type is a record: CSV and JSON Lines."""
    return _name(content_type) in _LINES


def _name(content_type: str) -> str:
    return content_type.split(";")[0].strip().lower()


def parse(record: bytes, kind: str) -> Any:
    """The value of a record: the list of a CSV row's cells as text, or the value of JSON. Raises UnreadableRecord."""
    try:
        if kind == "json":  # by the standard library: orjson turns integers of more than 64 bits into floats
            return json.loads(record.decode(), parse_constant=_refuse)
        with _cells_of_any_size():
            return next(csv.reader([record.decode().rstrip("\r\n")], strict=True), [])
    except (ValueError, RecursionError, csv.Error) as e:
        raise UnreadableRecord(f"a record cannot be read as {'JSON' if kind == 'json' else 'CSV'}: {e}") from None


def dump(value: Any, kind: str) -> bytes:
    """A record with this value, without a line's end. CSV's is a list of cells, or the one cell.

    Raises UnreadableRecord for a value that JSON cannot have.
    """
    if kind == "json":
        try:
            return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()
        except (ValueError, RecursionError) as e:
            raise UnreadableRecord(f"a record cannot be written as JSON: {e}") from None
    out = io.StringIO()
    csv.writer(out, lineterminator=END).writerow(value if isinstance(value, list) else [value])
    return out.getvalue().removesuffix(END).encode()


def joined(record: Any, answer: Any, kind: str) -> Any:
    """A record with its answer, as JoinSource has it: more cells, or the attribute SageMakerOutput."""
    if kind == "csv":
        return [*record, *answer]
    if isinstance(record, dict):
        return {**record, "SageMakerOutput": answer}
    return {"SageMakerInput": record, "SageMakerOutput": answer}


@contextmanager
def _cells_of_any_size() -> Iterator[None]:
    """MaxPayloadInMB limits a record, and nothing else its cells; csv keeps its limit for the whole process."""
    limit = csv.field_size_limit(sys.maxsize)
    try:
        yield
    finally:
        csv.field_size_limit(limit)


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is no JSON")
