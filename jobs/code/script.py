"""What a training script says of itself, read by `ast` alone: options, functions, where it writes its model."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from itertools import pairwise

from common.messages import _
from jobs.code.finding import CodeFinding, warning
from jobs.code.parameter import TYPES, Parameter, type_of

_NAMED = re.compile(r"([A-Za-z_][\w:-]*)\s*[=:]\s*$")
MODEL_FOLDER = ("SM_MODEL_DIR", "/opt/ml/model")


def functions_of(tree: ast.Module) -> tuple[str, ...]:
    """The names of the functions of the module itself."""
    return tuple(node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


def options_of(tree: ast.Module) -> tuple[Parameter, ...]:
    """The options that argparse is told of, without those whose default the environment gives: folders, hosts."""
    options = (_option(node) for node in ast.walk(tree) if isinstance(node, ast.Call))
    return tuple(sorted((p for p in options if p), key=lambda parameter: parameter.line))


def _option(call: ast.Call) -> Parameter | None:
    if not (isinstance(call.func, ast.Attribute) and call.func.attr == "add_argument"):
        return None
    flags = [a.value for a in call.args if isinstance(a, ast.Constant) and isinstance(a.value, str)]
    name = next((flag.lstrip("-") for flag in flags if flag.startswith("--")), "")
    if not name:
        return None
    arguments = {keyword.arg: keyword.value for keyword in call.keywords}
    default = arguments.get("default")
    if default is not None and ("environ" in (text := ast.unparse(default)) or "getenv" in text):
        return None
    try:
        value = ast.literal_eval(default) if default is not None else None
    except (ValueError, TypeError, SyntaxError):
        value = None
    kind = ast.unparse(arguments["type"]) if "type" in arguments else type_of(value) or "str"
    required = isinstance(arguments.get("required"), ast.Constant) and bool(
        getattr(arguments["required"], "value", False)
    )
    known = value if type_of(value) else None
    return Parameter(name, kind if kind in TYPES else "str", known, required, line=call.lineno)


def printed_metrics(tree: ast.Module) -> tuple[str, ...]:
    """The names of the figures that the script prints as name=value or name: value with an f-string."""
    names = [name for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for name in _named(node)]
    return tuple(dict.fromkeys(names))


def _named(text: ast.JoinedStr) -> Iterator[str]:
    for before, after in pairwise(text.values):
        match = _NAMED.search(str(before.value)) if isinstance(before, ast.Constant) else None
        if match and isinstance(after, ast.FormattedValue):
            yield match[1]


def check_script(tree: ast.Module, text: str) -> Iterator[CodeFinding]:
    """What will not work, as far as the source shows it. `tree` is the tree of `text`."""
    if not any(word in text for word in MODEL_FOLDER):
        words = _(
            'Nothing names SM_MODEL_DIR, so the model may be empty. Save to the folder os.environ["SM_MODEL_DIR"].'
        )
        yield warning(0, words)
    if "model_fn" not in functions_of(tree):
        words = _("There is no model_fn(model_dir), which an endpoint needs to load the model.")
        yield warning(0, words)
