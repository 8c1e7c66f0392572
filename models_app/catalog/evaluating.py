"""Evaluates trained models on their test rows: one worker at a time, the model in a process of its own."""

import io
import json
import logging
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.http import QueryDict
from django.utils.timezone import now

from common.db.claim import UNCLAIMED, UNSTARTED, Claim, Unfinished
from common.db.server_paths import hide_paths
from common.db.work import MemoryLimitPassed, TimeLimitPassed, WorkerLost
from common.locked_folders import temporary_folder
from common.messages import _
from common.s3_uri import split_s3_uri
from evaluation import files
from evaluation.kinds import ANOMALIES, CLUSTERS, COMPONENTS
from evaluation.process import SECONDS, evaluate_apart, open_predictions
from jobs.code.kinds import ALGORITHM as CODE
from models_app import aws
from models_app.aws import requests, s3
from models_app.catalog import inputs
from models_app.catalog.figures import context_of, explanation
from models_app.models import Evaluation, TrainingJob
from models_app.problems import Problem
from models_app.text import formats
from models_app.work.table_work import AWAY, TableWork

log = logging.getLogger(__name__)
Status = Evaluation.Status
FOLDER = "evaluation"  # of a job's folder
# What the figures are called where a job's test figures are shown: the leading ones of each kind of prediction.
LEADING = {
    "binary": ("auc", "logloss", "accuracy"),
    "multiclass": ("mlogloss", "accuracy", "f1_macro"),
    "regression": ("rmse", "mae", "r2"),
    CLUSTERS: ("silhouette",),
    ANOMALIES: ("flagged_share",),
    COMPONENTS: ("kept_variance", "first_two"),
}


class EvaluationWork(TableWork[Evaluation]):
    """Evaluates the model of a training job."""

    model = Evaluation
    task = "models_app.catalog.tasks.evaluate_model"
    runner = "models_app.catalog.evaluating.run"
    waiting = Q(status__in=Evaluation.OPEN)
    max_attempts = 3

    def time_limit(self, row: Evaluation) -> float:
        """Seconds that one evaluation may take, all attempts together."""
        return 2 * SECONDS

    def give_back(self, row: Evaluation) -> None:
        """Queue an evaluation again that its worker has given back."""
        if row.status == Status.RUNNING:
            row.move_to(Status.QUEUED)

    def give_up(self, row: Evaluation, cause: Exception) -> None:
        """Fail an evaluation that was tried too often, with the reason in words."""
        if isinstance(cause, WorkerLost):
            why = _("The worker that evaluated the model died %(tries)s times.", tries=row.attempt)
        elif isinstance(cause, MemoryLimitPassed | TimeLimitPassed):
            why = _("Evaluating the model takes more than %(limit)s.", limit=str(cause))
        else:
            values = {"name": type(cause).__name__, "why": hide_paths(str(cause))}
            why = _("Evaluating the model failed %(tries)s times: %(name)s: %(why)s", tries=row.attempt, **values)
        row.move_to(Status.FAILED, failure=why, **UNCLAIMED)


EVALUATION = EvaluationWork()


def can_evaluate(job: TrainingJob | None) -> bool:
    """True if `job` made a model that has test rows, or needs none because it predicts no label."""
    return bool(
        job and job.model and job.status == TrainingJob.Status.COMPLETED and job.artifact
        and job.model.algorithm != CODE and (job.model.schema.get("test_rows") or inputs.is_unlabelled(job.model))
    )  # fmt: skip


def can_evaluate_on_table(job: TrainingJob | None) -> bool:
    """True if `job` made a model that can be measured on a table that a person names."""
    return bool(
        job and job.model and job.status == TrainingJob.Status.COMPLETED and job.artifact
        and job.model.algorithm != CODE and inputs.can_read(job.model)
    )  # fmt: skip


def start(job: TrainingJob) -> Evaluation | None:
    """Queue the evaluation of the model that `job` made, also a second time; None without rows for it. Repeatable."""
    return begin(job, "") if can_evaluate(job) else None


