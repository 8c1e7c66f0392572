"""Records the cost of jobs that ended and of endpoints that are gone. Everything here is repeatable."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta

from django.utils.timezone import now

from models_app.models import Charge, Endpoint, TrainingJob, TransformJob

MAX_DAYS = 400  # of an endpoint that is gone; no page looks further back
DAY = timedelta(days=1)


def charge_job(job: TrainingJob | TransformJob) -> None:
    """Record what `job` cost; does nothing before it ended, nor where its price is not known."""
    if job.ended is None or not job.price:
        return
    is_training = isinstance(job, TrainingJob)
    kind, name = (Charge.Kind.TRAINING, "job") if is_training else (Charge.Kind.BATCH, "transform")
    _write([Charge(source=f"{name}-{job.pk}", day=utc_day(job.ended), kind=kind, usd=job.price)])


def charge_endpoint(endpoint: Endpoint) -> None:
    """Record what `endpoint`, whose row is about to go, cost on each day since it was created, if it ever answered."""
    if not endpoint.day_price or not _was_in_service(endpoint):
        return
    until = endpoint.status_since if endpoint.status == Endpoint.Status.DELETING else now()
    source = f"endpoint-{endpoint.pk}"
    _write(
        Charge(source=source, day=day, kind=Charge.Kind.ENDPOINTS, usd=endpoint.day_price * share)
        for day, share in days_between(endpoint.created, until)
    )


def _was_in_service(endpoint: Endpoint) -> bool:
    """Whether it came into service; one that was made elsewhere may have done so before the console saw it."""
    if endpoint.external and endpoint.status != Endpoint.Status.FAILED:
        return True
    return endpoint.events.filter(became=Endpoint.Status.IN_SERVICE).exists()


def days_between(start: datetime, end: datetime) -> Iterator[tuple[date, float]]:
    """The days of UTC from `start` to `end`, the last MAX_DAYS of them, with the share of each that lies between."""
    start = max(start, end - MAX_DAYS * DAY)
    day = utc_day(start)
    while (midnight := datetime.combine(day, time(), UTC)) < end:
        yield day, (min(end, midnight + DAY) - max(start, midnight)) / DAY
        day += DAY


def utc_day(at: datetime) -> date:
    """The day of UTC; Amazon bills by these days."""
    return at.astimezone(UTC).date()


def _write(charges: Iterable[Charge]) -> None:
    Charge.objects.bulk_create(
        charges, update_conflicts=True, unique_fields=["source", "day"], update_fields=["kind", "usd", "written"]
    )
