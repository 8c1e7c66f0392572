"""Shows what was written down in English (events, notes, lineage, kept reports) in the reader's language.

Rows keep English: people of several languages read them, and programs do. Here a sentence is looked up in the
catalogue, as it stands or as one of its templates with values in their places. What is not found there stays as it is.
"""

import re
import struct
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from django.conf import settings
from django.utils.translation import get_language

_VALUE = re.compile(r"%\((\w+)\)[sd]|%%")
LEAST = 8  # letters of its own; a template with fewer would fit sentences it was not meant for


class Template(NamedTuple):
    """One sentence with values: what finds it, a piece that it must contain, and its translation with %(name)s."""

    pattern: re.Pattern[str]
    piece: str
    translation: str


def told(text: str) -> str:
    """`text`, which is English, in the language of now."""
    language = get_language() or "en"
    return text if not text or language.startswith("en") else _told(str(text), language)


@lru_cache(maxsize=4096)
def _told(text: str, language: str) -> str:
    plain, templates = _catalogue(language)
    if text in plain:
        return plain[text]
    for template in templates:
        if template.piece in text and (found := template.pattern.fullmatch(text)):
            return template.translation % {name: _told(value, language) for name, value in found.groupdict().items()}
    return text


@lru_cache(maxsize=8)
def _catalogue(language: str) -> tuple[dict[str, str], list[Template]]:
    """({sentence: translation}, templates with the most letters of their own first)."""
    path = Path(settings.LOCALE_PATHS[0]) / language / "LC_MESSAGES" / "django.mo"
    plain: dict[str, str] = {}
    found: list[tuple[tuple[int, int], Template]] = []
    for english, translation in _read(path.read_bytes()) if path.exists() else ():
        plain[english] = translation
        literal = _VALUE.split(english)[::2]
        letters = sum(map(str.isalpha, "".join(literal)))
        if len(literal) > 1 and letters >= LEAST:
            made = re.sub(r"(%\(\w+\))d", r"\1s", translation)
            size = (letters, len("".join(literal)))
            found.append((size, Template(_pattern(english), max(literal, key=len), made)))
    return plain, [template for _size, template in sorted(found, key=lambda pair: pair[0], reverse=True)]


def _pattern(english: str) -> re.Pattern[str]:
    made, at, named = "", 0, set()
    for value in _VALUE.finditer(english):
        name = value[1]
        made += re.escape(english[at : value.start()])
        many = ".+" if english.startswith("%(", value.end()) else ".*?"  # of two side by side the second is often empty
        made += "%" if not name else f"(?P={name})" if name in named else f"(?P<{name}>{many})"
        named.add(name)
        at = value.end()
    return re.compile(made + re.escape(english[at:]), re.DOTALL)


def _read(mo: bytes):
    """(English, translation) of a compiled catalogue, as GNU gettext writes them; each form of a plural by itself."""
    _magic, _version, count, ids, texts = struct.unpack_from("<5I", mo)
    for i in range(count):
        pair = []
        for table in (ids, texts):
            length, at = struct.unpack_from("<2I", mo, table + 8 * i)
            pair.append(mo[at : at + length].decode().rpartition("\x04")[2].split("\0"))
        for english in pair[0]:
            if english and pair[1][0]:
                yield english, pair[1][-1]
