"""Renders docs/reference/preflight-checks.md from the registry of checks."""

from __future__ import annotations

from algorithms import ALGORITHMS
from algorithms.spec import Algorithm
from preflight import checks  # noqa: F401 (fills the registry)
from preflight.registry import CHECKS, Check, has_versions

_GROUPS = {
    "location": "Where the data lies",
    "channels": "Channels of a raw request",
    "format": "How the bytes are read",
    "cells": "Cells of a raw table",
    "columns": "Columns of a prepared table",
    "target": "The target of a prepared table",
    "labels": "The label column of a raw table",
    "weights": "Weights of rows",
    "rows": "Rows",
    "hyperparameters": "Hyperparameters",
    "compute": "Compute",
    "account": "The account",
    "image": "The container image",
}
_HEAD = """# Preflight checks

Written by `python3 run manage reference` from the code; do not edit.

**Prepared** means that the console prepares the table; **raw** that the container is given these very bytes. A check
that needs the account asks as the job's role and says so when it cannot tell. A check on a part of a table says how
many rows were read.
"""
_IMAGES = """
## {title} images

What a faulty table does depends on the version of AWS's image.

| tag | looks at the first line | unknown hyperparameters | Parquet | objectives it lacks |
|---|---|---|---|---|
"""


def render_check_reference() -> str:
    """Return the Markdown of docs/reference/preflight-checks.md."""
    parts = [_HEAD]
    for group, title in _GROUPS.items():
        parts.append(f"\n## {title}\n\n| check | claim | mode | needs |\n|---|---|---|---|\n")
        parts += [_row(check) for check in CHECKS if check.group == group]
    parts += [_images(algorithm) for algorithm in ALGORITHMS.values() if has_versions(algorithm)]
    return "".join(parts)


def _row(check: Check) -> str:
    needs = {
        "": "nothing",
        "table": "the table",
        "inspection": "the table",
        "raw": "the bytes",
        "account": "the account",
    }
    names = sorted(name for name, algorithm in ALGORITHMS.items() if check.only(algorithm))
    only = f" ({', '.join(names)})" if len(names) < len(ALGORITHMS) else ""
    return f"| `{check.id}` | {check.title}{only} | {check.mode} | {needs[check.needs]} |\n"


def _images(algorithm: Algorithm) -> str:
    lines = [_IMAGES.format(title=algorithm.title)]
    for tag in algorithm.container.tags:
        version = algorithm.container.version(tag)
        assert version
        lacks = ", ".join(sorted(version.missing_objectives)) or "none"
        looks = "letters are refused" if version.refused_letters else "for its delimiter only"
        unknown = "refused" if version.strict_hyperparameters else "ignored"
        lines.append(f"| {tag} | {looks} | {unknown} | {'yes' if version.parquet else 'no'} | {lacks} |\n")
    return "".join(lines)
