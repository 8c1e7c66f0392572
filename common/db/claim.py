"""Gives one worker at a time the right to work on a row, and keeps that right alive while the work lasts."""

import os
import socket
import threading
import time
import uuid
from typing import Any, Generic, TypeVar

from django.db import models, transaction

from common.db import shutdown
from common.db.heartbeat import Heartbeat
from common.db.retry import waits_for_database

UNCLAIMED: dict[str, Any] = {"worker": "", "heartbeat": None}  # a row that no worker has
UNSTARTED = UNCLAIMED | {"attempt": 0, "work_started": None}  # and on which a new piece of work begins


class ClaimLost(Exception):
    """Another worker has the row, or the work is no longer wanted: leave everything as it is."""


class Unfinished(Exception):
    """Raise it to give a row back: the work cannot go on now. It is tried again after `delay` seconds.

    `counted` tells whether this was one of the attempts, `begun` whether the work, and with it the time limit, has
    begun at all.
    """

    def __init__(self, why: str, counted: bool = True, begun: bool = True, delay: float = 0.0):
        super().__init__(why)
        self.counted, self.begun, self.delay = counted, begun, delay


class Claimable(models.Model):
    """Mixed into a StatusRow that one worker at a time works on. All four fields are written by `common.db` alone.

    Whoever makes the work unnecessary (a cancel, a stop) sets UNCLAIMED together with the status: the worker's next
    write then raises ClaimLost.
    """

    status: Any
    move_to: Any

    worker = models.CharField(max_length=80, blank=True, help_text='"host:pid:random" of the one that has the row')
    attempt = models.PositiveIntegerField(default=0, help_text="How many workers have begun.")
    heartbeat = models.DateTimeField(null=True, blank=True, help_text="The worker's last, by the database's clock.")
    work_started = models.DateTimeField(
        null=True, blank=True, help_text="When the first attempt began, by the database's clock."
    )

    class Meta:
        abstract = True


Row = TypeVar("Row", bound=Claimable)


class Claim(Generic[Row]):
    """The right to work on `row`. Use it in a `with`: a thread then sends a heartbeat until the block ends.

    Every write is guarded by the worker's name and raises ClaimLost once the row has another. `elapsed` is how many
    seconds ago the first attempt began; after `time_limit` seconds from then the claim is lost and the heartbeat ends,
    so that a worker that hangs loses the row too. `status` is the row's, at most a heartbeat old.
    """

    def __init__(self, row: Row, elapsed: float = 0.0, time_limit: float = float("inf")):
        self.row = row
        self.worker = row.worker
        self.status: str = row.status
        self.first_start = time.monotonic() - elapsed
        self.deadline = self.first_start + time_limit
        self.lost = threading.Event()
        self._heartbeat: Heartbeat | None = None

    def __enter__(self) -> "Claim[Row]":
        self._heartbeat = Heartbeat(self)
        self._heartbeat.start()
        return self

    def __exit__(self, *_) -> None:
        if self._heartbeat is not None:
            self._heartbeat.end()

    def __str__(self) -> str:
        return f"{self.worker}'s claim on {self.row}"

    def rows(self) -> models.QuerySet[Row]:
        """The row while it is ours, else nothing."""
        return type(self.row)._default_manager.filter(pk=self.row.pk, worker=self.worker)

    def check(self) -> None:
        """Call it often, for it costs no query. Raises ClaimLost, and Unfinished when this worker is shutting down."""
        if self.lost.is_set():
            raise ClaimLost(f"{self} is lost")
        if shutdown.requested():
            raise Unfinished("The worker is shutting down.", counted=False)

    @waits_for_database
    def update(self, **fields: Any) -> None:
        """Set fields of the row. Raises ClaimLost."""
        if not self.rows().update(**fields):
            self.lost.set()
            raise ClaimLost(f"{self} is lost")
        for name, value in fields.items():
            setattr(self.row, name, value)

    def lock(self) -> Row:
        """The row as it is now, locked until the current transaction ends. Raises ClaimLost."""
        try:
            self.row.refresh_from_db(from_queryset=self.rows().select_for_update())
        except type(self.row).DoesNotExist:
            self.lost.set()
            raise ClaimLost(f"{self} is lost") from None
        self.status = self.row.status
        return self.row

    @waits_for_database
    def move_to(self, status: str, **fields: Any) -> None:
        """Move the row to `status` and set `fields`. Raises ClaimLost."""
        with transaction.atomic():
            if not self.lock().move_to(status, **fields):
                raise ClaimLost(f"{self} is lost")
        self.status = status


def worker_name() -> str:
    """A name for one claim: no two claims share one, be it on one machine."""
    return f"{host()}:{os.getpid()}:{uuid.uuid4().hex[:12]}"


def host() -> str:
    """This machine, as worker names begin."""
    return socket.gethostname()[:40]


def claimed_here(rows: type[Row]) -> models.QuerySet[Row]:
    """The rows that workers of this machine have."""
    claimed = rows._default_manager.filter(worker__gt="")  # by the index: hardly a row is claimed
    return claimed.filter(worker__startswith=f"{host()}:")
