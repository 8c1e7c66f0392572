"""The time by which old things are deleted: the clock's, kept from leaping ahead."""

import logging
from datetime import datetime, timedelta

STEP = timedelta(days=1)  # that a run may be later than the one before
LATE = timedelta(hours=2)  # behind the clock, of which the log tells
log = logging.getLogger(__name__)


def next_time(at: datetime, last: datetime | None) -> datetime:
    """The time of a run at `at` after one at `last`, None for the first: `at`, but at most STEP after `last`.

    A clock that is set years ahead would make everything old at once. Runs come hourly, so after a pause of a month
    they catch up within two days, while a wrong clock has deleted little until somebody sees it.
    """
    time = at if last is None else min(at, last + STEP)
    if at - time > LATE:
        log.warning("By the clock it is %s, long after %s: old data goes as of %s. Is the clock right?", at, last, time)
    return time
