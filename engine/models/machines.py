"""The rows of jobs that run on several machines: the machines that there are, and what each has been asked to do."""

from django.db import models

from common.db.claim import Claimable, claimed_here
from common.db.status import StatusRow
from engine.models.job import Job
from engine.models.training import TrainingJob


class TrainingMachine(models.Model):
    """A machine with trainers that takes part in jobs of several machines. It writes `seen` as long as it runs."""

    address = models.GenericIPAddressField(unique=True, help_text="Where other machines reach it.")
    host = models.CharField(max_length=40, help_text="As the names of its workers begin.")
    seen = models.DateTimeField(help_text="By the database's clock.")

    def __str__(self) -> str:
        return f"{self.host} at {self.address}"


class Share(Claimable, StatusRow):
    """The members of one attempt of a job that one machine is asked to run.

    All shares are made, and deleted, by the worker that has the job, the `leader`: one that is gone is void. They wait
    until every one has been claimed; `address` and `port` are then where the machine's worker listens.
    """

    class Status(models.TextChoices):
        WAITING = "Waiting"
        JOINED = "Joined"

    MOVES = {Status.WAITING: (Status.JOINED,)}

    job = models.ForeignKey(TrainingJob, models.CASCADE, related_name="shares")
    leader = models.CharField(max_length=80, help_text="The worker that has the job.")
    leader_address = models.GenericIPAddressField()
    leader_port = models.PositiveIntegerField()
    number = models.PositiveSmallIntegerField(help_text="Of the machine, from 1: the leader's is 0.")
    hosts = models.JSONField(default=list, help_text="The members of each machine by its number, the leader's first.")
    address = models.GenericIPAddressField(help_text="The machine that is asked.")
    port = models.PositiveIntegerField(default=0)
    status = models.CharField(max_length=16, choices=Status, default=Status.WAITING)

    class Meta:
        indexes = [models.Index(fields=["worker"])]

    def __str__(self) -> str:
        return f"share {self.number} of {self.job}"


def count_jobs_here() -> int:
    """Return how many jobs, of all kinds, workers of this machine have, and shares of other machines' jobs."""
    return sum(claimed_here(kind).count() for kind in Job.kinds()) + claimed_here(Share).count()
