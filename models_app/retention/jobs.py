"""Archives and deletes log and events of old training jobs."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.timezone import now

from common.messages import english
from common.s3_uri import S3Uri
from models_app.aws import archive
from models_app.models import Event, LogLine, TrainingJob
from models_app.sync.logs import keep_error_lines
from models_app.training.log_rest import read_rest

CHUNK = 2000  # log lines of one query


def expire_job(before: datetime, to: S3Uri | None) -> bool:
    """Expire the oldest finished job that was created `before`; False when there is none.

    With an archive `to`, nothing is deleted before its files are written and read back. Whoever is killed on the way
    does the same again, under the same names. Raises Problem, DamagedArchive.
    """
    waiting = TrainingJob.objects.filter(expired=None, created__lt=before, status__in=TrainingJob.FINAL)
    job = waiting.select_related("model").order_by("created").first()
    if job is None:
        return False
    if job.status == TrainingJob.Status.FAILED and job.error_lines is None:
        keep_error_lines(job)  # the cause is shown without the log from now on
    folder = _write(job, to) if to and (job.lines.exists() or job.events.exists()) else ""
    with transaction.atomic():
        LogLine.objects.filter(job=job).delete()
        Event.objects.filter(job=job).delete()
        TrainingJob.objects.filter(pk=job.pk).update(expired=now(), archive=folder, log_done=True)
    return True


def _write(job: TrainingJob, to: S3Uri) -> str:
    """Write the job's folder; its address."""
    folder = archive.address(to, "jobs", f"{job.created:%Y/%m}", f"{job.name}-{int(job.created.timestamp())}")
    files = {
        archive.LOG: archive.put(f"{folder}/{archive.LOG}", _log(job)).as_json(),
        archive.EVENTS: archive.put(f"{folder}/{archive.EVENTS}", _events(job)).as_json(),
    }
    about = {"job": job.name, "arn": job.arn, "created": job.created.isoformat(), "status": job.status}
    archive.put_manifest(folder, {**about, "files": files})
    return folder


def _log(job: TrainingJob) -> Iterator[dict[str, Any]]:
    """The whole log: the stored lines, then what only CloudWatch has."""
    total = 0
    for at, text in job.lines.order_by("number").values_list("at", "text").iterator(chunk_size=CHUNK):
        total += 1
        yield _line(at, text)
    for at, text in read_rest(job, total):
        yield _line(at, text)


def _line(at: datetime, text: str) -> dict[str, Any]:
    return {"timestamp": round(at.timestamp() * 1000), "message": text}


def _events(job: TrainingJob) -> Iterator[dict[str, Any]]:
    for event in job.events.order_by("at", "id"):
        yield event_row(event)


def event_row(event: Event) -> dict[str, Any]:
    """An event as the archive has it, its words in English."""
    return {"at": event.at.isoformat(), "was": event.was, "became": event.became, "text": str(english(event.text))}
