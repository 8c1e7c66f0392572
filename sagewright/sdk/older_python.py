"""A person's source as Python 3.9 takes it, which AWS's scikit-learn image has."""

from __future__ import annotations

import ast

from sagewright.sdk.errors import NotAlone

VERSION = (3, 9)
_LATER = "from __future__ import annotations"
_SIMPLE = ast.Import | ast.ImportFrom | ast.Assign | ast.AnnAssign | ast.Expr


def for_older_python(path: str, text: str) -> str:
    """`text` with annotations like `int | None` left unevaluated, on the same lines. Raises NotAlone for newer syntax.

    Only the syntax is looked at: what a module imports and calls is not.
    """
    try:
        tree = ast.parse(text, feature_version=VERSION)
    except SyntaxError as e:
        raise NotAlone(
            f"{path}, line {e.lineno}: {e.msg}. The scikit-learn image has Python 3.9; write it in older words."
        ) from e
    if not any(_has_bar(node) for node in ast.walk(tree)):
        return text
    start = 1 if ast.get_docstring(tree, clean=False) is not None else 0
    rest = tree.body[start:]
    if any(isinstance(s, ast.ImportFrom) and s.module == "__future__" for s in rest):
        later = [a.name for s in rest if isinstance(s, ast.ImportFrom) and s.module == "__future__" for a in s.names]
        if "annotations" in later:
            return text
    first = rest[0]
    lines = text.split("\n")
    at = min([first.lineno, *(d.lineno for d in getattr(first, "decorator_list", ()))]) - 1
    if isinstance(first, _SIMPLE) and first.col_offset == 0:
        lines[at] = f"{_LATER}; {lines[at]}"
    else:
        lines.insert(at, _LATER)
    return "\n".join(lines)


def _has_bar(node: ast.AST) -> bool:
    """True for an annotation with a `|` in it."""
    hint = getattr(node, "annotation", None) or getattr(node, "returns", None)
    return hint is not None and any(isinstance(n, ast.BinOp) and isinstance(n.op, ast.BitOr) for n in ast.walk(hint))
