"""Translatable messages for packages without Django, kept as message id and parameters.

`makemessages` finds the templates because the functions carry gettext's own names. The console plugs Django's in.
"""

import math
import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from numbers import Integral, Real
from typing import Any

_ID, _PARAMS, _PLURAL, _N = "msgid", "params", "plural", "n"
# A template as ours are: of `%(name)99999999s` a process that reads people's files could make any number of blanks.
_TEMPLATE = re.compile(r"(?:[^%]|%%|%\(\w+\)(?:\.\d)?[sdf])*")


def _same(text: str) -> str:
    return text


def _one_or_many(one: str, many: str, n: int) -> str:
    return one if n == 1 else many


_gettext: Callable[[str], str] = _same
_ngettext: Callable[[str, str, int], str] = _one_or_many


def use(gettext: Callable[[str], str], ngettext: Callable[[str, str, int], str]) -> None:
    """Translate with these from now on, for the whole process."""
    global _gettext, _ngettext
    _gettext, _ngettext = gettext, ngettext


class Message(str):
    """A sentence in the language that was active when it was rendered, with what it takes to render it again.

    `msgid` is the English template with %(name)s, `params` its values (which may be messages themselves). A message
    that counts has the template for many in `plural` and the count in `n`.
    """

    msgid: str
    params: Mapping[str, Any]
    plural: str
    n: int

    @classmethod
    def render(cls, msgid: str, params: Mapping[str, Any], plural: str = "", n: int = 0) -> "Message":
        """The message in the language that is active now."""
        template = _ngettext(msgid, plural, n) if plural else _gettext(msgid)
        message = cls(template % params if params else template)
        message.msgid, message.params, message.plural, message.n = msgid, params, plural, n
        return message

    def __reduce__(self) -> tuple:
        """A message that was pickled is rendered anew: another process may not know this one's language.

        A value of another library's type, such as an error, goes as its text.
        """
        params = {name: v if isinstance(v, str | int | float) else str(v) for name, v in self.params.items()}
        return render_received, (self.msgid, params, self.plural, self.n)

    @property
    def english(self) -> str:
        """The sentence as the source has it."""
        template = _one_or_many(self.msgid, self.plural, self.n) if self.plural else self.msgid
        return template % {name: english(value) for name, value in self.params.items()} if self.params else template


def render_received(msgid: str, params: Mapping[str, Any], plural: str, n: int) -> Message:
    """The message that another process sent, in the language that is active now.

    Raises ValueError, KeyError or TypeError: a template with widths or conversions is none of ours.
    """
    if not (_TEMPLATE.fullmatch(msgid) and _TEMPLATE.fullmatch(plural)):
        raise ValueError("This is no template of a message.")
    return Message.render(msgid, params, plural, n)


def english(text: Any) -> Any:
    """The English of a message; anything else as it is."""
    return text.english if isinstance(text, Message) else text


def _(text: str, /, **values: Any) -> str:
    """`text` translated, its %(name)s filled in."""
    return Message.render(text, values)


def ngettext(one: str, many: str, n: int, /, **values: Any) -> str:
    """`one` or `many` as `n` demands; %(n)s is `n` with its thousands separated."""
    return Message.render(one, {"n": f"{n:,}", **values}, many, n)


def gettext_noop(text: str) -> str:
    """Mark `text` for translation; whoever shows it translates it."""
    return text


def to_json(value: Any) -> Any:
    """`value` as JSON types, with every message in it as {"msgid", "params"?, "plural"?, "n"?}.

    Goes through mappings, lists and tuples. A mapping that has the key "msgid" itself becomes {"msgid": mapping}, so
    that it is not taken for a message. Numbers of other libraries become int and float; what JSON does not know, NaN
    and the infinities included, becomes text.
    """
    if isinstance(value, Message):
        data: dict[str, Any] = {_ID: value.msgid}
        if value.params:
            data[_PARAMS] = to_json(value.params)
        if value.plural:
            data |= {_PLURAL: value.plural, _N: to_json(value.n)}
        return data
    if isinstance(value, Mapping):
        items = {key: to_json(item) for key, item in value.items()}
        return {_ID: items} if _ID in items else items
    return [to_json(item) for item in value] if isinstance(value, list | tuple) else _plain(value)


def from_json(data: Any) -> Any:
    """The value that `to_json` was given, its messages in the language that is active now.

    A mapping that only looks like a message, and cannot be rendered, stays a mapping.
    """
    if isinstance(data, dict):
        if isinstance(data.get(_ID), dict) and len(data) == 1:
            return {key: from_json(item) for key, item in data[_ID].items()}
        message = _message(data)
        return {key: from_json(item) for key, item in data.items()} if message is None else message
    return [from_json(item) for item in data] if isinstance(data, list) else data


def _message(data: dict[str, Any]) -> Message | None:
    """The message in `data`, None if there is none."""
    if _ID not in data or not data.keys() <= {_ID, _PARAMS, _PLURAL, _N}:
        return None
    msgid, params, plural = data[_ID], data.get(_PARAMS, {}), data.get(_PLURAL, "")
    if not isinstance(msgid, str) or not isinstance(params, dict) or not isinstance(plural, str):
        return None
    try:
        return render_received(msgid, from_json(params), plural, data.get(_N, 0))
    except (KeyError, TypeError, ValueError):
        return None


def _plain(value: Any) -> Any:
    """A value that is no container, as JSON has it."""
    if value is None or isinstance(value, str | bool):
        return value
    if isinstance(value, Integral):
        return int(value)
    if isinstance(value, Real | Decimal) and math.isfinite(value):
        return float(value)
    return str(value)
