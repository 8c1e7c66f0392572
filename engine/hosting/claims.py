"""Deploying as a kind of work: which endpoints wait for a worker, and what becomes of one that cannot be deployed."""

import logging
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils.timezone import now

from common.db.claim import UNSTARTED, Claim, ClaimLost
from common.db.nudge import nudge
from common.db.work import Work
from engine.models import Endpoint

Status = Endpoint.Status
# Fields of an endpoint that has come to rest.
SETTLED: dict[str, Any] = UNSTARTED | {"target_config": "", "target_variants": []}
NEVER_DONE = (
    "The model could not be brought into service in {} attempts: each time the hosting worker was lost or the object "
    "store did not answer. The worker's log says which; mind the machine's memory."
)
log = logging.getLogger(__name__)


class DeploymentWork(Work[Endpoint]):
    """Takes endpoints to where they rest: into service, or back to what answered before."""

    model = Endpoint
    task = "engine.hosting.tasks.deploy"
    runner = "engine.hosting.deploy.run"
    waiting = Q(status__in=(Status.CREATING, Status.UPDATING, Status.ROLLING_BACK))
    max_attempts = 5

    def time_limit(self, row: Endpoint) -> float:
        """An hour to download and an hour to start, which is the most a configuration may allow, for each variant."""
        return 2 * 3600.0 * max(1, len(row.target_variants))

    def give_up(self, row: Endpoint, cause: Exception) -> None:
        """Fail the deployment: workers have begun it too often."""
        give_up(row, NEVER_DONE.format(row.attempt))


DEPLOYMENT = DeploymentWork()


def give_up(endpoint: Endpoint, reason: str) -> None:
    """Fail a new endpoint; one that was answering goes on answering as before, and keeps the reason. Raises ClaimLost.

    The row must be locked.
    """
    log.warning("endpoint %s: %s", endpoint, reason)
    if endpoint.status == Status.CREATING:
        _move(endpoint, Status.FAILED, failure_reason=reason, **SETTLED)
        return
    if endpoint.status == Status.UPDATING:
        _move(endpoint, Status.ROLLING_BACK, failure_reason=reason)
    _move(endpoint, Status.IN_SERVICE, **SETTLED)


def fail(claim: Claim[Endpoint], reason: str) -> None:
    """`give_up` by the worker that has the endpoint."""
    with transaction.atomic():
        give_up(claim.lock(), reason)


def settle(claim: Claim[Endpoint], **fields: Any) -> None:
    """Move the endpoint into service. Raises ClaimLost."""
    with transaction.atomic():
        _move(claim.lock(), Status.IN_SERVICE, **SETTLED | fields)


def route_topic(endpoint: Endpoint) -> str:
    """The nudge on which gateways drop what they remember of an endpoint."""
    return f"engine:endpoint:{endpoint.region}:{endpoint.name}"


def _move(endpoint: Endpoint, status: str, **fields: Any) -> None:
    if not endpoint.move_to(status, modified=now(), **fields):
        raise ClaimLost(f"{endpoint} was moved by another")
    nudge(route_topic(endpoint))
