"""What keeps a class from being a Model class that a job can make, train and ask."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from common.messages import _
from jobs.code.finding import CodeFinding, error
from jobs.code.lineage import BASE, base_names

_Function = ast.FunctionDef | ast.AsyncFunctionDef


def check_class(
    tree: ast.Module, lineage: list[ast.ClassDef], functions: dict[str, _Function]
) -> Iterator[CodeFinding]:
    """What is wrong with a class whose ancestry in this source is `lineage`, itself first, with its `functions`."""
    name, line = lineage[0].name, lineage[0].lineno
    here = [node.name for node in lineage]
    bases = [base for node in lineage for base in base_names(node)]
    if not bases or not {*bases} - {"object", *here}:
        yield error(line, _("%(name)s does not derive from Model. Write class %(name)s(Model).", name=name))
    elif BASE in bases and not _imports_model(tree):
        yield error(line, _("Model is not imported. Write from sagewright import Model at the top."))
    inherits = any(base not in (BASE, "object", *here) for base in bases)
    rules = {
        "train": _("%(name)s has no train(). Write def train(self, data).", name=name),
        "predict": _("%(name)s has no predict(). Write def predict(self, rows).", name=name),
    }
    for method, text in rules.items():
        if method not in functions and not inherits:
            yield error(line, text)
        elif isinstance(functions.get(method), ast.AsyncFunctionDef):
            words = _("%(method)s() is async. Write it without async: nobody awaits it.", method=method)
            yield error(functions[method].lineno, words)
    if any("dataclass" in ast.unparse(decorator) for node in lineage for decorator in node.decorator_list):
        words = _("A job cannot fill a dataclass. Make its fields keyword-only arguments of train(), after a *.")
        yield error(line, words)
    if (init := functions.get("__init__")) and not (init.args.kwarg and _takes_only(init, functions.get("train"))):
        words = _(
            "%(name)s() is called with its hyperparameters. Leave __init__ out, and set up in train().", name=name
        )
        yield error(init.lineno, words)


def _takes_only(init: _Function, train: _Function | None) -> bool:
    """True if `init` has no arguments of its own beside the hyperparameters of `train`, which alone a job gives it."""
    known = {argument.arg for argument in train.args.kwonlyargs} if train else set()
    own = [*init.args.posonlyargs, *init.args.args][1:] + init.args.kwonlyargs
    return {argument.arg for argument in own} <= known


def _imports_model(tree: ast.Module) -> bool:
    for node in tree.body:
        if isinstance(node, ast.ImportFrom) and any(alias.name in (BASE, "*") for alias in node.names):
            return True
        if isinstance(node, ast.Import) and any(alias.name.split(".")[0] == "sagewright" for alias in node.names):
            return True
        if isinstance(node, ast.ClassDef) and node.name == BASE:
            return True
    return False
