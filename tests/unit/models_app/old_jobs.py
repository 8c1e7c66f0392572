"""Old finished jobs, and the archive in memory that retention writes to."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.utils.timezone import now

from common.s3_uri import parse_s3_uri
from models_app import aws
from models_app.models import Event, LogLine, RetentionClock, TrainingJob
from models_app.retention import jobs
from tests.s3_memory import MemoryS3

LINES = ["start", "ValueError: could not convert", "한국어 \u2028 line", "end"]


class Killed(BaseException):
    """Nothing catches it, as nothing catches SIGKILL."""


@pytest.fixture(autouse=True)
def memory(settings, monkeypatch) -> MemoryS3:
    """An archive in memory."""
    s3 = MemoryS3()
    settings.TELEMETRY_DAYS, settings.TELEMETRY_ARCHIVE = 455, parse_s3_uri("s3://bucket/old/")
    monkeypatch.setattr(aws, "client", lambda service: s3)
    monkeypatch.setattr(jobs, "read_rest", lambda job, total: iter([]))
    RetentionClock.objects.create(at=now())
    return s3


def old_job(name: str, days: float, status: str = "Completed", lines: list[str] = LINES) -> TrainingJob:
    created = now() - timedelta(days=days)
    job = TrainingJob.objects.create(name=name, status=status, created=created, log_done=True)
    LogLine.objects.bulk_create(
        LogLine(job=job, number=number, at=created + timedelta(seconds=number), text=text)
        for number, text in enumerate(lines, 1)
    )
    Event.objects.create(job=job, was="InProgress", became=status, at=created, text="Training completed")
    return job


def gone(job: TrainingJob, total: int) -> Iterator:
    """In the place of `jobs.read_rest` where CloudWatch has no log of the job."""
    raise aws.NotFound("The specified log group does not exist.")
    yield
