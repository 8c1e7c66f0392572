"""Jobs as a kind of work: which wait for a worker, and what becomes of one whose worker is lost."""

from abc import abstractmethod
from typing import Any, TypeVar

from django.db import transaction
from django.db.models import Q

from common.db import shutdown
from common.db.claim import Claim
from common.db.work import TimeLimitPassed, Work, WorkerLost
from engine.jobs.failure import reason
from engine.models.job import Job

UPLOAD = 3600.0  # seconds that packing and uploading the results may take after a job's own limit
Status = Job.Status
WORKER_LOST = (
    "the %(worker)s was lost %(attempts)d times while it ran this job. This is not the job's fault as far as we can "
    "tell; please see the worker's log, and mind the machine's memory."
)
NOT_RUN = "the %(worker)s could not run this job in %(attempts)d attempts. %(cause)s"
JobRow = TypeVar("JobRow", bound=Job)


class JobWork(Work[JobRow]):
    """Runs jobs of one kind. A job that stops while nobody runs it has nothing to wait for."""

    waiting = Q(status=Status.IN_PROGRESS)
    max_attempts = 6
    worker: str  # what a failure calls the worker

    @abstractmethod
    def end(self, row: JobRow, status: str, **fields: Any) -> None:
        """Move a locked job to its last status and set `fields`."""

    @abstractmethod
    def end_at_limit(self, row: JobRow, limit: str) -> None:
        """End a locked job that ran longer than `limit`, which is in words."""

    def restart(self, row: JobRow) -> None:
        """Save on a locked job that another worker begins it again."""

    def perform(self, pk: int) -> None:
        """Claim and run the job. Repeatable. A worker that is to end sends it on to another one."""
        if shutdown.requested():
            self.send(pk)
            return
        super().perform(pk)

    def take(self, pk: int) -> Claim[JobRow] | None:
        """Claim the job; one that cannot be claimed and is to stop is stopped without a worker."""
        claim = super().take(pk)
        if claim is None:
            self.stop_unclaimed(pk)
        return claim

    def give_back(self, row: JobRow) -> None:
        """Let another worker begin again, or stop the job if that was asked for."""
        if row.status == Status.STOPPING:
            self.end(row, Status.STOPPED)
        else:
            self.restart(row)

    def give_up(self, row: JobRow, cause: Exception) -> None:
        """End a job that no worker takes again: Stopped if that was asked for, else by its limit, else Failed."""
        if row.status == Status.STOPPING:
            self.end(row, Status.STOPPED)
        elif isinstance(cause, TimeLimitPassed):
            self.end_at_limit(row, str(cause))
        else:
            text = WORKER_LOST if isinstance(cause, WorkerLost) else NOT_RUN
            values = {"worker": self.worker, "attempts": row.attempt, "cause": cause}
            self.end(row, Status.FAILED, failure_reason=reason("InternalServerError", text % values))

    def stop_unclaimed(self, pk: int) -> None:
        """End a stopping job that nobody runs."""
        with transaction.atomic():
            if job := self._stopping().select_for_update().filter(pk=pk).first():
                self.end(job, Status.STOPPED)

    def stop_all_unclaimed(self) -> None:
        """End every stopping job that nobody runs."""
        for pk in list(self._stopping().values_list("pk", flat=True)):
            self.stop_unclaimed(pk)

    def _stopping(self):
        return self.model._default_manager.filter(worker="", status=Status.STOPPING)
