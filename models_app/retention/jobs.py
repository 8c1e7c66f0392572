"""Archives and deletes log and events of old training jobs."""

from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Max, Q, QuerySet
from django.utils.timezone import now

from common.messages import english
from common.s3_uri import S3Uri
from models_app import aws
from models_app.aws import archive
from models_app.models import Event, LogLine, TrainingJob
from models_app.problems import Problem
from models_app.sync.logs import keep_error_lines
from models_app.training.log_rest import read_rest

CHUNK = 2000  # log lines of one query


def due_jobs(before: datetime) -> QuerySet[TrainingJob]:
    """Finished jobs that were created `before` and whose log has been read to its end, or never had one."""
    waiting = TrainingJob.objects.filter(expired=None, created__lt=before, status__in=TrainingJob.FINAL)
    return waiting.filter(Q(log_done=True) | Q(arn="")).select_related("model").order_by("created")


def expire_job(job: TrainingJob, to: S3Uri | None) -> None:
    """Write the log and the events of `job` to the archive `to`, if there is one, and delete them.

    Nothing is deleted before its files are written and read back. Whoever is killed on the way does the same again,
    under the same names. Raises Problem, DamagedArchive.
    """
    if job.status == TrainingJob.Status.FAILED and job.error_lines is None:
        keep_error_lines(job)  # the cause is shown without the log from now on
    # What comes while the files are written is not in them, so it stays.
    last_line = job.lines.aggregate(last=Max("number"))["last"] or 0
    last_event = job.events.aggregate(last=Max("pk"))["last"] or 0
    folder = _write(job, to, last_line, last_event) if to and (last_line or last_event) else ""
    with transaction.atomic():
        LogLine.objects.filter(job=job, number__lte=last_line).delete()
        Event.objects.filter(job=job, pk__lte=last_event).delete()
        TrainingJob.objects.filter(pk=job.pk).update(expired=now(), archive=folder)


def _write(job: TrainingJob, to: S3Uri, last_line: int, last_event: int) -> str:
    """Write the job's folder; its address."""
    folder = archive.address(to, "jobs", f"{job.created:%Y/%m}", f"{job.name}-{int(job.created.timestamp())}")
    files = {
        archive.LOG: archive.put(f"{folder}/{archive.LOG}", _log(job, last_line, folder)).as_json(),
        archive.EVENTS: archive.put(f"{folder}/{archive.EVENTS}", _events(job, last_event)).as_json(),
    }
    about = {"job": job.name, "arn": job.arn, "created": job.created.isoformat(), "status": job.status}
    archive.put_manifest(folder, {**about, "files": files})
    return folder


def _log(job: TrainingJob, last_line: int, folder: str) -> Iterator[dict[str, Any]]:
    """The whole log: the stored lines, then what only CloudWatch has.

    Where CloudWatch has its log no longer, a run that was killed may have written it to `folder`.
    """
    total, last = 0, None
    lines = job.lines.filter(number__lte=last_line).order_by("number")
    for at, text in lines.values_list("at", "text").iterator(chunk_size=CHUNK):
        total, last = total + 1, _line(at, text)
        yield last
    try:
        for at, text in read_rest(job, total):
            total, last = total + 1, _line(at, text)
            yield last
    except aws.NotFound:  # its log group or stream was deleted, or has ended with its age
        yield from _written_before(folder, total, last)


def _written_before(folder: str, total: int, last: dict[str, Any] | None) -> Iterator[dict[str, Any]]:
    """The lines after the first `total` of the log in `folder`; none where line `total` is not `last`."""
    with suppress(Problem):  # there is none, or it is damaged
        for number, (at, text) in enumerate(archive.log_lines(folder), 1):
            line = _line(at, text)
            if number == total and line != last:
                return
            if number > total:
                yield line


def _line(at: datetime, text: str) -> dict[str, Any]:
    return {"timestamp": round(at.timestamp() * 1000), "message": text}


def _events(job: TrainingJob, last_event: int) -> Iterator[dict[str, Any]]:
    for event in job.events.filter(pk__lte=last_event).order_by("at", "id"):
        yield event_row(event)


def event_row(event: Event) -> dict[str, Any]:
    """An event as the archive has it, its words in English."""
    return {"at": event.at.isoformat(), "was": event.was, "became": event.became, "text": str(english(event.text))}
