"""The shortest text of a number, so that 1 and 1.0 are one value."""

from __future__ import annotations

import re
from collections.abc import Iterable

from tables import parse_scalar

# A number as `format_number` writes it: at most 15 digits, none of them a zero that could be left out.
_SHORTEST = r"(?:0|-?[1-9][0-9]{0,14}|-?(?=.{3,16}$)(?!0\.0000)(?:0|[1-9][0-9]*)\.[0-9]*[1-9])"
_IS_SHORTEST = re.compile(_SHORTEST)
_ARE_SHORTEST = re.compile(f"(?:{_SHORTEST}\n)*+", re.MULTILINE)  # one a line


def are_shortest(texts: Iterable[str]) -> bool:
    """True if plain numbers are all written as `shortest_text` writes them; False may be wrong."""
    return _ARE_SHORTEST.fullmatch("\n".join([*texts, ""])) is not None


def shortest_text(text: str, style: str = "") -> str:
    """The shortest text of the number in a cell that is written in `style`."""
    if not style and _IS_SHORTEST.fullmatch(text):
        return text
    plain = parse_scalar.normalize_number(text, style)
    return parse_scalar.number_label(plain) if parse_scalar.WHOLE.fullmatch(plain) else format_number(float(plain))


def format_number(value: float) -> str:
    """The shortest text of a number: 3 and not 3.0."""
    return str(int(value)) if value == int(value) and abs(value) < 1e15 else repr(float(value))
