"""The one edit that a trial offers: keep the columns of training, where get_dummies makes other ones for other rows."""

from __future__ import annotations

import ast

CALL = "get_dummies"


def dummies_lines(text: str) -> list[int]:
    """The lines of a Model class that call get_dummies and do not put the columns in order."""
    return sorted({node.lineno for node in _calls(_tree(text)) if "reindex" not in _line(text, node.lineno)})


def keep_columns(text: str) -> str:
    """`text` with the columns of training kept on self and used in every other method; "" where that is no sure edit.

    In train, `self.columns` is set before the first statement with get_dummies(x); elsewhere `.reindex` follows it.
    """
    tree = _tree(text)
    cls = next((n for n in tree.body if isinstance(n, ast.ClassDef) and _method(n, "train")), None) if tree else None
    if cls is None or "self.columns" in text or "reindex" in text:
        return ""
    train = _method(cls, "train")
    calls = [node for node in _calls(cls) if node.end_lineno == node.lineno]
    inside = [node for node in calls if train and train.lineno <= node.lineno <= (train.end_lineno or 0)]
    others = [node for node in calls if node not in inside]
    if train is None or not inside or not others:
        return ""
    statement = next((s for s in train.body if s.lineno <= inside[0].lineno <= (s.end_lineno or 0)), None)
    if statement is None or not inside[0].args:
        return ""
    lines = text.split("\n")
    for node in sorted(others, key=lambda node: -(node.end_col_offset or 0)):
        line = lines[node.lineno - 1].encode()
        end = node.end_col_offset or 0
        lines[node.lineno - 1] = (line[:end] + b".reindex(columns=self.columns, fill_value=0)" + line[end:]).decode()
    call = ast.unparse(inside[0])
    lines.insert(statement.lineno - 1, f"{' ' * statement.col_offset}self.columns = {call}.columns")
    repaired = "\n".join(lines)
    return repaired if _tree(repaired) else ""


def _tree(text: str) -> ast.Module | None:
    try:
        return ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _calls(tree: ast.AST | None) -> list[ast.Call]:
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)] if tree else []
    return [node for node in calls if ast.unparse(node.func).rpartition(".")[2] == CALL]


def _method(cls: ast.ClassDef, name: str) -> ast.FunctionDef | None:
    return next((node for node in cls.body if isinstance(node, ast.FunctionDef) and node.name == name), None)


def _line(text: str, number: int) -> str:
    return text.split("\n")[number - 1]
