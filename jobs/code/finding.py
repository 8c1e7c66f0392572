"""What a check of people's code has to say, each with the line that it is about."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class CodeFinding:
    """`level` is err (it cannot work) or warn; `line` counts from 1, 0 for the whole; `file` is "" for the entry's."""

    level: str
    line: int
    text: str
    file: str = ""


def error(line: int, text: str) -> CodeFinding:
    """A finding that keeps the code from being launched."""
    return CodeFinding("err", line, text)


def warning(line: int, text: str) -> CodeFinding:
    """A finding that a person should look at."""
    return CodeFinding("warn", line, text)
