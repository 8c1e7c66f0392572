"""One launch as one text."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Program:
    """One text: `key` for an address, `title` for a tab."""

    key: str
    title: str
    code: str
