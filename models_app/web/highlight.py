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
    return _tagged(program, TOKENS)


def _tagged(program: str, tokens: re.Pattern[str]) -> SafeString:
    pieces, at = [], 0
    for token in tokens.finditer(program):
        tag = token.lastgroup
        pieces += [escape(program[at : token.start()]), f"<{tag}>{escape(token[0])}</{tag}>"]
        at = token.end()
    return mark_safe("".join([*pieces, escape(program[at:])]))  # noqa: S308  every piece is escaped


# Python as the editor colours it; static/code.js has the same expression.
PYTHON = re.compile(
    r"(?P<s>#[^\n]*|\"\"\"[\s\S]*?(?:\"\"\"|\Z)|'''[\s\S]*?(?:'''|\Z))"
    r"|(?P<u>\"(?:\\.|[^\"\\\n])*\"?|'(?:\\.|[^'\\\n])*'?)"
    r"|(?P<i>\b(?:and|as|assert|async|await|break|class|continue|def|del|elif|else|except|finally|for|from|global|if|"
    r"import|in|is|lambda|nonlocal|not|or|pass|raise|return|try|while|with|yield|True|False|None)\b)"
)


def highlight_python(source: str) -> SafeString:
    """Python source as markup, with the tags of `highlight`."""
    return _tagged(source, PYTHON)


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
