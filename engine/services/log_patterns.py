"""CloudWatch Logs' filter patterns for text: terms, "phrases", ?either, -neither and %regular expressions%."""

import re
from collections.abc import Callable

import regex

from engine.wire.errors import AwsError

TIMEOUT = 0.1  # seconds for one expression on one line
MAX_SEARCHED = 8192  # characters of a line an expression looks at
_TOKEN = re.compile(r'\s*([?-]?)(?:"((?:\\.|[^"\\])*)"|%([^%]*)%|([^\s"%]+))(?=\s|$)')
_TERM = re.compile(r"[\w.]+")
_EXPRESSION = re.compile(r"(?:[A-Za-z0-9:_#=@/;,^$?\[\]{}|*+.\s-]|\\.)+")  # what CloudWatch allows; no groups
Match = Callable[[str], bool]


class InvalidParameterException(AwsError):
    """A request CloudWatch Logs refuses."""

    code = "InvalidParameterException"


def matcher(pattern: str) -> Match:
    """Whether a message matches `pattern`: every plain term, none with `-`, and one of those with `?` if there are any.

    Raises InvalidParameter for what is no pattern, and for the JSON and column forms, which are not offered.
    """
    text = pattern.strip()
    if text[:1] in ("{", "["):
        raise InvalidParameterException(
            "Invalid filter pattern: JSON and space-delimited patterns are not offered by this engine. "
            'Use terms, "exact phrases", ?any -none or %regular expressions%.'
        )
    every: list[Match] = []
    some: list[Match] = []
    none: list[Match] = []
    position = 0
    while position < len(text):
        token = _TOKEN.match(text, position)
        if token is None:
            raise InvalidParameterException(
                f"Invalid filter pattern: it cannot be read from {text[position:][:40]!r} on."
            )
        {"": every, "?": some, "-": none}[token[1]].append(_test(token))
        position = token.end()
    return lambda message: (
        all(test(message) for test in every)
        and not any(test(message) for test in none)
        and (not some or any(test(message) for test in some))
    )


def _test(token: re.Match) -> Match:
    _, phrase, expression, term = token.groups()
    if expression is not None:
        return _regular(expression)
    if term is not None and not _TERM.fullmatch(term):
        raise InvalidParameterException(
            f"Invalid filter pattern: invalid character(s) in term '{term}'. Put it in double quotes: \"{term}\"."
        )
    text = term if term is not None else re.sub(r"\\(.)", r"\1", phrase)
    return lambda message: text in message


def _regular(expression: str) -> Match:
    if not _EXPRESSION.fullmatch(expression):
        raise InvalidParameterException(
            f"Invalid filter pattern: %{expression}% holds a character that is not supported."
        )
    try:
        compiled = regex.compile(expression, regex.ASCII)
    except regex.error as e:
        raise InvalidParameterException(f"Invalid filter pattern: %{expression}% cannot be read: {e}.") from e

    def matches(message: str) -> bool:
        try:
            return compiled.search(message[:MAX_SEARCHED], timeout=TIMEOUT) is not None
        except TimeoutError as e:
            raise InvalidParameterException(
                f"Invalid filter pattern: %{expression}% takes too long. Make it simpler."
            ) from e

    return matches
