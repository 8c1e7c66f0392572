"""The statements of a script or of notebook cells that one class needs, and nothing of the rest."""

from __future__ import annotations

import ast
import builtins
import inspect
import linecache
import re
import symtable
import sys
from collections.abc import Iterable, Mapping
from types import FunctionType, ModuleType
from typing import Any

from sagewright.sdk.errors import NotAlone

_BUILTIN = {*dir(builtins), "__name__", "__file__", "__doc__", "__class__"}
_MAGIC = re.compile(r"^\s*(%|!|\?)")
_SIMPLE = (int, float, str, bytes, bool, type(None))


def sliced_source(cls: type) -> str:
    """The source of `cls`, which a script or a cell defined, with the statements that it needs.

    Statements of a script keep their lines, so that a traceback names the line that the person sees. Raises NotAlone
    for a class without source, and for a name whose value cannot be written down.
    """
    text = "\n".join(_texts(cls))
    try:
        tree = ast.parse(text)
    except SyntaxError as e:
        raise NotAlone(f"The source of {cls.__name__} cannot be read: {e}. Put the class into a file.") from e
    binding = _bindings(tree.body)
    if cls.__name__ not in binding:
        raise NotAlone(
            f"{cls.__name__} is not defined at the top of its script or cell. Define it outside of any function."
        )
    namespace = origin(cls)[1]
    chosen: set[int] = {
        n for n, s in enumerate(tree.body) if isinstance(s, ast.ImportFrom) and s.module == "__future__"
    }
    extra: dict[str, str] = {}
    waiting, visited = [cls.__name__], set(_BUILTIN)
    hints: set[str] = set()  # names of annotations that are texts, which may be missing
    while waiting:
        name = waiting.pop()
        if name in visited:
            continue
        visited.add(name)
        if name in binding:
            new = [n for n in binding[name] if n not in chosen]
            chosen.update(new)
            waiting += [used for n in new for used in _used_names(tree.body[n])]
            optional = {hint for n in new for hint in _names_in_texts(tree.body[n])} - set(waiting)
            hints |= optional
            waiting += optional
        elif name in namespace or name not in hints:
            extra[name] = _written(cls, name, namespace)
    return _render(text, [tree.body[n] for n in sorted(chosen)], extra)


def origin(cls: type) -> tuple[str, dict[str, Any]]:
    """(file, namespace) of where `cls` is written: that of a method below its decorators, else that of its module."""
    for value in vars(cls).values():
        method = inspect.unwrap(value) if isinstance(value, FunctionType) else None
        if not isinstance(method, FunctionType) or method.__globals__.get("__name__") != cls.__module__:
            continue
        if linecache.getlines(method.__code__.co_filename):  # what a dataclass adds has none
            return method.__code__.co_filename, method.__globals__
    namespace = vars(sys.modules[cls.__module__])
    return namespace.get("__file__") or "", namespace


def _texts(cls: type) -> list[str]:
    """The script, or the cells before and with the one that defines `cls`."""
    file, namespace = origin(cls)
    cells = namespace.get("In")
    if (isinstance(cells, list) and not file.endswith(".py")) or "ipykernel" in file or "ipython" in file:
        return [_without_magic(cell) for cell in cells or ["".join(linecache.getlines(file))]]
    lines = linecache.getlines(file)
    if not lines:
        raise NotAlone(
            f"The source of {cls.__name__} is not to be had: it was typed at a prompt. Put the class into a file or a "
            "notebook cell."
        )
    return ["".join(lines)]


def _without_magic(cell: str) -> str:
    text = "\n".join("" if _MAGIC.match(line) else line for line in cell.splitlines())
    try:
        ast.parse(text)
    except SyntaxError:
        return ""  # a cell of another language, or one that failed
    return text


def _bindings(statements: list[ast.stmt]) -> dict[str, list[int]]:
    """{name: the statements that give it its value}: the last definition, and what changes it after that."""
    numbers: dict[str, list[int]] = {}
    for number, statement in enumerate(statements):
        if is_guard(statement):
            continue
        for name in _bound_names(statement):
            numbers[name] = [*numbers.get(name, []), number] if isinstance(statement, ast.AugAssign) else [number]
    return numbers


def is_guard(statement: ast.stmt) -> bool:
    """True for `if __name__ == "__main__":`, whose body no job runs."""
    if not isinstance(statement, ast.If) or any(isinstance(n, ast.Not | ast.NotEq) for n in ast.walk(statement.test)):
        return False
    return any(isinstance(node, ast.Name) and node.id == "__name__" for node in ast.walk(statement.test))


