"""Claims on training jobs: one worker at a time has a job, says so every few seconds, and alone may move its row."""

import logging
import os
import socket
import uuid
from datetime import timedelta

from django.db import transaction
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.timezone import now

from engine.models import TrainingJob
from engine.training.queue import nudge, nudge_waiting
from engine.training.retry import patient
from engine.training.timeline import entered

HEARTBEAT = 2  # seconds between two signs of life
STALE = timedelta(seconds=15)  # a claim not heard of for longer is nobody's
ATTEMPTS = 6
Status = TrainingJob.Status
LIVE = (Status.IN_PROGRESS, Status.STOPPING)
WORKER_LOST = (
    "InternalServerError: the training worker was lost {} times while it ran this job. This is not the job's fault as "
    "far as we can tell; please see the worker's log, and mind the machine's memory."
)
log = logging.getLogger(__name__)


class ClaimLost(Exception):
    """Another worker has the job now, or its row is gone: leave everything as it is."""


class Claim:
    """The right to run one job. Every write is guarded: it raises ClaimLost once the row names another owner."""

    def __init__(self, job: TrainingJob):
        self.job = job
        self.owner = job.owner

    @patient
    def beat(self, **also) -> str:
        """Say that the job is in hand, set the fields in `also`, and hear the row's status."""
        mine = TrainingJob.objects.filter(pk=self.job.pk, owner=self.owner)
        if not mine.update(heartbeat=Now(), **also):
            raise ClaimLost(f"{self.job} is no longer {self.owner}'s")
        self.job.status = mine.values_list("status", flat=True).first() or self.job.status
        return self.job.status

    @patient
    def enter(self, secondary: str, **also) -> None:
        """Begin a secondary status such as Downloading."""
        at = now()
        with transaction.atomic():
            steps = entered(self._mine().transitions, secondary, at, self.job.created)
            self.beat(secondary_status=secondary, transitions=steps, modified=at, **also)

    @patient
    def finish(self, status: str, secondary: str, **also) -> None:
        """Move the job to its last status. A job is never finished twice: the second raises ClaimLost."""
        with transaction.atomic():
            _finish(self._mine(), status, secondary, **also)

    @patient
    def release(self, counted: bool = True) -> None:
        """Give the job back unfinished; `counted` unless the worker itself was asked to leave."""
        with transaction.atomic():
            _release(self._mine(), counted)

    def _mine(self) -> TrainingJob:
        job = _locked(pk=self.job.pk, owner=self.owner, status__in=LIVE)
        if job is None:
            raise ClaimLost(f"{self.job} is no longer {self.owner}'s")
        return job


def take(pk: int) -> Claim | None:
    """The claim on a job that waits or whose worker is lost; None if somebody was first or there is nothing to do."""
    release_if_stale(pk)
    owner = f"{socket.gethostname()[:40]}:{os.getpid()}:{uuid.uuid4().hex[:12]}"
    free = TrainingJob.objects.filter(pk=pk, owner="", status=Status.IN_PROGRESS)
    if not free.update(owner=owner, attempt=F("attempt") + 1, heartbeat=Now(), final_metrics=[]):
        stop_unclaimed(pk)
        return None
    return Claim(TrainingJob.objects.get(pk=pk, owner=owner))


def running_here() -> int:
    """How many jobs workers of this machine have in hand."""
    return TrainingJob.objects.filter(status__in=LIVE, owner__startswith=f"{socket.gethostname()[:40]}:").count()


def release_stale() -> int:
    """Take jobs from workers that are lost, stop those nobody needs to wait for, nudge the rest; how many were taken.

    Called by reconcile every few seconds; safe to call from several machines at once.
    """
    held = TrainingJob.objects.filter(_not_heard_of(), status__in=LIVE).exclude(owner="").values_list("pk", flat=True)
    released = [pk for pk in list(held) if release_if_stale(pk)]
    for pk in list(TrainingJob.objects.filter(owner="", status=Status.STOPPING).values_list("pk", flat=True)):
        stop_unclaimed(pk)
    for pk in TrainingJob.objects.filter(pk__in=released, status=Status.IN_PROGRESS).values_list("pk", flat=True):
        nudge(pk)
    nudge_waiting()
    return len(released)


def release_if_stale(pk: int) -> bool:
    """Take a job from a worker that is lost; one that has been lost too often fails."""
    with transaction.atomic():
        job = _locked(_not_heard_of(), ~Q(owner=""), pk=pk, status__in=LIVE)
        if job is None:
            return False
        log.warning("training job %s: its worker %s is lost on attempt %d", job, job.owner, job.attempt)
        _release(job, counted=True)
        return True


def stop_unclaimed(pk: int) -> bool:
    """Stop a job that nobody has begun or that was given back; there is nothing to wait for."""
    with transaction.atomic():
        job = _locked(pk=pk, owner="", status=Status.STOPPING)
        if job is not None:
            _finish(job, Status.STOPPED, "Stopped")
        return job is not None


def _not_heard_of() -> Q:
    # Heartbeats are written and judged by the database's own clock: machines need not agree on the time.
    return Q(heartbeat__lt=Now() - STALE) | Q(heartbeat=None)


def _locked(*conditions: Q, **filters) -> TrainingJob | None:
    return TrainingJob.objects.select_for_update().filter(*conditions, **filters).first()


def _release(job: TrainingJob, counted: bool) -> None:
    if job.status == Status.STOPPING:
        _finish(job, Status.STOPPED, "Stopped")
    elif counted and job.attempt >= ATTEMPTS:
        _finish(job, Status.FAILED, "Failed", failure_reason=WORKER_LOST.format(job.attempt))
    else:
        job.transitions = entered(job.transitions, "Restarting", now(), job.created)
        job.secondary_status, job.owner, job.heartbeat, job.modified = "Restarting", "", None, now()
        job.attempt -= 0 if counted else 1
        job.save(update_fields=["transitions", "secondary_status", "owner", "heartbeat", "modified", "attempt"])


def _finish(job: TrainingJob, status: str, secondary: str, **also) -> None:
    at = now()
    steps = entered(job.transitions, secondary, at, job.created)
    also |= {"secondary_status": secondary, "transitions": steps, "ended": at, "modified": at}
    job.move_to(status, owner="", heartbeat=None, **also)
