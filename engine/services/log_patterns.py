"""CloudWatch Logs' filter patterns for text: terms, "phrases", ?either, -neither and %regular expressions%."""

import re
from collections.abc import Callable

from common.linear_regex import InvalidRegex, compile_regex
from engine.wire.errors import AwsError

MAX_SEARCHED = 8192  # characters of a line an expression looks at
MAX_EXPRESSIONS = 5  # of one filter pattern, as many as CloudWatch lets a log group have
MAX_QUOTED = 100  # characters of an expression that an error repeats
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
    expressions = position = 0
    while position < len(text):
        token = _TOKEN.match(text, position)
        if token is None:
            raise InvalidParameterException(
                f"Invalid filter pattern: it cannot be read from {text[position:][:40]!r} on."
            )
        expressions += token[3] is not None
        if expressions > MAX_EXPRESSIONS:
            raise InvalidParameterException(
                f"Invalid filter pattern: it holds more than {MAX_EXPRESSIONS} regular expressions."
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
            f"Invalid filter pattern: %{expression[:MAX_QUOTED]}% holds a character that is not supported."
        )
    try:
        compiled = compile_regex(expression)
    except InvalidRegex as e:
        raise InvalidParameterException(f"Invalid filter pattern: %{expression[:MAX_QUOTED]}% {e}.") from e
    return lambda message: compiled.search(message[:MAX_SEARCHED]) is not None
