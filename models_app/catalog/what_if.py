"""What would change a model's answer to one row, in words: other values of one or two columns."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

import algorithms
from models_app.catalog.row_process import run_row
from models_app.models import Model, TrainingJob
from models_app.problems import Problem

MAX_TEXT = 60  # characters of a name or a value
MAX_UNTRIED = 8  # names of columns


@dataclass(frozen=True)
class Change:
    """Other values: (column, value now, other value), and the answers before and after."""

    columns: list[tuple[str, str, str]]
    before: str
    after: str


@dataclass(frozen=True)
class WhatIf:
    """The smallest changes first; where none goes far enough, `nearest` is the one that goes farthest.

    `untried` names the columns of which no other value was tried, "" if there is none.
    """

    sentence: str
    changes: list[Change]
    nearest: Change | None
    tried: int
    untried: str = ""


def can_change(model: Model) -> bool:
    """True if `model` has an artifact that answers a class or a number, and columns to change."""
    algorithm, job = algorithms.ALGORITHMS.get(model.algorithm), model.job
    has_artifact = job is not None and job.status == TrainingJob.Status.COMPLETED and bool(job.artifact)
    return bool(algorithm and algorithm.supervised and has_artifact and model.schema.get("features"))


def what_if(model: Model, row: Mapping[str, str], locked: Sequence[str], by: str) -> WhatIf | None:
    """What would change the answer to `row`, {column: text}, while the columns `locked` stay as they are.

    `by` is how far a number must move, "" for a tenth of it. None for a document that makes no sense. Raises Problem.
    """
    distance = _distance(by)
    options = {"locked": sorted(locked), "by": distance}
    document = run_row(model, {"row": dict(row), "changes": options}, model.schema)
    try:
        return _read(document)
    except (KeyError, TypeError, ValueError, AttributeError):
        return None


def _distance(text: str) -> float | None:
    if not text.strip():
        return None
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not (math.isfinite(value) and value > 0):
        raise Problem(_("Enter by how much the number must move, a number above 0."), "by")
    return value


def _read(document: Mapping[str, Any]) -> WhatIf:
    own = document["answer"]
    changes = [_change(change, own) for change in document["changes"]]
    nearest = _change(document["nearest"], own) if not changes and "nearest" in document else None
    sentence, untried = _sentence(bool(changes), document), [_cut(name) for name in document.get("untried", ())]
    return WhatIf(sentence, changes, nearest, int(document["tried"]), _untried(untried))


def _untried(names: Sequence[str]) -> str:
    names_text, left = ", ".join(names[:MAX_UNTRIED]), len(names) - MAX_UNTRIED
    return names_text if left <= 0 else _("%(names)s and %(n)s more") % {"names": names_text, "n": f"{left:,}"}


def _sentence(has_result: bool, document: Mapping[str, Any]) -> str:
    by = document["by"]
    if by is None:
        if has_result:
            return _("With other values in these columns the model's answer would be another class.")
        return _("No other values that were tried, in one column or in two, would give another class.")
    words = {"by": f"{float(by):.4g}"}
    if has_result:
        return _("With other values in these columns the model's answer would move by %(by)s or more.") % words
    return _("No other values that were tried, in one column or in two, would move the answer by %(by)s.") % words


def _change(change: Mapping[str, Any], own: Mapping[str, Any]) -> Change:
    columns = [(_cut(c["column"]), _cut(c["from"]) or _("empty"), _cut(c["to"])) for c in change["columns"]]
    return Change(columns, _answer(own, own), _answer(change["answer"], own))


def _answer(answer: Mapping[str, Any], own: Mapping[str, Any]) -> str:
    """A number, or a class with its probability; of the row's own class the probability alone says how it moves."""
    if "label" not in answer:
        return f"{float(answer['value']):.4g}"
    share = answer.get("probability")
    label = _cut(answer["label"])
    return label if share is None else f"{label} {100 * float(share):.1f}%"


def _cut(value: Any) -> str:
    text = str(value)
    return text if len(text) <= MAX_TEXT else f"{text[: MAX_TEXT - 1]}…"
