"""Sentences for a person, from the layers that know no Django: templates with named values, translated if someone can.

`makemessages` finds the templates, because the functions carry gettext's own names. The console puts Django's in.
"""

from collections.abc import Callable
from typing import Any


def _same(text: str) -> str:
    return text


def _one_or_many(one: str, many: str, n: int) -> str:
    return one if n == 1 else many


_gettext: Callable[[str], str] = _same
_ngettext: Callable[[str, str, int], str] = _one_or_many


def use(gettext: Callable[[str], str], ngettext: Callable[[str, str, int], str]) -> None:
    """From now on translate with these, for the whole process."""
    global _gettext, _ngettext
    _gettext, _ngettext = gettext, ngettext


class Translated(str):
    """A sentence in another language; `english` is what the source says, for those who look for words in it."""

    english: str

    @classmethod
    def of(cls, text: str, english: str) -> str:
        if text == english:
            return english
        made = cls(text)
        made.english = english
        return made


def english(text: str) -> str:
    """The English of what `_` made."""
    return getattr(text, "english", text)


def _(text: str, /, **values: Any) -> str:
    """`text` translated, its %(name)s filled in."""
    said = _gettext(text)
    if not values:
        return Translated.of(said, text)
    return Translated.of(said % values, text % {name: english(value) for name, value in values.items()})


def ngettext(one: str, many: str, n: int, /, **values: Any) -> str:
    """`one` or `many` as `n` demands; %(n)s is `n` with its thousands separated."""
    return _ngettext(one, many, n) % {"n": f"{n:,}", **values}


def gettext_noop(text: str) -> str:
    """Marks `text` for translation; whoever shows it translates it."""
    return text
