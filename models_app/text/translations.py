"""Django's gettext for rows: a list says the same few words in each of them."""

from functools import lru_cache

from django.utils.translation import get_language
from django.utils.translation import gettext as _gettext


def gettext(text: str) -> str:
    """`text` in the language that is active."""
    return _translated(get_language(), text)


@lru_cache(maxsize=4096)
def _translated(_language: str | None, text: str) -> str:
    return _gettext(text)
