"""Keeps the rows of transform jobs true to what SageMaker says of them."""

import json
import logging
from datetime import timedelta

from django.utils.timezone import now

from common.db.claim import UNSTARTED
from common.messages import _
from models_app import aws
from models_app.aws.ownership import learn_tags
from models_app.batch.actions import forget_model
from models_app.batch.table_steps import BATCH
from models_app.costs.charges import charge_job
from models_app.models import TransformJob
from models_app.sync.listed import listed
from models_app.work.enqueue import enqueue

Status = TransformJob.Status
ENDED = (Status.COMPLETED, Status.FAILED, Status.STOPPED)
CLOSE_LOOKS = 5  # a second, spread over the jobs that run
_OF_DUE = ("name", "followed", "modified")  # of rows that are wide
NEW_AT_ONCE = 20  # described in one sweep, of those found for the first time
log = logging.getLogger(__name__)


def unfinished() -> bool:
    """True if a transform job may still change at SageMaker."""
    return TransformJob.objects.filter(status__in=TransformJob.AT_SAGEMAKER).exists()


def sweep(pages: int) -> None:
    """Compare the newest `pages` of transform jobs with our rows. Raises aws.Unavailable."""

    def nothing_new(page: list[dict]) -> bool:
        names = [summary["TransformJobName"] for summary in page]
        return TransformJob.objects.filter(name__in=names).count() == len(page)

    try:
        summaries, _complete = listed("list_transform_jobs", "TransformJobSummaries", pages, nothing_new)
    except aws.Refused as e:  # an account whose role may not list them still has training jobs to follow
        log.warning("transform jobs are not listed: %s", e.message)
        return
    by_name = {summary["TransformJobName"]: summary for summary in summaries}
    _add_external(by_name)
    running = TransformJob.objects.filter(status__in=TransformJob.AT_SAGEMAKER)
    running.filter(name__in=by_name).update(last_synced=now())
    for pk in _due(by_name):
        enqueue("sync.follow_transform", pk, expires=10)


def _add_external(by_name: dict[str, dict]) -> None:
    existing = set(TransformJob.objects.filter(name__in=by_name).values_list("name", flat=True))
    new = [
        TransformJob(
            name=name,
            arn=summary["TransformJobArn"],
            external=True,
            status=summary["TransformJobStatus"],
            failure_reason=summary.get("FailureReason") or "",
            created=summary["CreationTime"],
            status_since=summary.get("LastModifiedTime") or summary["CreationTime"],
            ended=summary.get("TransformEndTime"),
            last_synced=now(),
        )
        for name, summary in by_name.items()
        if name not in existing and summary["TransformJobStatus"] in Status.values
    ]
    TransformJob.objects.bulk_create(new, ignore_conflicts=True)
    if new:
        new[0].changed()


def _due(by_name: dict[str, dict]) -> list[int]:
    """Jobs to look at closely: those that changed, or were not looked at for a while, and new ones."""
    rows = list(TransformJob.objects.filter(status__in=TransformJob.AT_SAGEMAKER).only(*_OF_DUE)[:1000])
    interval = timedelta(seconds=max(4, len(rows) / CLOSE_LOOKS))
    due = [
        row.pk
        for row in rows
        if row.followed is None
        or by_name.get(row.name, {}).get("LastModifiedTime", row.modified) != row.modified
        or now() - row.followed > interval
    ]
    unseen = TransformJob.objects.filter(followed=None, external=True, status__in=ENDED)
    return due + list(unseen.values_list("pk", flat=True)[:NEW_AT_ONCE])


def follow_transform(row: TransformJob) -> None:
    """Describe `row` and move it; for one of ours that has completed, ask for its result. Repeatable."""
    if row.status in (Status.CREATED, Status.LAUNCHING, Status.COLLECTING) or (row.is_final and row.followed):
        return
    try:
        with aws.plain_errors():
            described = aws.client("sagemaker").describe_transform_job(TransformJobName=row.name)
    except aws.NotFound:
        _gone(row)
        return
    facts = _facts(row, described)
    TransformJob.objects.filter(pk=row.pk).update(**facts)
    row.refresh_from_db()
    charge_job(row)
    status = described["TransformJobStatus"]
    if status == row.status or status not in Status.values:
        return
    if status == Status.COMPLETED and not row.external:
        forget_model(row)
        if row.move_to(Status.COLLECTING, note="", **UNSTARTED):
            BATCH.enqueue(row.pk)
    elif status in TransformJob.MOVES.get(row.status, ()):
        if status in (Status.FAILED, Status.STOPPED):
            forget_model(row)
        row.move_to(status, failure_reason=described.get("FailureReason", ""), note="")
    else:
        log.warning("%s is %s at SageMaker, which does not follow %s", row, status, row.status)


def _facts(row: TransformJob, described: dict) -> dict:
    plain = {name: value for name, value in described.items() if name != "ResponseMetadata"}
    facts = {
        "arn": described["TransformJobArn"],
        "started": described.get("TransformStartTime"),
        "ended": described.get("TransformEndTime"),
        "instance_type": described["TransformResources"].get("InstanceType", ""),
        "described": json.loads(json.dumps(plain, default=str)),
        "modified": described.get("LastModifiedTime"),
        "last_synced": now(),
        "followed": now(),
    }
    if row.external:
        source = described["TransformInput"].get("DataSource", {}).get("S3DataSource", {})
        facts |= {
            "input_uri": source.get("S3Uri", ""),
            "output_uri": described["TransformOutput"].get("S3OutputPath", ""),
            "sagemaker_model": described.get("ModelName", ""),
        }
        if row.followed is None:
            facts["owner"] = learn_tags(row, described["TransformJobArn"])
    return facts


def _gone(row: TransformJob) -> None:
    """SageMaker does not know the job: only another endpoint or account than before can be the reason."""
    if row.external:
        row.changed()
        row.delete()
    elif not row.is_final:
        row.move_to(Status.FAILED, failure_reason=_("SageMaker does not know the transform job."), ended=now())
