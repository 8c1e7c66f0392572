"""Deserializers of version 2: what `predict` returns."""

from __future__ import annotations

import csv
import io
import json
from abc import ABC, abstractmethod
from typing import Any

import numpy as np


class BaseDeserializer(ABC):
    """Asks for ACCEPT and reads a body."""

    ACCEPT = "*/*"

    def __init__(self, accept: Any = None):
        self.accept = accept or self.ACCEPT

    @abstractmethod
    def deserialize(self, body: bytes, content_type: str) -> Any:
        """What the body says."""


class BytesDeserializer(BaseDeserializer):
    """The body as it is."""

    def deserialize(self, body: bytes, content_type: str) -> Any:
        """What the body says."""
        return body


class StringDeserializer(BaseDeserializer):
    """The body as a text."""

    def deserialize(self, body: bytes, content_type: str) -> Any:
        """What the body says."""
        return body.decode()


class CSVDeserializer(BaseDeserializer):
    """Rows of texts."""

    ACCEPT = "text/csv"

    def deserialize(self, body: bytes, content_type: str) -> Any:
        """What the body says."""
        return [row for row in csv.reader(io.StringIO(body.decode())) if row]


class JSONDeserializer(BaseDeserializer):
    """A JSON document."""

    ACCEPT = "application/json"

    def deserialize(self, body: bytes, content_type: str) -> Any:
        """What the body says."""
        return json.loads(body)


class NumpyDeserializer(BaseDeserializer):
    """An array, of NumPy's own format without pickles, of CSV or of JSON."""

    ACCEPT = "application/x-npy"

    def deserialize(self, body: bytes, content_type: str) -> Any:
        """What the body says."""
        if content_type == "text/csv":
            return np.genfromtxt(io.StringIO(body.decode()), delimiter=",")
        if content_type == "application/json":
            return np.array(json.loads(body))
        return np.load(io.BytesIO(body), allow_pickle=False)
