"""Explains why a prediction request was refused: the cause, and the row and the column that it is about."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import dataclass

from common.messages import _
from models_app.problems import Declined
from models_app.text import failure_causes
from models_app.text.failure_causes import Cause
from models_app.text.failures import explain
from tables.rows_at import RowsAt, Wanted, rows_at

CSV, JSON, JSON_LINES = "text/csv", "application/json", "application/jsonlines"
MAX_BODY = 1024 * 1024  # characters of a request whose rows are looked at
# What the catalogue says of training jobs is not all true of a request; these causes are.
OF_REQUESTS = frozenset({
    "features-of-request", "content-type-of-request", "accept-of-request", "request-unreadable", "answer-timed-out",
    "request-too-large", "model-not-ready", "worker-died", "endpoint-missing", "throttled", "memory", "module-missing",
    "model-unreadable", "action-denied", "model-needs-other-version", "key-missing",
})  # fmt: skip
BY_STATUS = {
    406: "accept-of-request", 413: "request-too-large", 415: "content-type-of-request", 429: "throttled",
}  # fmt: skip
OF_CELLS = frozenset({"text-in-numbers", "infinite-values", "missing-values"})
OF_WIDTHS = frozenset({"rows-of-another-width", "features-of-request", "features-differ"})


@dataclass(frozen=True)
class InvocationFailure:
    """Why a request was refused; `rows` are those of the request that it is about, None where none can be named."""

    headline: str
    explain: str
    advice: str = ""
    rows: RowsAt | None = None


def decode(declined: Declined, body: str, content_type: str, features: list[str]) -> InvocationFailure:
    """What `declined` says of the request `body`; `features` name its columns, [] where they are not known."""
    status = declined.inside or declined.status
    match = failure_causes.find(declined.raw)
    cause = match.cause if match else None
    values = match.values if match else {}
    if (table := _as_csv(body, content_type)) is not None:
        body, names = table
        content_type, features = CSV, names or features
    rows = _rows(cause, values, body, content_type, features)
    if rows and cause and cause.id in OF_CELLS and rows.column is not None:
        row, column = rows.rows[0], rows.names[rows.column]
        words = _("Row %(row)s, column %(column)s: %(value)s is no number")
        words %= {"row": row.line, "column": column, "value": repr(row.cells[rows.column])}
        return InvocationFailure(words, _("The model takes a number in every cell."), rows=rows)
    if cause and cause.id in OF_WIDTHS:
        cause = _cause("features-of-request")
    elif cause and cause.id in OF_CELLS:
        cause = _cause("request-unreadable")
    if cause is None or cause.id not in OF_REQUESTS:
        cause = _cause(BY_STATUS.get(status, ""))
    if cause:
        fixes = cause.fixes_for(values)
        advice = fixes[0].text if fixes else ""
        return InvocationFailure(cause.words(cause.headline, values), cause.words(cause.why, values), advice, rows)
    return _unknown(declined, status)


def _unknown(declined: Declined, status: int) -> InvocationFailure:
    failure = explain(declined.raw)
    headline = failure.headline if failure else _("No reason was given")
    if status >= 500:
        words = _("The code of the model failed while it answered. The endpoint's log has more.")
    else:
        words = _("The model refused the request. These are its own words.")
    return InvocationFailure(headline, words)


def _cause(name: str) -> Cause | None:
    return next((cause for cause in failure_causes.causes() if cause.id == name), None)


def _rows(
    cause: Cause | None, values: dict[str, str], body: str, content_type: str, features: list[str]
) -> RowsAt | None:
    """The rows of a CSV request that the message is about."""
    if cause is None or not content_type.startswith(CSV) or len(body) > MAX_BODY:
        return None
    if cause.id in OF_WIDTHS:
        return _of_width(values, body, features)
    if cause.id not in OF_CELLS:
        return None
    line = values.get("row", "")
    wanted = Wanted(int(line) if line.isdecimal() else 0, values.get("column", ""), values.get("value", "").strip())
    return _named(rows_at(body, wanted, ",", has_header=False), features) if wanted != Wanted() else None


def _of_width(values: dict[str, str], body: str, features: list[str]) -> RowsAt | None:
    """The first row with as many cells as the message complains of."""
    count = values.get("n", "")
    for line, text in enumerate(body.splitlines(), 1):
        if text.strip() and count.isdecimal() and text.count(",") + 1 == int(count):
            return _named(rows_at(body, Wanted(line), ",", has_header=False), features)
    return None


def _as_csv(body: str, content_type: str) -> tuple[str, list[str]] | None:
    """The rows of a JSON request as CSV, with the names of their columns; None for other requests."""
    kind = content_type.partition(";")[0].strip()
    if kind not in (JSON, JSON_LINES) or len(body) > MAX_BODY:
        return None
    try:
        document = (
            json.loads(body) if kind == JSON else [json.loads(line) for line in body.splitlines() if line.strip()]
        )
    except (ValueError, RecursionError):
        return None
    rows = document.get("instances", [document]) if isinstance(document, dict) else document
    rows = (
        [row.get("features", row) if isinstance(row, dict) else row for row in rows] if isinstance(rows, list) else []
    )
    names = list(rows[0]) if rows and isinstance(rows[0], dict) else []
    cells = [[row.get(name) for name in names] if isinstance(row, dict) else row for row in rows]
    if not cells or not all(isinstance(row, list) for row in cells):
        return None
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(cells)
    return text.getvalue(), names


def _named(rows: RowsAt | None, features: list[str]) -> RowsAt | None:
    """`rows` with the names of the features in the place of numbers, where there are as many."""
    if rows is None or not features:
        return rows
    names = [features[int(n) - 1] if n.isdecimal() and int(n) <= len(features) else n for n in rows.names]
    return RowsAt(names, rows.rows, rows.lines, rows.last_line, rows.complete, rows.column)
