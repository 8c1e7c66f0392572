"""Rows for the endpoint of a prepared table."""

from __future__ import annotations

import json
from typing import Any

import algorithms
from tables.encode_row import RowEncoder

CSV, JSON = "text/csv", "application/json"


def encode_rows(schema: dict[str, Any], columns: list[str], data: list[list[Any]]) -> dict[str, str]:
    """{"body", "content_type", "accept"} for rows by name, or, without `columns`, by position. Raises Problem."""
    encoder = RowEncoder(schema)
    document: Any = [dict(zip(columns, row, strict=True)) for row in data] if columns else data
    encoded = encoder.read(json.dumps(document).encode())
    algorithm = algorithms.ALGORITHMS.get(schema.get("algorithm", ""))
    accept = (algorithm.accept_header if algorithm else "") or CSV
    if algorithm is None or CSV in algorithm.content_types:
        return {"body": encoder.as_csv(encoded).decode(), "content_type": CSV, "accept": accept}
    instances = [{"features": [None if cell != cell else cell for cell in row]} for row in encoded.tolist()]
    return {"body": json.dumps({"instances": instances}), "content_type": JSON, "accept": accept}
