"""The time by which this run of retention judges ages."""

import logging
from datetime import datetime, timedelta

from django.db.models import Max

from common.aging_clock import next_time
from models_app.models import Event, RetentionClock

LATE = timedelta(hours=2)  # behind the clock, of which the log tells
log = logging.getLogger(__name__)


def advance(at: datetime) -> datetime:
    """The time of a run at `at`, stored for the next. Without an earlier run the newest event counts as one."""
    row = RetentionClock.objects.first()
    last = row.at if row else Event.objects.aggregate(Max("at"))["at__max"]
    time = next_time(at, last)
    if at - time > LATE:
        log.warning("By the clock it is %s, long after %s: old logs go as of %s. Is the clock right?", at, last, time)
    RetentionClock.objects.update_or_create(pk=RetentionClock.KEY, defaults={"at": time})
    return time
