"""The words of a text as TF-IDF features: hashed into slots, of which those that training texts had are features.

A word counts 1 + ln(its occurrences in the text) times ln((1 + n) / (1 + d)) + 1 for n training texts of which d have
it; the features of a text then have length 1 (Salton and Buckley 1988, "Term-weighting approaches in automatic text
retrieval"; the smoothing is scikit-learn's). Words of scripts that put no blanks between words, and Korean ones, whose
endings change, become pairs of characters, as Lucene's CJKBigramFilter has them.

Standard library and NumPy only, because endpoints import it.
"""

from __future__ import annotations

import base64
import math
import re
from collections import Counter
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import numpy as np

from tables.text_hash import hash32

SLOTS = 2**16
MIN_TEXTS = 2  # training texts that have a word before it is a feature: of a single text it says nothing
MAX_CHARACTERS = 100_000  # of a text that are read
MAX_WORD = 64  # characters of a word
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_PAIRED = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3]+|[^\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3]+")


def words(text: str) -> list[str]:
    """The words of a text in lower case, in order."""
    parts: list[str] = []
    for word in _WORD.findall(text[:MAX_CHARACTERS].lower()):
        if word.isascii():
            parts.append(word[:MAX_WORD])
            continue
        for part in _PAIRED.findall(word):
            if "\u3040" <= part[0] <= "\ud7a3" and len(part) > 1:
                parts += [part[at : at + 2] for at in range(len(part) - 1)]
            else:
                parts.append(part[:MAX_WORD])
    return parts


@lru_cache(maxsize=200_000)
def _slot(word: str) -> int:
    return hash32(word) % SLOTS


def slot_counts(text: str) -> Counter[int]:
    """{slot: how often its words are in the text}."""
    return Counter(map(_slot, words(text)))


def encode_idf(texts: np.ndarray, rows: int) -> tuple[str, int]:
    """(the inverse document frequency of every slot as text, the number of features).

    `texts` has for each slot the training texts with a word in it, of `rows` in all. A slot of fewer than MIN_TEXTS is
    no feature. The text is base64 of float16, so that it has the same length for any table.
    """
    idf = np.where(texts >= MIN_TEXTS, np.log((1 + rows) / (1 + texts)) + 1, 0).astype("<f2")
    return base64.b64encode(idf.tobytes()).decode(), int(np.count_nonzero(idf))


class TextEncoder:
    """Turns texts into the features of one column of a schema. Raises ValueError for a schema that has none."""

    def __init__(self, column: Mapping[str, Any]):
        idf = np.frombuffer(base64.b64decode(column["idf"]), "<f2").astype(float)
        if len(idf) != SLOTS or not np.isfinite(idf).all() or np.count_nonzero(idf) != len(column["features"]):
            raise ValueError(f"the words of {column['name']} are not those of its features")
        self.width = len(column["features"])
        used = np.flatnonzero(idf)
        self._features = dict(zip(used.tolist(), enumerate(idf[used].tolist()), strict=True))

    def encode(self, text: str | None) -> tuple[list[int], list[float]]:
        """(positions among the column's features, values) of a text; both empty for none, and for unknown words."""
        columns, values = [], []
        for slot, count in slot_counts(text).items() if text else ():
            feature = self._features.get(slot)
            if feature is not None:
                columns.append(feature[0])
                values.append((1 + math.log(count)) * feature[1])
        length = math.sqrt(math.fsum(value * value for value in values))
        return columns, [value / length for value in values]
