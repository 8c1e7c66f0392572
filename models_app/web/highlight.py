"""Colours a program for a page."""

import re

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

# What is coloured: comments, strings, and the words that begin a statement or a command.
TOKENS = re.compile(
    r"(?P<s>^#.*$)|(?P<u>\"[^\"\n]*\"|'[^'\n]*')|(?P<i>^(?:from|import|print|aws|curl|export)\b|(?<=\w )import\b)",
    re.MULTILINE,
)


def highlight(program: str) -> SafeString:
    """The program as markup: <s> comments, <u> strings, <i> keywords, as the stylesheet colours them."""
    pieces, at = [], 0
    for token in TOKENS.finditer(program):
        tag = token.lastgroup
        pieces += [escape(program[at : token.start()]), f"<{tag}>{escape(token[0])}</{tag}>"]
        at = token.end()
    return mark_safe("".join([*pieces, escape(program[at:])]))  # noqa: S308  every piece is escaped
