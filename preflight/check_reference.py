"""Renders docs/preflight.md from the registry of checks."""

from __future__ import annotations

from preflight import checks  # noqa: F401 (fills the registry)
from preflight.images import KNOWN, image
from preflight.registry import CHECKS, Check

_GROUPS = {
    "location": "Where the data lies",
    "channels": "Channels of a raw request",
    "format": "How the bytes are read",
    "cells": "Cells of a raw table",
    "columns": "Columns of a prepared table",
    "target": "The target of a prepared table",
    "labels": "The label column of a raw table",
    "rows": "Rows",
    "hyperparameters": "Hyperparameters",
    "compute": "Compute",
    "account": "The account",
    "image": "The container image",
}
_HEAD = """# Preflight checks

Written by `python3 run preflight-report` from the registry of checks; do not edit. **Prepared** means that the
console prepares the table; **raw** that the container is given these very bytes. A check that needs the account asks
as the job's role and says so when it cannot tell. A check on a part of a table says how many rows were read.

`sagewright preflight` asks the same checks from the shell; `python3 run preflight --help` lists its options and its
exit codes.
"""
_IMAGES = """
## XGBoost images

What a faulty table does depends on the version of AWS's image.

| tag | looks at the first line | unknown hyperparameters | Parquet | objectives it lacks |
|---|---|---|---|---|
"""


def render_check_reference() -> str:
    """Return the Markdown of docs/preflight.md."""
    parts = [_HEAD]
    for group, title in _GROUPS.items():
        parts.append(f"\n## {title}\n\n| check | claim | mode | needs |\n|---|---|---|---|\n")
        parts += [_row(check) for check in CHECKS if check.group == group]
    parts.append(_IMAGES)
    for tag in KNOWN:
        behaviour = image(tag)
        assert behaviour
        lacks = ", ".join(sorted(behaviour.objectives_since)) or "none"
        looks = "letters are refused" if behaviour.letters else "for its delimiter only"
        unknown = "refused" if behaviour.strict_hyperparameters else "ignored"
        parts.append(f"| {tag} | {looks} | {unknown} | {'yes' if behaviour.parquet else 'no'} | {lacks} |\n")
    return "".join(parts)


def _row(check: Check) -> str:
    needs = {
        "": "nothing",
        "table": "the table",
        "inspection": "the table",
        "raw": "the bytes",
        "account": "the account",
    }
    only = f" ({', '.join(check.algorithms)})" if check.algorithms else ""
    return f"| `{check.id}` | {check.title}{only} | {check.mode} | {needs[check.needs]} |\n"
