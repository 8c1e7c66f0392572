"""Remarks on the values of a test request: outside of what the model was trained on, or missing."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from tables.column_encoders import number_text
from tables.parse_scalar import is_missing, parse_number

MAX_REMARKS = 10
MAX_TEXT = 60  # characters of a value


def remarks(schema: Mapping[str, Any], row: Mapping[str, str]) -> list[str]:
    """One sentence for each value of `row`, {column: text}, that is unlike the training data of `schema`.

    A category that training did not have is remarked on elsewhere. Without a summary of the training data in the
    schema, nothing is said of ranges.
    """
    summaries = schema.get("summaries") or {}
    columns = [column for column in schema.get("columns", ()) if column["role"] == "feature"]
    texts = [_remark(column, summaries.get(column["name"], {}), row.get(column["name"], "")) for column in columns]
    return [text for text in texts if text][:MAX_REMARKS]


def _remark(column: Mapping[str, Any], summary: Mapping[str, Any], text: str) -> str:
    if is_missing(text):
        return _of_missing(column, summary)
    low, high = summary.get("min"), summary.get("max")
    number = parse_number(text.strip(), column.get("numbers", ""))
    if low is None or high is None or number is None or low <= number <= high:
        return ""
    words = (
        _("%(column)s %(value)s is above the %(low)s to %(high)s seen in training.")
        if number > high
        else _("%(column)s %(value)s is below the %(low)s to %(high)s seen in training.")
    )
    values = {"column": column["name"], "value": text.strip()[:MAX_TEXT], "low": _number(low), "high": _number(high)}
    return words % values


def _of_missing(column: Mapping[str, Any], summary: Mapping[str, Any]) -> str:
    name, fill = column["name"], column.get("fill")
    if fill is not None:
        filled = _number(fill) if isinstance(fill, int | float) else str(fill)[:MAX_TEXT]
        return _("%(column)s is missing: filled with %(value)s.") % {"column": name, "value": filled}
    if summary.get("missing") == 0:
        return _("%(column)s is missing. No row in training was without it.") % {"column": name}
    return ""


def _number(value: float) -> str:
    return number_text(round(value, 4))
