"""The time by which this run of retention judges ages."""

from datetime import datetime

from django.db.models import Max

from common.aging_clock import next_time
from models_app.models import Event, RetentionClock


def advance(at: datetime) -> datetime:
    """The time of a run at `at`, stored for the next. Without an earlier run the newest event counts as one."""
    row = RetentionClock.objects.first()
    last = row.at if row else Event.objects.aggregate(Max("at"))["at__max"]
    time = next_time(at, last)
    RetentionClock.objects.update_or_create(pk=RetentionClock.KEY, defaults={"at": time})
    return time
