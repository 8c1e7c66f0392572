"""Measures the drift of an endpoint's captured requests from its model's training data."""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.core.cache import cache
from django.utils.timezone import now

from common.messages import _
from common.problems import Missing
from models_app import aws
from models_app.endpoints.capture import capture_of
from models_app.endpoints.captured import CapturedRequest, Row, captured_requests, rows_of
from models_app.models import Endpoint
from models_app.work.enqueue import enqueue
from tables import predictions
from tables.drift import MIN_ROWS, ColumnDrift, column_drift

MAX_ROWS = 5000  # of the newest requests
FRESH = timedelta(minutes=5)
SCORE = ""  # the name of the answers among the columns
log = logging.getLogger(__name__)


def ask_for_measuring(endpoint: Endpoint) -> None:
    """Queue the drift measurement of an endpoint whose page is open, if it is due; once for all viewers."""
    capture = capture_of(endpoint)
    if capture and capture.is_on and cache.add(f"drift-due:{endpoint.pk}", True, FRESH.seconds):
        enqueue("endpoints.measure_drift", endpoint.pk, expires=FRESH.seconds)


def measure(endpoint: Endpoint) -> None:
    """Measure the drift of the newest captured requests, keep it in the row and say what has changed. Repeatable.

    `drift` is {"at", "rows", "columns": [{"name", "psi", "ks", "verdict", "training", "now", "labels"}], "days":
    [[day, largest PSI, its column]]}; the column "" is the score of the answers. Raises aws.Unavailable.
    """
    capture, model = capture_of(endpoint), endpoint.model
    if capture is None or model is None or not model.schema.get("summaries"):
        return
    rows: list[Row] = []
    by_day: dict[str, list[Row]] = defaultdict(list)
    try:
        for request in captured_requests(endpoint, capture):
            own = rows_of(request, model.schema)
            _add_scores(own, request, model)
            rows += own
            if request.at:
                by_day[f"{request.at:%Y-%m-%d}"] += own
            if len(rows) >= MAX_ROWS:
                break
    except (aws.Refused, Missing) as e:
        log.info("the captured requests of %s cannot be read: %s", endpoint, e)
        return
    columns = column_drifts(rows, model) if len(rows) >= MIN_ROWS else []
    before = {column["name"] for column in endpoint.drift.get("columns", ()) if column["verdict"] == "changed"}
    days = [(day, column_drifts(own, model)) for day, own in sorted(by_day.items()) if len(own) >= MIN_ROWS]
    endpoint.drift = {
        "at": now().isoformat(),
        "rows": len(rows),
        "columns": [_as_json(column) for column in columns],
        "days": [[day, round(drifts[0].psi, 4), drifts[0].name] for day, drifts in days if drifts],
    }
    endpoint.save(update_fields=["drift"])
    for column in columns:
        if column.verdict == "changed" and column.name not in before:
            name = column.name or _("The score of the answers")
            endpoint.say(_("%(name)s changed since training: PSI %(psi)s", name=name, psi=f"{column.psi:.2f}"))
    endpoint.changed()


def column_drifts(rows: Sequence[Row], model) -> list[ColumnDrift]:
    """The drift of each column that `rows` have and training had, the largest PSI first."""
    summaries = dict(model.schema["summaries"])
    if scores := _training_scores(model):
        summaries[SCORE] = scores
    numbers = {column["name"]: column.get("numbers", "") for column in model.schema["columns"]}
    drifts = []
    for name, summary in summaries.items():
        cells = [row[name] for row in rows if name in row]
        if len(cells) >= MIN_ROWS and (drift := column_drift(name, summary, cells, numbers.get(name, ""))):
            drifts.append(drift)
    return sorted(drifts, key=lambda drift: -drift.psi)


def _training_scores(model) -> dict[str, Any] | None:
    """The scores of the test rows as a summary of a column, for models of two classes that were evaluated."""
    document = _document(model)
    histogram = document.get("histogram") or {}
    if "negative" not in histogram:
        return None
    counts = [sum(pair) for pair in zip(histogram["negative"], histogram["positive"], strict=True)]
    return {"rows": sum(counts), "missing": 0, "min": histogram["low"], "max": histogram["high"], "hist": counts}


def _document(model) -> dict[str, Any]:
    evaluation = model.job.evaluation if model.job else None
    return evaluation.document if evaluation else {}


def _add_scores(rows: list[Row], request: CapturedRequest, model) -> None:
    """Add to each row the score that its answer has, where the answer is one of two classes."""
    positive = _document(model).get("positive")
    if positive is None or not request.answer:
        return
    kind = "application/json" if request.answer.lstrip()[:1] in "{[" else "text/csv"
    try:
        answers = predictions.parse_response(model.answer_schema, request.answer, kind)
    except (ValueError, KeyError, TypeError, AttributeError, IndexError):
        return
    if not rows:
        rows += [{} for _answer in answers]
    for row, answer in zip(rows, answers, strict=False):
        score = dict(answer.classes).get(positive, answer.score)  # a margin is the positive class's own
        if score is not None:
            row[SCORE] = float(score)


def _as_json(column: ColumnDrift) -> dict[str, Any]:
    return {
        "name": column.name,
        "psi": round(column.psi, 4),
        "ks": round(column.ks, 4),
        "verdict": column.verdict,
        "training": column.training,
        "now": column.now,
        "labels": column.labels,
    }
