"""Infers the format of a text table from its beginning: LibSVM, JSON Lines."""

import codecs
import json
import re

from tables.encodings import wide_encoding

_FIGURE = r"[+-]?(?:[\d.]+(?:[eE][+-]?\d+)?|nan|inf(?:inity)?)"
_PAIR = re.compile(r"\s\d+:")
_PAIRS = re.compile(rf"{_FIGURE}(:[\d.]+)?((\s+)(qid:\d+|\d+:{_FIGURE}))*\s*(#.*)?", re.IGNORECASE)


def is_binary(head: bytes) -> bool:
    """True if the head has a NUL byte and is neither UTF-16 nor UTF-32."""
    marks = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE, codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)
    marked = head.startswith(marks)
    return b"\0" in head[:4096] and not marked and not wide_encoding(head)


def is_libsvm(lines: list[str]) -> bool:
    """True if the first 20 lines, comments aside, are LibSVM. A row without values other than 0 is its label alone."""
    filled = [line.strip() for line in lines if line.strip() and not line.lstrip().startswith("#")][:20]
    return 2 * sum(map(bool, map(_PAIR.search, filled))) > len(filled) and all(map(_PAIRS.fullmatch, filled))


def is_jsonlines(lines: list[str]) -> bool:
    """True if the first lines are JSON objects."""
    non_blank = [line.strip() for line in lines if line.strip()][:20]
    if not non_blank or not all(line.startswith("{") for line in non_blank):
        return False
    try:
        return all(isinstance(json.loads(line), dict) for line in non_blank[:1])
    except (ValueError, RecursionError):
        return False


def is_json_document(lines: list[str]) -> bool:
    """True if the lines are one JSON document over several of them, or an array each."""
    filled = [line.strip() for line in lines if line.strip()][:20]
    beginning = "".join(filled)[:200].replace(" ", "")
    if beginning.startswith(("[{", "[[", '{"')) or filled[0] in ("[", "{"):
        return True
    try:
        return all(isinstance(json.loads(line), list) for line in filled)
    except (ValueError, RecursionError):
        return False
