"""Reads the rows of the dashboard, and of each no more fields than it shows: a query's cost grows with its columns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Sum

from jobs import instances
from models_app.models import Endpoint, Model, TrainingJob
from models_app.web.listing import rows_of

FEW = 5  # rows a card shows before it links to the whole list
_OF_JOB = (
    *("name", "status", "status_since", "note", "algorithm", "external", "stop_requested", "arn", "secondary_status"),
    *("progress", "hyperparameters", "preparing", "heartbeat", "started", "ended", "last_synced", "log_done"),
    *("failure_reason", "error_lines", "preflight", "owner__username", "model__name", "model__code", "model__owner"),
)
_OF_ENDPOINT = (
    *("name", "status", "status_since", "failure_reason", "last_request", "traffic_at", "instance_type", "instances"),
    *("owner", "model"),
)
_OF_SLOWEST = ("name", "requests", "errors", "latency_p50", "latency_p95", "hours", "traffic_at")
_OF_MODEL = (
    *("name", "algorithm", "created", "deleting", "owner__username"),
    *(f"job__{name}" for name in ("status", "status_since", "note", "stop_requested", "progress", "algorithm")),
    *(f"job__{name}" for name in ("arn", "log_done", "hyperparameters")),
    *(f"endpoint__{name}" for name in ("name", "status", "status_since", "note", "failure_reason")),
)


def running_and_failed() -> tuple[list[TrainingJob], list[TrainingJob]]:
    """The newest FEW jobs in progress, and those that failed and are still the latest of their model or nobody's."""
    jobs = TrainingJob.objects.order_by("-created", "-id")
    current = Exists(Model.objects.filter(job=OuterRef("pk"), deleting=False)) | Q(model=None)
    running = _keys(jobs.filter(status__in=TrainingJob.LIVE))
    failed = _keys(jobs.filter(current, status=TrainingJob.Status.FAILED))
    whole = TrainingJob.objects.select_related("owner", "model").only(*_OF_JOB)
    rows = {job.pk: job for job in rows_of(whole, [*running, *failed])}
    return [rows[pk] for pk in running if pk in rows], [rows[pk] for pk in failed if pk in rows]


def failed_endpoints() -> list[Endpoint]:
    """The newest FEW endpoints that failed."""
    return list(_endpoints().filter(status=Endpoint.Status.FAILED)[:FEW])


def idle_endpoints(at: datetime) -> list[Endpoint]:
    """The newest FEW endpoints that nobody calls at `at`."""
    return list(_endpoints().filter(Endpoint.idle(at))[:FEW])


def slowest_endpoints() -> list[Endpoint]:
    """The FEW endpoints in service that answered slowest in the last hour in which they were called."""
    called = Endpoint.objects.filter(status=Endpoint.Status.IN_SERVICE, latency_p95__isnull=False)
    return list(called.order_by("-latency_p95", "-id").only(*_OF_SLOWEST)[:FEW])


def _endpoints() -> QuerySet[Endpoint]:
    return Endpoint.objects.order_by("-created", "-id").only(*_OF_ENDPOINT)


def latest_models() -> list[Model]:
    """The newest FEW models whose latest job is complete, looked up for one model after another."""
    completed = TrainingJob.objects.filter(pk=OuterRef("job"), status=TrainingJob.Status.COMPLETED)
    pks = _keys(Model.objects.filter(Exists(completed), deleting=False))
    return rows_of(Model.objects.select_related("owner", "job", "endpoint").only(*_OF_MODEL), pks)


def jobs_by_status() -> dict[str, int]:
    """The number of jobs in progress, by status."""
    live = TrainingJob.objects.filter(status__in=TrainingJob.LIVE).order_by()
    return dict(live.values_list("status").annotate(Count("pk")))


def jobs_since(at: datetime) -> tuple[int, int]:
    """(failed, ended) jobs since `at`."""
    # Not grouped by status: SQLite would read the whole index of that instead of the part since `at`.
    final, failed = Q(status__in=TrainingJob.FINAL), Q(status=TrainingJob.Status.FAILED)
    moved = TrainingJob.objects.filter(status_since__gte=at)
    counts = moved.aggregate(failed=Count("pk", filter=failed), ended=Count("pk", filter=final))
    return counts["failed"], counts["ended"]


@dataclass(frozen=True)
class EndpointTotals:
    """Numbers of endpoints; `price` is Amazon's for a day of those in service, in US dollars."""

    by_status: Mapping[str, int]
    idle: int
    price: float


def endpoint_totals(at: datetime) -> EndpointTotals:
    """The totals of all endpoints, `idle` ones those that nobody calls at `at`."""
    counts: dict[str, int] = {}
    idle, price = 0, 0.0
    rows: QuerySet = Endpoint.objects.order_by().values_list("status", "instance_type")
    figures = rows.annotate(Count("pk"), Sum("instances"), idle=Count("pk", filter=Endpoint.idle(at)))
    for status, instance_type, count, machines, unused in figures:
        counts[status] = counts.get(status, 0) + count
        idle += unused
        if status == Endpoint.Status.IN_SERVICE:
            price += instances.cost(instance_type, 86400, machines) or 0.0
    return EndpointTotals(counts, idle, price)


def _keys(rows: QuerySet) -> list[int]:
    """The keys of the first rows: keys alone are sorted, for rows are wide."""
    return list(rows.values_list("pk", flat=True)[:FEW])
