"""Batch transform as a kind of work: which jobs wait for a worker, and what becomes of one whose worker is lost."""

from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils.timezone import now

from common.db.claim import UNCLAIMED, Claim
from common.db.retry import waits_for_database
from common.db.work import TimeLimitPassed, Work, WorkerLost
from engine.jobs.failure import reason
from engine.models import TransformJob
from engine.models.job import GRACE

MAX_RUNTIME = 5 * 86_400.0  # seconds; a request cannot name a limit
UPLOAD = 3600.0  # seconds that putting together and uploading the output may take after that
Status = TransformJob.Status
WORKER_LOST = (
    "the worker was lost {} times while it ran this job. This is not the job's fault as far as we can tell; please see "
    "the worker's log, and mind the machine's memory."
)
NOT_RUN = "the worker could not run this job in {} attempts. {}"


class TransformWork(Work[TransformJob]):
    """Runs transform jobs. A job that stops while nobody runs it has nothing to wait for."""

    model = TransformJob
    task = "engine.transform.tasks.run"
    runner = "engine.workloads.run.transform"
    waiting = Q(status=Status.IN_PROGRESS)
    max_attempts = 6

    def time_limit(self, row: TransformJob) -> float:
        """Seconds: the longest that a job may run, what SIGTERM leaves it, and the upload."""
        return MAX_RUNTIME + GRACE + UPLOAD

    def take(self, pk: int) -> Claim[TransformJob] | None:
        """Claim the job; one that cannot be claimed and is to stop is stopped without a worker."""
        claim = super().take(pk)
        if claim is None:
            self.stop_unclaimed(pk)
        return claim

    def give_back(self, row: TransformJob) -> None:
        """Let another worker begin again, or stop the job if that was asked for."""
        if row.status == Status.STOPPING:
            _end(row, Status.STOPPED)

    def give_up(self, row: TransformJob, cause: Exception) -> None:
        """End a job that no worker takes again: Stopped if that was asked for, else Failed."""
        if row.status == Status.STOPPING:
            _end(row, Status.STOPPED)
            return
        if isinstance(cause, TimeLimitPassed):
            failure = reason("ClientError", f"The job ran longer than {cause}. Split its input among several jobs.")
        else:
            text = (WORKER_LOST if isinstance(cause, WorkerLost) else NOT_RUN).format(row.attempt, cause)
            failure = reason("InternalServerError", text)
        _end(row, Status.FAILED, failure_reason=failure)

    def stop_unclaimed(self, pk: int) -> None:
        """End a stopping job that nobody runs."""
        with transaction.atomic():
            free = TransformJob.objects.select_for_update().filter(pk=pk, worker="", status=Status.STOPPING)
            if job := free.first():
                _end(job, Status.STOPPED)

    def stop_all_unclaimed(self) -> None:
        """End every stopping job that nobody runs."""
        for pk in list(TransformJob.objects.filter(worker="", status=Status.STOPPING).values_list("pk", flat=True)):
            self.stop_unclaimed(pk)


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
        _end(claim.lock(), status, failure_reason=failure_reason)


def _end(job: TransformJob, status: str, **fields: Any) -> None:
    at = now()
    job.move_to(status, **UNCLAIMED, **fields, ended=at, modified=at)
