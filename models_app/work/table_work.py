"""What scanning and preparing have in common: they read whole tables, which takes from a second to an hour."""

import time
from collections.abc import Callable
from typing import Any

from django.conf import settings

from common.db.claim import Claim, Row, Unfinished, claimed_here
from common.db.work import Work
from common.messages import gettext_noop
from models_app.models import Scan, TrainingJob, TransformJob, TuningJob

LARGE = 64 * 1024 * 1024  # bytes; what is smaller is read in a second or two
TIME_LIMIT = 6 * 3600  # seconds from the first start
KILL_AFTER = TIME_LIMIT + 600  # seconds after which Celery kills a process that hangs
AWAY = 5.0  # seconds before S3 or SageMaker are asked again
BUSY = 5.0  # seconds before a large table is tried again
SHOW = 1.0  # seconds between two writes of the progress
WAITING = gettext_noop("Waiting until other large tables are read")


class TableWork(Work[Row]):
    """Work that reads a table. One process of each reader is kept for small tables, so that they never wait long."""

    def time_limit(self, row: Row) -> float:
        """Seconds that one table may take, all attempts together."""
        return TIME_LIMIT


def check_slot(size: int, claim: Claim[Any]) -> None:
    """Raise Unfinished if this machine reads as many large tables as it may.

    `size` is that of the claimed row's table in bytes. Racy by design: two that ask at once may both go on.
    """
    if size <= LARGE:
        return
    busy = (
        claimed_here(Scan).filter(total__gt=LARGE).exclude(worker=claim.worker),
        claimed_here(TrainingJob).filter(preparing__total__gt=LARGE).exclude(worker=claim.worker),
        claimed_here(TransformJob).filter(preparing__total__gt=LARGE).exclude(worker=claim.worker),
        claimed_here(TuningJob).filter(preparing__total__gt=LARGE).exclude(worker=claim.worker),
    )
    if sum(rows.count() for rows in busy) >= max(1, settings.READER_CONCURRENCY - 1):
        raise Unfinished(WAITING, counted=False, begun=False, delay=BUSY)


class Progress:
    """Called between two blocks: shows how much is read, now and then. Raises ClaimLost once nobody wants the rest.

    `fields(done, total)` are the fields of the row that show it.
    """

    def __init__(self, claim: Claim[Any], fields: Callable[[int, int], dict[str, Any]]):
        self.claim, self.fields = claim, fields
        self._last_update = time.monotonic()

    def __call__(self, done: int = 0, total: int = 0) -> None:
        """Check the claim, and show `done` of `total` bytes if SHOW seconds have passed. Raises ClaimLost."""
        self.claim.check()
        if time.monotonic() - self._last_update > SHOW:
            self.show(done, total)

    def show(self, done: int, total: int) -> None:
        """Show it now."""
        self._last_update = time.monotonic()
        self.claim.update(**self.fields(done, total))
        self.claim.row.changed()
