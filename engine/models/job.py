"""The abstract row of a job: a resource that a worker claims and runs to an end."""

from django.db import models

from common.db.claim import Claimable, claimed_here
from common.db.status import StatusRow
from engine.models.resource import Resource

GRACE = 120.0  # seconds between SIGTERM and SIGKILL, as in SageMaker


class Job(Claimable, StatusRow, Resource):
    """A resource that runs once: training today. `attempt` counts the workers that have begun it."""

    failure_reason = models.TextField(blank=True)
    started = models.DateTimeField(null=True, blank=True)
    ended = models.DateTimeField(null=True, blank=True)

    class Meta:
        abstract = True

    @staticmethod
    def kinds() -> list[type["Job"]]:
        """Return every concrete kind of job."""
        return [kind for kind in Job.__subclasses__() if not kind._meta.abstract]

    @staticmethod
    def count_on_this_machine() -> int:
        """Return how many jobs, of all kinds, workers of this machine have."""
        return sum(claimed_here(kind).count() for kind in Job.kinds())
