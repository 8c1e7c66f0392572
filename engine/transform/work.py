"""Batch transform as a kind of work."""

from typing import Any

from django.db import transaction
from django.utils.timezone import now

from common.db.claim import UNCLAIMED, Claim
from common.db.retry import waits_for_database
from engine.jobs.failure import reason
from engine.jobs.work import UPLOAD, JobWork
from engine.models import TransformJob
from engine.models.job import GRACE

MAX_RUNTIME = 5 * 86_400.0  # seconds; a request cannot name a limit
Status = TransformJob.Status


class TransformWork(JobWork[TransformJob]):
    """Runs transform jobs."""

    model = TransformJob
    task = "engine.transform.tasks.run"
    runner = "engine.workloads.run.transform"
    worker = "worker"

    def time_limit(self, row: TransformJob) -> float:
        """Seconds: the longest that a job may run, what SIGTERM leaves it, and the upload."""
        return MAX_RUNTIME + GRACE + UPLOAD

    def end(self, row: TransformJob, status: str, **fields: Any) -> None:
        """Move a locked job to its last status and set `fields`."""
        at = now()
        row.move_to(status, **UNCLAIMED, **fields, ended=at, modified=at)

    def end_at_limit(self, row: TransformJob, limit: str) -> None:
        """Fail it: a transform job that ran too long has no result."""
        text = f"The job ran longer than {limit}. Split its input among several jobs."
        self.end(row, Status.FAILED, failure_reason=reason("ClientError", text))


TRANSFORM = TransformWork()


@waits_for_database
def start(claim: Claim[TransformJob]) -> None:
    """Record that the job has started. Raises ClaimLost."""
    at = now()
    claim.update(started=claim.row.started or at, modified=at)


@waits_for_database
def finish(claim: Claim[TransformJob], status: str, failure_reason: str = "") -> None:
    """Move the job to its last status. A job is never finished twice: the second raises ClaimLost."""
    with transaction.atomic():
        TRANSFORM.end(claim.lock(), status, failure_reason=failure_reason)
