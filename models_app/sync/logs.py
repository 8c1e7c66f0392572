"""Reads on in a training job's log: lines for the page, points for the curve."""

from datetime import UTC, datetime, timedelta

from django.db import transaction
from django.db.models import Max
from django.utils.timezone import now

from models_app import aws
from models_app.aws.names import TRAINING_LOGS
from models_app.models import LogLine, MetricPoint, TrainingJob
from models_app.notifications import announce
from models_app.sync import metrics
from models_app.text.failures import error_lines

PAGES = 5  # a step
PAGE = 2000  # lines
SETTLES = timedelta(seconds=10)  # CloudWatch may be late with the last lines


def follow_log(job: TrainingJob, over: bool) -> None:
    """Take in what is new in the log of `job`; `over` tells that it writes no more."""
    drained = False
    for _ in range(PAGES):
        drained = not _page(job)
        if drained:
            break
    if drained and over and now() - (job.ended or job.status_since) > SETTLES:
        TrainingJob.objects.filter(pk=job.pk).update(log_done=True)


def keep_error_lines(job: TrainingJob) -> None:
    """Store the cause that the log of a failed `job` names in its row, so that lists do not read the log."""
    if job.expired:
        return
    lines = error_lines(job.last_lines())
    if lines == job.error_lines:
        return
    job.error_lines = lines
    job.save(update_fields=["error_lines"])
    if job.is_final:
        announce.failure_changed(job)
        job.changed()


def _page(job: TrainingJob) -> bool:
    """Store one page of lines; False when there is nothing more for now."""
    logs = aws.client("logs")
    try:
        with aws.plain_errors():
            stream = job.log_stream or _stream(logs, job)
            if not stream:
                return False
            more = {"nextToken": job.log_token} if job.log_token else {}
            page = logs.get_log_events(
                logGroupName=TRAINING_LOGS, logStreamName=stream, startFromHead=True, limit=PAGE, **more
            )
    except aws.NotFound:
        return False  # nothing was logged yet
    token = page["nextForwardToken"]
    events = page["events"]
    if token == job.log_token or not events:
        return False
    return _store(job, stream, token, events)


def _stream(logs, job: TrainingJob) -> str:
    streams = logs.describe_log_streams(logGroupName=TRAINING_LOGS, logStreamNamePrefix=f"{job.name}/")["logStreams"]
    return min((s["logStreamName"] for s in streams), default="")  # of several machines, the first


def _store(job: TrainingJob, stream: str, token: str, events: list[dict]) -> bool:
    """Keep one page; False when another worker kept it first."""
    with transaction.atomic():
        # The token is the claim: only one of two workers that read the same page moves it on.
        mine = TrainingJob.objects.filter(pk=job.pk, log_token=job.log_token)
        if not mine.update(log_token=token, log_stream=stream):
            return False
        last = job.lines.aggregate(last=Max("number"))["last"] or 0
        lines = [
            LogLine(job=job, number=number, at=datetime.fromtimestamp(e["timestamp"] / 1000, UTC), text=e["message"])
            for number, e in enumerate(events, last + 1)
        ]
        LogLine.objects.bulk_create(lines[: max(0, LogLine.MOST - last)], batch_size=500)
        progress = job.progress
        points = metrics.read(job, [e["message"] for e in events])
        MetricPoint.objects.bulk_create(points, batch_size=500, ignore_conflicts=True)
        if points:
            metrics.summarize(job, points, lines[-1].at)
        elif job.progress != progress:
            job.save(update_fields=["progress"])
        job.changed()
    job.log_token, job.log_stream = token, stream
    return True
