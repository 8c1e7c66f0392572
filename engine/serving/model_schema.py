"""Encodes rows by column name as the algorithm's input, by the schema stored with a model, and labels predictions.

A body of plain numbers of the model's width passes unchanged; only its first line is read. AWS's containers have no
schema: they take rows by position.
"""

import copy
import re
from collections.abc import Mapping
from typing import Any

import numpy as np
import orjson

from algorithms.spec import InvocationError, Predictor
from common.problems import Problem
from tables import predictions
from tables.encode_row import RowEncoder
from tables.unseen import UnseenCategories

MAX_CELLS = 16_000_000  # numbers that a body by name may become
LABELS = "labels=true"
_CSV, _JSON, _LINES = "text/csv", "application/json", ("application/jsonlines", "application/x-ndjson")
# The first row of JSON, if it is plain numbers, one or more.
_FIRST_ROW = re.compile(
    rb'\s*(?:\{\s*"instances"\s*:\s*)?\[\s*(?:\{\s*"features"\s*:\s*)?\[\s*(-?\d[-+.eE\d]*(?:\s*,\s*-?\d[-+.eE\d]*)*)\s*\]'
)
_NUMBERS = re.compile(rb"[-+0-9.eE, \t]*\r?(?:\n|\Z)")


class SchemaError(Exception):
    """The schema that a model names cannot be used; the message says why."""


class ModelSchema:
    """The schema of one loaded model."""

    def __init__(self, schema: Mapping[str, Any], predictor: Predictor, response_type: str):
        try:
            self._rows = RowEncoder(schema)
        except (KeyError, TypeError, ValueError, AttributeError) as e:
            raise SchemaError(f"it is none of ours ({type(e).__name__}: {e})") from e
        self._width = len(self._rows.features)
        if self._width != predictor.n_features:
            raise SchemaError(f"it makes {self._width} numbers of a row, and the model takes {predictor.n_features}")
        self._predictor = predictor
        self._response_type = response_type or _JSON

    @property
    def encoder(self) -> RowEncoder:
        """What encodes the rows."""
        return self._rows

    def with_encoder(self, encoder: RowEncoder) -> "ModelSchema":
        """One that differs in its encoder only."""
        other = copy.copy(self)
        other._rows = encoder
        return other

    def read(self, body: bytes, content_type: str | None, unseen: UnseenCategories | None = None) -> np.ndarray:
        """The rows of a request as Predictor.read returns them; numbers by position are left to the predictor.

        `unseen` counts the categories that the training data did not have. Raises InvocationError, 400 with the column
        at fault for rows by name.
        """
        kind, _, options = (content_type or "").partition(";")
        kind = kind.strip().lower()
        if not body.strip() or self._is_plain(body, kind, options):
            return self._predictor.read(body, content_type)
        most = MAX_CELLS // self._width
        if (
            body.count(b"\n") + 1 if kind == _CSV or kind in _LINES else max(body.count(b"{"), body.count(b"["))
        ) > most:
            raise InvocationError(400, f"A row becomes {self._width} numbers. Send at most {most} rows at once.")
        try:
            rows = self._rows.read(body, kind, unseen)
        except (Problem, UnicodeDecodeError) as e:
            raise InvocationError(400, str(e)) from e
        return self._predictor.check(rows)

    def _is_plain(self, body: bytes, kind: str, options: str) -> bool:
        """Is it numbers by position, as many as the model takes, or a format that has no names?"""
        if kind == _CSV:
            first = _NUMBERS.match(body)
            return "label_size" in options or (first is not None and first[0].count(b",") + 1 == self._width)
        if kind == _JSON:
            return self._is_positional(body)
        if kind in _LINES:
            return self._is_positional(body.lstrip().partition(b"\n")[0])
        return True

    def _is_positional(self, text: bytes) -> bool:
        # A large body is not parsed for its first row: that would hold the interpreter for a tenth of a second.
        if (numbers := _FIRST_ROW.match(text)) and numbers[1].count(b",") + 1 == self._width:
            return True
        try:
            document = orjson.loads(text)
        except orjson.JSONDecodeError:
            return True  # what is wrong with it is the predictor's to say
        if isinstance(document, dict) and isinstance(document.get("instances"), list):
            document = document["instances"]
        first = document[0] if isinstance(document, list) and document else document
        if isinstance(first, dict):
            inside = next((first[key] for key in ("features", "data") if key in first), None)
            if not isinstance(inside, list | dict):
                return not first  # {} has no names either
            first = inside
        if isinstance(first, list):
            return len(first) == self._width and all(type(cell) in (int, float) for cell in first)
        return True

    def label_response(self, answer: bytes, content_type: str) -> tuple[bytes, str]:
        """`answer` with the original labels: {"predictions": [{"label": "setosa", "probability": 0.98, ...}]}."""
        schema = predictions.answer_schema(self._rows.schema, self._predictor)
        try:
            return predictions.label_response(schema, answer, content_type), f"{_JSON}; {LABELS}"
        except (ValueError, KeyError, TypeError) as e:
            raise InvocationError(406, f"The answer cannot be given with labels: {e}.") from e

    def accept(self, accept: str) -> str:
        """What the predictor is asked for when labels are wanted."""
        wanted = "verbose=true" in accept and "verbose=true" not in self._response_type
        return f"{self._response_type}; verbose=true" if wanted else self._response_type


def accepts_labels(accept: str | None) -> bool:
    """Return True if an Accept header asks for the table's own labels in the answer."""
    return accept is not None and LABELS in accept.replace(" ", "").lower()
