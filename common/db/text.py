"""Lets PostgreSQL store every text that SQLite stores: what it refuses becomes the replacement character.

PostgreSQL's text holds no NUL, and its jsonb neither NUL nor half of a surrogate pair (PostgreSQL 17, 8.3 "Character
Types" and 8.14 "JSON Types"). Tables and requests of other people do, and one such cell must not fail what reads it.
"""

import re

REPLACEMENT = "\N{REPLACEMENT CHARACTER}"
_TEXT = re.compile("[\0\ud800-\udfff]")
# Escapes of JSON: a backslash or a whole surrogate pair, which stay, or what cannot be stored.
_JSON = re.compile(rb"(\\\\|\\u[dD][89abAB]..\\u[dD][c-fC-F]..)|\\u(?:0000|[dD][89a-fA-F]..)")


def storable(text: str) -> str:
    """`text` with a replacement character for each character that PostgreSQL cannot store."""
    return _TEXT.sub(REPLACEMENT, text)


def storable_json(text: bytes) -> bytes:
    """`text`, JSON in ASCII, with a replacement character for each character that PostgreSQL cannot store."""
    return _JSON.sub(lambda match: match[1] or rb"\ufffd", text)
