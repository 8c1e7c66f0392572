"""Other jobs that asked for the same: the attempts at one training."""

from dataclasses import dataclass

from models_app.models import TrainingJob

CANDIDATES, MOST = 100, 5


@dataclass(frozen=True)
class Attempt:
    """One job of the same data and algorithm. `same_cause` is true for a failure of the cause of the page's job."""

    job: TrainingJob
    is_this: bool
    same_cause: bool


def attempts_of(job: TrainingJob) -> list[Attempt]:
    """`job` and the jobs of the same data and algorithm, newest first; [] for a job of its own.

    The newest hundred jobs of the algorithm are looked through.
    """
    data = data_of(job)
    if not data:
        return []
    rows = TrainingJob.objects.filter(algorithm=job.algorithm).select_related("model").order_by("-created", "-id")
    same = [row for row in rows[:CANDIDATES] if row.pk == job.pk or data_of(row) == data][:MOST]
    if len(same) < 2:
        return []
    cause = job.failure.cause if job.failure else ""
    return [Attempt(row, row.pk == job.pk, bool(cause and row.failure and row.failure.cause == cause)) for row in same]


def data_of(job: TrainingJob) -> str:
    """The address of the data that `job` learns from: the person's table, or the channels of another client."""
    if job.model:
        return job.model.data_uri
    sources = [channel.get("DataSource", {}) for channel in job.described.get("InputDataConfig", ())]
    return " ".join(sorted(source.get("S3DataSource", {}).get("S3Uri", "") for source in sources))
