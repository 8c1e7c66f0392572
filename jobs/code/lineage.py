"""Which class of a source is meant, and what it inherits from the others there."""

from __future__ import annotations

import ast
from collections.abc import Sequence

BASE = "Model"


def choose_class(classes: Sequence[ast.ClassDef], name: str) -> ast.ClassDef | None:
    """The class called `name`; without a name the last that derives from Model, else that has train and predict."""
    if name:
        return next((node for node in classes if node.name == name), None)
    derived = [node for node in classes if any(BASE in base_names(one) for one in lineage(classes, node))]
    able = [node for node in classes if {"train", "predict"} <= {getattr(part, "name", "") for part in node.body}]
    return next(iter((derived or able)[::-1]), None)


def lineage(classes: Sequence[ast.ClassDef], node: ast.ClassDef) -> list[ast.ClassDef]:
    """`node` and those of `classes` that it derives from, the nearest first."""
    ancestry, waiting = [], [node]
    while waiting:
        one = waiting.pop(0)
        if one in ancestry:
            continue
        ancestry.append(one)
        waiting += [other for base in base_names(one) for other in classes if other.name == base]
    return ancestry


def base_names(node: ast.ClassDef) -> list[str]:
    """The last names of the bases: Model for sagewright.Model."""
    return [ast.unparse(base).rpartition(".")[2] for base in node.bases]
