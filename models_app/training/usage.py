"""Processor, memory and training rows per second of a job, from CloudWatch."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.core.cache import cache
from django.utils.timezone import now

from models_app.aws.metric_data import MetricQuery, Points, metric_data
from models_app.aws.names import TRAINING_LOGS as NAMESPACE  # the metrics' namespace has the log group's name
from models_app.models import TrainingJob

CPU, MEMORY, ROWS = "CPUUtilization", "MemoryUtilization", "rows"
FINE = (1, 5, 10, 30)  # seconds of a period; AWS has some metrics by the minute only, and old ones too
POINTS = 60
LIVE, ENDED = 5, 60  # seconds that figures are cached


@dataclass(frozen=True)
class Usage:
    """The points of each figure from `start` on, oldest first: percent of one core, of the memory, rows a second."""

    start: datetime
    cpu: Points
    memory: Points
    rows: Points


def usage_of(job: TrainingJob) -> Usage | None:
    """The usage of `job`; None before it has started. Raises aws.Refused, aws.Unavailable."""
    if not job.started:
        return None
    key = f"usage:{job.pk}:{job.status}"
    usage = cache.get(key)
    if usage is None:
        usage = _query_usage(job, job.started, job.ended or now())
        cache.set(key, usage, ENDED if job.is_final else LIVE)
    return usage


def _query_usage(job: TrainingJob, start: datetime, end: datetime) -> Usage:
    seconds = max(1.0, (end - start).total_seconds())
    minutes = 60 * max(1, -(-int(seconds) // (60 * POINTS)))
    fine = next((period for period in FINE if period * POINTS >= seconds), minutes)
    host = (("Host", f"{job.name}/algo-1"),)
    queries = {
        (name, period): MetricQuery(NAMESPACE, name, host, "Average", period)
        for name in (CPU, MEMORY)
        for period in {fine, minutes}
    }
    metric, rows = job.progress.get("metric", ""), _train_rows(job)
    if metric and rows:
        queries |= {(ROWS, p): MetricQuery(NAMESPACE, metric, host, "SampleCount", p) for p in {fine, minutes}}
    edge = timedelta(seconds=minutes)
    series = metric_data(queries, start - edge, end + edge)

    def points(name: str) -> tuple[Points, int]:
        by_second = series.get((name, fine), [])
        return (by_second, fine) if len(by_second) > 1 else (series.get((name, minutes), []), minutes)

    rounds, period = points(ROWS)
    return Usage(start, points(CPU)[0], points(MEMORY)[0], [(at, count * rows / period) for at, count in rounds])


def _train_rows(job: TrainingJob) -> int:
    """The rows of each round; 0 where they are not known, or there are no rounds."""
    schema = (job.model.schema or {}) if job.model else {}
    return (schema.get("train_rows") or schema.get("rows") or 0) if job.has_rounds else 0
