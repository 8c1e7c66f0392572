"""Finds the message that an English sentence was rendered from. Rows held rendered English before they held messages."""

import re
import struct
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from django.conf import settings

from common.messages import Message

CATALOGUE = Path("ko", "LC_MESSAGES", "django.mo")  # each has every message id; this was the only one then
MIN_LETTERS = 8  # of its own; a template with fewer would match sentences of others
TEXTS = ("title", "text", "label", "fixes")  # of a stored report and a lineage; what else they hold is data
VERBATIM = "changes"  # of a fix; its keys may be names of columns
_PLACEHOLDER = re.compile(r"%\((\w+)\)([sd])|%%")


class _Template(NamedTuple):
    """A message id with placeholders. `forms` is [msgid], or both ids of a message that counts."""

    msgid: str
    forms: list[str]
    pattern: re.Pattern[str]
    literal: str  # the longest text between placeholders, which any match contains


def messages_in(value: Any, is_text: bool = True) -> Any:
    """`value`, which is text or JSON, with a Message for every text for a person in it that is known to be one."""
    if isinstance(value, str):
        return message_of(str(value)) if is_text else value
    if isinstance(value, dict):
        return {key: item if key == VERBATIM else messages_in(item, key in TEXTS) for key, item in value.items()}
    return [messages_in(item, is_text) for item in value] if isinstance(value, list) else value


@lru_cache(maxsize=4096)
def message_of(text: str) -> str:
    """The Message that reads `text` in English, or `text` itself where there is none."""
    ids, templates = _catalogue()
    if text in ids:
        return Message.render(text, {})
    for template in templates:
        if template.literal in text and (match := template.pattern.fullmatch(text)):
            params = {name: message_of(value) if " " in value else value for name, value in match.groupdict().items()}
            if (message := _message(template, params)) and message.english == text:
                return message
    return text


def _message(template: _Template, params: dict[str, Any]) -> Message | None:
    numbers = {name for name, kind in _PLACEHOLDER.findall(template.msgid) if kind == "d"}
    try:
        params |= {name: int(params[name]) for name in numbers}
        if len(template.forms) == 1:
            return Message.render(template.msgid, params)
        return Message.render(template.forms[0], params, template.forms[1], int(str(params["n"]).replace(",", "")))
    except (KeyError, ValueError):
        return None


@lru_cache(maxsize=1)
def _catalogue() -> tuple[set[str], list[_Template]]:
    """(ids without placeholders, the others with the most letters of their own first)."""
    plain, ranked = set(), []
    for forms in _message_ids((Path(settings.LOCALE_PATHS[0]) / CATALOGUE).read_bytes()):
        for msgid in filter(None, forms):
            literals = _PLACEHOLDER.split(msgid)[::3]
            letters = sum(map(str.isalpha, "".join(literals)))
            if len(literals) == 1:
                plain.add(msgid)
            elif letters >= MIN_LETTERS:
                ranked.append((letters, _Template(msgid, forms, _pattern(msgid), max(literals, key=len))))
    ranked.sort(key=lambda pair: pair[0], reverse=True)
    return plain, [template for _letters, template in ranked]


def _message_ids(mo: bytes) -> Iterator[list[str]]:
    """[id], or [id, id of the plural], of each message of a compiled catalogue (GNU gettext's manual, "MO Files")."""
    _magic, _version, count, ids = struct.unpack_from("<4I", mo)
    for i in range(count):
        length, start = struct.unpack_from("<2I", mo, ids + 8 * i)
        yield mo[start : start + length].decode().rpartition("\x04")[2].split("\0")


def _pattern(msgid: str) -> re.Pattern[str]:
    pattern, end, names = "", 0, set()
    for placeholder in _PLACEHOLDER.finditer(msgid):
        name = placeholder[1]
        pattern += re.escape(msgid[end : placeholder.start()])
        pattern += "%" if not name else f"(?P={name})" if name in names else f"(?P<{name}>.*?)"
        names.add(name)
        end = placeholder.end()
    return re.compile(pattern + re.escape(msgid[end:]), re.DOTALL)
