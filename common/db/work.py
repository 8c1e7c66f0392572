"""A kind of background work on rows: who may do it, how often and for how long, and what becomes of lost work."""

import logging
from abc import ABC, abstractmethod
from datetime import timedelta
from typing import Any, Generic

from celery import current_app
from django.conf import settings
from django.core.cache import cache
from django.db import transaction
from django.db.models import DurationField, ExpressionWrapper, F, Q
from django.db.models.functions import Coalesce, Now
from django.utils.module_loading import import_string

from common.db.claim import UNCLAIMED, Claim, ClaimLost, Row, Unfinished, worker_name
from common.db.redis_client import redis
from common.db.retry import AWAY, waits_for_database
from common.panics import panics_as_errors

BATCH = 100  # rows that are taken from silent workers in one transaction
RESEND_AFTER = 15.0  # seconds before a row whose message may be lost is sent again
log = logging.getLogger(__name__)


class WorkerLost(Exception):
    """The last of the attempts ended without a word: its worker was killed or its machine is gone."""


class TimeLimitPassed(Exception):
    """The work took longer, from its first start, than its kind allows."""


class MemoryLimitPassed(Exception):
    """The work used more memory than its kind allows; the message is the limit, such as "2 GiB"."""


class Work(ABC, Generic[Row]):
    """One kind of work. A subclass says what is special about it; nothing here knows what the work is.

    Heartbeats are written and judged by the database's clock: machines need not agree on the time.
    """

    model: type[Row]
    task: str  # the Celery task that calls `perform`; its route decides the queue
    runner: str  # "module.function", called with the Claim; it ends the row or raises; imported by workers only
    waiting: Q  # the rows on which there is work to do
    max_attempts: int
    on_claim: dict[str, Any] = {}  # fields that are reset when an attempt begins

    @abstractmethod
    def time_limit(self, row: Row) -> float:
        """Seconds from the first start after which nobody goes on with `row`."""

    def give_back(self, row: Row) -> None:
        """Save what else changes on a locked `row` that goes back to those that wait."""

    @abstractmethod
    def give_up(self, row: Row, cause: Exception) -> None:
        """Move a locked `row` to its last status: `cause` is one of the exceptions above or what the work raised."""

    def enqueue(self, pk: int) -> None:
        """Ask a worker to work on a row once the current transaction is committed."""
        transaction.on_commit(lambda: self.send(pk))

    def send(self, pk: int, delay: float = 0.0) -> bool:
        """Ask a worker to begin in `delay` seconds; False if the broker is away, and `queue.resend` will repeat it."""
        try:
            redis().ping()  # so that nobody waits for a broker that hangs longer than for one question
            if delay:
                self.mark_sent(pk, delay)
            current_app.send_task(self.task, (pk,), countdown=delay or None, retry=False, **self.destination(pk))
        except Exception as e:  # whatever the broker's client raises, the row still waits
            log.warning("could not send %s(%s): %s", self.task, pk, e)
            return False
        return True

    def destination(self, pk: int) -> dict[str, Any]:
        """Return Celery's options of where a row is sent; none for the queue of the routes."""
        return {}

    def mark_sent(self, pk: int, delay: float = 0.0) -> None:
        """Keep `queue.resend` from sending the row again soon."""
        cache.set(self._sent_key(pk), 1, delay + RESEND_AFTER)

    def was_sent(self, pk: int) -> bool:
        """True if the row was sent a moment ago, or waits for its delay to pass."""
        return cache.get(self._sent_key(pk)) is not None

    def _sent_key(self, pk: int) -> str:
        return f"sent:{self.task}:{pk}"

    def perform(self, pk: int) -> None:
        """Claim the row and do the work. Repeatable: one that is not free or not waiting is left alone."""
        claim = self.take(pk)
        if claim is None:
            return
        try:
            with claim, panics_as_errors():
                import_string(self.runner)(claim)
        except ClaimLost as e:
            log.warning("%s: left to others: %s", self.task, e)
        except Unfinished as e:
            level = logging.WARNING if e.counted else logging.INFO
            log.log(level, "%s: %s goes back on attempt %d: %s", self.task, claim.row, claim.row.attempt, e)
            if self.release(claim, e.counted, e, e.begun):
                self.send(pk, e.delay)
        except Exception as e:
            log.exception("%s: %s failed on attempt %d", self.task, claim.row, claim.row.attempt)
            self.release(claim, True, e)

    def take(self, pk: int) -> Claim[Row] | None:
        """The claim on a row that waits, or whose worker fell silent; None if there is nothing to do for us."""
        self.release_if_stale(pk)
        worker = worker_name()
        free = self.model._default_manager.filter(self.waiting, pk=pk, worker="")
        started = Coalesce(F("work_started"), Now())
        begun = {"worker": worker, "attempt": F("attempt") + 1, "heartbeat": Now(), "work_started": started}
        if not free.update(**begun, **self.on_claim):
            return None
        row = self._timed().filter(pk=pk, worker=worker).first()
        return Claim(row, _seconds(row), self.time_limit(row)) if row else None

    def abandon(self, claim: Claim[Row], cause: Exception) -> None:
        """Give a claimed row up, however many attempts are left: another would end the same. A lost claim is left."""
        with transaction.atomic():
            row = self.model._default_manager.select_for_update().filter(pk=claim.row.pk, worker=claim.worker).first()
            if row is not None:
                self.give_up(row, cause)
                self.model._default_manager.filter(pk=row.pk).update(**UNCLAIMED)

    @waits_for_database
    def release(self, claim: Claim[Row], counted: bool, cause: Exception, begun: bool = True) -> bool:
        """Give a claimed row back, or up; True if it waits again. A lost claim is left alone."""
        with transaction.atomic():
            row = self._timed().select_for_update().filter(pk=claim.row.pk, worker=claim.worker).first()
            if row is None:
                return False
            self._release(row, counted, cause, begun)
            return bool(self._waiting(row.pk))

    def release_if_stale(self, *pks: int) -> list[int]:
        """Take rows from workers that fell silent, in one transaction; those that wait again.

        A row that cannot be released is logged and keeps no other one waiting.
        """
        with transaction.atomic():
            stale = self._timed().select_for_update(skip_locked=True).filter(_stale(), pk__in=pks)
            released = [row.pk for row in stale if self._release_stale(row)]
            return self._waiting(*released)

    def release_stale(self) -> int:
        """Take every row from workers that fell silent, and ask others; how many wait again."""
        # Unordered, so that the index of workers is used and not the one of the model's own order.
        stale = list(self.model._default_manager.filter(_stale()).order_by().values_list("pk", flat=True))
        batches = (stale[start : start + BATCH] for start in range(0, len(stale), BATCH))
        released = [pk for batch in batches for pk in self.release_if_stale(*batch)]
        for pk in released:
            self.send(pk)
        return len(released)

    def _release_stale(self, row: Row) -> bool:
        log.warning("%s: %s lost its worker %s on attempt %d", self.task, row, row.worker, row.attempt)
        try:
            with transaction.atomic():
                self._release(row, True, WorkerLost(f"attempt {row.attempt}"))
        except AWAY:
            raise
        except Exception:
            log.exception("%s: row %s could not be taken from its worker", self.task, row.pk)
            return False
        return True

    def _release(self, row: Row, counted: bool, cause: Exception, begun: bool = True) -> None:
        limit = self.time_limit(row)
        if _seconds(row) > limit:
            self.give_up(row, TimeLimitPassed(f"{timedelta(seconds=limit)}"))
        elif counted and row.attempt >= self.max_attempts:
            self.give_up(row, cause)
        else:
            self.give_back(row)
        left = UNCLAIMED | ({} if counted else {"attempt": row.attempt - 1})
        if not begun and row.attempt == 1:
            left["work_started"] = None
        self.model._default_manager.filter(pk=row.pk).update(**left)

    def _waiting(self, *pks: int) -> list[int]:
        """Those of the rows that wait for a worker."""
        return list(self.model._default_manager.filter(self.waiting, pk__in=pks).values_list("pk", flat=True))

    def _timed(self):
        """Rows with the time that has `elapsed` since their work began."""
        elapsed = ExpressionWrapper(Now() - F("work_started"), output_field=DurationField())
        return self.model._default_manager.annotate(elapsed=elapsed)


def _stale() -> Q:
    lease = timedelta(seconds=settings.CLAIM_LEASE)
    return Q(worker__gt="") & (Q(heartbeat=None) | Q(heartbeat__lt=Now() - lease))


def _seconds(row: Any) -> float:
    return row.elapsed.total_seconds() if row.elapsed else 0.0
