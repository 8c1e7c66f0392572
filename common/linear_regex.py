"""Regular expressions that callers give: RE2 searches in time linear in the text and within a bound of memory."""

import re
from typing import Any

import re2

MAX_REPEAT = 1000  # RE2's own limit; beyond nine digits RE2 takes the braces for plain text instead
MEMORY = 2**19  # bytes for one expression, compiled and while it searches; RE2 keeps the last 128 of them
_REPEAT = re.compile(r"\\.|\{([0-9]*)(,?)([0-9]*)\}", re.DOTALL)


class InvalidRegex(ValueError):
    """The expression cannot be used. The message goes on after "the regular expression"."""


def compile_regex(pattern: str) -> Any:
    r"""Return a compiled expression with `search(text)`, whose match has groups and `lastindex` as `re`'s has.

    The syntax is RE2's (https://github.com/google/re2/wiki/Syntax), with Python's `{,n}` and `\Z`. There are no
    look-arounds, back references, atomic groups and verbose expressions. `\d`, `\w`, `\s` and `\b` mean ASCII.
    Raises InvalidRegex.
    """
    options = re2.Options()
    options.max_mem, options.log_errors = MEMORY, False
    try:
        return re2.compile(_REPEAT.sub(_translate, pattern), options)
    except re2.error as e:
        raise InvalidRegex(_reason(e.args[0])) from None
    except UnicodeError:
        raise InvalidRegex("holds half of a surrogate pair, which is no character") from None


def _translate(match: re.Match) -> str:
    """An escape or a repetition in RE2's spelling."""
    if match[0][0] == "\\":
        return r"\z" if match[0] == r"\Z" else match[0]
    low, comma, high = match.groups()
    if any(len(count) > 9 or int(count or 0) > MAX_REPEAT for count in (low, high)):
        raise InvalidRegex(f"repeats more than {MAX_REPEAT} times: {match[0][:40]}")
    return f"{{0,{high}}}" if comma and high and not low else match[0]


def _reason(error: bytes | str) -> str:
    text = error.decode(errors="replace") if isinstance(error, bytes) else str(error)
    if "too large" in text or "repetition size" in text:
        return "takes too much memory: repeat less, and use smaller classes of characters"
    return f"cannot be read: {text}"
