"""Serializers of version 2: what `predict` takes, as a body."""

from __future__ import annotations

import csv
import io
import json
from abc import ABC, abstractmethod
from typing import Any

import numpy as np


class BaseSerializer(ABC):
    """Writes a body of CONTENT_TYPE."""

    CONTENT_TYPE = "application/octet-stream"

    def __init__(self, content_type: str | None = None):
        self.content_type = content_type or self.CONTENT_TYPE

    @abstractmethod
    def serialize(self, data: Any) -> Any:
        """The body of a request."""


class IdentitySerializer(BaseSerializer):
    """Sends texts and bytes as they are."""

    def serialize(self, data: Any) -> Any:
        """The body of a request."""
        return data


class LibSVMSerializer(IdentitySerializer):
    """Sends LibSVM as it is; a file is read."""

    CONTENT_TYPE = "text/libsvm"

    def serialize(self, data: Any) -> Any:
        """The body of a request."""
        return data.read() if hasattr(data, "read") else data


class CSVSerializer(BaseSerializer):
    """Writes rows, one row, an array or a DataFrame as CSV without a header; a text stays as it is."""

    CONTENT_TYPE = "text/csv"

    def serialize(self, data: Any) -> Any:
        """The body of a request."""
        if hasattr(data, "read"):
            return data.read()
        if isinstance(data, str | bytes):
            return data
        rows = data.to_numpy().tolist() if hasattr(data, "to_numpy") else getattr(data, "tolist", lambda: data)()
        rows = rows if rows and isinstance(rows[0], list | tuple | np.ndarray) else [rows]
        out = io.StringIO()
        csv.writer(out, lineterminator="\n").writerows(rows)
        return out.getvalue().rstrip("\n")


class JSONSerializer(BaseSerializer):
    """Writes JSON; arrays become lists."""

    CONTENT_TYPE = "application/json"

    def serialize(self, data: Any) -> Any:
        """The body of a request."""
        return json.dumps(data.tolist() if hasattr(data, "tolist") else data, default=lambda value: value.tolist())


class JSONLinesSerializer(BaseSerializer):
    """Writes a JSON document a line."""

    CONTENT_TYPE = "application/jsonlines"

    def serialize(self, data: Any) -> Any:
        """The body of a request."""
        return data if isinstance(data, str) else "\n".join(json.dumps(row) for row in data)


class NumpySerializer(BaseSerializer):
    """Writes an array in NumPy's own format, without pickles."""

    CONTENT_TYPE = "application/x-npy"

    def serialize(self, data: Any) -> Any:
        """The body of a request."""
        out = io.BytesIO()
        np.save(out, np.asarray(data), allow_pickle=False)
        return out.getvalue()
