"""Keeps the rows of tuning jobs and their tries true to what SageMaker says of them."""

import json
import logging
from datetime import timedelta
from typing import Any

from django.utils.timezone import now

import algorithms
from models_app import aws
from models_app.aws.ownership import learn_tags
from models_app.models import TuningJob
from models_app.notifications.announce import work_ended
from models_app.sync.listed import listed
from models_app.work.enqueue import enqueue

Status = TuningJob.Status
EVERY = timedelta(seconds=4)  # a running job is described
NEW_AT_ONCE = 20  # described in one sweep, of those found for the first time
MAX_TRIALS = 1000  # that a row keeps
log = logging.getLogger(__name__)


def unfinished() -> bool:
    """True if a tuning job runs."""
    return TuningJob.objects.filter(status__in=TuningJob.AT_SAGEMAKER).exists()


def sweep(pages: int) -> None:
    """Find tuning jobs among the newest `pages`, and look at those that run. Raises aws.Unavailable."""

    def nothing_new(page: list[dict]) -> bool:
        names = [summary["HyperParameterTuningJobName"] for summary in page]
        return TuningJob.objects.filter(name__in=names).count() == len(page)

    try:
        key = "HyperParameterTuningJobSummaries"
        summaries, _complete = listed("list_hyper_parameter_tuning_jobs", key, pages, nothing_new)
    except aws.Refused as e:  # an account whose role may not list them still has training jobs to follow
        log.warning("tuning jobs are not listed: %s", e.message)
        return
    names = [summary["HyperParameterTuningJobName"] for summary in summaries]
    existing = set(TuningJob.objects.filter(name__in=names).values_list("name", flat=True))
    new = [_row(s) for s in summaries if s["HyperParameterTuningJobName"] not in existing]
    TuningJob.objects.bulk_create([row for row in new if row], ignore_conflicts=True)
    TuningJob.objects.filter(name__in=names, status__in=TuningJob.AT_SAGEMAKER).update(last_synced=now())
    running = TuningJob.objects.filter(status__in=TuningJob.AT_SAGEMAKER).exclude(followed__gt=now() - EVERY)
    unseen = TuningJob.objects.filter(followed=None, external=True).exclude(status__in=TuningJob.LIVE)[:NEW_AT_ONCE]
    for row in [*running, *unseen]:
        enqueue("sync.follow_tuning", row.pk, expires=10)


def _row(summary: dict) -> TuningJob | None:
    if summary["HyperParameterTuningJobStatus"] not in Status.values:
        return None
    return TuningJob(
        name=summary["HyperParameterTuningJobName"],
        arn=summary["HyperParameterTuningJobArn"],
        status=summary["HyperParameterTuningJobStatus"],
        strategy=summary["Strategy"],
        created=summary["CreationTime"],
        started=summary["CreationTime"],
        status_since=summary.get("LastModifiedTime") or summary["CreationTime"],
        ended=summary.get("HyperParameterTuningEndTime"),
        last_synced=now(),
    )


def follow_tuning(row: TuningJob) -> None:
    """Describe `row` with its tries, and move it. Repeatable."""
    if (row.is_final and row.followed) or row.status in (Status.CREATED, Status.LAUNCHING):
        return
    client, name = aws.client("sagemaker"), row.name
    try:
        with aws.plain_errors():
            described = client.describe_hyper_parameter_tuning_job(HyperParameterTuningJobName=name)
            trials = _trials(client, name)
    except aws.NotFound:  # somebody deleted it there
        row.changed()
        row.delete()
        return
    is_first_look, facts = row.followed is None, _facts(row, described, trials)
    changed = any(getattr(row, field) != value for field, value in facts.items() if field in ("trials", "best"))
    TuningJob.objects.filter(pk=row.pk).update(**facts)
    row.refresh_from_db()
    status = described["HyperParameterTuningJobStatus"]
    if status != row.status and status in TuningJob.MOVES.get(row.status, ()):
        row.move_to(status, failure_reason=described.get("FailureReason", ""), note="")
    elif changed:
        row.changed()
    if is_first_look and row.is_final:  # it had ended before it was found
        work_ended(row)


def _trials(client: Any, name: str) -> list[dict]:
    """The tries, oldest first."""
    pages = client.get_paginator("list_training_jobs_for_hyper_parameter_tuning_job").paginate(
        HyperParameterTuningJobName=name,
        SortBy="CreationTime",
        SortOrder="Ascending",
        PaginationConfig={"PageSize": 100, "MaxItems": MAX_TRIALS},
    )
    return [_trial(summary) for page in pages for summary in page["TrainingJobSummaries"]]


def _trial(summary: dict) -> dict:
    start, end = summary.get("TrainingStartTime"), summary.get("TrainingEndTime")
    metric = summary.get("FinalHyperParameterTuningJobObjectiveMetric") or {}
    return {
        "name": summary["TrainingJobName"],
        "status": summary["TrainingJobStatus"],
        "value": metric.get("Value"),
        "tuned": summary.get("TunedHyperParameters") or {},
        "seconds": (end - start).total_seconds() if start and end else None,
        "why": (summary.get("FailureReason") or "")[:1000],
    }


def _facts(row: TuningJob, described: dict, trials: list[dict]) -> dict:
    plain = {name: value for name, value in described.items() if name != "ResponseMetadata"}
    config = described["HyperParameterTuningJobConfig"]
    definitions: list[dict] = [
        described.get("TrainingJobDefinition") or {},
        *described.get("TrainingJobDefinitions", ()),
    ]
    definition = next(filter(None, definitions), {})
    objective = config.get("HyperParameterTuningJobObjective") or definition.get("TuningObjective") or {}
    algorithm = algorithms.for_image(definition.get("AlgorithmSpecification", {}).get("TrainingImage", ""))
    best = described.get("BestTrainingJob") or {}
    counters = described.get("TrainingJobStatusCounters", {})
    facts = {
        "strategy": config["Strategy"],
        "objective": objective.get("MetricName", ""),
        "goal": "min" if objective.get("Type") == "Minimize" else "max",
        "algorithm": algorithm.name if algorithm else "",
        "limit": config.get("ResourceLimits", {}).get("MaxNumberOfTrainingJobs"),
        "best": (best.get("FinalHyperParameterTuningJobObjectiveMetric") or {}).get("Value"),
        "best_job": best.get("TrainingJobName", ""),
        "tries": sum(counters.get(name, 0) for name in ("Completed", "Stopped", "NonRetryableError")),
        "trials": trials,
        "failure_reason": described.get("FailureReason", ""),
        "started": row.started or described.get("CreationTime"),
        "ended": described.get("HyperParameterTuningEndTime"),
        "described": json.loads(json.dumps(plain, default=str)),
        "last_synced": now(),
        "followed": now(),
    }
    if row.followed is None and row.external:
        facts["owner"] = learn_tags(row, described["HyperParameterTuningJobArn"])
    return facts
