"""Training as a kind of work."""

from typing import Any

from django.db import transaction
from django.utils.timezone import now

from common.db.claim import UNCLAIMED, Claim
from common.db.followup import send_after_commit
from common.db.retry import waits_for_database
from engine.jobs.work import UPLOAD, JobWork
from engine.models import TrainingJob
from engine.models.job import GRACE
from engine.training.transitions import add_transition

NAMESPACE = "/aws/sagemaker/TrainingJobs"  # of logs and metrics
HOST = "algo-1"  # of a job with one member
A_DAY = 86_400.0  # seconds; AWS's MaxRuntimeInSeconds when none is given
NEXT_STEP = "engine.tuning.tasks.take_step"  # of the tuning job that waits for a training job
Status = TrainingJob.Status
LIVE = (Status.IN_PROGRESS, Status.STOPPING)


class TrainingWork(JobWork[TrainingJob]):
    """Runs training jobs."""

    model = TrainingJob
    task = "engine.training.tasks.run"
    runner = "engine.workloads.run.training"
    worker = "training worker"
    on_claim = {"final_metrics": []}

    def time_limit(self, row: TrainingJob) -> float:
        """Seconds: the job's own limit, what SIGTERM leaves it to save, and the upload."""
        return max_runtime(row) + GRACE + UPLOAD

    def restart(self, row: TrainingJob) -> None:
        """Note in the job's transitions that it begins again."""
        row.secondary_status, row.modified = "Restarting", now()
        row.transitions = add_transition(row.transitions, "Restarting", row.modified, row.created)
        row.save(update_fields=["secondary_status", "transitions", "modified"])

    def end(self, row: TrainingJob, status: str, **fields: Any) -> None:
        """Move a locked job to its last status and set `fields`: `secondary_status` is the same if not given."""
        at = now()
        fields = {"secondary_status": str(status)} | fields | {"ended": at, "modified": at}
        fields["transitions"] = add_transition(row.transitions, fields["secondary_status"], at, row.created)
        row.move_to(status, **UNCLAIMED, **fields)
        if row.tuning_id:
            send_after_commit(NEXT_STEP, row.tuning_id)

    def end_at_limit(self, row: TrainingJob, limit: str) -> None:
        """End it as stopped: MaxRuntime is a limit, not a failure."""
        self.end(row, Status.STOPPED, secondary_status="MaxRuntimeExceeded")


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
        job.announce()


@waits_for_database
def finish(claim: Claim[TrainingJob], status: str, secondary: str, **fields: Any) -> None:
    """Move the job to its last status. A job is never finished twice: the second raises ClaimLost."""
    with transaction.atomic():
        TRAINING.end(claim.lock(), status, secondary_status=secondary, **fields)
