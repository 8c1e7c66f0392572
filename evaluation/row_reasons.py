"""The reasons of one row as a person has it, by the model of an artifact."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from algorithms.predictor import Predictor
from tables.reasons import ReasonColumns, RecordingEncoder

MAX_REASONS = 8  # reasons; the rest in one


def row_reasons(predictor: Predictor, schema: Mapping[str, Any], row: Mapping[str, Any]) -> dict[str, Any]:
    """The reasons of `row`, {column: value}, as `tables.reasons` describes them. Raises Problem, InvocationError."""
    encoder = RecordingEncoder(schema)
    encoded = predictor.check(encoder.encode([row], strict=False))
    columns = ReasonColumns(schema, predictor.n_features)
    values = columns.recorded(encoder.cells or {}, 1)
    return columns.documents(predictor.contributions(encoded), values, MAX_REASONS)[0]
