"""Finds the first of many regular expressions that a text holds, in time linear in the text."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import Any, Generic, TypeVar

import re2

from common.linear_regex import compile_regex

Meaning = TypeVar("Meaning")
MAX_TEXT = 4_000  # characters of a message that are searched; a FailureReason has at most 1,024
MEMORY = 2**26  # bytes for all patterns together while they search; without enough, nothing is found
MAX_VALUE = 120  # characters of a value that a message quotes


class PatternSet(Generic[Meaning]):
    """Patterns with what each of them means, in the order in which they count.

    One automaton searches all of them in one pass; then the first that was found is searched by itself for its groups.
    """

    def __init__(self, patterns: Iterable[tuple[Meaning, str]]):
        options = re2.Options()
        options.max_mem, options.log_errors = MEMORY, False
        self._which, self._patterns = re2.Set.SearchSet(options), list(patterns)
        for _meaning, pattern in self._patterns:
            self._which.Add(pattern)
        self._which.Compile()

    def first(self, text: str) -> tuple[Meaning, dict[str, str]] | None:
        """What the first pattern in `text` means, with the values of its named groups, "" for one that is not there.

        White space is one blank each, and the first 4,000 characters are read. None when no pattern is found.
        """
        text = " ".join(text[:MAX_TEXT].split())
        if not text or not (matches := self._which.Match(text)):
            return None
        meaning, pattern = self._patterns[min(matches)]
        groups = _compiled(pattern).search(text).groupdict()
        return meaning, {name: _short(value or "") for name, value in groups.items()}


@cache
def _compiled(pattern: str) -> Any:
    """One pattern by itself. A process needs few of them, and compiling all takes a second."""
    return compile_regex(pattern)


def _short(value: str) -> str:
    return value if len(value) <= MAX_VALUE else f"{value[: MAX_VALUE - 1]}…"
