"""Translatable messages for packages without Django, kept as message id and parameters.

`makemessages` finds the templates because the functions carry gettext's own names. The console plugs Django's in.
"""

from collections.abc import Callable, Mapping
from typing import Any

_ID, _PARAMS, _PLURAL, _N = "msgid", "params", "plural", "n"


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

    @property
    def english(self) -> str:
        """The sentence as the source has it."""
        template = _one_or_many(self.msgid, self.plural, self.n) if self.plural else self.msgid
        return template % {name: english(value) for name, value in self.params.items()} if self.params else template


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
    """`value` with every message in it as {"msgid", "params"?, "plural"?, "n"?}, ready for JSON.

    Goes through mappings, lists and tuples. Leaves everything else alone.
    """
    if isinstance(value, Message):
        data: dict[str, Any] = {_ID: value.msgid}
        if value.params:
            data[_PARAMS] = to_json(value.params)
        if value.plural:
            data |= {_PLURAL: value.plural, _N: value.n}
        return data
    if isinstance(value, Mapping):
        return {key: to_json(item) for key, item in value.items()}
    return [to_json(item) for item in value] if isinstance(value, list | tuple) else value


def from_json(data: Any) -> Any:
    """The value that `to_json` was given, its messages in the language that is active now."""
    if isinstance(data, dict):
        if isinstance(data.get(_ID), str) and data.keys() <= {_ID, _PARAMS, _PLURAL, _N}:
            params = from_json(data.get(_PARAMS, {}))
            return Message.render(data[_ID], params, data.get(_PLURAL, ""), data.get(_N, 0))
        return {key: from_json(item) for key, item in data.items()}
    return [from_json(item) for item in data] if isinstance(data, list) else data