def begin(job: TrainingJob, uri: str) -> Evaluation:
    """Queue the evaluation of the model that `job` made on the table at `uri`, "" for its own rows. Repeatable."""
    with transaction.atomic():
        evaluation, created = Evaluation.objects.get_or_create(job=job, on=uri)
        if not created and not evaluation.is_open:
            evaluation.move_to(Status.QUEUED, failure="", **UNSTARTED)
        EVALUATION.enqueue(evaluation.pk)
    return evaluation


def run(claim: Claim[Evaluation]) -> None:
    """Evaluate the model of a claimed row. Raises ClaimLost, Unfinished."""
    if claim.status == Status.QUEUED:
        claim.move_to(Status.RUNNING)
    try:
        with temporary_folder() as folder:
            _evaluate(claim, folder)
    except aws.Unavailable as e:
        raise Unfinished(e.english, counted=False, delay=AWAY) from e
    except Problem as e:
        claim.move_to(Status.FAILED, failure=e.message, **UNCLAIMED)


def _evaluate(claim: Claim[Evaluation], folder: Path) -> None:
    job = claim.row.job
    model = job.model
    on = claim.row.on
    if model is None or not (can_evaluate_on_table(job) if on else can_evaluate(job)):
        raise Problem(_("The model has no rows to evaluate it on any more."))
    inputs.fill(folder, job, model, claim, EVALUATION)
    document = evaluate_apart(folder, settings.READER_MEMORY, claim.check)
    _check_document(document)
    uri = f"{requests.folder(job.name)}/{FOLDER}" + (f"/{claim.row.pk}" if on else "")
    with open_predictions(folder) as body:
        _upload(f"{uri}/{files.PREDICTIONS}", body, "text/csv")
    if (folder / files.EFFECTS).is_file():
        with (folder / files.EFFECTS).open("rb") as body:
            _upload(f"{uri}/{files.EFFECTS}", body, "text/csv")
    _upload(f"{uri}/{files.EVALUATION}", io.BytesIO(json.dumps(document).encode()), "application/json")
    with transaction.atomic():
        claim.move_to(Status.DONE, document=document, predictions_uri=f"{uri}/{files.PREDICTIONS}", **UNCLAIMED)
        _store_figures(job, document, on)


def _check_document(document: dict[str, Any]) -> None:
    """Raise Problem for a document that the pages cannot draw: the process that wrote it ran the model."""
    try:
        context_of(document, QueryDict("all=1"))
        if (document["explain"] or {}).get("columns"):
            explanation.context_of(document, everything=True)
    except (LookupError, TypeError, ValueError, ArithmeticError, AttributeError) as e:
        log.exception("the document of an evaluation cannot be drawn")
        raise Problem(_("The process that evaluated the model left a result that cannot be read.")) from e


def _upload(uri: str, body: Any, content_type: str) -> None:
    address = split_s3_uri(uri)
    s3.upload(address.bucket, address.key, body, content_type)


def _store_figures(job: TrainingJob, document: dict[str, Any], uri: str) -> None:
    """The leading figures of test rows, where lists and the overview read them; and a word on the timeline."""
    by_name = {figure["name"]: figure for figure in document["metrics"]}
    leading = [by_name[name] for name in LEADING[document["kind"]] if name in by_name]
    figures = [{key: figure[key] for key in ("name", "value", "low", "high", "baseline")} for figure in leading]
    is_of_test = "on" not in document
    if not uri:
        stored = {"test_figures": {"rows": document["rows"], "figures": figures}} if is_of_test else {}
        TrainingJob.objects.filter(pk=job.pk).update(**stored, evaluated=now())
    if figures:
        name, value = figures[0]["name"], figures[0]["value"]
        words = {
            "rows": f"{document['rows']:,}",
            "metric": formats.metric_message(name),
            "value": formats.metric(value, name),
        }
        if uri:
            job.say(_("Evaluated on %(rows)s rows of %(uri)s: %(metric)s %(value)s", **words, uri=uri))
        elif is_of_test:
            job.say(_("Evaluated on %(rows)s test rows: %(metric)s %(value)s", **words))
        else:
            job.say(_("Evaluated on %(rows)s rows of its table: %(metric)s %(value)s", **words))
    job.changed()
