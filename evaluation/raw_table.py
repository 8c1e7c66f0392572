"""Predicts rows as the person's table has them, by the names of their columns, as an endpoint takes them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import polars as pl

from algorithms.contract import InvocationError
from algorithms.predictor import Predictor
from common.messages import _
from common.problems import Problem
from tables.encode_row import RowEncoder
from tables.predictions import Prediction, parse_response
from tables.readable_rows import encode_readable

MAX_NUMBERS = 20_000_000  # of encoded rows that are in memory
MAX_CELLS = 1_000_000  # of rows that are encoded at once
BATCH = 2_000  # rows that are predicted at once


@dataclass
class RawPredictions:
    """Predictions of the rows that can be read: `raw`, the given rows where `readable` (rows,) is True.

    `why` is the reason that the first of the others cannot be read.
    """

    raw: pl.DataFrame
    readable: np.ndarray
    predictions: list[Prediction] = field(default_factory=list)
    why: str = ""

    @property
    def left_out(self) -> int:
        """How many rows cannot be read."""
        return int((~self.readable).sum())


class RawTable:
    """Encodes and predicts rows of text by a model and its schema."""

    def __init__(self, predictor: Predictor, schema: Mapping[str, Any], accept: str):
        self._predictor, self._schema, self._accept = predictor, schema, accept
        self.encoder = RowEncoder(schema)
        batch_rows = min(MAX_NUMBERS // max(1, len(schema["features"])), MAX_CELLS // max(1, len(self.encoder.names)))
        self.rows_at_once = max(1, min(BATCH, batch_rows))

    def predict(self, raw: pl.DataFrame) -> RawPredictions:
        """Predict every row of `raw` that can be read. Raises Problem when none can, or the model refuses them."""
        readable = np.ones(len(raw), bool)
        result = RawPredictions(raw, readable)
        for start in range(0, len(raw), self.rows_at_once):
            encoded, reasons = encode_readable(self.encoder, raw.slice(start, self.rows_at_once))
            readable[start : start + len(reasons)] = [not why for why in reasons]
            result.why = result.why or next(filter(None, reasons), "")
            if len(encoded):
                result.predictions += self._answers(encoded)
        if not readable.any():
            raise Problem(_("No row can be read as the model takes it. The first: %(why)s", why=result.why))
        result.raw = raw.filter(pl.Series(readable))
        return result

    def encode(self, raw: pl.DataFrame) -> np.ndarray:
        """Rows that can be read, as the numbers that the model gets: float64 (rows, features)."""
        cells, parts = raw.select(self.encoder.names), [np.empty((0, len(self.encoder.features)))]
        for start in range(0, len(cells), self.rows_at_once):
            parts.append(self.encoder.encode(cells.slice(start, self.rows_at_once).to_dicts(), strict=False))
        return np.concatenate(parts)

    def outputs(self, encoded: np.ndarray) -> list[Prediction]:
        """The predictions for encoded rows, batch by batch."""
        parts = (encoded[start : start + self.rows_at_once] for start in range(0, len(encoded), self.rows_at_once))
        return [prediction for part in parts for prediction in self._answers(part)]

    def _answers(self, encoded: np.ndarray) -> list[Prediction]:
        try:
            accept = self._predictor.response_type(self._accept)
            body = self._predictor.write(self._predictor.predict(self._predictor.check(encoded)), accept)
        except InvocationError as e:
            raise Problem(e.message) from e
        answers = parse_response(self._schema, body, accept)
        if len(answers) != len(encoded):
            raise ValueError(f"the model answered {len(answers)} predictions for {len(encoded)} rows")
        return answers
