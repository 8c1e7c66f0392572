"""Measures a model on its test rows, by sending them to its endpoint once that is in service."""

import logging

import numpy as np
from django.db.models import Exists, F, OuterRef
from django.utils.timezone import now

import algorithms
from common.messages import _
from models_app import aws
from models_app.aws import requests, s3_store
from models_app.endpoints import actions
from models_app.models import Endpoint, Evaluation, Model, TrainingJob
from models_app.problems import Problem
from models_app.text import formats
from models_app.work import locks
from tables import predictions
from tables.evaluation import TestFigure, evaluate
from tables.evaluation_rows import read_evaluation_rows
from tables.sparse_layout import RECORDIO

CSV = "text/csv"
log = logging.getLogger(__name__)


def due() -> list[int]:
    """The keys of endpoints in service whose models have test rows that nobody has measured, nor is about to."""
    measuring = Evaluation.objects.filter(job=OuterRef("model__job"), on="", status__in=Evaluation.OPEN)
    unmeasured = Endpoint.objects.filter(
        status=Endpoint.Status.IN_SERVICE, external=False, model__deleting=False,
        artifact=F("model__job__artifact"), model__schema__test_rows__gt=0, model__job__evaluated=None,
    )  # fmt: skip
    return list(unmeasured.exclude(Exists(measuring)).values_list("pk", flat=True))


def measure(endpoint: Endpoint) -> None:
    """Store the metrics of the test rows with the training job of `endpoint`, or why there are none. Repeatable.

    Raises aws.Unavailable; then the rows are still to be measured.
    """
    model = endpoint.model
    job = model.job if model else None
    if model is None or job is None or not model.schema.get("test_rows") or job.test_figures.get("figures"):
        return
    if Evaluation.objects.filter(job=job, on="", status__in=Evaluation.OPEN).exists():
        return  # it measures the same rows, and the endpoint only where it cannot
    with locks.held(f"evaluation-{job.pk}") as acquired:
        if not acquired or endpoint.status != Endpoint.Status.IN_SERVICE or endpoint.artifact != job.artifact:
            return
        try:
            rows, figures = _measure(endpoint, model, job)
        except aws.Unavailable:
            raise
        except (Problem, ValueError) as e:
            endpoint.refresh_from_db()
            if endpoint.status != Endpoint.Status.IN_SERVICE:
                return  # the next one measures them
            log.warning("the test rows of %s were not measured: %s", model, e)
            _store(job, {"rows": 0, "problem": e.message if isinstance(e, Problem) else str(e)})
            return
        _store(job, {"rows": rows, "figures": [figure.as_json() for figure in figures]})
        first = figures[0]
        job.say(
            _(
                "Measured on %(rows)s test rows: %(metric)s %(value)s",
                rows=f"{rows:,}",
                metric=formats.metric_message(first.name),
                value=formats.metric(first.value, first.name),
            )
        )


def _measure(endpoint: Endpoint, model: Model, job: TrainingJob) -> tuple[int, list[TestFigure]]:
    """(rows, figures) of the test rows."""
    algorithm = algorithms.get(model.algorithm)
    content_type = RECORDIO if job.content_type.startswith(RECORDIO) else CSV
    batches = read_evaluation_rows(
        s3_store.STORE, requests.folder(job.name), job.content_type, model.schema["test_rows"]
    )
    schema = {name: value for name, value in model.answer_schema.items() if name != predictions.THRESHOLD}
    labels, predicted = [], []
    for batch in batches:
        answer = actions.invoke(endpoint, batch.body, content_type, algorithm.accept_header or CSV)
        parsed = predictions.parse_response(schema, answer.body, answer.content_type)
        if len(parsed) != len(batch.labels):
            raise ValueError(f"the endpoint answered {len(parsed)} predictions for {len(batch.labels)} rows")
        labels.append(batch.labels)
        predicted += parsed
    all_labels = np.concatenate(labels) if labels else np.empty(0)
    return len(all_labels), evaluate(model.schema, all_labels, predicted)


def _store(job: TrainingJob, test_figures: dict) -> None:
    TrainingJob.objects.filter(pk=job.pk).update(test_figures=test_figures, evaluated=now())
    job.changed()
