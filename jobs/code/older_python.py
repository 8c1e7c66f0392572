"""What in people's code Python 3.9 does not take, which AWS's framework images have."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Any

from common.messages import _
from jobs.code.finding import CodeFinding, warning

NEWER = {"Match": "match", "TryStar": "except*", "TypeAlias": "type", "TypeVar": "[T]"}  # {class of ast: its words}


def newer_than_the_images(tree: ast.Module) -> Iterator[CodeFinding]:
    """Warnings of newer syntax, and of annotations like `int | None` that are evaluated."""
    newer: dict[int, str] = {}
    bars: list[int] = []
    node: Any
    for node in ast.walk(tree):
        if name := next((name for kind, name in NEWER.items() if type(node).__name__ == kind), ""):
            newer.setdefault(node.lineno, name)
        elif _has_bar(node):
            bars.append(node.lineno)
    for line, name in sorted(newer.items()):
        words = _(
            "%(name)s is newer than Python 3.9, which AWS's framework images have. Write it in older words for them.",
            name=name,
        )
        yield warning(line, words)
    future = [n for n in tree.body if isinstance(n, ast.ImportFrom) and n.module == "__future__"]
    if bars and not any(alias.name == "annotations" for node in future for alias in node.names):
        words = _(
            "AWS's framework images have Python 3.9, which cannot read X | Y in an annotation. "
            "Write from __future__ import annotations at the top for them."
        )
        yield warning(min(bars), words)


def _has_bar(node: Any) -> bool:
    """True for an argument, a function or a variable that is annotated with a `|`."""
    hint = getattr(node, "annotation", None) or getattr(node, "returns", None)
    return hint is not None and any(isinstance(n, ast.BinOp) and isinstance(n.op, ast.BitOr) for n in ast.walk(hint))
