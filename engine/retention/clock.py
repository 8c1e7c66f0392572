"""The time by which this run of retention judges ages."""

from datetime import UTC, datetime

from common.aging_clock import next_time
from engine.models import LogEvent, MetricDatum, RetentionMark

NAME = "clock"  # of the mark, whose position is in seconds since 1970


def advance(at: datetime) -> datetime:
    """The time of a run at `at`, stored for the next. Without an earlier run the newest row counts as one."""
    mark = RetentionMark.objects.filter(name=NAME).first()
    last = datetime.fromtimestamp(mark.position, UTC) if mark else _newest()
    time = next_time(at, last)
    RetentionMark.objects.update_or_create(name=NAME, defaults={"position": int(time.timestamp())})
    return time


def _newest() -> datetime | None:
    """When the last row was written; ids ascend with time."""
    event, datum = LogEvent.objects.order_by("-pk").first(), MetricDatum.objects.order_by("-pk").first()
    times = [datetime.fromtimestamp(event.ingested / 1000, UTC)] if event else []
    return max([*times, datum.timestamp] if datum else times, default=None)
