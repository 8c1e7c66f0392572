"""Rows by column name: what people send becomes what the algorithm takes, by the schema that travels with a model.

A body of plain numbers, as wide as the model takes, goes to the predictor untouched and costs one look at its first
line. AWS's containers know nothing of this: there, rows are sent by position.
"""

import re
from collections.abc import Mapping
from typing import Any

import numpy as np
import orjson
from botocore.exceptions import BotoCoreError, ClientError

from algorithms.spec import InvocationError, Predictor
from common.problems import Problem
from common.s3_uri import is_s3_uri, split_s3_uri
from engine import store
from tables import predictions
from tables.encode_row import RowEncoder

VARIABLE = "SAGEWRIGHT_SCHEMA"  # of the model's environment: s3://bucket/key of its schema.json
LARGEST = 32 * 1024**2  # bytes of a schema
LABELS = "labels=true"
_CSV, _JSON, _LINES = "text/csv", "application/json", ("application/jsonlines", "application/x-ndjson")
_NUMBERS = re.compile(rb"[-+0-9.eE, \t]*\r?(?:\n|\Z)")


class NoSchema(Exception):
    """The schema a model names cannot be used; the message says why in plain words."""


class Named:
    """The schema of one loaded model at work."""

    def __init__(self, schema: Mapping[str, Any], predictor: Predictor, asks: str):
        try:
            self._rows = RowEncoder(schema)
        except (KeyError, TypeError, ValueError, AttributeError) as e:
            raise NoSchema(f"it is none of ours ({type(e).__name__}: {e})") from e
        self._width = len(self._rows.features)
        if self._width != predictor.n_features:
            raise NoSchema(f"it makes {self._width} numbers of a row, and the model takes {predictor.n_features}")
        self._predictor = predictor
        self._asks = asks or _JSON

    def read(self, body: bytes, content_type: str | None) -> np.ndarray:
        """The rows of a request as Predictor.read returns them; numbers by position are left to the predictor.

        Raises InvocationError, 400 with the column at fault for rows by name.
        """
        kind, _, options = (content_type or "").partition(";")
        kind = kind.strip().lower()
        if not body.strip() or self._is_plain(body, kind, options):
            return self._predictor.read(body, content_type)
        try:
            rows = self._rows.read(body, kind)
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
        try:
            given = orjson.loads(text)
        except orjson.JSONDecodeError:
            return True  # what is wrong with it is the predictor's to say
        if isinstance(given, dict) and isinstance(given.get("instances"), list):
            given = given["instances"]
        first = given[0] if isinstance(given, list) and given else given
        if isinstance(first, dict):
            inside = next((first[key] for key in ("features", "data") if key in first), None)
            if not isinstance(inside, list | dict):
                return not first  # {} has no names either
            first = inside
        if isinstance(first, list):
            return len(first) == self._width and all(type(cell) in (int, float) for cell in first)
        return True

    def labelled(self, answer: bytes, content_type: str) -> tuple[bytes, str]:
        """`answer` with the original labels: {"predictions": [{"label": "setosa", "probability": 0.98, ...}]}."""
        try:
            return predictions.label_response(self._rows.schema, answer, content_type), f"{_JSON}; {LABELS}"
        except (ValueError, KeyError, TypeError) as e:
            raise InvocationError(406, f"The answer cannot be given with labels: {e}.") from e

    def accept(self, accept: str) -> str:
        """What the predictor is asked for when labels are wanted."""
        return f"{self._asks}; verbose=true" if "verbose=true" in accept else self._asks


def wants_labels(accept: str | None) -> bool:
    return accept is not None and LABELS in accept.replace(" ", "").lower()


def load(uri: str, predictor: Predictor, asks: str) -> Named:
    """The schema at `uri`, an object of this account's store, for `predictor`. Raises NoSchema."""
    bucket, key = split_s3_uri(uri)
    if not is_s3_uri(uri) or not key:
        raise NoSchema("its address must be s3://bucket/key")
    try:
        found = store.client().get_object(Bucket=bucket, Key=key)
        if found["ContentLength"] > LARGEST:
            raise NoSchema(f"it is larger than {LARGEST} bytes")
        schema = orjson.loads(found["Body"].read())
    except ClientError as e:
        raise NoSchema("there is no such object") from e
    except BotoCoreError as e:
        raise NoSchema(f"the object store does not answer ({type(e).__name__})") from e
    except orjson.JSONDecodeError as e:
        raise NoSchema(f"it is no JSON ({e})") from e
    if not isinstance(schema, dict):
        raise NoSchema("it is no JSON object")
    return Named(schema, predictor, asks)
