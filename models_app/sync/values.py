"""Updates the table of values from SageMaker's descriptions and the logs of jobs."""

from collections.abc import Iterable, Mapping

from models_app.models import JobProperty, JobValue, TrainingJob
from models_app.models.property_values import BEST, COST, SECONDS, Value, values_of

MAX_PROPERTIES = 2000  # names of all jobs together; what has another name is on the page of its job alone


def store_job(job: TrainingJob, metrics: Mapping[str, float] | None = None) -> None:
    """Write the hyperparameters of `job`, its metrics (`metrics`, or the final ones) and its figures."""
    figures: dict[str, float | None] = {BEST: job.metric.best if job.metric else None}
    if job.ended and job.started:
        figures |= {SECONDS: job.seconds, COST: job.cost}
    store(job.pk, values_of(job.hyperparameters, job.final_metrics if metrics is None else metrics, figures))


def store(job_pk: int, values: Iterable[Value]) -> None:
    """Write the values of one job; its values of other names stay."""
    pks = _properties([(value.kind, value.name) for value in values])
    rows = [
        JobValue(job_id=job_pk, property_id=pks[value[:2]], number=value.number, text=value.text)
        for value in values
        if value[:2] in pks
    ]
    JobValue.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["job", "property"], update_fields=["number", "text"]
    )


def _properties(names: list[tuple[str, str]]) -> dict[tuple[str, str], int]:
    """The keys of properties by (kind, name); new ones are added as long as there is room."""
    existing = _existing(names)
    new = [name for name in names if name not in existing]
    if new and JobProperty.objects.count() + len(new) <= MAX_PROPERTIES:
        JobProperty.objects.bulk_create((JobProperty(kind=k, name=n) for k, n in new), ignore_conflicts=True)
        existing |= _existing(new)
    return existing


def _existing(names: list[tuple[str, str]]) -> dict[tuple[str, str], int]:
    rows = JobProperty.objects.filter(name__in={name for _, name in names})
    return {(row.kind, row.name): row.pk for row in rows}