def _bound_names(statement: ast.stmt) -> set[str]:
    if isinstance(statement, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
        return {statement.name}
    if isinstance(statement, ast.Import):
        return {alias.asname or alias.name.partition(".")[0] for alias in statement.names}
    if isinstance(statement, ast.ImportFrom):
        return {alias.asname or alias.name for alias in statement.names}
    if isinstance(statement, ast.If | ast.Try | ast.With | ast.For):
        inner = [s for s in ast.iter_child_nodes(statement) if isinstance(s, ast.stmt | ast.ExceptHandler)]
        names = {n for s in inner for n in (_bound_names(s) if isinstance(s, ast.stmt) else _bound_in(s.body))}
        return names | _stored(statement)
    return _stored(statement)


def _bound_in(statements: list[ast.stmt]) -> set[str]:
    return {name for statement in statements for name in _bound_names(statement)}


def _stored(statement: ast.stmt) -> set[str]:
    return {n.id for n in ast.walk(statement) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}


def _used_names(statement: ast.stmt) -> set[str]:
    """The names that a statement takes from its module, those inside of its functions among them."""
    return _global_names(symtable.symtable(ast.unparse(statement), "statement", "exec"), top=True)


def _names_in_texts(statement: ast.stmt) -> set[str]:
    """The names in annotations that are texts."""
    texts = [hint for node in ast.walk(statement) for hint in _text_annotations(node)]
    return {node.id for text in texts for node in ast.walk(text) if isinstance(node, ast.Name)}


def _global_names(table: symtable.SymbolTable, top: bool = False) -> set[str]:
    own = {s.get_name() for s in table.get_symbols() if s.is_referenced() and (top or s.is_global())}
    return own.union(*(_global_names(inner) for inner in table.get_children()))


def _text_annotations(node: ast.AST) -> Iterable[ast.expr]:
    hint = getattr(node, "annotation", None) or getattr(node, "returns", None)
    if isinstance(hint, ast.Constant) and isinstance(hint.value, str):
        try:
            yield ast.parse(hint.value, mode="eval").body
        except SyntaxError:
            return


def _written(cls: type, name: str, namespace: Mapping[str, Any]) -> str:
    """A statement that gives `name` its value: an import, or a simple constant. Raises NotAlone for anything else."""
    if name not in namespace:
        raise NotAlone(
            f"{cls.__name__} uses {name}, which is not defined where the class is. Import or define it there."
        )
    value = namespace[name]
    if isinstance(value, ModuleType):
        return f"import {value.__name__} as {name}"
    module, own = getattr(value, "__module__", None), getattr(value, "__qualname__", "")
    if module and module not in ("__main__", cls.__module__) and own.isidentifier():
        return f"from {_home(module)} import {own} as {name}"
    if isinstance(value, _SIMPLE) and value == value:
        return f"{name} = {value!r}"
    raise NotAlone(
        f"{cls.__name__} uses {name}, a {type(value).__name__} that only this process has. Make it a hyperparameter or "
        f"a channel, put it on self in train, or define it in the same cell as {cls.__name__}."
    )


def _home(module: str) -> str:
    """Where a job finds what is in `module`: of ours everything is in the package itself."""
    return "sagewright" if module.startswith("sagewright.") else module


def _render(text: str, statements: list[ast.stmt], extra: Mapping[str, str]) -> str:
    lines = text.splitlines()
    rendered = [""] * len(lines)
    for statement in statements:
        decorators = [d.lineno for d in getattr(statement, "decorator_list", ())]
        first = min([statement.lineno, *decorators])
        for number in range(first, (statement.end_lineno or first) + 1):
            rendered[number - 1] = lines[number - 1]
    if extra:
        future = [s.end_lineno or 0 for s in statements if isinstance(s, ast.ImportFrom) and s.module == "__future__"]
        at = max(future, default=0)
        free = next((n for n in range(at, len(rendered)) if not rendered[n]), None)
        line = "; ".join(sorted(extra.values()))
        first_used = min((s.lineno for s in statements if s.lineno > at), default=0)
        if free is not None and free + 1 < first_used:
            rendered[free] = line
        else:
            rendered.insert(at, line)
    return "\n".join(rendered).rstrip() + "\n"
