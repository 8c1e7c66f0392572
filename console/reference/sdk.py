"""Renders docs/reference/sdk.md: what `from sagewright import ...` offers, from its docstrings and signatures."""

import inspect
from collections.abc import Iterator
from functools import cached_property
from typing import Any

import sagewright
from console.reference.markdown import NOTE, code, table
from sagewright.sdk.built_in import BuiltIn

HEAD = f"""# The SDK

{NOTE}
[Models in Python](../sdk.md) shows their use.
"""


def render() -> str:
    """The page: a section for each public name, errors last."""
    names = [name for name in sagewright.__all__ if not _is_error(name)]
    errors = [name for name in sagewright.__all__ if _is_error(name)]
    rows = [(code(name), _first(inspect.getdoc(getattr(sagewright, name)))) for name in errors]
    classes = [(name, getattr(sagewright, name)) for name in names]
    parts = [HEAD, *(_section(name, cls, name + _signature(cls)) for name, cls in classes)]
    parts.append(_section("Built-in models", BuiltIn, "Model.<algorithm>(**hyperparameters)"))
    parts += ["\n## Errors\n", table(("error", "meaning"), rows)]
    return "".join(parts)


def _is_error(name: str) -> bool:
    return issubclass(getattr(sagewright, name), Exception)


def _section(title: str, cls: Any, signature: str) -> str:
    text = inspect.cleandoc(cls.__doc__ or "").partition("\n>>> ")[0].strip()
    rows = list(_members(cls))
    members = table(("member", "meaning"), rows) if rows else ""
    return f"\n## {title}\n\n```text\n{signature}\n```\n\n{text}\n{members}"


def _members(cls: Any) -> Iterator[tuple[str, str]]:
    for name, member in inspect.getmembers_static(cls):
        if name.startswith("_"):
            continue
        function = getattr(member, "__func__", member)
        is_property = isinstance(member, property | cached_property)
        if is_property or inspect.isfunction(function):
            signature = "" if is_property else _signature(function)
            yield code(f"{name}{signature}"), _whole(member)


def _signature(function: Any) -> str:
    signature = inspect.signature(function)
    parameters = [p.replace(annotation=p.empty) for p in signature.parameters.values() if p.name not in ("self", "cls")]
    return str(signature.replace(parameters=parameters, return_annotation=signature.empty))


def _whole(member: Any) -> str:
    return " ".join(inspect.cleandoc(member.__doc__ or "").split())


def _first(text: str | None) -> str:
    return " ".join((text or "").partition("\n\n")[0].split())
