"""Other jobs that asked for the same: the attempts at one training."""

from collections.abc import Iterable
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
    newest = TrainingJob.objects.filter(algorithm=job.algorithm, model__isnull=not job.model).order_by(
        "-created", "-id"
    )
    addresses: Iterable[tuple[int, str]]
    if job.model:  # rows are long, and of most no more than the address is looked at
        addresses = newest.values_list("pk", "model__data_uri")[:CANDIDATES]
    else:
        addresses = [(row.pk, data_of(row)) for row in newest.only("described", "model")[:CANDIDATES]]
    alike = [pk for pk, address in addresses if pk == job.pk or address == data][:MOST]
    if len(alike) < 2:
        return []
    same = newest.filter(pk__in=alike).select_related("model")
    cause = job.failure.cause if job.failure else ""
    return [Attempt(row, row.pk == job.pk, bool(cause and row.failure and row.failure.cause == cause)) for row in same]


def data_of(job: TrainingJob) -> str:
    """The address of the data that `job` learns from: the person's table, or the channels of another client."""
    if job.model:
        return job.model.data_uri
    sources = [channel.get("DataSource", {}) for channel in job.described.get("InputDataConfig", ())]
    return " ".join(sorted(source.get("S3DataSource", {}).get("S3Uri", "") for source in sources))
