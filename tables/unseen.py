"""Counts the categories in the rows of a request that the training data did not have."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any
from urllib.parse import parse_qsl, urlencode

from tables.schema import encoding_of

HEADER = "x-sagewright-unseen-categories"  # of an endpoint's response
MAX_EXAMPLES = 5  # different values of a column
MAX_TEXT = 60  # characters of a value
MAX_HEADER = 4096  # bytes
MAX_COUNT = 10**9


class UnseenCategories:
    """Counts by column; `examples` has the first different values of each. Empty, it is false."""

    def __init__(self) -> None:
        self.counts: dict[str, int] = {}
        self.examples: dict[str, list[str]] = {}

    def __bool__(self) -> bool:
        return bool(self.counts)

    @property
    def total(self) -> int:
        """The values of all columns."""
        return sum(self.counts.values())

    def add(self, column: str, value: str) -> None:
        """Count `value` of `column`."""
        self.counts[column] = self.counts.get(column, 0) + 1
        examples, text = self.examples.setdefault(column, []), value[:MAX_TEXT]
        if len(examples) < MAX_EXAMPLES and text not in examples:
            examples.append(text)

    def merge(self, counts: Any) -> None:
        """Add the `counts` of another process; what is no count is left out, because a model may have written it."""
        for column, count in counts.items() if isinstance(counts, dict) else ():
            if type(count) is int and 0 < count <= MAX_COUNT:
                self.counts[column] = self.counts.get(column, 0) + count

    def as_header(self) -> str:
        """The counts as a header's value: city=2&plan=1, names percent-encoded; as many columns as fit."""
        value = ""
        for pair in self.counts.items():
            longer = f"{value}{'&' if value else ''}{urlencode([pair])}"
            value = longer if len(longer) <= MAX_HEADER else value
        return value


def parse_header(value: str) -> dict[str, int]:
    """{column: count} of `UnseenCategories.as_header`; what is none is left out."""
    return {name: int(count) for name, count in parse_qsl(value) if count.isascii() and count.isdigit()}


def known_categories(column: Mapping[str, Any]) -> Collection[str] | None:
    """The categories that the training data had of a column of a schema; None for an encoding that needs no list."""
    if encoding_of(column) in ("number", "boolean", "date"):
        return None
    known = column.get("values") if "values" in column else column.get("known")
    return None if known is None else frozenset(known)
