"""Deletes endpoints that nobody calls, for those who asked for that."""

import logging
from datetime import timedelta

from django.db import transaction
from django.utils.timezone import now

from common.messages import _
from models_app import aws
from models_app.endpoints import actions as endpoint_actions
from models_app.endpoints import metrics
from models_app.models import Endpoint
from models_app.notifications import announce
from models_app.problems import Problem

LATE = timedelta(minutes=2)  # a metric may arrive so much later than what it counts
log = logging.getLogger(__name__)


def due() -> list[int]:
    """The keys of all endpoints in service that are to go when idle, and have been there long enough for that."""
    endpoints = Endpoint.objects.filter(
        status=Endpoint.Status.IN_SERVICE, external=False, model__idle_hours__gt=0, model__deleting=False
    )
    at, rows = now(), endpoints.values_list("pk", "status_since", "model__idle_hours")
    return [pk for pk, since, hours in rows if at - since >= timedelta(hours=hours)]


def stop_if_idle(endpoint: Endpoint) -> bool:
    """Delete `endpoint` if CloudWatch counted no invocation for as long as its model says; True if so. Repeatable.

    What cannot be told is not idle: a refusal is put on the timeline once. Raises aws.Unavailable.
    """
    try:
        if _invocations(endpoint, timedelta(hours=_hours(endpoint))):
            return False
    except aws.Unavailable:
        raise
    except aws.Refused as e:
        _say_once(
            endpoint,
            _("Not stopped when idle, for CloudWatch does not tell its invocations: %(message)s", message=e.message),
        )
        return False
    hours = _hours(endpoint)
    spell = _("1 hour") if hours == 1 else _("%(hours)s hours", hours=hours)
    why = _("No request for %(spell)s: endpoint %(name)s is deleted, as asked for", spell=spell, name=endpoint.name)
    try:
        with transaction.atomic():
            endpoint_actions.delete(endpoint)
            announce.idle_stopped(endpoint, why)
    except Problem as e:  # it is being updated, so somebody needs it
        log.info("%s is idle but was not deleted: %s", endpoint, e.message)
        return False
    endpoint.say(why)
    if endpoint.model and endpoint.model.job:
        endpoint.model.job.say(why)
    return True


def _hours(endpoint: Endpoint) -> int:
    assert endpoint.model, f"{endpoint} belongs to no model"
    return endpoint.model.idle_hours


def _invocations(endpoint: Endpoint, within: timedelta) -> float:
    """How many requests it was sent within that time."""
    return metrics.total(endpoint, "Invocations", within + LATE)


def _say_once(endpoint: Endpoint, text: str) -> None:
    if not endpoint.events.filter(text=text).exists():
        endpoint.say(text)
