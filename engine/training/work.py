"""Training as a kind of work: which jobs wait for a worker, and what becomes of one whose worker is lost."""

from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils.timezone import now

from common.db.claim import UNCLAIMED, Claim
from common.db.followup import send_after_commit
from common.db.retry import waits_for_database
from common.db.work import TimeLimitPassed, Work, WorkerLost
from engine.jobs.failure import reason
from engine.models import TrainingJob
from engine.models.job import GRACE
from engine.training.transitions import add_transition

A_DAY = 86_400.0  # seconds; AWS's MaxRuntimeInSeconds when none is given
UPLOAD = 3600.0  # seconds that packing and uploading the model may take after that
NEXT_STEP = "engine.tuning.tasks.take_step"  # of the tuning job that waits for a training job
Status = TrainingJob.Status
LIVE = (Status.IN_PROGRESS, Status.STOPPING)
WORKER_LOST = (
    "the training worker was lost {} times while it ran this job. This is not the job's fault as far as we can tell; "
    "please see the worker's log, and mind the machine's memory."
)
NOT_RUN = "the training worker could not run this job in {} attempts. {}"


class TrainingWork(Work[TrainingJob]):
    """Runs training jobs. A job that stops while nobody runs it has nothing to wait for."""

    model = TrainingJob
    task = "engine.training.tasks.run"
    runner = "engine.workloads.run.training"
    waiting = Q(status=Status.IN_PROGRESS)
    max_attempts = 6
    on_claim = {"final_metrics": []}

    def time_limit(self, row: TrainingJob) -> float:
        """Seconds: the job's own limit, what SIGTERM leaves it to save, and the upload."""
        return max_runtime(row) + GRACE + UPLOAD

    def take(self, pk: int) -> Claim[TrainingJob] | None:
        """Claim the job; one that cannot be claimed and is to stop is stopped without a worker."""
        claim = super().take(pk)
        if claim is None:
            self.stop_unclaimed(pk)
        return claim

    def give_back(self, row: TrainingJob) -> None:
        """Let another worker begin again: the job is Restarting, or Stopped if that was asked for."""
        if row.status == Status.STOPPING:
            _end(row, Status.STOPPED, "Stopped")
            return
        row.secondary_status, row.modified = "Restarting", now()
        row.transitions = add_transition(row.transitions, "Restarting", row.modified, row.created)
        row.save(update_fields=["secondary_status", "transitions", "modified"])

    def give_up(self, row: TrainingJob, cause: Exception) -> None:
        """End a job that no worker takes again: Stopped if that was asked for or its time has passed, else Failed."""
        if row.status == Status.STOPPING:
            _end(row, Status.STOPPED, "Stopped")
        elif isinstance(cause, TimeLimitPassed):
            _end(row, Status.STOPPED, "MaxRuntimeExceeded")
        else:
            text = (WORKER_LOST if isinstance(cause, WorkerLost) else NOT_RUN).format(row.attempt, cause)
            _end(row, Status.FAILED, "Failed", failure_reason=reason("InternalServerError", text))

    def stop_unclaimed(self, pk: int) -> None:
        """End a stopping job that nobody runs."""
        with transaction.atomic():
            free = TrainingJob.objects.select_for_update().filter(pk=pk, worker="", status=Status.STOPPING)
            if job := free.first():
                _end(job, Status.STOPPED, "Stopped")

    def stop_all_unclaimed(self) -> None:
        """End every stopping job that nobody runs."""
        for pk in list(TrainingJob.objects.filter(worker="", status=Status.STOPPING).values_list("pk", flat=True)):
            self.stop_unclaimed(pk)


TRAINING = TrainingWork()


def max_runtime(job: TrainingJob) -> float:
    """Seconds the job may take from its first start."""
    return job.request.get("StoppingCondition", {}).get("MaxRuntimeInSeconds", A_DAY)


@waits_for_database
def enter(claim: Claim[TrainingJob], secondary: str, **fields: Any) -> None:
    """Begin a secondary status such as Downloading. Raises ClaimLost."""
    at = now()
    with transaction.atomic():
        job = claim.lock()
        transitions = add_transition(job.transitions, secondary, at, job.created)
        claim.update(secondary_status=secondary, transitions=transitions, modified=at, **fields)


@waits_for_database
def finish(claim: Claim[TrainingJob], status: str, secondary: str, **fields: Any) -> None:
    """Move the job to its last status. A job is never finished twice: the second raises ClaimLost."""
    with transaction.atomic():
        _end(claim.lock(), status, secondary, **fields)


def _end(job: TrainingJob, status: str, secondary: str, **fields: Any) -> None:
    at = now()
    fields |= {"secondary_status": secondary, "ended": at, "modified": at}
    fields["transitions"] = add_transition(job.transitions, secondary, at, job.created)
    job.move_to(status, **UNCLAIMED, **fields)
    if job.tuning_id:
        send_after_commit(NEXT_STEP, job.tuning_id)
