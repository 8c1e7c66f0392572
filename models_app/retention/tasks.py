"""Background work of retention."""

import logging
import time
from collections.abc import Callable
from datetime import datetime, timedelta

from celery import shared_task
from django.conf import settings
from django.utils.timezone import now

from common.jsonl_archive import DamagedArchive
from common.s3_uri import S3Uri
from models_app.problems import Problem
from models_app.retention.clock import advance
from models_app.retention.curves import thin_jobs
from models_app.retention.events import expire_events
from models_app.retention.jobs import due_jobs, expire_job
from models_app.work import locks

SECONDS = 60.0  # that a run takes at most; the next goes on
MOST_FAILURES = 20  # jobs of a run that cannot be archived
log = logging.getLogger(__name__)


@shared_task
def run_retention() -> None:
    """Thin curves, archive and delete old logs and events, for a minute at most. Repeatable at any time."""
    with locks.held("retention") as acquired:
        if acquired:
            run_for(SECONDS)


def run_for(seconds: float) -> None:
    """Do what is due for at most `seconds`. What cannot be archived stays until a later run."""
    until = time.monotonic() + seconds
    at = advance(now())
    _while_due(lambda: thin_jobs(at), until)
    if not settings.TELEMETRY_DAYS:
        return
    # A day before the engine deletes a log: the lines that are not stored here are still read from there.
    days = max(settings.TELEMETRY_DAYS - 1, settings.TELEMETRY_DAYS / 2)
    before, to = at - timedelta(days=days), settings.TELEMETRY_ARCHIVE
    try:
        _expire_jobs(before, to, until)
        _while_due(lambda: expire_events(before, to), until)
    except (Problem, DamagedArchive) as error:
        words = "%s cannot be written, so nothing is deleted: %s Check SAGEWRIGHT_TELEMETRY_ARCHIVE and its bucket."
        log.error(words, to, error)


def _expire_jobs(before: datetime, to: S3Uri | None, until: float) -> None:
    """Expire jobs from the oldest on. One that cannot be archived stays, and keeps no other from it.

    Raises Problem or DamagedArchive after MOST_FAILURES of them, for then it is the archive.
    """
    failed: list[int] = []
    while time.monotonic() < until and (job := due_jobs(before).exclude(pk__in=failed).first()):
        try:
            expire_job(job, to)
        except (Problem, DamagedArchive) as error:
            failed.append(job.pk)
            if len(failed) == MOST_FAILURES:
                raise
            log.error("Job %s cannot be archived in %s, so nothing is deleted of it: %s", job.name, to, error)


def _while_due(step: Callable[[], bool], until: float) -> None:
    while time.monotonic() < until and step():
        pass
