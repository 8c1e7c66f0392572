"""Python source from values: literals, calls, and expressions that stand as they are."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any


class Expression(str):
    """A piece of source, not a text."""


def literal(value: Any, depth: int = 0) -> str:
    """`value`, of texts, numbers, lists, dicts and expressions, as source indented by `depth` levels."""
    if isinstance(value, Expression):
        return str(value)
    inner, outer = "    " * (depth + 1), "    " * depth
    if isinstance(value, Mapping) and value:
        members = "".join(f"{inner}{json.dumps(str(k))}: {literal(v, depth + 1)},\n" for k, v in value.items())
        return f"{{\n{members}{outer}}}"
    if isinstance(value, list) and value:
        return "[\n" + "".join(f"{inner}{literal(item, depth + 1)},\n" for item in value) + f"{outer}]"
    return json.dumps(value) if isinstance(value, str) else repr(value)


def call(function: str, arguments: Mapping[str, Any]) -> str:
    """A call with keyword arguments, one a line."""
    lines = "".join(f"    {name}={literal(value, 1)},\n" for name, value in arguments.items())
    return f"{function}(\n{lines})\n"


def exit_with(messages: list[str]) -> str:
    """A statement that ends the program with `messages`."""
    return f"raise SystemExit({json.dumps(' '.join(messages))})\n"
