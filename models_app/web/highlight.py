"""Colours a program for a page."""

import re
from dataclasses import dataclass

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


@dataclass(frozen=True)
class Snippet:
    """One program of several: `key` for the address or the form, `title` for the tab, `code` to copy."""

    key: str
    title: str
    code: str

    @property
    def coloured(self) -> SafeString:
        """The code as markup."""
        return highlight(self.code)
