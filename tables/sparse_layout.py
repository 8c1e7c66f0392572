"""Which columns of a sparse record the encoded columns of a table become."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from algorithms.contract import DataContract
from tables.schema import feature_names

RECORDIO = "application/x-recordio-protobuf"
SPARSE = ("index", "slots")  # encodings of which one column of a record is not 0
TFIDF = "tfidf"  # the encoding of which as many columns are not 0 as a text has known words


class SparseLayout(NamedTuple):
    """Which columns records name: each those of `starts`, of `width`, and those of the words of `texts`.

    An encoded column is a number at its start, or, where `coded`, the place after its start that is 1; NaN is none.
    `texts` are {encoded column: its start}; a text has about `words` of them that count.
    """

    starts: np.ndarray
    coded: np.ndarray
    width: int
    texts: Mapping[str, int]
    words: int = 0

    def entries(self, encoded: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The values and the columns of each record but those of words, both of the shape of `encoded`.

        That is (rows, encoded columns).
        """
        present = ~np.isnan(encoded)
        offsets = np.where(self.coded & present, encoded, 0).astype(np.int64)
        return np.where(self.coded, present, encoded), self.starts + offsets

    @property
    def size(self) -> int:
        """How many columns a record names, on average."""
        return len(self.starts) + self.words


def prepared_content_type(schema: Mapping[str, Any], contract: DataContract) -> str:
    """The content type of the rows that preparing writes."""
    return contract.content_type if sparse_layout(schema) is None else RECORDIO


def sparse_layout(schema: Mapping[str, Any]) -> SparseLayout | None:
    """The layout of the records of a schema, None where they are dense."""
    features = [column for column in schema["columns"] if column["role"] == "feature"]
    if not any(column["encoding"] in (*SPARSE, TFIDF) for column in features):
        return None
    starts: list[int] = []
    coded: list[bool] = []
    texts: dict[str, int] = {}
    at = words = 0
    for column in features:
        width = len(feature_names(column))
        is_coded = column["encoding"] in SPARSE
        if column["encoding"] == TFIDF:
            texts[column["name"]] = at
            words += round(column["words"])
        else:
            starts += [at] if is_coded else range(at, at + width)
            coded += [is_coded] * (1 if is_coded else width)
        at += width
    return SparseLayout(np.array(starts, np.int64), np.array(coded, bool), at, texts, words)
