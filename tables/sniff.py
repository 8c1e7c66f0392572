"""Infers the format of a text table from its beginning: encoding, LibSVM, JSON Lines."""

import codecs
import json
import re

_FIGURE = r"[+-]?(?:[\d.]+(?:[eE][+-]?\d+)?|nan|inf(?:inity)?)"
_PAIR = re.compile(r"\s\d+:")
_PAIRS = re.compile(rf"{_FIGURE}(:[\d.]+)?((\s+)(qid:\d+|\d+:{_FIGURE}))*\s*(#.*)?", re.IGNORECASE)
_WIDE = 0.3  # share of NUL bytes at alternate positions from which a text is UTF-16


def detect_encoding(head: bytes) -> str:
    """utf-8, utf-8-sig, utf-16 or utf-32 (-le, -be), cp949 (Korean), cp1252 or latin-1: by its mark, and by trial."""
    if head.startswith(codecs.BOM_UTF8):
        return "utf-8-sig"
    if head.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):
        return "utf-32"  # before UTF-16, whose mark is the beginning of this one
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    if wide := _wide(head):
        return wide
    try:
        # The head may end in the middle of a character.
        codecs.getincrementaldecoder("utf-8")().decode(head)
        return "utf-8"
    except UnicodeDecodeError:
        pass
    if _is_korean(head):
        return "cp949"
    try:
        codecs.getincrementaldecoder("cp1252")().decode(head)
        return "cp1252" if re.search(rb"[\x80-\x9f]", head) else "latin-1"
    except UnicodeDecodeError:
        return "latin-1"


def _wide(head: bytes) -> str:
    """UTF-16 or UTF-32 without a byte order mark: NUL bytes at all places where ASCII has none. "" for neither."""
    part = head[:4096]
    quarter, half = len(part) // 4, len(part) // 2
    if quarter >= 4:
        # Unicode ends at U+10FFFF: the highest byte of a character is 0, the next at most 16 and mostly 0.
        counts = [part[place::4].count(0) for place in range(4)]
        if min(counts[2:]) >= quarter and counts[0] == 0:
            return "utf-32-le"
        if min(counts[:2]) >= quarter and counts[3] == 0:
            return "utf-32-be"
    if half >= 4:
        if part[1::2].count(0) > _WIDE * half and part[::2].count(0) == 0:
            return "utf-16-le"
        if part[::2].count(0) > _WIDE * half and part[1::2].count(0) == 0:
            return "utf-16-be"
    return ""


def _is_korean(head: bytes) -> bool:
    """True if over 80 % of the characters outside ASCII are Korean syllables in EUC-KR."""
    text = head.decode("euc_kr", "replace")
    other = [letter for letter in text[:200_000] if letter > "\x7f"]
    syllables = sum("가" <= letter <= "힣" for letter in other)
    return syllables > 0.8 * len(other)


def is_binary(head: bytes) -> bool:
    """True if the head has a NUL byte and is neither UTF-16 nor UTF-32."""
    marks = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE, codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)
    marked = head.startswith(marks)
    return b"\0" in head[:4096] and not marked and not _wide(head)


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
