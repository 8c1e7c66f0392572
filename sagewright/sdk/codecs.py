"""How rows become the body of a request and how an answer becomes predictions, by what stands behind an endpoint."""

from __future__ import annotations

import json
from typing import Any, Protocol

from sagewright.runtime.rows import CSV, JSON, read_answer, write_rows
from sagewright.runtime.table import table_of
from sagewright.sdk.objects import split_uri
from sagewright.sdk.planner_client import planner_of
from sagewright.sdk.session import Session

SCHEMA_VARIABLE = "SAGEWRIGHT_SCHEMA"  # of a model's Environment: where the schema of its table is


class Codec(Protocol):
    """Both directions of an endpoint."""

    def encode(self, rows: Any) -> tuple[bytes, str, str]:
        """(body, content type, accept) for `rows`."""
        ...

    def decode(self, body: bytes, content_type: str, rows: Any) -> Any:
        """The predictions for `rows` in an answer."""
        ...


class ClassCodec:
    """A class of a person's: rows by name as they are; the answer has the kind that its `predict` returned."""

    def encode(self, rows: Any) -> tuple[bytes, str, str]:
        """(body, content type, accept) for `rows`."""
        return *write_rows(rows), JSON

    def decode(self, body: bytes, content_type: str, rows: Any) -> Any:
        """An array, a list, or a table of the library that `rows` are of; for one row as a dict, its prediction."""
        return first_of(rows, read_answer(body, content_type, library_of(rows)))


class SchemaCodec:
    """A built-in algorithm on a prepared table: rows by column name, encoded here by the table's schema.

    So the endpoint gets the numbers that it was trained on, and answers in the table's own labels. `accept` is what
    the algorithm is asked to answer.
    """

    def __init__(self, session: Session, schema_uri: str):
        self._session = session
        bucket, key = split_uri(schema_uri)
        self._schema = json.loads(session.client("s3").get_object(Bucket=bucket, Key=key)["Body"].read())

    def encode(self, rows: Any) -> tuple[bytes, str, str]:
        """(body, content type, accept) for `rows`. Raises PredictionFailed that names the column."""
        table = table_of(rows)
        nameless = type(rows).__module__.startswith("numpy") or (
            isinstance(rows, (list, tuple)) and not isinstance(rows[0], dict)
        )
        columns, data = [] if nameless else table.columns, table.to_numpy().tolist()
        request = json.loads(json.dumps({"columns": columns, "data": data}, default=str))
        encoded = planner_of(self._session).ask("encode", schema=self._schema, **request)
        return encoded["body"].encode(), encoded["content_type"], encoded["accept"]

    def decode(self, body: bytes, content_type: str, rows: Any) -> Any:
        """A dict for each row: label and probability, or value, cluster, score ..."""
        labelled = planner_of(self._session).ask(
            "label", schema=self._schema, body=body.decode(), content_type=content_type
        )
        return first_of(rows, labelled)


class PlainCodec:
    """Anything else: numbers in CSV without a header, which every image of SageMaker's takes."""

    def encode(self, rows: Any) -> tuple[bytes, str, str]:
        """(body, content type, accept) for `rows`; bytes and texts as they are."""
        if isinstance(rows, bytes | str):
            return rows.encode() if isinstance(rows, str) else rows, CSV, "*/*"
        lines = [
            ",".join("" if cell != cell else str(cell) for cell in row) for row in table_of(rows).to_numpy().tolist()
        ]
        return "\n".join(lines).encode(), CSV, "*/*"

    def decode(self, body: bytes, content_type: str, rows: Any) -> Any:
        """JSON as it is, CSV as rows of numbers, else the bytes."""
        return read_answer(body, content_type)


def library_of(rows: Any) -> str:
    """The kind of table that `rows` are: pandas, polars or table."""
    package = type(rows).__module__.partition(".")[0]
    return package if package in ("pandas", "polars") else "table"


def first_of(rows: Any, predictions: Any) -> Any:
    """The one prediction, if `rows` is one row: a dict of values; else `predictions`."""
    if isinstance(rows, dict) and not any(
        hasattr(value, "__len__") and not isinstance(value, str) for value in rows.values()
    ):
        return (
            predictions[0]
            if hasattr(predictions, "__getitem__") and not hasattr(predictions, "columns")
            else predictions
        )
    return predictions
