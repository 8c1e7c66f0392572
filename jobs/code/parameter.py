"""A hyperparameter of people's own code: its type, its default, and the values that it takes."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from common.messages import _, gettext_noop

Value = Any
TYPES = {
    "int": gettext_noop("integer"),
    "float": gettext_noop("decimal"),
    "str": gettext_noop("text"),
    "bool": gettext_noop("yes or no"),
    "json": "JSON",
}
JSON_TYPES = ("list", "tuple", "dict")
_BOOLEANS = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}


@dataclass(frozen=True)
class Parameter:
    """One hyperparameter. `options` are the values of a Literal; `line` is where it is declared, 0 for nowhere."""

    name: str
    type: str = "str"  # one of TYPES
    default: Value = None
    required: bool = False
    options: tuple[Value, ...] = ()
    line: int = 0

    @property
    def default_text(self) -> str:
        """The default as a person types it; "" when there is none."""
        return "" if self.required or self.default is None else as_text(self.default)

    def parse(self, text: str) -> Value:
        """The value that `text` means. Raises ValueError with a sentence that says what is accepted."""
        text = text.strip()
        if self.options:
            by_text = {as_text(option): option for option in self.options}
            if text not in by_text:
                words = _("%(name)s is one of %(options)s.", name=self.name, options=", ".join(by_text))
                raise ValueError(words)
            return by_text[text]
        return parse(self.name, self.type, text)


def parse(name: str, kind: str, text: str) -> Value:
    """`text` as a value of the type `kind`. Raises ValueError with a sentence that says what is accepted."""
    try:
        if kind == "int":
            return int(text)
        if kind == "float":
            return float(text)
        if kind == "bool":
            return _BOOLEANS[text.lower()]
        if kind == "json":
            return json.loads(text)
    except (ValueError, KeyError, RecursionError):
        rules = {
            "int": _("%(name)s is a whole number, for example 6. It cannot be %(text)s.", name=name, text=repr(text)),
            "float": _("%(name)s is a number, for example 0.1. It cannot be %(text)s.", name=name, text=repr(text)),
            "bool": _("%(name)s is true or false. It cannot be %(text)s.", name=name, text=repr(text)),
            "json": _("%(name)s is JSON, for example [1, 2]. It cannot be %(text)s.", name=name, text=repr(text)),
        }
        raise ValueError(rules[kind]) from None
    return text


def as_text(value: Value) -> str:
    """A value as a person types it."""
    if value is None:
        return ""
    return json.dumps(value) if isinstance(value, bool | list | tuple | dict) else str(value)


def type_of(value: Any) -> str:
    """The name in TYPES of a constant's type; "" when a hyperparameter cannot have it."""
    name = type(value).__name__
    return name if name in TYPES else "json" if name in JSON_TYPES else ""
