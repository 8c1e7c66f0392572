"""Parses a large JSON list of rows in pieces, between which other threads get the interpreter.

`json.loads` holds it for as long as it takes, which for 6 MB is as long as a hundred small predictions.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

PIECE = 64 * 1024  # bytes parsed at once
_SPACE = b" \t\r\n"
_OPENING = re.compile(rb'[ \t\r\n]*(\{[ \t\r\n]*"instances"[ \t\r\n]*:[ \t\r\n]*)?\[[ \t\r\n]*')
_CLOSING = {b"{": b"}", b"[": b"]"}


def loads(body: bytes) -> Any:
    """As `json.loads`, whose result and errors these are; only `{"instances": [...]}` may come without its object."""
    rows = _rows(body) if len(body) > PIECE and json.detect_encoding(body) == "utf-8" else None
    return json.loads(body) if rows is None else rows


def _rows(body: bytes) -> list[Any] | None:
    """The rows of a list of objects or lists, alone or as the only member `instances`; None for anything else.

    A piece ends where a row seems to. It begins at a row, so if that was inside a text or a row, its text or brackets
    have no end and it is no JSON: then nothing has been decided, and the body is parsed at once.
    """
    opening, end = _OPENING.match(body), body.rfind(b"]")
    if not opening or body[end + 1 :].strip(_SPACE) != (b"}" if opening[1] else b""):
        return None
    start = opening.end()
    closing = _CLOSING.get(body[start : start + 1])
    if closing is None:
        return None
    rows: list[Any] = []
    try:
        for piece in _pieces(body[start:end], closing):
            if not piece.strip(_SPACE):
                return None  # behind a comma, where a row must be
            rows += json.loads(b"[%b]" % piece)
    except (ValueError, RecursionError):
        return None
    return rows


def _pieces(rows: bytes, closing: bytes) -> Iterator[bytes]:
    """Cut behind a row after every PIECE bytes or more; the comma there is in no piece."""
    start = 0
    while (end := rows.find(closing + b",", start + PIECE)) >= 0:
        yield rows[start : end + 1]
        start = end + 2
    yield rows[start:]
