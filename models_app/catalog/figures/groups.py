"""The worst groups of rows and the worst rows, in words."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from models_app.text import formats

LOWER_IS_BETTER = ("mae",)


@dataclass(frozen=True)
class GroupRow:
    """One group: what its rows have in common, and how much worse they are."""

    where: str
    number: int  # its place in the document, by which its rows are asked for
    rows: str
    share: str
    value: str
    change: str
    length: float  # of the bar, 0 to 100
    bias: str = ""


@dataclass(frozen=True)
class Groups:
    """The card of the worst groups; `sentence` is about the first, or says that there is none."""

    metric: str
    note: str
    sentence: str
    rows: list[GroupRow] = field(default_factory=list)
    has_bias: bool = False


@dataclass(frozen=True)
class WorstRow:
    """One row that the model gets wrong. `score` is the probability of what was predicted, in percent, if known."""

    number: int
    label: str
    prediction: str
    score: float | None
    cells: list[str]


@dataclass(frozen=True)
class WorstRows:
    """The card of the worst rows."""

    columns: list[str]
    rows: list[WorstRow]
    is_regression: bool


def where_words(conditions: list[dict[str, Any]]) -> str:
    """ "contract is monthly and age under 30"."""
    words = [_one(condition) for condition in conditions]
    return words[0] if len(words) == 1 else _("%(one)s and %(other)s") % {"one": words[0], "other": words[1]}


def slices_of(document: dict[str, Any]) -> Groups | None:
    """The groups of `document`; None where its rows are not kept as the table has them."""
    slices = document.get("slices")
    if not slices:
        return None
    name = slices["metric"]
    values = {"looked_at": f"{slices['looked_at']:,}", "least": slices["least"]}
    note = _("%(looked_at)s groups of %(least)s rows or more were looked at") % values
    if not slices["groups"]:
        sentence = _("No group of rows is worse than all rows by more than chance would make it.")
        return Groups(formats.metric_name(name), note, sentence)
    largest = max(abs(group["change"]) for group in slices["groups"])
    rows = [_row(group, at, name, document["rows"], largest) for at, group in enumerate(slices["groups"])]
    first, overall = slices["groups"][0], slices["overall"]
    sentence = _("Where %(where)s, %(metric)s is %(value)s; over all rows it is %(overall)s.") % {
        "where": rows[0].where,
        "metric": formats.metric_name(name),
        "value": rows[0].value,
        "overall": formats.metric(overall, name),
    }
    return Groups(formats.metric_name(name), note, sentence, rows, "bias" in first)


def worst_of(document: dict[str, Any]) -> WorstRows | None:
    """The worst rows of `document`; None where every row is right."""
    worst = document.get("worst") or {}
    if not worst.get("rows"):
        return None
    is_regression = document["kind"] == "regression"
    rows = []
    for row in worst["rows"]:
        if is_regression:
            label, prediction = formats.metric(row["label"], "mae"), formats.metric(row["prediction"], "mae")
        else:
            label, prediction = row["label"], row["prediction"]
        rows.append(WorstRow(row["row"], label, prediction, _score(row, document), row["cells"]))
    return WorstRows(worst["columns"], rows, is_regression)


def _score(row: dict[str, Any], document: dict[str, Any]) -> float | None:
    score = row.get("score")
    if score is None or (document["kind"] == "binary" and not document.get("is_probability")):
        return None
    return 100 * score


def _row(group: dict[str, Any], number: int, name: str, rows: int, largest: float) -> GroupRow:
    change = group["change"]
    sign = "+" if change > 0 else ""
    bias = group.get("bias")
    return GroupRow(
        where_words(group["where"]),
        number,
        f"{group['rows']:,}",
        f"{100 * group['rows'] / rows:.1f}%",
        formats.metric(group["value"], name),
        sign + formats.metric(change, name),
        100 * abs(change) / largest if largest else 0.0,
        "" if bias is None else ("+" if bias > 0 else "") + formats.metric(bias, name),
    )


def _one(condition: dict[str, Any]) -> str:
    column = condition["column"]
    if condition.get("empty"):
        return _("%(column)s is empty") % {"column": column}
    if "is" in condition:
        value = condition["is"]
        return _("%(column)s is %(value)s") % {"column": column, "value": _number(value)}
    if "low" not in condition:
        return _("%(column)s is under %(high)s") % {"column": column, "high": _number(condition["high"])}
    if "high" not in condition:
        return _("%(column)s is %(low)s or more") % {"column": column, "low": _number(condition["low"])}
    values = {"column": column, "low": _number(condition["low"]), "high": _number(condition["high"])}
    return _("%(column)s is %(low)s to %(high)s") % values


def _number(value: Any) -> str:
    return f"{value:g}" if isinstance(value, int | float) else str(value)
