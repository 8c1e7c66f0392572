"""Measures the drift of an endpoint's captured requests from its model's training data."""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.core.cache import cache
from django.utils.timezone import now

from common.messages import _, gettext_noop
from common.problems import Missing
from models_app import aws
from models_app.endpoints.capture import capture_of
from models_app.endpoints.captured import CapturedRequest, Row, captured_requests, rows_of
from models_app.models import Endpoint
from models_app.work.enqueue import enqueue
from tables import predictions
from tables.drift import MIN_ROWS, ColumnDrift, column_drift
from tables.masking import MASK

MAX_ROWS = 5000  # of the newest requests
FRESH = timedelta(minutes=5)
# The names of the answers among the columns, whose own names have no blank in front: the score of two classes, the
# predicted one of more classes and its probability, the predicted number.
SCORE, CLASS, PROBABILITY, NUMBER = "", " class", " probability", " number"
ANSWERS = {
    SCORE: gettext_noop("Score of the answers"),
    CLASS: gettext_noop("Predicted class"),
    PROBABILITY: gettext_noop("Probability of the predicted class"),
    NUMBER: gettext_noop("Predicted number"),
}
log = logging.getLogger(__name__)


def ask_for_measuring(endpoint: Endpoint) -> None:
    """Queue the drift measurement of an endpoint whose page is open, if it is due; once for all viewers."""
    capture = capture_of(endpoint)
    if capture and capture.is_on and cache.add(f"drift-due:{endpoint.pk}", True, FRESH.seconds):
        enqueue("endpoints.measure_drift", endpoint.pk, expires=FRESH.seconds)


def measure(endpoint: Endpoint) -> None:
    """Measure the drift of the newest captured requests, keep it in the row and say what has changed. Repeatable.

    `drift` is {"at", "rows", "columns": [{"name", "psi", "ks", "verdict", "training", "now", "labels"}], "days":
    [[day, largest PSI, its column]]}; the columns named in ANSWERS are the answers. Raises aws.Unavailable.
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
            name = _(ANSWERS[column.name]) if column.name in ANSWERS else column.name
            endpoint.say(_("%(name)s changed since training: PSI %(psi)s", name=name, psi=f"{column.psi:.2f}"))
    endpoint.changed()


def column_drifts(rows: Sequence[Row], model) -> list[ColumnDrift]:
    """The drift of each column that `rows` have and training had, the largest PSI first."""
    summaries = dict(model.schema["summaries"])
    summaries |= _training_answers(model)
    numbers = {column["name"]: column.get("numbers", "") for column in model.schema["columns"]}
    drifts = []
    for name, summary in summaries.items():
        cells = [row[name] for row in rows if name in row]
        if len(cells) >= MIN_ROWS and (drift := column_drift(name, summary, cells, numbers.get(name, ""))):
            drifts.append(drift)
    return sorted(drifts, key=lambda drift: -drift.psi)


def _training_answers(model) -> dict[str, dict[str, Any]]:
    """What the evaluated model answers to its test rows, as summaries of columns (ANSWERS); {} where not known."""
    document = _document(model)
    histogram, answers = document.get("histogram") or {}, document.get("answers") or {}
    if "negative" in histogram:
        counts = [sum(pair) for pair in zip(histogram["negative"], histogram["positive"], strict=True)]
        return {SCORE: _numbers(histogram["low"], histogram["high"], counts)}
    if "counts" in answers:
        return {NUMBER: _numbers(**answers)}
    summaries = {}
    if classes := answers.get("classes"):
        summaries[CLASS] = {"rows": document["rows"], "missing": 0, "values": classes}
    if probability := answers.get("probability"):
        summaries[PROBABILITY] = _numbers(**probability)
    return summaries


def _numbers(low: float, high: float, counts: list[int]) -> dict[str, Any]:
    return {"rows": sum(counts), "missing": 0, "min": low, "max": high, "hist": counts}


def _document(model) -> dict[str, Any]:
    evaluation = model.job.evaluation if model.job else None
    return evaluation.document if evaluation else {}


def _add_scores(rows: list[Row], request: CapturedRequest, model) -> None:
    """Add to each row what its answer says, under the names of ANSWERS that the model was evaluated for."""
    wanted = _training_answers(model)
    if not wanted or request.answer in ("", MASK):
        return
    positive: str = _document(model).get("positive", "")
    kind = "application/json" if request.answer.lstrip()[:1] in "{[" else "text/csv"
    try:
        answers = predictions.parse_response(model.answer_schema, request.answer, kind)
    except (ValueError, KeyError, TypeError, AttributeError, IndexError):
        return
    if not rows:
        rows += [{} for _answer in answers]
    for row, answer in zip(rows, answers, strict=False):
        scores = {
            SCORE: dict(answer.classes).get(positive, answer.score),  # a margin is the positive class's own
            CLASS: answer.label,
            PROBABILITY: answer.probability,
            NUMBER: answer.value,
        }
        for name in wanted:
            value = scores[name]
            if value is not None:
                row[name] = value if isinstance(value, str) else float(value)


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
