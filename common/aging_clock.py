"""The time by which old things are deleted: the clock's, kept from leaping ahead."""

from datetime import datetime, timedelta

STEP = timedelta(days=1)  # that a run may be later than the one before


def next_time(at: datetime, last: datetime | None) -> datetime:
    """The time of a run at `at` after one at `last`, None for the first: `at`, but at most STEP after `last`.

    A clock that is set years ahead would make everything old at once. Runs come hourly, so after a pause of a month
    they catch up within two days, while a wrong clock has deleted little until somebody sees it.
    """
    return at if last is None else min(at, last + STEP)
