"""Parses the filters of an address, such as `status!=Failed`, into names, operators and values."""

import re
from dataclasses import dataclass

from common.tags import escape_key, unescape_key

OPERATORS = (">=", "<=", "!=", "=", ">", "<", "~")  # ~: contains; the longer ones first
MAX_FILTERS, MAX_WORDS, MAX_LENGTH = 12, 8, 300
_START = re.compile(r"(?<!\\)[<>=!~]")  # \= stands for an = within a name, as in the key of a tag


@dataclass(frozen=True)
class Filter:
    """One filter as it was written: a name, one of OPERATORS, a value."""

    name: str
    operator: str
    value: str

    def __str__(self) -> str:
        return f"{escape_key(self.name)}{self.operator}{self.value}"


def parse(text: str) -> Filter | None:
    """The filter that `text` is; None for text without a name, an operator and a value, or over MAX_LENGTH."""
    if len(text) > MAX_LENGTH:
        return None
    text = _plain(text)
    start = _START.search(text)
    at = start.start() if start else -1
    operator = next((o for o in OPERATORS if at > 0 and text.startswith(o, at)), "")
    name, value = text[:at].strip(), text[at + len(operator) :].strip()
    return Filter(unescape_key(name), operator, value) if operator and name and value else None


def split(text: str) -> tuple[list[str], list[Filter], str]:
    """The words of a search line, the filters in it, and the text beyond the limits: (["iris"], [auc>0.85], "")."""
    line = _plain(text[:MAX_LENGTH])
    for operator in OPERATORS:
        line = line.replace(f" {operator}", operator).replace(f"{operator} ", operator)
    words, filters = [], []
    for word in line.split():
        if parsed := parse(word):
            filters.append(parsed)
        else:
            words.append(word)
    beyond = [*words[MAX_WORDS:], *map(str, filters[MAX_FILTERS:]), text[MAX_LENGTH:].strip()]
    return words[:MAX_WORDS], filters[:MAX_FILTERS], " ".join(filter(None, beyond))


def _plain(text: str) -> str:
    """`text` without NUL, which PostgreSQL refuses."""
    return text.replace("\0", "").strip()
